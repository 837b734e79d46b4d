"""People in the database: requests with codes, decisions, names, what is forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.errors import AlreadyDecidedError, PairingClosedError, PairingLimitError, UnknownPersonError
from bot.state import people as records
from bot.state.people import (
    APPROVED,
    PENDING,
    REJECTED,
    REMOVED,
    PeopleRecords,
    Subject,
    clean_name,
    new_code,
    read_code,
)
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

LI = Subject(33, "李四", "lisi")


def test_a_request_waits_with_its_code(state: StateStore, clock: Clock) -> None:
    pairing = state.people.request(LI)
    person = state.people.get(33)
    assert (person.name, person.username, person.state, person.role) == ("李四", "lisi", PENDING, "user")
    assert (person.requested_at, person.told) == (clock.now, None)
    assert pairing.expires_at == clock.now + timedelta(hours=1)
    assert pairing.first
    assert state.people.of_code(pairing.code) == person


def test_asking_again_gives_the_same_code_until_it_is_over(state: StateStore, clock: Clock) -> None:
    first = state.people.request(LI)
    clock.turn(minutes=59)
    again = state.people.request(LI)
    clock.turn(minutes=1)
    later = state.people.request(LI)
    assert (again.code, again.first) == (first.code, False)
    assert later.code != first.code
    assert not later.first
    with pytest.raises(UnknownPersonError, match="过期"):
        state.people.of_code(first.code)
    clock.turn(days=2)
    assert state.people.request(LI).first


def test_codes_are_bounded_a_day_and_in_all(state: StateStore, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(records.MAX_CODES_A_DAY):
        state.people.request(LI)
        clock.turn(hours=2)
    with pytest.raises(PairingLimitError, match="5"):
        state.people.request(LI)
    monkeypatch.setattr(records, "MAX_OPEN_CODES", 3)
    for user in range(1, 4):
        state.people.request(Subject(user))
    with pytest.raises(PairingLimitError):
        state.people.request(Subject(4))
    assert state.people.request(Subject(3)).code, "who has a code keeps it"
    with pytest.raises(UnknownPersonError):
        state.people.get(4)
    clock.turn(hours=1)
    assert state.people.request(Subject(4)).first


def test_a_code_that_is_taken_is_not_given_twice(engine: Engine, state: StateStore, clock: Clock) -> None:
    codes = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    people = PeopleRecords(engine, clock=clock, code=lambda: next(codes))
    assert [people.request(Subject(1)).code, people.request(Subject(2)).code] == ["AAAAAA", "BBBBBB"]


def test_an_approval_uses_the_code_up_and_is_remembered(state: StateStore, clock: Clock) -> None:
    code = state.people.request(LI).code
    clock.turn(minutes=5)
    person = state.people.decide(33, APPROVED, by="telegram:11", of=(PENDING,))
    assert (person.state, person.decided_by, person.decided_at) == (APPROVED, "telegram:11", clock.now)
    assert (person.standing, person.told) == ("approved:user", None)
    with pytest.raises(AlreadyDecidedError, match="telegram:11"):
        state.people.decide(33, APPROVED, by="telegram:12", of=(PENDING,))
    with pytest.raises(PairingClosedError) as caught:
        state.people.request(LI)
    assert caught.value.state == APPROVED
    assert state.people.of_code(code).state == APPROVED, "a used code still says whose it was"


@pytest.mark.parametrize("state_now", [REJECTED, REMOVED])
def test_who_was_turned_down_gets_no_further_code(state: StateStore, state_now: str) -> None:
    state.people.request(LI)
    state.people.decide(33, state_now, by="cli:root")
    with pytest.raises(PairingClosedError):
        state.people.request(LI)
    assert state.people.admit(Subject(33), by="cli:root").name == "李四"


def test_an_old_approval_does_not_let_in_who_was_removed(state: StateStore) -> None:
    state.people.request(LI)
    state.people.decide(33, REMOVED, by="telegram:11")
    with pytest.raises(AlreadyDecidedError):
        state.people.decide(33, APPROVED, by="telegram:12", of=(PENDING,))
    assert state.people.get(33).state == REMOVED


def test_roles_belong_to_who_is_approved_and_go_with_the_approval(state: StateStore) -> None:
    state.people.request(LI)
    with pytest.raises(AlreadyDecidedError):
        state.people.set_role(33, "admin", by="cli")
    state.people.decide(33, APPROVED, by="cli")
    assert state.people.set_role(33, "admin", by="cli").standing == "approved:admin"
    with pytest.raises(AlreadyDecidedError):
        state.people.set_role(33, "admin", by="cli")
    state.people.decide(33, REMOVED, by="cli")
    assert state.people.admit(Subject(33), by="cli").role == "user"


def test_somebody_can_be_let_in_who_never_asked(state: StateStore) -> None:
    person = state.people.admit(Subject(-100123), by="cli:root")
    assert (person.state, person.is_group, person.told) == (APPROVED, True, None)
    with pytest.raises(AlreadyDecidedError):
        state.people.admit(Subject(-100123), by="cli:root")
    with pytest.raises(UnknownPersonError, match="yiju users list"):
        state.people.decide(44, REMOVED, by="cli:root")


def test_two_who_decide_at_once_do_not_both_succeed(state: StateStore) -> None:
    state.people.request(LI)
    outcomes: list[str] = []
    begin = threading.Barrier(4)

    def decide(number: int) -> None:
        begin.wait()
        try:
            state.people.decide(33, APPROVED if number % 2 else REJECTED, by=f"telegram:{number}", of=(PENDING,))
            outcomes.append("done")
        except AlreadyDecidedError:
            outcomes.append("late")

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "late", "late", "late"]


def test_what_they_were_told_and_are_called_is_kept(state: StateStore) -> None:
    state.people.request(LI)
    state.people.rename(Subject(33, "李　四\n（科长）", None))
    state.people.note_told(33, "approved:user")
    person = state.people.get(33)
    assert (person.name, person.username, person.told) == ("李 四 （科长）", None, "approved:user")


def test_a_group_keeps_its_standing_under_its_new_id(state: StateStore) -> None:
    state.people.admit(Subject(-5, "办公室"), by="telegram:11")
    state.people.request(Subject(-1005, "办公室"))
    state.people.move(-5, -1005)
    state.people.move(-5, -1005)
    assert [(each.telegram_id, each.state) for each in state.people.everyone()] == [(-1005, APPROVED)]


def test_old_requests_and_codes_go_decisions_stay(state: StateStore, clock: Clock) -> None:
    for user in (1, 2, 3):
        state.people.request(Subject(user))
    state.people.decide(2, APPROVED, by="cli")
    state.people.decide(3, REMOVED, by="cli")
    clock.turn(days=10)
    state.people.request(Subject(4))
    assert state.people.prune(clock.now - timedelta(days=5)) == 4
    assert {each.telegram_id for each in state.people.everyone()} == {2, 3, 4}
    assert state.people.prune(clock.now - timedelta(days=5)) == 0


@given(st.text(max_size=200))
def test_names_are_one_line_that_hides_nothing(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= records.MAX_NAME_CHARS
    assert name == name.strip()
    assert all(character.isprintable() for character in name)
    assert clean_name(name) == name


def test_a_name_cannot_turn_the_text_around_it() -> None:
    assert clean_name("张\u202e三\u200f\x00") == "张三"
    assert clean_name("𠮷野家👍") == "𠮷野家👍"
    assert clean_name("\ud800") == ""


@given(st.integers(0, 5), st.sampled_from(["-", " ", "－", "_", "–", ""]))
def test_codes_are_read_however_they_are_written(at: int, dash: str) -> None:
    code = new_code()
    assert not code[0].isdigit()
    assert read_code(code) == read_code(f" {code[:at].lower()}{dash}{code[at:]} ") == code


@given(st.text(max_size=20))
def test_what_is_no_code_is_none_or_a_code(text: str) -> None:
    read = read_code(text)
    assert read is None or (read_code(read) == read and len(read) == 6)


@pytest.mark.parametrize(
    "text", ["", "123456", "-100123", "ABCDE", "ABCDEFG", "ABC0EF", "ABCDEO", "配对码", "A" * 9999]
)
def test_ids_and_words_are_no_codes(text: str) -> None:
    assert read_code(text) is None


def test_full_width_letters_are_read() -> None:
    assert read_code("ＫＱＭ２３４") == "KQM234"


def test_every_change_is_seen_in_the_fingerprint(state: StateStore, clock: Clock) -> None:
    people = state.people
    seen = {people.fingerprint()}
    for change in (
        lambda: people.request(LI),
        lambda: people.decide(33, APPROVED, by="cli"),
        lambda: people.set_role(33, "admin", by="cli"),
        lambda: people.note_told(33, "approved:admin"),
        lambda: people.rename(Subject(33, "李")),
        lambda: people.decide(33, REMOVED, by="cli"),
        lambda: people.admit(LI, by="cli"),
        lambda: people.admit(Subject(-5), by="cli"),
        lambda: people.move(-5, -1005),
    ):
        before = len(seen)
        change()
        seen.add(people.fingerprint())
        assert len(seen) == before + 1
    people.request(Subject(34))
    clock.turn(days=2)
    waiting = people.fingerprint()
    people.request(Subject(34))
    assert people.fingerprint() != waiting
