"""What readers thought of answers is counted and listed with the answer that they saw."""

from __future__ import annotations

from bot.answers import Outcome
from bot.feedback import MISSED, OTHER, REASONS, WRONG_SOURCE, Feedback, reasons_for
from bot.state.answers import MAX_COMMENT_CHARS
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock
from tests.bot.state.test_answers import answer


def rated(state: StateStore, answer_id: str, rating: str, reason: str | None = None, owner: str = "telegram:1") -> None:
    outcome = Outcome.NOT_FOUND if reason == MISSED else Outcome.ANSWERED
    state.answers.save(answer(answer_id, outcome), question=f"问题{answer_id}", owner=owner)
    state.answers.rate(answer_id, owner, rating, reason=reason)


def test_nothing_is_rated_at_first(state: StateStore) -> None:
    overview = Feedback(state.ratings).overview()
    assert (overview.up, overview.down, overview.reasons, overview.answers) == (0, 0, {}, [])


def test_a_rating_is_shown_with_the_answer(state: StateStore, clock: Clock) -> None:
    rated(state, "a1", "down", WRONG_SOURCE)
    asked_at = clock.now
    clock.turn(minutes=5)
    state.answers.rate("a1", "telegram:1", "down", reason=WRONG_SOURCE)
    (shown,) = state.ratings.latest(5)
    assert (shown.question, shown.short_answer, shown.documents) == ("问题a1", "约1.3亿元", ("镇里的一年",))
    assert (shown.rating, shown.reason, shown.asked_at, shown.rated_at) == (
        *("down", WRONG_SOURCE),
        *(asked_at, clock.now),
    )


def test_ratings_are_counted_by_reason_and_listed_latest_first(state: StateStore, clock: Clock) -> None:
    for answer_id, rating, reason in (
        ("a1", "down", WRONG_SOURCE),
        ("a2", "down", MISSED),
        ("a3", "up", None),
        ("a4", "down", WRONG_SOURCE),
        ("a5", "down", None),
    ):
        rated(state, answer_id, rating, reason)
        clock.turn(minutes=1)
    feedback = Feedback(state.ratings)
    overview = feedback.overview(limit=3)
    assert (overview.up, overview.down) == (1, 4)
    assert list(overview.reasons.items()) == [(WRONG_SOURCE, 2), (MISSED, 1)]
    assert [each.answer_id for each in overview.answers] == ["a5", "a4", "a2"]
    assert [each.answer_id for each in feedback.overview(rating="up").answers] == ["a3"]
    assert len(feedback.overview(rating=None).answers) == 5


def test_old_ratings_are_not_counted(state: StateStore, clock: Clock) -> None:
    rated(state, "a1", "down")
    clock.turn(days=31)
    assert Feedback(state.ratings).overview(days=30).down == 0


def test_words_go_to_the_latest_rating_of_the_owner(state: StateStore, clock: Clock) -> None:
    rated(state, "a1", "down")
    clock.turn(minutes=1)
    rated(state, "a2", "up")
    clock.turn(minutes=1)
    rated(state, "a3", "down", owner="telegram:2")
    feedback = Feedback(state.ratings)
    assert feedback.comment("telegram:1", "数" * (MAX_COMMENT_CHARS + 1))
    assert not feedback.comment("telegram:3", "没有评价过")
    comments = {each.answer_id: each.comment for each in state.ratings.latest(5)}
    assert comments == {"a1": None, "a2": "数" * MAX_COMMENT_CHARS, "a3": None}


def test_what_was_not_found_can_only_have_been_missed() -> None:
    assert reasons_for(Outcome.NOT_FOUND) == (MISSED, OTHER)
    assert set(reasons_for(Outcome.ANSWERED)) | {MISSED} == set(REASONS)
