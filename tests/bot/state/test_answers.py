"""Answers come back whole, feedback belongs to the asker."""

from __future__ import annotations

import json
import secrets
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Alternative, Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind
from bot.errors import InvalidFeedbackError, UnknownAnswerError
from bot.state.answer_json import answer_from_json, answer_to_json
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

QUOTE = "今年全镇凉瓜产值约1.3亿元。"


def answer(answer_id: str = "a1", outcome: Outcome = Outcome.ANSWERED, published: date | None = None) -> Answer:
    span = AnswerSpan("约1.3亿元", 8, 14)
    citation = Citation(
        number=1,
        document_id="文",
        document_title="镇里的一年",
        publisher=None,
        published_at=published,
        url=None,
        source_path="镇/年.txt",
        passage_id="段",
        heading="产业",
        passage=QUOTE,
        passage_start=0,
        quote=QUOTE,
        start=0,
        end=len(QUOTE),
        answer_spans=(span,),
    )
    found = outcome is Outcome.ANSWERED
    return Answer(
        answer_id=answer_id,
        conversation_id="c",
        outcome=outcome,
        text=f"约1.3亿元 [1]\n\n{QUOTE}" if found else "没有找到。",
        short_answer="约1.3亿元" if found else None,
        confidence=0.87,
        citations=(citation,) if found else (),
        suggestions=(Suggestion(SuggestionKind.DOCUMENT, "镇里的一年", "文"),),
        snapshot="20250601-083000" if found else None,
        latency_ms=41.5,
        ranking=(("文", "段"), ("文二", "段二")),
        sources=2 if found else 0,
        alternatives=(Alternative("2亿元", "文二", "题", published, "段二", "产值2亿元。", 0, 7),) if found else (),
    )


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("published", [None, date(2024, 2, 29)])
def test_an_answer_comes_back_whole(state: StateStore, clock: Clock, outcome: Outcome, published: date | None) -> None:
    given_answer = answer(outcome=outcome, published=published)
    state.answers.save(given_answer, question="凉瓜产值多少？", owner="key:a")
    saved = state.answers.get("a1")
    assert saved.answer == given_answer
    assert (saved.question, saved.owner, saved.created_at) == ("凉瓜产值多少？", "key:a", clock.now)


def test_another_owner_does_not_see_an_answer(state: StateStore) -> None:
    state.answers.save(answer(), question="凉瓜产值多少？", owner="key:a")
    assert state.answers.get("a1", "key:a").owner == "key:a"
    for answer_id, owner in (("a1", "key:b"), ("a2", "key:a"), ("", "key:a")):
        with pytest.raises(UnknownAnswerError):
            state.answers.get(answer_id, owner)


def test_the_last_rating_counts(state: StateStore) -> None:
    state.answers.save(answer(), question="凉瓜产值多少？", owner="key:a")
    state.answers.rate("a1", "key:a", "up")
    state.answers.rate("a1", "key:a", "down", reason="数字旧了", comment="今年是1.5亿元")
    (feedback,) = state.ratings.latest(10)
    assert (feedback.rating, feedback.reason, feedback.comment) == ("down", "数字旧了", "今年是1.5亿元")
    assert feedback.question == "凉瓜产值多少？"


def test_only_the_asker_rates_an_answer(state: StateStore) -> None:
    state.answers.save(answer(), question="凉瓜产值多少？", owner="key:a")
    with pytest.raises(UnknownAnswerError):
        state.answers.rate("a1", "key:b", "up")
    assert state.ratings.latest(10) == []


@pytest.mark.parametrize(("rating", "comment"), [("good", None), ("", None), ("UP", None), ("up", "长" * 4001)])
def test_a_rating_that_is_none_is_refused(state: StateStore, rating: str, comment: str | None) -> None:
    state.answers.save(answer(), question="凉瓜产值多少？", owner="key:a")
    with pytest.raises(InvalidFeedbackError):
        state.answers.rate("a1", "key:a", rating, comment=comment)


def asked(state: StateStore, *questions: str, resolved: str | None = None, outcome: Outcome = Outcome.ANSWERED) -> None:
    for question in questions:
        saved = answer(secrets.token_hex(8), outcome)
        state.answers.save(saved, question=question, owner="local", resolved_question=resolved)


def test_the_most_asked_come_first_then_the_latest(state: StateStore, clock: Clock) -> None:
    for question in ("甲？", "乙？", "丙？", "乙？"):
        clock.turn(minutes=1)
        asked(state, question)
    most = state.answers.most_asked(10, days=30)
    assert [(each.question, each.times) for each in most] == [("乙？", 2), ("丙？", 1), ("甲？", 1)]
    assert [each.question for each in state.answers.most_asked(1, days=30)] == ["乙？"]
    assert state.answers.most_asked(0, days=30) == []


def test_a_follow_up_counts_as_what_it_meant_and_small_talk_not_at_all(state: StateStore) -> None:
    asked(state, "那面积呢？", resolved="凉瓜的面积是多少")
    asked(state, "凉瓜的面积是多少")
    asked(state, "你好", outcome=Outcome.CHAT)
    asked(state, "火星？", outcome=Outcome.NOT_FOUND)
    most = {each.question: each.times for each in state.answers.most_asked(10, days=30)}
    assert most == {"凉瓜的面积是多少": 2, "火星？": 1}


def test_what_was_asked_too_long_ago_does_not_count(state: StateStore, clock: Clock) -> None:
    asked(state, "甲？")
    clock.turn(days=31)
    asked(state, "乙？")
    assert [each.question for each in state.answers.most_asked(10, days=30)] == ["乙？"]
    assert state.answers.wanted_documents(10, days=30) == {"文": 1}


def test_documents_are_wanted_as_often_as_answers_show_them(state: StateStore) -> None:
    # The document is cited and suggested by the same answer: it was wanted once.
    asked(state, "甲？", "乙？")
    asked(state, "丙？", outcome=Outcome.NOT_FOUND)
    asked(state, "你好", outcome=Outcome.CHAT)
    assert state.answers.wanted_documents(10, days=30) == {"文": 3}
    assert state.answers.wanted_documents(2, days=30) == {"文": 2}
    assert state.answers.wanted_documents(0, days=30) == {}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_an_answer_of_an_earlier_version_comes_back_too() -> None:
    stored = json.loads(answer_to_json(answer()))
    del stored["alternatives"], stored["sources"]

    read = answer_from_json(json.dumps(stored))

    assert (read.sources, read.alternatives, read.short_answer) == (0, (), "约1.3亿元")


@given(text=TEXTS, short=st.none() | TEXTS, url=st.none() | TEXTS, confidence=st.floats(0, 1), start=st.integers(0))
def test_json_gives_back_what_it_was_given(
    text: str, short: str | None, url: str | None, confidence: float, start: int
) -> None:
    span = AnswerSpan(text, start, start + len(text))
    citation = Citation(1, text, text, url, None, url, text, text, short, text, start, text, start, start, (span, span))
    given_answer = Answer("a", "c", Outcome.ANSWERED, text, short, confidence, (citation,), (), None, 1.0)
    assert answer_from_json(answer_to_json(given_answer)) == given_answer
