"""What channels rely on: a question is kept for whoever asked, and its answer is taken once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.answers import Outcome
from bot.errors import TooManyKeptError, UnknownAnswerError
from bot.notifications import Kept, Notifications
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.errors import DocumentNotFoundError
from corpus.visibility import Clearance
from tests.bot.state.test_answers import answer
from tests.databases import database_url

OWNER = "telegram:22"


class Desk:
    """Notifications over a database of the test, and passages that can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.state = StateStore(open_database(database_url(folder)))
        self.state.migrate()
        self.gone = False
        self.notifications = Notifications(
            self.state.kept_questions, self.state.answers, passage=self.passage, days=30, per_user=2
        )

    def passage(self, passage_id: str, clearance: Clearance) -> object:
        if self.gone:
            raise DocumentNotFoundError(f"没有段落 {passage_id!r}")
        return object()

    def asked(self, question: str, answer_id: str, outcome: Outcome = Outcome.NOT_FOUND, resolved: str = "") -> str:
        self.state.answers.save(
            answer(answer_id, outcome), question=question, owner=OWNER, resolved_question=resolved or question
        )
        return answer_id

    def keep(self, answer_id: str, owner: str = OWNER) -> Kept:
        return self.notifications.keep(answer_id, owner=owner, asker=OWNER, channel="telegram:1", address={"chat": 22})

    def found(self, kept: Kept) -> int:
        """The question has its answer from now on."""
        self.state.answers.save(answer("a9"), question=kept.question.question, owner=OWNER)
        assert self.state.kept_questions.found(kept.question.id, "a9", "s2")
        return kept.question.id


@pytest.fixture
def desk(tmp_path: Path, backend: str) -> Desk:
    return Desk(tmp_path)


def test_the_question_is_kept_as_it_was_meant(desk: Desk) -> None:
    desk.asked("How about tea?", "a1", resolved="What is the tea output of Hetang?")
    kept = desk.keep("a1")
    question = kept.question
    assert (question.question, question.resolved_question) == ("How about tea?", "What is the tea output of Hetang?")
    assert (question.language, question.asked_answer_id, question.snapshot) == ("en", "a1", None)
    assert (kept.new, kept.days) == (True, 30)
    assert desk.notifications.waiting(OWNER) == [question]
    assert not desk.keep("a1").new


def test_only_what_found_nothing_and_was_told_to_them_can_be_kept(desk: Desk) -> None:
    desk.asked("凉瓜产值多少？", "a1", Outcome.ANSWERED)
    desk.asked("镇长是谁？", "a2")
    for answer_id, owner in (("a1", OWNER), ("a2", "telegram:33"), ("a3", OWNER)):
        with pytest.raises(UnknownAnswerError):
            desk.keep(answer_id, owner)


def test_a_user_has_so_many_and_no_more(desk: Desk) -> None:
    for number in range(3):
        desk.asked(f"第{number}问", f"a{number}")
    desk.keep("a0")
    second = desk.keep("a1").question
    with pytest.raises(TooManyKeptError):
        desk.keep("a2")
    assert desk.notifications.cancel(second.id, owner=OWNER, asker=OWNER) == second
    assert desk.keep("a2").new


def test_an_answer_is_taken_once_and_counts_as_sent(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    kept_id = desk.found(desk.keep("a1"))
    assert [each.id for each in desk.notifications.due("telegram:1")] == [kept_id]
    assert desk.notifications.due("telegram:2") == []

    taken = desk.notifications.take(kept_id)

    assert taken is not None
    assert taken.answer_id == "a9"
    assert desk.notifications.take(kept_id) is None
    assert desk.notifications.due("telegram:1") == []
    assert [each.id for each in desk.notifications.interrupted("telegram:1")] == [kept_id]
    desk.notifications.sent(kept_id)
    assert desk.notifications.interrupted("telegram:1") == []
    assert desk.notifications.answered(kept_id, owner=OWNER)[1].answer_id == "a9"


def test_what_was_surely_not_sent_is_due_again(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    kept_id = desk.found(desk.keep("a1"))
    assert desk.notifications.take(kept_id) is not None
    desk.notifications.not_sent(kept_id)
    assert desk.notifications.take(kept_id) is not None


def test_an_answer_whose_passage_is_gone_is_not_sent_but_waited_for(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    kept_id = desk.found(desk.keep("a1"))
    desk.gone = True
    assert desk.notifications.take(kept_id) is None
    assert [each.id for each in desk.state.kept_questions.to_ask("s2", after=0, limit=9)] == [kept_id]


def test_nothing_is_taken_that_is_unknown_or_still_waits(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    kept = desk.keep("a1").question
    assert desk.notifications.take(kept.id) is None
    assert desk.notifications.take(kept.id + 1) is None
    assert desk.state.kept_questions.get(kept.id) == replace(kept)


def test_answers_are_shown_to_their_owner_alone(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    kept = desk.keep("a1")
    with pytest.raises(UnknownAnswerError):
        desk.notifications.answered(kept.question.id, owner=OWNER)
    kept_id = desk.found(kept)
    for owner, number in ((f"{OWNER}2", kept_id), (OWNER, kept_id + 1)):
        with pytest.raises(UnknownAnswerError):
            desk.notifications.answered(number, owner=owner)


def test_all_that_a_removed_user_waits_for_can_be_forgotten(desk: Desk) -> None:
    desk.asked("镇长是谁？", "a1")
    desk.found(desk.keep("a1"))
    assert desk.notifications.forget(OWNER) == 1
    assert desk.notifications.due("telegram:1") == []
