"""Related questions: figures become questions that stand alone, and only what gets that very figure is offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Alternative, Answer, AnswerSpan, Outcome
from bot.passage_view import PassageView
from bot.related import MOST_RELATED, FigureQuestion, RelatedQuestions, figure_questions
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from corpus.visibility import Clearance
from tests.bot.fakes import answer

TEXT = (
    "青石镇苦瓜种植面积达1200亩，产业链总产值达1.3亿元。"
    "党建指导站共覆盖了113家企业。试车场占地200多亩，投资超4千万元。"
    "其年接待游客60万人次。今年4月一期工程竣工。增速为百分之十五。他说：“带动农户36人就业”。"
)


def asked_in(text: str) -> dict[str, str]:
    return {each.text: text[each.start : each.end] for each in figure_questions(text, 0, len(text))}


def test_figures_become_questions_in_the_words_of_their_clause() -> None:
    assert asked_in(TEXT) == {
        "青石镇苦瓜种植面积达多少亩？": "1200亩",
        "产业链总产值达多少元？": "1.3亿元",
        "党建指导站共覆盖了多少家企业？": "113家",
        "试车场占地多少亩？": "200多亩",
        "试车场占地200多亩，投资多少元？": "超4千万元",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一",
        "共12家。",
        "其中，他们共建成了36个项目。",
        "第3届苦瓜节吸引了许多游客。",
        "会议于2023年5月18日在青石镇召开。",
        "全镇苦瓜产值增长百分之十五。",
        "全镇苦瓜亩产约为3至5吨上下。",
        "他说全镇苦瓜种植面积达1200亩。",
        "𠮷😀ＡＢＣ",
        "青石镇去年建成二期工程。",
    ],
)
def test_what_does_not_stand_alone_or_is_no_plain_figure_is_not_asked(text: str) -> None:
    assert asked_in(text) == {}


def test_only_figures_of_the_part_that_is_asked_for_are_taken() -> None:
    start = TEXT.index("党建")
    found = list(figure_questions(TEXT, start, len(TEXT)))
    assert found[0] == FigureQuestion("党建指导站共覆盖了多少家企业？", TEXT.index("113家"), TEXT.index("113家") + 4)
    assert all(each.start >= start for each in found)


@given(st.text(alphabet="青石镇苦瓜产值达1200亩元，。；、“”第其 \n😀𠮷Ａ％%.-～至", max_size=200))
def test_a_question_never_holds_the_figure_that_it_asks_for(text: str) -> None:
    for each in figure_questions(text, 0, len(text)):
        assert "多少" in each.text
        assert 0 <= each.start < each.end <= len(text)
        assert any(character.isdigit() for character in text[each.start : each.end])


PASSAGES = (
    Passage("p1", "d1", TEXT[:26], 0, 26, None),
    Passage("p2", "d1", TEXT[26:], 26, len(TEXT), None),
)
DOCUMENT = Document("d1", "青石镇苦瓜丰收", TEXT, None, None, None, "青石.txt")


@dataclass
class FakeService:
    """Answers each question of the text with its own figure, unless ``wrong`` says otherwise."""

    wrong: dict[str, Callable[[Answer], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gone: bool = False

    def preview(self, question: str, *, clearance: Clearance) -> Answer:
        self.asked.append(question)
        found = next(each for each in figure_questions(TEXT, 0, len(TEXT)) if each.text == question)
        made = said(found.start, found.end)
        return self.wrong[question](made) if question in self.wrong else made

    def passage(self, passage_id: str, *, clearance: Clearance) -> PassageView:
        if self.gone:
            raise DocumentNotFoundError("原文已删除")
        first, second = PASSAGES
        if passage_id == "p1":
            return PassageView(first, DOCUMENT, None, second)
        return PassageView(second, DOCUMENT, first, None)


def said(start: int, end: int, *, document_id: str = "d1") -> Answer:
    """An answer with these words of the document."""
    base = answer("问？")
    span = AnswerSpan(TEXT[start:end], start, end)
    cited = replace(
        base.citations[0], document_id=document_id, passage_id="p1", start=start, end=end, answer_spans=(span,)
    )
    return replace(base, citations=(cited,), snapshot="s1")


START = TEXT.index("1200亩")
ANSWER = said(START, START + 5)


def test_other_figures_near_the_answer_are_offered_and_its_own_is_not() -> None:
    service = FakeService()
    found = RelatedQuestions(service).find(ANSWER)

    assert found[0] == "产业链总产值达多少元？"
    assert len(found) == MOST_RELATED
    assert "青石镇苦瓜种植面积达多少亩？" not in found


def _of_another_document(made: Answer) -> Answer:
    return replace(made, citations=(replace(made.citations[0], document_id="d2"),))


def _not_found(made: Answer) -> Answer:
    return replace(made, outcome=Outcome.NOT_FOUND, citations=())


def _another_figure(made: Answer) -> Answer:
    return said(TEXT.index("113家"), TEXT.index("113家") + 4)


def _disputed(made: Answer) -> Answer:
    return replace(made, alternatives=(Alternative("2亿元", "d9", "年鉴", None, "p9", "2亿元", 0, 3),))


@pytest.mark.parametrize("wrong", [_of_another_document, _not_found, _another_figure, _disputed])
def test_a_question_that_does_not_get_its_own_figure_is_not_offered(wrong: Callable[[Answer], Answer]) -> None:
    service = FakeService(wrong={"产业链总产值达多少元？": wrong})
    found = RelatedQuestions(service).find(ANSWER)

    assert "产业链总产值达多少元？" in service.asked
    assert "产业链总产值达多少元？" not in found
    assert found


def test_what_was_found_is_known_without_asking_again() -> None:
    service = FakeService()
    related = RelatedQuestions(service)
    assert related.known(ANSWER) is None
    found = related.find(ANSWER)
    asked = len(service.asked)

    assert related.known(ANSWER) == related.find(ANSWER) == found
    other = said(TEXT.index("1.3亿元"), TEXT.index("1.3亿元") + 5)
    assert "青石镇苦瓜种植面积达多少亩？" in (related.known(other) or ())
    assert len(service.asked) == asked
    assert related.known(replace(ANSWER, snapshot="s2")) is None


def test_only_so_many_passages_are_remembered() -> None:
    related = RelatedQuestions(FakeService(), most_remembered=1)
    related.find(ANSWER)
    related.find(replace(ANSWER, snapshot="s2"))
    assert related.known(ANSWER) is None


@pytest.mark.parametrize(
    "made",
    [
        replace(ANSWER, outcome=Outcome.NOT_FOUND, citations=()),
        replace(ANSWER, outcome=Outcome.CHAT, snapshot=None, citations=()),
    ],
)
def test_without_a_cited_passage_there_is_nothing_to_look_for(made: Answer) -> None:
    service = FakeService()
    related = RelatedQuestions(service)
    assert related.known(made) == related.find(made) == ()
    assert service.asked == []


def test_a_passage_that_is_gone_has_no_questions() -> None:
    assert RelatedQuestions(FakeService(gone=True)).find(ANSWER) == ()


def test_each_step_behind_everybodys_back_waits_for_people() -> None:
    waited: list[int] = []
    service = FakeService()
    related = RelatedQuestions(service, wait=lambda: waited.append(len(service.asked)))
    related.find(ANSWER, behind=True)
    assert waited[: len(service.asked)] == list(range(len(service.asked)))

    before = len(waited)
    related.find(replace(ANSWER, snapshot="s2"))
    assert len(waited) == before
