"""Somebody's own conversations: the list, the way through it, what is shown of an opened one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Outcome
from bot.conversations import OwnConversations, UnknownConversationError
from bot.errors import InvalidConversationError, UnknownAnswerError
from bot.state.answers import SavedAnswer
from bot.state.conversation_list import Place
from bot.state.conversations import Conversations, Turn
from bot.state.store import StateStore
from corpus.visibility import PUBLIC_ONLY, Clearance, clearance_of
from tests.bot.fakes import answer
from tests.bot.state.conftest import Clock

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Saved:
    """Gives every answer whose clearance is enough; remembers what it was asked for."""

    def __init__(self, needed: str | None = None) -> None:
        self._needed = needed

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        if answer_id == "gone" or (self._needed is not None and not clearance.allows(self._needed)):
            raise UnknownAnswerError("没有这个回答。")
        return SavedAnswer(answer("问题", "c"), "问题", owner, NOW, "问题")


def turn(question: str, answer_id: str | None = "a") -> Turn:
    return Turn(question, question, None, Outcome.ANSWERED, None, None, NOW, answer_id)


@pytest.fixture
def kept(state: StateStore) -> Conversations:
    return state.conversations


def test_the_list_is_the_owners_alone_latest_first_by_the_first_question(kept: Conversations, clock: Clock) -> None:
    kept.append("one", "user:1", turn("第一个问题？"))
    clock.turn(minutes=1)
    kept.append("two", "user:1", turn("另一个问题？"))
    kept.append("three", "user:2", turn("别人的问题？"))
    clock.turn(minutes=1)
    kept.append("one", "user:1", turn("接着问？"))

    page = OwnConversations(kept, Saved()).listed("user:1")

    assert [(each.id, each.title, each.turns) for each in page.conversations] == [
        ("one", "第一个问题？", 2),
        ("two", "另一个问题？", 1),
    ]
    assert page.conversations[0].last_used_at == clock.now
    assert page.end is None


def test_pages_hold_each_conversation_once_also_where_some_are_of_one_moment(kept: Conversations, clock: Clock) -> None:
    for number in range(7):
        kept.append(f"c{number}", "user:1", turn(f"第{number}个？"))
        clock.turn(minutes=number % 3 // 2)
    own = OwnConversations(kept, Saved())

    seen: list[str] = []
    end = None
    while True:
        page = own.listed("user:1", limit=2, after=end)
        seen += [each.id for each in page.conversations]
        end = page.end
        if end is None:
            break

    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


def test_a_new_conversation_does_not_move_the_next_page(kept: Conversations, clock: Clock) -> None:
    for number in range(4):
        clock.turn(minutes=1)
        kept.append(f"c{number}", "user:1", turn("问？"))
    own = OwnConversations(kept, Saved())
    first = own.listed("user:1", limit=2)
    clock.turn(minutes=1)
    kept.append("new", "user:1", turn("问？"))

    second = own.listed("user:1", limit=2, after=first.end)

    assert [each.id for each in second.conversations] == ["c1", "c0"]


def test_what_is_over_is_neither_listed_nor_opened(kept: Conversations, clock: Clock) -> None:
    kept.append("one", "user:1", turn("问？"))
    own = OwnConversations(kept, Saved())
    clock.turn(hours=25)

    assert own.listed("user:1").conversations == ()
    with pytest.raises(UnknownConversationError):
        own.opened("one", owner="user:1")


def test_an_opened_conversation_shows_its_questions_with_those_answers_that_may_be_seen(kept: Conversations) -> None:
    kept.append("one", "user:1", turn("问？"))
    kept.append("one", "user:1", turn("旧的问？", answer_id=None))
    kept.append("one", "user:1", turn("没了的问？", answer_id="gone"))

    shown = OwnConversations(kept, Saved()).opened("one", owner="user:1")
    assert [(each.question, each.answer is not None) for each in shown.turns] == [
        ("问？", True),
        ("旧的问？", False),
        ("没了的问？", False),
    ]

    inner = OwnConversations(kept, Saved(needed="内部"))
    assert inner.opened("one", owner="user:1").turns[0].answer is None
    cleared = inner.opened("one", owner="user:1", clearance=clearance_of(["内部"]))
    assert cleared.turns[0].answer is not None


def test_only_its_owner_opens_or_deletes_a_conversation(kept: Conversations) -> None:
    kept.append("one", "user:1", turn("问？"))
    own = OwnConversations(kept, Saved())

    for attempt in (own.opened, own.forget):
        with pytest.raises(UnknownConversationError):
            attempt("one", owner="user:2")
    own.forget("one", owner="user:1")
    with pytest.raises(UnknownConversationError):
        own.forget("one", owner="user:1")


def test_an_id_that_can_be_none_is_refused(kept: Conversations) -> None:
    with pytest.raises(InvalidConversationError):
        OwnConversations(kept, Saved()).opened("会话", owner="user:1")


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2999, 1, 1)), st.integers(0, 2**62))
def test_a_place_is_the_same_as_numbers_and_back(moment: datetime, row: int) -> None:
    place = Place(moment.replace(tzinfo=UTC), row)

    assert Place.at(place.mark) == place


@pytest.mark.parametrize("steps", [-(2**62), -1, 2**62])
def test_numbers_beyond_any_date_name_a_place_too(kept: Conversations, steps: int) -> None:
    kept.append("one", "user:1", turn("问？"))

    page = OwnConversations(kept, Saved()).listed("user:1", after=Place.at((steps, 1)))

    assert len(page.conversations) == (1 if steps > 0 else 0)
