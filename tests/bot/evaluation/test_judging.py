from __future__ import annotations

from difflib import SequenceMatcher
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer, Outcome
from bot.evaluation.folding import fold
from bot.evaluation.judging import DocumentNames, Judgement, is_right, judge, longest_common_run
from bot.evaluation.questions import Question
from tests.bot.evaluation.fakes import answer, citation, only_itself


def ask(question: Question, given_answer: Answer) -> Judgement:
    return judge(question, given_answer, names=only_itself, latency_ms=1.0, in_dialogue=False)


def one_of(*answers: str) -> Question:
    return Question("q1", "多少？", answers=answers)


def all_of(*answers: str) -> Question:
    return Question("q1", "哪些？", answers_all=answers)


class TestRight:
    @pytest.mark.parametrize(
        ("question", "short_answer", "expected"),
        [
            (one_of("1.3亿元"), "1.3亿元", True),
            (one_of("1.3亿元"), "达１．３億元", True),
            (one_of("3亿元"), "1.3亿元", False),
            (one_of("5万元"), "75万元", False),
            (one_of("近1亿元", "1亿元"), "1亿元", True),
            (one_of("陈蒙"), "陳蒙", True),
            (one_of("陈蒙"), None, False),
            (one_of("陈蒙"), "。", False),
            (one_of("。"), "。", False),
            (all_of("拔河", "飞盘"), "飞盘、拔河", True),
            (all_of("拔河", "飞盘"), "拔河", False),
            (all_of("5项", "6项"), "5项、16项", False),
        ],
    )
    def test_the_short_answer_holds_what_is_asked(
        self, question: Question, short_answer: str | None, expected: bool
    ) -> None:
        assert is_right(question, answer(short_answer)) is expected

    def test_three_times_the_reference_plus_eight_is_the_limit(self) -> None:
        question = one_of("陈蒙")
        at_limit = "陈蒙" + "某" * (3 * 2 + 8 - 2)
        assert is_right(question, answer(at_limit))
        assert not is_right(question, answer(at_limit + "某"))

    def test_lengths_count_folded_characters(self) -> None:
        padded = "陈蒙" + "、某" * (3 * 2 + 8 - 2) + "。 ！"
        assert is_right(one_of("陈蒙"), answer(padded))
        assert not is_right(one_of("陈 、 蒙"), answer(padded + "某"))

    def test_of_alternatives_the_longest_that_is_held_sets_the_limit(self) -> None:
        filled = "乒乓球运动员陈蒙" + "某" * (3 * 8 + 8 - 8)
        assert is_right(one_of("陈蒙", "乒乓球运动员陈蒙"), answer(filled))
        assert not is_right(one_of("陈蒙", "游泳运动员陈蒙"), answer(filled))
        assert not is_right(one_of("陈蒙", "乒乓球运动员陈蒙"), answer(filled + "某"))

    def test_of_a_list_all_references_together_set_the_limit(self) -> None:
        filled = "拔河飞盘" + "某" * (3 * 4 + 8 - 4)
        assert is_right(all_of("拔河", "飞盘"), answer(filled))
        assert not is_right(all_of("拔河", "飞盘"), answer(filled + "某"))

    def test_a_refusal_is_wrong_where_there_is_an_answer_even_with_words(self) -> None:
        refused = answer("1.3亿元", outcome=Outcome.NOT_FOUND)
        judgement = ask(one_of("1.3亿元"), refused)
        assert not judgement.right
        assert judgement.exact_match is False
        assert judgement.f1 == 0

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [(Outcome.NOT_FOUND, True), (Outcome.ANSWERED, False), (Outcome.CHAT, False)],
    )
    def test_without_an_answer_only_a_refusal_is_right(self, outcome: Outcome, expected: bool) -> None:
        assert is_right(Question("q1", "谁？"), answer("某某", outcome=outcome)) is expected


class TestCloseness:
    @pytest.mark.parametrize(
        ("question", "short_answer", "exact", "f1"),
        [
            (one_of("1.3亿元"), "1.3亿元", True, 1.0),
            (one_of("1.3亿元"), "１．３億元。", True, 1.0),
            (one_of("1338名", "1338"), "1338", True, 1.0),
            (one_of("WTO"), "wto", True, 1.0),
            (one_of("200多亩"), "200亩", False, 2 * 3 / (5 + 4)),
            (one_of("陈蒙"), "劳茂昌", False, 0.0),
            (one_of("甲乙", "丙丁戊"), "丙丁", False, 2 * 2 / (2 + 3)),
            (all_of("拔河", "飞盘"), "拔河、飞盘", True, 1.0),
            (all_of("拔河", "飞盘"), "飞盘、拔河", False, 0.5),
            (one_of("陈蒙"), None, False, 0.0),
            (one_of("。"), "！", False, 0.0),
        ],
    )
    def test_it_is_by_characters_against_the_best_alternative(
        self, question: Question, short_answer: str | None, exact: bool, f1: float
    ) -> None:
        judgement = ask(question, answer(short_answer))
        assert judgement.exact_match is exact
        assert judgement.f1 == pytest.approx(f1)

    def test_it_does_not_apply_without_an_answer(self) -> None:
        judgement = ask(Question("q1", "谁？"), answer("某某"))
        assert judgement.exact_match is None
        assert judgement.f1 is None

    @given(st.text(alphabet="甲乙丙1", max_size=12), st.text(alphabet="甲乙丙1", max_size=12))
    def test_the_longest_common_run_agrees_with_trying_all(self, first: str, second: str) -> None:
        runs = [first[i:j] for i, j in product(range(len(first) + 1), repeat=2) if i < j]
        assert longest_common_run(first, second) == max((len(run) for run in runs if run in second), default=0)

    def test_it_is_a_substring_not_a_subsequence(self) -> None:
        assert longest_common_run("甲1乙2丙", "甲乙丙") == 1
        matcher = SequenceMatcher(None, "产值达1.3亿元", "约1.3亿元", autojunk=False)
        assert longest_common_run("产值达1.3亿元", "约1.3亿元") == matcher.find_longest_match().size == 5


class TestRanking:
    RANKING = (("d1", "p1"), ("d1", "p2"), ("d1", "p1"), ("d2", "p3"))

    def rank(self, question: Question, *, names: dict[str, DocumentNames] | None = None) -> int | None:
        known = names or {}
        judgement = judge(
            question,
            answer("某", ranking=self.RANKING),
            names=lambda document_id: known.get(document_id) or only_itself(document_id),
            latency_ms=1.0,
            in_dialogue=False,
        )
        return judgement.hit_rank

    def test_a_hit_is_a_passage_of_the_context(self) -> None:
        assert self.rank(Question("q", "谁？", answers=("某",), context_ids=frozenset({"d1"}))) == 1

    def test_ranks_count_distinct_passages(self) -> None:
        assert self.rank(Question("q", "谁？", answers=("某",), context_ids=frozenset({"d2"}))) == 3

    def test_a_hit_is_a_passage_of_an_alternative(self) -> None:
        assert self.rank(Question("q", "谁？", answers=("某",), context_ids=frozenset({"d9", "d2"}))) == 3

    def test_a_hit_is_a_passage_of_the_source_file(self) -> None:
        assert self.rank(Question("q", "谁？", answers=("某",), doc="d2.txt")) == 3
        assert self.rank(Question("q", "谁？", answers=("某",), doc="文件/d2.txt")) is None

    def test_either_of_context_and_file_is_a_hit(self) -> None:
        assert self.rank(Question("q", "谁？", answers=("某",), context_ids=frozenset({"d9"}), doc="d2.txt")) == 3

    def test_a_document_joined_to_a_near_duplicate_counts_as_both(self) -> None:
        joined = DocumentNames(frozenset({"d2", "d7"}), frozenset({"报纸/一.txt", "@uploads/转载.txt"}))
        names = {"d2": joined}
        for question in (
            Question("q", "谁？", answers=("某",), context_ids=frozenset({"d7"})),
            Question("q", "谁？", answers=("某",), context_ids=frozenset({"d2"})),
            Question("q", "谁？", answers=("某",), doc="一.txt"),
            Question("q", "谁？", answers=("某",), doc="转载.txt"),
        ):
            assert self.rank(question, names=names) == 3

    def test_nothing_is_looked_for_below_the_tenth(self) -> None:
        ranking = tuple((f"d{number}", f"p{number}") for number in range(1, 12))
        tenth = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d10"}))
        eleventh = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d11"}))
        assert ask(tenth, answer("某", ranking=ranking)).hit_rank == 10
        assert ask(eleventh, answer("某", ranking=ranking)).hit_rank is None

    def test_a_refused_question_is_ranked_all_the_same(self) -> None:
        question = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d1"}))
        judgement = ask(question, answer(None, ranking=(("d1", "p1"),)))
        assert judgement.ranked
        assert judgement.hit_rank == 1

    def test_only_answerable_questions_that_name_a_document_are_ranked(self) -> None:
        ranking = (("d1", "p1"),)
        unanswerable = Question("q", "谁？", context_ids=frozenset({"d1"}))
        assert not ask(unanswerable, answer(None, ranking=ranking)).ranked
        assert not ask(one_of("某"), answer("某", ranking=ranking)).ranked


class TestCitation:
    def cited(self, question: Question, given_answer: Answer, names: DocumentNames | None = None) -> bool | None:
        judgement = judge(
            question,
            given_answer,
            names=lambda document_id: names or only_itself(document_id),
            latency_ms=1.0,
            in_dialogue=False,
        )
        return judgement.citation_right

    def test_only_the_first_citation_counts(self) -> None:
        question = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d1"}))
        assert self.cited(question, answer("某", citations=(citation("d1"), citation("d2")))) is True
        assert self.cited(question, answer("某", citations=(citation("d2"), citation("d1")))) is False

    def test_its_passage_contains_the_folded_evidence(self) -> None:
        def question(evidence: str) -> Question:
            return Question("q", "谁？", answers=("某",), context_ids=frozenset({"d1"}), evidence=evidence)

        given_answer = answer("某", citations=(citation("d1", passage="全镇 涼瓜產值，\n達１．３億元。"),))
        assert self.cited(question("凉瓜产值达1.3亿元"), given_answer) is True
        assert self.cited(question("凉瓜产值达2.3亿元"), given_answer) is False

    def test_the_right_document_with_evidence_elsewhere_is_not_enough(self) -> None:
        question = Question("q", "谁？", answers=("某",), doc="a.txt", evidence="产值")
        right = answer("某", citations=(citation("d1", source_path="新闻/a.txt"),))
        wrong = answer("某", citations=(citation("d1", source_path="新闻/b.txt"),))
        assert self.cited(question, right) is True
        assert self.cited(question, wrong) is False

    def test_a_citation_of_a_joined_document_counts_as_both(self) -> None:
        joined = DocumentNames(frozenset({"d1", "d7"}), frozenset({"一.txt"}))
        question = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d7"}))
        assert self.cited(question, answer("某", citations=(citation("d1"),)), joined) is True

    def test_no_citation_or_a_refusal_is_wrong(self) -> None:
        question = Question("q", "谁？", answers=("某",), context_ids=frozenset({"d1"}))
        assert self.cited(question, answer("某")) is False
        assert self.cited(question, answer(None)) is False
        assert self.cited(question, answer(None, citations=(citation("d1"),))) is False

    def test_evidence_alone_is_looked_for_in_any_document(self) -> None:
        question = Question("q", "谁？", answers=("某",), evidence="产值达1.3亿元")
        assert self.cited(question, answer("某", citations=(citation("d5"),))) is True

    def test_it_does_not_apply_where_nothing_is_known(self) -> None:
        given_answer = answer("某", citations=(citation("d1"),))
        assert self.cited(one_of("某"), given_answer) is None
        assert self.cited(Question("q", "谁？", context_ids=frozenset({"d1"})), given_answer) is None


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_text_breaks_the_judgement(reference: str, short_answer: str) -> None:
    judgement = ask(one_of(reference or "某"), answer(short_answer, outcome=Outcome.ANSWERED))
    assert judgement.f1 is not None
    assert 0 <= judgement.f1 <= 1
    if judgement.exact_match:
        assert judgement.f1 == 1
        assert fold(short_answer)
