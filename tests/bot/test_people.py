"""Who may use the bot: what the settings say, what was decided, and what other processes changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.access import Access, Role
from bot.audit import Trail
from bot.errors import AlreadyDecidedError, SetBySettingsError, UnknownPersonError
from bot.people import People
from bot.state.people import PENDING, Subject
from bot.state.store import StateStore
from bot.state.tables import metadata
from corpus.database import open_database
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from tests.databases import database_url

ACCESS = Access(admin_ids=frozenset({1}), allowed_ids=frozenset({2, -5}))
BY = "telegram:1"


@pytest.fixture
def state(tmp_path: Path, backend: str) -> StateStore:
    engine = open_database(database_url(tmp_path))
    metadata.create_all(engine)
    return StateStore(engine)


def people_of(state: StateStore, access: Access = ACCESS) -> People:
    people = People(state.people, access, Trail(state.audit))
    people.refresh()
    return people


@pytest.fixture
def people(state: StateStore) -> People:
    return people_of(state)


def roles(people: People, user_id: int | None, *chats: int) -> list[Role]:
    return [people.role(user_id=user_id, chat_id=chat_id) for chat_id in chats]


@pytest.mark.parametrize("user_id", [1, 2, 3, None])
@pytest.mark.parametrize("chat_id", [1, 2, 3, -5, -9])
@pytest.mark.parametrize("open_to_all", [False, True])
def test_where_nobody_decided_the_settings_decide(
    state: StateStore, user_id: int | None, chat_id: int, open_to_all: bool
) -> None:
    access = Access(ACCESS.admin_ids, ACCESS.allowed_ids, open_to_all)
    expected = access.role(user_id=user_id, chat_id=chat_id)
    assert people_of(state, access).role(user_id=user_id, chat_id=chat_id) is expected


def test_a_request_lets_nobody_in_an_approval_does(people: People) -> None:
    people.request(Subject(3, "李四"))
    assert roles(people, 3, 3, -9) == [Role.STRANGER, Role.STRANGER]
    member = people.approve(3, by=BY, waiting_only=True)
    assert (member.role, member.name, member.by_settings) == (Role.USER, "李四", False)
    assert roles(people, 3, 3, -9, -5) == [Role.USER] * 3
    assert people.set_role(3, Role.ADMIN, by=BY).role is Role.ADMIN
    assert roles(people, 3, 3, -9) == [Role.ADMIN] * 2
    assert people.admins() == {1, 3}


def test_a_removed_person_is_a_stranger_everywhere(state: StateStore) -> None:
    people = people_of(state, Access(frozenset({1}), frozenset({-5}), open_to_all=True))
    people.approve(3, by=BY)
    people.remove(3, by=BY)
    assert roles(people, 3, 3, -5, -9) == [Role.STRANGER] * 3
    assert roles(people, 4, 4, -5) == [Role.USER] * 2
    people.approve(3, by=BY)
    assert roles(people, 3, 3) == [Role.USER]


def test_a_person_who_was_turned_down_may_ask_in_an_allowed_group(people: People) -> None:
    people.request(Subject(3))
    people.reject(3, by=BY)
    assert roles(people, 3, 3, -5) == [Role.STRANGER, Role.USER]


def test_a_group_that_was_let_in_lets_in_its_members_and_no_admin(people: People) -> None:
    people.approve(-9, by=BY)
    assert roles(people, 3, -9, 3) == [Role.USER, Role.STRANGER]
    assert roles(people, None, -9) == [Role.USER]
    with pytest.raises(UnknownPersonError, match="群"):
        people.set_role(-9, Role.ADMIN, by=BY)
    people.remove(-9, by=BY)
    assert roles(people, 3, -9) == [Role.STRANGER]


@pytest.mark.parametrize(("telegram_id", "setting"), [(1, "ADMIN_IDS"), (2, "ALLOWED_IDS"), (-5, "ALLOWED_IDS")])
def test_whom_the_settings_name_cannot_be_changed(people: People, telegram_id: int, setting: str) -> None:
    for change in (people.approve, people.reject, people.remove):
        with pytest.raises(SetBySettingsError, match=setting):
            change(telegram_id, by=BY)
    with pytest.raises(SetBySettingsError, match=setting):
        people.set_role(telegram_id, Role.ADMIN, by=BY)


def test_the_settings_win_over_an_earlier_removal(state: StateStore) -> None:
    people_of(state, Access()).approve(2, by=BY)
    people_of(state, Access()).remove(2, by=BY)
    assert roles(people_of(state), 2, 2, -9) == [Role.USER] * 2


def test_an_old_button_lets_nobody_in_who_was_removed_since(people: People) -> None:
    people.request(Subject(3))
    people.approve(3, by=BY, waiting_only=True)
    people.remove(3, by=BY)
    with pytest.raises(AlreadyDecidedError):
        people.approve(3, by=BY, waiting_only=True)
    assert roles(people, 3, 3) == [Role.STRANGER]


def test_what_another_process_decided_is_seen_when_looked_at(state: StateStore) -> None:
    time = [0.0]
    here = People(state.people, ACCESS, Trail(state.audit), clock=lambda: time[0])
    here.refresh()
    people_of(state).approve(3, by="cli:root")
    here.look_again()
    assert roles(here, 3, 3) == [Role.STRANGER], "many strangers at once cost one look"
    time[0] += 1
    here.look_again()
    assert roles(here, 3, 3) == [Role.USER]
    assert [each.telegram_id for each in here.untold()] == [3]
    here.note_told(here.untold()[0])
    assert here.untold() == people_of(state).untold() == []


def test_everyone_is_listed_who_waits_first_and_the_settings_marked(people: People) -> None:
    people.request(Subject(7, "等待"))
    people.approve(8, by=BY)
    people.approve(9, by=BY)
    people.set_role(9, Role.ADMIN, by=BY)
    people.approve(10, by=BY)
    people.remove(10, by=BY)
    listed = people.everyone()
    assert [each.telegram_id for each in listed] == [7, 1, 9, 2, 8, -5, 10]
    assert [each.telegram_id for each in listed if each.by_settings] == [1, 2, -5]
    assert [each.state for each in listed] == [PENDING, *["approved"] * 5, "removed"]


def test_codes_and_ids_say_who_is_meant(people: People) -> None:
    code = people.request(Subject(3)).code
    assert people.id_of(code.lower()) == 3
    assert people.id_of(" -100123 ") == -100123
    for wrong in ("", "0", "李四", "1" * 16, "１２３", "AAAAAA", "-", "--5"):
        with pytest.raises(UnknownPersonError):
            people.id_of(wrong)
    with pytest.raises(UnknownPersonError, match="yiju users list"):
        people.get(44)


def test_names_are_compared_as_they_are_kept(people: People) -> None:
    people.request(Subject(3, "李\n四", "li"))
    assert not people.met(Subject(3, "李 四", "li"))
    assert not people.met(Subject(4, "谁"))
    assert people.met(Subject(3, "李四", "li"))
    people.rename(Subject(3, "李四", "li"))
    assert people.get(3).name == "李四"
    assert not people.met(Subject(3, "李四", "li"))


def test_what_was_decided_is_in_the_audit(state: StateStore, people: People) -> None:
    people.request(Subject(-9, "办公室"), by=3)
    people.request(Subject(-9, "办公室"), by=4)
    people.approve(-9, by=BY, waiting_only=True)
    people.remove(-9, by="cli:root")
    assert [(entry.deed.actor, entry.deed.action, entry.deed.detail) for entry in state.audit.find()] == [
        ("cli:root", "access_removed", "-9 办公室"),
        ("telegram:1", "access_approved", "-9 办公室"),
        ("telegram:3", "access_requested", "-9 办公室"),
    ]


INNER = Clearance(frozenset({"内部"}))


def test_a_private_chat_sees_what_its_person_may_and_a_group_what_the_group_may(people: People) -> None:
    for telegram_id in (3, -9):
        people.request(Subject(telegram_id))
        people.approve(telegram_id, by=BY)
    people.set_clearance(3, INNER, by=BY)
    assert [people.clearance(chat) for chat in (3, -9, 4)] == [INNER, PUBLIC_ONLY, PUBLIC_ONLY]
    people.set_clearance(-9, INNER, by=BY)
    people.set_clearance(3, PUBLIC_ONLY, by=BY)
    assert [people.clearance(chat) for chat in (3, -9)] == [PUBLIC_ONLY, INNER]


def test_administrators_see_everything_alone_and_in_a_group_what_the_group_may(people: People) -> None:
    people.request(Subject(3))
    people.approve(3, by=BY)
    people.set_role(3, Role.ADMIN, by=BY)
    assert [people.clearance(chat) for chat in (1, 3, -5, -9)] == [EVERYTHING, EVERYTHING, PUBLIC_ONLY, PUBLIC_ONLY]


def test_whom_the_settings_name_can_be_cleared_too(people: People) -> None:
    member = people.set_clearance(2, INNER, by=BY)
    assert (member.clearance, member.by_settings, people.clearance(2)) == (INNER, True, INNER)
    assert people.set_clearance(-5, EVERYTHING, by=BY).clearance.stated() == ("*",)
    assert people.clearance(-5) == EVERYTHING


def test_only_who_is_let_in_can_be_cleared_and_a_removal_takes_it_for_good(people: People) -> None:
    people.request(Subject(3))
    for telegram_id in (3, 77):
        with pytest.raises(UnknownPersonError):
            people.set_clearance(telegram_id, INNER, by=BY)
    people.approve(3, by=BY)
    people.set_clearance(3, INNER, by=BY)
    people.remove(3, by=BY)
    assert people.clearance(3) == PUBLIC_ONLY
    people.approve(3, by=BY)
    assert people.clearance(3) == PUBLIC_ONLY


def test_a_clearance_is_seen_by_other_processes_and_moves_with_its_group(state: StateStore, people: People) -> None:
    other = people_of(state)
    people.set_clearance(-5, INNER, by=BY)
    other.refresh()
    assert other.clearance(-5) == INNER
    people.set_clearance(-5, PUBLIC_ONLY, by=BY)
    other.refresh()
    assert other.clearance(-5) == PUBLIC_ONLY
    people.approve(-9, by=BY)
    people.set_clearance(-9, INNER, by=BY)
    people.move(-9, -1009)
    assert people.clearance(-1009) == INNER


def test_a_change_of_clearance_is_in_the_audit(state: StateStore, people: People) -> None:
    people.set_clearance(2, INNER, by=BY)
    (entry,) = state.audit.find(action="clearance_set", limit=5)
    assert (entry.deed.actor, entry.deed.detail) == (BY, "2: 内部")
