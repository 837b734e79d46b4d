"""Kept questions: each once, a bound for each asker, every step taken by one process only."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_mock_engine, inspect
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from bot.errors import TooManyKeptError
from bot.state.kept_questions import FOUND, SENDING, SENT, WAITING, KeptQuestion, NewQuestion
from bot.state.store import StateStore
from bot.state.tables import kept_questions
from tests.bot.state.conftest import Clock

NEW = NewQuestion(
    owner="telegram:22",
    asker="telegram:22",
    channel="telegram:1",
    address={"chat_id": 22, "题": "𠮷"},
    question="那产值呢？",
    resolved_question="荷塘镇花茶产值是多少？",
    language="zh-Hans",
    asked_answer_id="a1",
    asked_at=datetime(2025, 5, 31, 9, tzinfo=UTC),
    snapshot="s1",
)


def keep(state: StateStore, **changes: str) -> KeptQuestion:
    return state.kept_questions.keep(replace(NEW, **changes), per_asker=20)[0]  # type: ignore[arg-type]


def test_a_question_comes_back_as_it_was_kept(state: StateStore, clock: Clock) -> None:
    kept, is_new = state.kept_questions.keep(NEW, per_asker=20)
    assert is_new
    assert kept == state.kept_questions.get(kept.id)
    assert (kept.address, kept.asked_at, kept.kept_at) == (NEW.address, NEW.asked_at, clock.now)
    assert (kept.state, kept.answer_id, kept.evidence) == (WAITING, None, None)
    assert state.kept_questions.of_owner("telegram:22") == [kept]
    assert state.kept_questions.of_owner("telegram:23") == []


def test_the_same_question_of_a_place_is_kept_once_whatever_its_punctuation(state: StateStore) -> None:
    first = keep(state)
    for same in ("荷塘镇花茶产值是多少", "荷塘鎮花茶產值是多少?", " 荷塘镇 花茶产值是多少？！"):
        again, is_new = state.kept_questions.keep(
            replace(NEW, resolved_question=same, asker="telegram:33"), per_asker=20
        )
        assert (again.id, is_new) == (first.id, False)
    assert keep(state, owner="telegram:33").id != first.id


def test_a_question_that_is_punctuation_alone_is_told_from_others(state: StateStore) -> None:
    assert keep(state, resolved_question="？？").id != keep(state, resolved_question="！！").id


def test_an_asker_has_so_many_and_no_more(state: StateStore) -> None:
    for number in range(3):
        state.kept_questions.keep(replace(NEW, resolved_question=f"第{number}问"), per_asker=3)
    with pytest.raises(TooManyKeptError):
        state.kept_questions.keep(replace(NEW, resolved_question="第四问"), per_asker=3)
    state.kept_questions.keep(replace(NEW, resolved_question="第1问"), per_asker=3)
    state.kept_questions.keep(replace(NEW, resolved_question="第四问", asker="telegram:33"), per_asker=3)


def test_what_was_sent_does_not_count_and_may_be_asked_for_anew(state: StateStore) -> None:
    kept = keep(state)
    assert state.kept_questions.found(kept.id, "a2", "s2")
    assert state.kept_questions.move(kept.id, FOUND, SENDING)
    assert state.kept_questions.keep(NEW, per_asker=1) == (state.kept_questions.get(kept.id), False)
    assert state.kept_questions.move(kept.id, SENDING, SENT)
    again, is_new = state.kept_questions.keep(NEW, per_asker=1)
    assert is_new
    assert again.id != kept.id


def test_each_snapshot_is_asked_once(state: StateStore) -> None:
    kept = state.kept_questions
    first, second = keep(state), keep(state, resolved_question="第二问")
    assert kept.to_ask("s1", after=0, limit=9) == []
    assert [each.id for each in kept.to_ask("s2", after=0, limit=9)] == [first.id, second.id]
    assert [each.id for each in kept.to_ask("s2", after=0, limit=1)] == [first.id]
    assert [each.id for each in kept.to_ask("s2", after=first.id, limit=9)] == [second.id]

    kept.asked_in_vain(first.id, "s2", "digest")
    kept.found(second.id, "a2", "s2")

    assert kept.to_ask("s2", after=0, limit=9) == []
    (again,) = kept.to_ask("s3", after=0, limit=9)
    assert (again.id, again.snapshot, again.evidence) == (first.id, "s2", "digest")


def test_one_that_was_kept_before_any_index_is_asked_of_the_first(state: StateStore) -> None:
    state.kept_questions.keep(replace(NEW, snapshot=None), per_asker=20)
    assert len(state.kept_questions.to_ask("s1", after=0, limit=9)) == 1


def test_a_step_is_taken_once_however_many_try(state: StateStore) -> None:
    kept = keep(state)
    assert state.kept_questions.found(kept.id, "a2", "s2")
    assert not state.kept_questions.found(kept.id, "a3", "s2")
    taken: list[bool] = []
    threads = [
        threading.Thread(target=lambda: taken.append(state.kept_questions.move(kept.id, FOUND, SENDING)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]
    assert [each.answer_id for each in state.kept_questions.in_state(SENDING, "telegram:1", limit=9)] == ["a2"]
    assert state.kept_questions.in_state(SENDING, "telegram:2", limit=9) == []


def test_an_answer_that_no_longer_holds_is_waited_for_again(state: StateStore) -> None:
    kept = keep(state)
    state.kept_questions.found(kept.id, "a2", "s2")
    assert state.kept_questions.wait_again(kept.id)
    (again,) = state.kept_questions.to_ask("s2", after=0, limit=9)
    assert (again.state, again.answer_id) == (WAITING, None)


def test_the_asker_cancels_and_nobody_else(state: StateStore) -> None:
    kept = keep(state, owner="telegram:-1001")
    cancel = state.kept_questions.cancel
    assert cancel(kept.id, owner="telegram:-1002", asker=None) is None
    assert cancel(kept.id, owner="telegram:-1001", asker="telegram:33") is None
    assert cancel(kept.id, owner="telegram:-1001", asker="telegram:22") == kept
    assert cancel(kept.id, owner="telegram:-1001", asker=None) is None
    assert state.kept_questions.get(kept.id) is None


def test_what_is_being_sent_cannot_be_cancelled(state: StateStore) -> None:
    kept = keep(state)
    state.kept_questions.found(kept.id, "a2", "s2")
    state.kept_questions.move(kept.id, FOUND, SENDING)
    assert state.kept_questions.cancel(kept.id, owner="telegram:22", asker=None) is None
    assert state.kept_questions.of_owner("telegram:22") == []


def test_old_questions_go_sent_ones_too_and_those_being_sent_stay(state: StateStore, clock: Clock) -> None:
    waiting, sent, sending = (keep(state, resolved_question=f"第{number}问") for number in range(3))
    for each in (sent, sending):
        state.kept_questions.found(each.id, "a2", "s2")
        state.kept_questions.move(each.id, FOUND, SENDING)
    state.kept_questions.move(sent.id, SENDING, SENT)
    kept_at = clock.now
    assert state.kept_questions.expire(kept_at) == 0
    clock.turn(days=1)
    young = keep(state, resolved_question="新问")
    assert state.kept_questions.expire(clock.now) == 2
    assert [state.kept_questions.get(each.id) is None for each in (waiting, sent, sending, young)] == [
        *(True, True),
        *(False, False),
    ]


def test_all_of_one_asker_can_be_dropped(state: StateStore) -> None:
    for number in range(2):
        keep(state, resolved_question=f"第{number}问")
    other = keep(state, owner="telegram:33", asker="telegram:33")
    assert state.kept_questions.drop_of("telegram:22") == 2
    assert state.kept_questions.to_ask("s9", after=0, limit=9) == [other]


def test_the_table_is_the_one_that_the_migration_makes(state: StateStore, engine: Engine) -> None:
    found = inspect(engine)
    columns = {column["name"] for column in found.get_columns("kept_questions")}
    assert columns == {column.name for column in kept_questions.columns}
    indexes = {index["name"] for index in found.get_indexes("kept_questions")}
    assert indexes == {index.name for index in kept_questions.indexes}


def test_the_table_compiles_for_postgresql() -> None:
    made: list[DDLElement] = [CreateTable(kept_questions), *map(CreateIndex, kept_questions.indexes)]
    dialect = create_mock_engine("postgresql+psycopg2://", lambda *_: None).dialect
    said = [str(each.compile(dialect=dialect)) for each in made]
    assert "BIGSERIAL" in said[0]
    unsent = next(each for each in said if "uq_kept_questions_unsent" in each)
    assert "WHERE state IN ('waiting', 'found', 'sending')" in unsent
