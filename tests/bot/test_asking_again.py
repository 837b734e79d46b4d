"""Kept questions are asked again by each new snapshot, once, and only a sure answer counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.answers import Outcome
from bot.asking_again import AskingAgain, Behind, evidence_of
from bot.notifications import Notifications
from bot.responding import Policy, Responder
from bot.state.kept_questions import FOUND, WAITING, KeptQuestion
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.visibility import Clearance
from retrieval.errors import SnapshotError
from retrieval.hits import Hit, Reading, TermStatistics
from retrieval.reading.rule_reader import RuleReader
from tests.bot.state.conftest import Clock
from tests.bot.state.test_answers import answer
from tests.databases import database_url
from tests.retrieval.reading.helpers import TOWN, CountedStatistics, hits_of

OWNER = "telegram:22"
QUESTION = "荷塘镇花茶产值是多少？"


@dataclass
class FakeIndex:
    """A snapshot that finds what it is told to, and remembers what it was asked."""

    snapshot_id: str = "s2"
    hits: list[Hit] = field(default_factory=lambda: hits_of(TOWN))
    embedded: float = 1.0
    asked: list[str] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    waits: int = 0

    @property
    def statistics(self) -> TermStatistics:
        return CountedStatistics([hit.passage.text for hit in self.hits] + ["北京大学创办于1898年。"])

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        self.asked.append(question)
        if question in self.failing:
            raise self.failing[question]
        return self.hits[:top_k]

    @contextmanager
    def session(self, clearance: Clearance) -> Iterator[FakeIndex]:
        yield self

    def wait_for_quiet(self, longest_seconds: float) -> None:
        self.waits += 1


class CountedReader:
    """Reads by the rules, counts its readings, and is as sure as it is told."""

    def __init__(self) -> None:
        self.readings = 0
        self.sure: float | None = None
        self._rules = RuleReader(
            similarity=lambda _, sentences: [0.0] * len(sentences), variants=lambda question: [question]
        )

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        self.readings += 1
        found = self._rules.read(question, hits, statistics)
        sure = self.sure
        return found if sure is None else [replace(each, answer_score=sure) for each in found]


class Bench:
    """Asking again over a database of the test, an index and a reader that can be told what to do."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.state = StateStore(open_database(database_url(folder)), clock=self.clock)
        self.state.migrate()
        self.index = FakeIndex()
        self.reader = CountedReader()
        self.notifications = Notifications(
            self.state.kept_questions, self.state.answers, passage=lambda *_: object(), days=30
        )
        self.serving: str | None = "s2"
        self.asking = self.process()

    def process(self) -> AskingAgain:
        """A process that asks again, as many as are wanted."""
        search = Behind(lambda: self.serving, self.index.session, self.index.wait_for_quiet)
        responder = Responder(self.reader, Policy(threshold=0.3))
        return AskingAgain(self.state, responder, search, days=30, enough=0.5, check_seconds=0.01, clock=self.clock)

    def keep(self, question: str = QUESTION, resolved: str = "") -> KeptQuestion:
        """A question that snapshot s1 did not answer."""
        answer_id = f"asked-{question}"
        before = replace(answer(answer_id, Outcome.NOT_FOUND), snapshot="s1")
        self.state.answers.save(before, question=question, owner=OWNER, resolved_question=resolved or question)
        return self.notifications.keep(
            answer_id, owner=OWNER, asker=OWNER, channel="telegram:1", address={"chat_id": 22}
        ).question

    def now(self, kept: KeptQuestion) -> KeptQuestion:
        found = self.state.kept_questions.get(kept.id)
        assert found is not None
        return found


@pytest.fixture
def bench(tmp_path: Path, backend: str) -> Bench:
    return Bench(tmp_path)


def test_a_new_snapshot_answers_and_the_answer_is_kept_for_delivery(bench: Bench) -> None:
    kept = bench.keep()
    assert bench.asking.look() == 1
    found = bench.now(kept)
    assert (found.state, found.snapshot) == (FOUND, "s2")
    (question,) = bench.notifications.due("telegram:1")
    answered = bench.notifications.take(question.id)
    assert answered is not None
    assert (answered.short_answer, answered.snapshot, answered.outcome) == ("8600万元", "s2", Outcome.ANSWERED)
    saved = bench.state.answers.get(answered.answer_id, OWNER)
    assert (saved.question, saved.resolved_question) == (QUESTION, QUESTION)
    bench.serving = bench.index.snapshot_id = "s3"
    assert bench.asking.look() == 0
    assert len(bench.index.asked) == 1


def test_an_answer_that_is_found_is_in_the_audit_and_nothing_else_is(bench: Bench) -> None:
    bench.keep()
    bench.keep("护照过期了怎么换？")
    bench.asking.look()
    (entry,) = bench.state.audit.find(limit=9)
    assert (entry.deed.actor, entry.deed.channel, entry.deed.place) == (OWNER, "telegram", OWNER)
    assert (entry.deed.detail, entry.deed.outcome, entry.deed.sources) == (QUESTION, "answered", ("d1",))


def test_a_follow_up_is_asked_as_it_was_meant(bench: Bench) -> None:
    bench.keep("那产值呢？", resolved=QUESTION)
    assert bench.asking.look() == 1
    assert bench.index.asked == [QUESTION]


def test_a_snapshot_is_asked_once(bench: Bench) -> None:
    bench.index.hits = []
    kept = bench.keep()
    for _ in range(3):
        assert bench.asking.look() == 0
    assert bench.process().look() == 0
    assert len(bench.index.asked) == 1
    assert (bench.now(kept).state, bench.now(kept).snapshot) == (WAITING, "s2")

    bench.serving = bench.index.snapshot_id = "s3"
    bench.index.hits = hits_of(TOWN)
    assert bench.asking.look() == 1


def test_what_was_asked_of_the_serving_snapshot_is_not_asked_again(bench: Bench) -> None:
    bench.serving = "s1"
    bench.keep()
    assert bench.asking.look() == 0
    assert bench.index.asked == []


def test_without_an_index_nothing_is_asked(bench: Bench) -> None:
    bench.keep()
    bench.serving = None
    assert bench.asking.look() == 0


def test_an_answer_that_is_not_sure_enough_is_waited_for(bench: Bench) -> None:
    kept = bench.keep()
    bench.reader.sure = 0.45
    assert bench.asking.look() == 0
    assert bench.now(kept).state == WAITING
    bench.serving = bench.index.snapshot_id = "s3"
    bench.index.hits = [*hits_of(TOWN), *hits_of("荷塘镇举办花茶节。", document_id="d2", first_rank=9)]
    bench.reader.sure = 0.55
    assert bench.asking.look() == 1


def test_the_same_passages_are_not_read_again(bench: Bench) -> None:
    bench.keep()
    bench.reader.sure = 0.45
    bench.asking.look()
    bench.serving = bench.index.snapshot_id = "s3"
    assert bench.asking.look() == 0
    assert (len(bench.index.asked), bench.reader.readings) == (2, 1)


def test_what_is_not_found_is_nobodys_question(bench: Bench) -> None:
    bench.index.hits = []
    bench.keep()
    before = bench.state.figures.unanswered(9, days=90)
    bench.asking.look()
    assert bench.state.figures.unanswered(9, days=90) == before


def test_one_question_that_breaks_stops_no_other(bench: Bench) -> None:
    broken, good = bench.keep("荷塘镇花茶面积是多少？"), bench.keep()
    bench.index.failing[broken.resolved_question] = RuntimeError("the reader broke")
    assert bench.asking.look() == 1
    assert (bench.now(broken).state, bench.now(good).state) == (WAITING, FOUND)
    assert bench.asking.look() == 0
    assert bench.index.asked.count(broken.resolved_question) == 1


@pytest.mark.parametrize("error", [StoreError("the disk is full"), SnapshotError("it cannot be read")])
def test_where_nothing_can_be_asked_a_later_look_tries_again(bench: Bench, error: Exception) -> None:
    kept = bench.keep()
    bench.index.failing[QUESTION] = error
    with pytest.raises(type(error)):
        bench.asking.look()
    assert bench.now(kept).snapshot == "s1"
    bench.index.failing.clear()
    assert bench.asking.look() == 1


def test_a_question_that_is_cancelled_meanwhile_is_not_delivered(bench: Bench) -> None:
    kept = bench.keep()
    search = bench.index.search

    def cancelled_meanwhile(question: str, *, top_k: int) -> list[Hit]:
        bench.notifications.cancel(kept.id, owner=OWNER, asker=None)
        return search(question, top_k=top_k)

    bench.index.search = cancelled_meanwhile  # type: ignore[method-assign]
    bench.asking.look()
    assert bench.notifications.due("telegram:1") == []


def test_many_questions_are_asked_each_once_and_wait_for_people(bench: Bench) -> None:
    bench.index.hits = []
    notifications = Notifications(
        bench.state.kept_questions, bench.state.answers, passage=lambda *_: object(), per_user=200
    )
    bench.notifications = notifications
    for number in range(120):
        bench.keep(f"第{number}个镇的产值是多少？")
    assert bench.asking.look() == 0
    assert len(bench.index.asked) == len(set(bench.index.asked)) == bench.index.waits == 120


def test_questions_expire(bench: Bench) -> None:
    bench.serving = "s1"
    kept = bench.keep()
    bench.clock.turn(days=29)
    bench.process().look()
    assert bench.now(kept).state == WAITING
    bench.clock.turn(days=2)
    bench.process().look()
    assert bench.state.kept_questions.get(kept.id) is None


def test_it_looks_by_itself_until_it_is_closed(bench: Bench) -> None:
    bench.asking.start()
    try:
        kept = bench.keep()
        end = time.monotonic() + 20
        while bench.now(kept).state != FOUND and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        bench.asking.close()
    assert bench.now(kept).state == FOUND
    assert "yiju-asking-again" not in {thread.name for thread in threading.enumerate()}


def test_two_processes_find_one_answer(bench: Bench) -> None:
    kept = bench.keep()
    processes = [threading.Thread(target=bench.process().look) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(bench.notifications.due("telegram:1")) == 1
    assert bench.notifications.take(kept.id) is not None
    assert bench.notifications.take(kept.id) is None


def test_evidence_changes_with_text_order_and_nearness() -> None:
    first, second = hits_of(TOWN)[0], hits_of("荷塘镇举办花茶节。")[0]
    near = replace(first, dense=0.8312)
    assert evidence_of([near]) == evidence_of([replace(near, dense=0.8339, score=0.1, rank=2)])
    others = [[], [first], [near], [replace(first, dense=None)], [first, second], [second, first]]
    assert len({evidence_of(hits) for hits in others}) == len(others)
