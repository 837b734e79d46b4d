"""`yiju accounts` and `yiju keys` over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import app
from bot.settings import Settings, load_settings
from tests.bot.command_line import told

PASSWORD = "今天天气真不错啊我们去公园"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "zhang")
    made = load_settings({"YIJU_HTTP__PUBLIC_URL": "https://ask.example.org"})
    for module in ("accounts", "keys"):
        monkeypatch.setattr(f"bot.commands.{module}.settings_for", lambda: made)
    with structlog.testing.capture_logs():
        yield made


def test_an_account_is_made_changed_and_disabled(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")

    boss = told("accounts", "create", "王芳", "--role", "admin", "--password-file", str(file))
    linked = told("accounts", "create", "李四", "--clearance", "内部，机密", "--link")
    role = told("accounts", "role", "李四", "editor")
    clearance = told("accounts", "clearance", "李四", "*")
    disabled = told("accounts", "disable", "李四")

    assert (boss["role"], boss["has_password"], boss["created_by"]) == ("admin", True, "cli:zhang")
    assert (linked["clearance"], linked["has_password"]) == (["内部", "机密"], False)
    assert linked["link"].startswith("https://ask.example.org/login/link?token=")
    assert (role["role"], clearance["clearance"], disabled["disabled_at"] is not None) == ("editor", ["*"], True)
    assert {each["name"] for each in told("accounts", "list")["accounts"]} == {"王芳", "李四"}
    with app.open_audit(settings) as audit:
        said = [(entry.deed.action, entry.deed.actor) for entry in audit.find()]
    assert ("account_disabled", "cli:zhang") in said
    assert PASSWORD not in repr(said)


def test_a_key_ends_and_sees_what_was_said(settings: Settings) -> None:
    made = told("keys", "create", "门户", "--scope", "ask", "--expires", "90", "--clearance", "内部")
    (listed,) = told("keys", "list")["keys"]
    told("keys", "revoke", "门户")

    assert (made["clearance"], made["expires_at"] is not None) == (["内部"], True)
    assert "key" not in listed
    with app.open_audit(settings) as audit:
        assert [entry.deed.action for entry in audit.find()] == ["key_revoked", "key_created"]
