"""Two snapshots answer the same questions: what changed is told, what got worse blocks, what is alike is not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.questions import Case, Question
from bot.gate_memory import GateMemory
from bot.responding import Policy, Responder
from bot.switch_gate import GateOutcome, GateQuestions, SwitchGate, told
from retrieval.hits import Hit, Reading, TermStatistics
from retrieval.reading.rule_reader import RuleReader
from tests.retrieval.reading.helpers import CountedStatistics, hits_of

OLD = "清溪镇今年种植凉瓜650多亩，产值达1.3亿元。"
NEW = "清溪镇今年种植凉瓜650多亩，产值达1.5亿元。"
BRIDGE = "东江大桥全长2.6公里，总投资四千万元。"
QUESTION = "清溪镇凉瓜产值多少？"


@dataclass
class Indexed:
    """A snapshot that finds every one of its documents, and remembers what it was asked."""

    hits: list[Hit]
    snapshot_id: str = "s1"
    embedded: float = 1.0
    asked: list[str] = field(default_factory=list)

    @property
    def statistics(self) -> TermStatistics:
        return CountedStatistics([hit.passage.text for hit in self.hits] + ["北京大学创办于1898年。"])

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        self.asked.append(question)
        return self.hits[:top_k]


class CountingReader:
    """The rules, and how often they read."""

    def __init__(self) -> None:
        self.questions: list[str] = []
        self._rules = RuleReader(
            similarity=lambda _, sentences: [0.0] * len(sentences), variants=lambda question: [question]
        )

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        self.questions.append(question)
        return self._rules.read(question, hits, statistics)


def snapshot(*texts: str, title: str = "清溪凉瓜") -> Indexed:
    return Indexed([hit for n, text in enumerate(texts) for hit in hits_of(text, title=title, document_id=f"d{n}")])


def case(*questions: tuple[str, str | None]) -> Case:
    turns = tuple(Question(str(n), text, (right,) if right else ()) for n, (text, right) in enumerate(questions))
    return Case("c", turns, is_dialogue=len(turns) > 1)


def judged(
    old: Indexed | None,
    new: Indexed,
    *,
    golden: Sequence[Case] = (),
    asked: Sequence[str] = (),
    points: float = 2,
    reader: CountingReader | None = None,
    memory: GateMemory | None = None,
) -> GateOutcome:
    responder = Responder(reader or CountingReader(), Policy(threshold=0.5))
    gate = SwitchGate(lambda: responder, memory or GateMemory(None, "rules"), passages_read=8)
    return gate.judge(old, new, GateQuestions(golden, asked, points))


def test_an_answer_that_changes_is_told_with_both_sources() -> None:
    outcome = judged(snapshot(OLD), snapshot(NEW, title="清溪凉瓜（更正）"), asked=[QUESTION])

    assert outcome.blocked is None
    (change,) = outcome.report["changes"]
    assert change == {
        "question": QUESTION,
        "golden": False,
        "before": "1.3亿元",
        "after": "1.5亿元",
        "source_before": "清溪凉瓜",
        "source_after": "清溪凉瓜（更正）",
    }
    assert told(change, "（无）") == f"{QUESTION} 1.3亿元 → 1.5亿元（清溪凉瓜 → 清溪凉瓜（更正））"
    assert (outcome.report["asked"], outcome.report["changed"], outcome.report["unchanged"]) == (1, 1, 0)


def test_an_answer_that_is_no_longer_found_is_a_change_to_nothing() -> None:
    (change,) = judged(snapshot(OLD), snapshot(BRIDGE), asked=[QUESTION]).report["changes"]

    assert (change["before"], change["after"], change["source_after"]) == ("1.3亿元", None, None)
    assert told(change, "（无）") == f"{QUESTION} 1.3亿元 → （无）（清溪凉瓜 → （无））"


def test_the_same_passages_in_the_same_order_are_not_read() -> None:
    reader = CountingReader()

    outcome = judged(snapshot(OLD, BRIDGE), snapshot(OLD, BRIDGE), asked=[QUESTION, "东江大桥多长？"], reader=reader)

    assert reader.questions == []
    assert (outcome.report["unchanged"], outcome.report["changes"]) == (2, [])


def test_other_passages_with_the_same_answer_are_no_change() -> None:
    outcome = judged(snapshot(OLD), snapshot(OLD, BRIDGE), asked=[QUESTION])

    assert (outcome.report["unchanged"], outcome.report["changes"]) == (1, [])


def test_small_talk_and_what_is_no_question_are_asked_of_nobody() -> None:
    old, new = snapshot(OLD), snapshot(NEW)

    outcome = judged(old, new, asked=["你好", "", "？！"])

    assert old.asked == new.asked == []
    assert (outcome.report["unchanged"], outcome.report["changed"]) == (3, 0)


def test_golden_questions_that_are_answered_worse_block_the_switch() -> None:
    golden = [case((QUESTION, "1.3亿元"))]

    outcome = judged(snapshot(OLD), snapshot(NEW), golden=golden)

    assert outcome.report["golden"]["answer_accuracy"] == {"before": 1.0, "after": 0.0}
    assert outcome.blocked is not None
    assert "from 1.000 to 0.000" in outcome.blocked
    assert "100.0 points where 2 are allowed" in outcome.blocked
    assert judged(snapshot(OLD), snapshot(NEW), golden=golden, points=100).blocked is None


@pytest.mark.parametrize(("points", "blocked"), [(49.9, True), (50, False), (51, False)])
def test_a_fall_by_exactly_what_is_allowed_does_not_block(points: float, blocked: bool) -> None:
    golden = [case((QUESTION, "1.3亿元")), case(("清溪镇种植凉瓜多少亩？", "650多亩"))]

    outcome = judged(snapshot(OLD), snapshot(NEW), golden=golden, points=points)

    assert outcome.report["golden"]["answer_accuracy"] == {"before": 1.0, "after": 0.5}
    assert (outcome.blocked is not None) == blocked


def test_getting_better_never_blocks() -> None:
    outcome = judged(snapshot(OLD), snapshot(NEW), golden=[case((QUESTION, "1.5亿元"))], points=0)

    assert outcome.report["golden"]["answer_accuracy"] == {"before": 0.0, "after": 1.0}
    assert outcome.blocked is None


def test_before_the_first_snapshot_nothing_can_be_worse() -> None:
    outcome = judged(None, snapshot(NEW), golden=[case((QUESTION, "1.3亿元"))], asked=[QUESTION])

    assert outcome.report["golden"]["answer_accuracy"] == {"before": None, "after": 0.0}
    assert (outcome.blocked, outcome.report["asked"], outcome.report["changes"]) == (None, 0, [])


def test_questions_without_an_answer_do_not_block_but_are_told() -> None:
    golden = [case(("护照过期了怎么换？", None)), case((QUESTION, "1.3亿元"))]

    outcome = judged(snapshot(OLD), snapshot(OLD), golden=golden)

    assert outcome.report["golden"]["refusal_recall"] == {"before": 1.0, "after": 1.0}
    assert outcome.blocked is None
    assert judged(snapshot(OLD), snapshot(OLD), golden=golden[:1]).report["golden"]["answer_accuracy"] == {
        "before": None,
        "after": None,
    }


def test_a_follow_up_is_completed_on_each_side() -> None:
    old, new = snapshot(OLD), snapshot(NEW)

    judged(old, new, golden=[case((QUESTION, "1.3亿元"), ("那种植面积呢？", "650多亩"))])

    assert old.asked == new.asked == [QUESTION, "清溪镇凉瓜的种植面积是多少"]


def test_no_passage_is_read_twice_for_a_question_not_even_by_the_next_run(tmp_path: Path) -> None:
    path, golden = tmp_path / "index" / "gate.json", [case((QUESTION, "1.3亿元"))]
    first, second, third = CountingReader(), CountingReader(), CountingReader()

    judged(snapshot(OLD), snapshot(OLD), golden=golden, reader=first, memory=GateMemory(path, "r1"))
    again = judged(snapshot(OLD), snapshot(NEW), golden=golden, reader=second, memory=GateMemory(path, "r1"))
    judged(snapshot(OLD), snapshot(OLD), golden=golden, reader=third, memory=GateMemory(path, "r2"))

    assert (len(first.questions), len(second.questions), len(third.questions)) == (1, 1, 1)
    assert again.report["changes"][0]["before"] == "1.3亿元"
    assert QUESTION not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"k": {"outcome": "maybe"}}', '{"k": 3}'])
def test_a_memory_that_cannot_be_read_costs_a_reading_only(tmp_path: Path, content: str) -> None:
    path, reader = tmp_path / "gate.json", CountingReader()
    path.write_text(content, encoding="utf-8")

    judged(None, snapshot(OLD), golden=[case((QUESTION, "1.3亿元"))], reader=reader, memory=GateMemory(path, "r"))

    assert len(reader.questions) == 1
    assert "1.3亿元" in path.read_text(encoding="utf-8")


def test_a_memory_that_cannot_be_written_costs_a_reading_only(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where a folder should be")

    outcome = judged(
        None, snapshot(OLD), golden=[case((QUESTION, "1.3亿元"))], memory=GateMemory(tmp_path / "index" / "g.json", "r")
    )

    assert outcome.report["golden"]["answer_accuracy"]["after"] == 1.0


def test_progress_counts_every_question() -> None:
    seen: list[tuple[int, int]] = []
    responder = Responder(CountingReader(), Policy())
    gate = SwitchGate(lambda: responder, GateMemory(None, "r"), passages_read=8)

    gate.judge(
        snapshot(OLD),
        snapshot(OLD),
        GateQuestions([case((QUESTION, None), ("那面积呢？", None))], [QUESTION], 2),
        progress=lambda done, total: seen.append((done, total)),
    )

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_nothing_is_loaded_or_asked_without_questions() -> None:
    def refuse() -> Any:
        raise AssertionError("nothing has to be read")

    old, new = snapshot(OLD), snapshot(NEW)
    outcome = SwitchGate(refuse, GateMemory(None, "r"), passages_read=8).judge(old, new, GateQuestions([], [], 2))

    assert (outcome.report["golden"], outcome.report["asked"], outcome.blocked) == (None, 0, None)
    assert old.asked == new.asked == []


def test_only_so_many_changes_are_shown_but_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.switch_gate.MAX_SHOWN", 2)

    report = judged(snapshot(OLD), snapshot(NEW), asked=[QUESTION] * 5).report

    assert (report["changed"], len(report["changes"])) == (5, 2)
