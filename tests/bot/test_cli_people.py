"""`yiju users` and `yiju audit` over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import app
from bot.settings import Settings, load_settings
from bot.state.audit import Deed
from bot.state.people import Subject
from tests.bot.command_line import told, yiju

ADMIN, ALLOWED, GROUP = 11, 22, -1001


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "zhang")
    made = load_settings({"YIJU_TELEGRAM__ADMIN_IDS": f"{ADMIN}", "YIJU_TELEGRAM__ALLOWED_IDS": f"{ALLOWED},{GROUP}"})
    for module in ("users", "audit"):
        monkeypatch.setattr(f"bot.commands.{module}.settings_for", lambda: made)
    with structlog.testing.capture_logs():
        yield made


def ask_for_access(settings: Settings, subject: Subject) -> str:
    with app.open_people(settings) as people:
        return people.request(subject).code


def test_who_asked_is_approved_by_code_made_administrator_and_removed(settings: Settings) -> None:
    code = ask_for_access(settings, Subject(33, "李四", "lisi"))
    waiting = told("users", "list", "--state", "pending")["users"]
    approved = told("users", "approve", f"{code[:3].lower()}-{code[3:]}")
    admin = told("users", "role", "33", "admin")
    removed = told("users", "remove", "33")
    again = told("users", "approve", "33", "--admin")

    assert [(each["id"], each["name"], each["username"]) for each in waiting] == [(33, "李四", "lisi")]
    assert (approved["state"], approved["role"], approved["decided_by"]) == ("approved", "user", "cli:zhang")
    assert (admin["role"], removed["state"], removed["role"]) == ("admin", "removed", "user")
    assert (again["state"], again["role"]) == ("approved", "admin")


def test_everybody_is_listed_with_those_of_the_settings(settings: Settings) -> None:
    ask_for_access(settings, Subject(-7, "办公室"))
    listed = told("users", "list")["users"]
    shown = yiju("users", "list").stdout.splitlines()

    assert [(each["id"], each["by_settings"]) for each in listed] == [
        (-7, False),
        (ADMIN, True),
        (ALLOWED, True),
        (GROUP, True),
    ]
    assert shown[0] == "-7  群  等待批准  办公室"
    assert shown[1] == "11  用户  管理员  （设置指定）"
    assert [each["id"] for each in told("users", "groups")["groups"]] == [-7, GROUP]


def test_a_group_is_approved_by_its_id(settings: Settings) -> None:
    assert told("users", "approve", "-1009")["kind"] == "group"
    assert told("users", "remove", "-1009")["state"] == "removed"
    assert told("users", "role", "-1009", "admin", code=1)["error"]["code"] == "person_not_found"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("approve", "AAAAAA"), "person_not_found"),
        (("approve", "李四"), "person_not_found"),
        (("remove", "4711"), "person_not_found"),
        (("approve", f"{ADMIN}"), "set_by_settings"),
        (("remove", f"{GROUP}"), "set_by_settings"),
        (("role", f"{ALLOWED}", "admin"), "set_by_settings"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: tuple[str, ...], code: str) -> None:
    assert told("users", *arguments, code=1)["error"]["code"] == code


def test_approving_twice_is_told() -> None:
    told("users", "approve", "33")
    assert told("users", "approve", "33", code=1)["error"]["code"] == "already_decided"


def test_nobody_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.users.settings_for", lambda: load_settings({}))
    done = yiju("users", "list")
    assert (done.stdout, "yiju users approve" in done.stderr) == ("", True)


@pytest.mark.parametrize(
    "arguments", [["users", "role", "33", "king"], ["users", "approve"], ["audit", "--since", "?"]]
)
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    assert yiju(*arguments).exit_code == 2


def test_the_audit_shows_questions_and_decisions(settings: Settings) -> None:
    with app.open_audit(settings) as audit:
        audit.add(
            Deed(
                "telegram:33",
                "telegram",
                "question",
                "青石镇\n产值？",
                "telegram:-1001",
                "answered",
                ("d1",),
                "a1",
                12.4,
            )
        )
        audit.add(Deed("key:ab", "http", "question", "长" * 200, "key:ab", "not_found"))
    told("users", "approve", "33")
    entries = told("audit")["entries"]

    assert [(each["actor"], each["action"]) for each in entries] == [
        ("cli:zhang", "access_approved"),
        ("key:ab", "question"),
        ("telegram:33", "question"),
    ]
    assert entries[2]["sources"] == ["d1"]
    assert entries[2]["latency_ms"] == 12.4
    assert [each["actor"] for each in told("audit", "--user", "33")["entries"]] == ["telegram:33"]
    assert [each["actor"] for each in told("audit", "--user", "cli:zhang")["entries"]] == ["cli:zhang"]
    assert len(told("audit", "--action", "question", "--limit", "1")["entries"]) == 1
    lines = yiju("audit", "--since", "1h").stdout.splitlines()
    assert lines[2].endswith("telegram:33  question  青石镇 产值？  answered  d1  12 ms")
    assert "…" in lines[1]


def test_the_audit_is_asked_from_a_moment_on(settings: Settings) -> None:
    with app.open_audit(settings) as audit:
        audit.add(Deed("local", "http", "question", "问？"))
    assert len(told("audit", "--since", "7d")["entries"]) == 1
    assert told("audit", "--since", "2999-01-01")["entries"] == []
    done = yiju("audit", "--since", "2999-01-01T08:00")
    assert (done.stdout, done.stderr) == ("", "没有记录。\n")


def test_what_somebody_may_see_is_set_listed_and_taken_back(settings: Settings) -> None:
    assert told("users", "clearance", f"{ALLOWED}", "内部，党组")["clearance"] == ["党组", "内部"]
    assert told("users", "clearance", f"{GROUP}", "*")["clearance"] == ["*"]
    lines = yiju("users", "list").stdout.splitlines()
    assert [line for line in lines if "可看" in line] == [
        f"{ALLOWED}  用户  可以提问  可看：党组、内部  （设置指定）",
        f"{GROUP}  群  可以提问  可看：*  （设置指定）",
    ]
    assert told("users", "clearance", f"{ALLOWED}", "public")["clearance"] == []
    assert told("users", "clearance", "4711", "内部", code=1)["error"]["code"] == "person_not_found"
    assert yiju("users", "clearance", f"{ALLOWED}", "内部/资料").exit_code == 2
