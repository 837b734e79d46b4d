"""What the channel's smaller parts keep to: remembered chats, the poller's lock, access."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.errors import SecondPollerError
from bot.channels.telegram.lock import single_poller
from bot.channels.telegram.phrases import SIMPLIFIED
from bot.channels.telegram.requests import Access, Button, Place, Role
from bot.uploads import SUFFIXES

TOKEN = "123456789:AAE-test_TOKEN_that-nobody_has"


def test_chats_are_remembered(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path / "new" / "chats.json")
    memory.set_language("1", "zh-Hant")
    chat = memory.get("1")
    assert ChatMemory(tmp_path / "new" / "chats.json").get("1") == chat
    assert chat.language == "zh-Hant"


def test_asking_for_the_language_remembers_nobody(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path / "chats.json")

    assert memory.language("1") is None
    assert not (tmp_path / "chats.json").exists()


def test_a_new_conversation_keeps_the_language(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path / "chats.json")
    memory.set_language("1", "en")
    before = memory.get("1")
    memory.start_conversation("1")
    assert memory.get("1").language == "en"
    assert memory.get("1").conversation_id != before.conversation_id


def test_conversation_ids_fit_the_contract_and_cannot_be_guessed(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path / "chats.json")
    ids = {memory.get(str(number)).conversation_id for number in range(50)}
    assert len(ids) == 50
    assert all(len(each) <= 64 and each.replace("-", "").replace("_", "").isalnum() for each in ids)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"1": 3}', '{"1": {"language": "en"}}', "\x00\xff"])
def test_a_damaged_memory_is_put_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "chats.json"
    path.write_text(content, encoding="latin-1")
    memory = ChatMemory(path)
    memory.set_language("1", "en")
    assert ChatMemory(path).get("1").language == "en"
    assert path.with_name("chats.json.damaged").read_text(encoding="latin-1") == content


def test_an_unknown_language_in_the_memory_is_none(tmp_path: Path) -> None:
    path = tmp_path / "chats.json"
    path.write_text('{"1": {"conversation_id": "c", "language": "tlh"}}', encoding="utf-8")
    assert ChatMemory(path).get("1").language is None


def test_a_memory_that_cannot_be_written_still_serves(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    memory = ChatMemory(tmp_path / "file" / "chats.json")
    memory.set_language("1", "en")
    assert memory.get("1").language == "en"


def test_one_poller_a_token(tmp_path: Path) -> None:
    with single_poller(tmp_path, TOKEN):
        with pytest.raises(SecondPollerError, match="another token") as caught, single_poller(tmp_path, TOKEN):
            pass
        with single_poller(tmp_path, "2:other"):
            pass
    assert TOKEN not in str(caught.value)
    with single_poller(tmp_path, TOKEN):
        assert [TOKEN in path.name for path in tmp_path.iterdir()] == [False] * 2


@pytest.mark.parametrize(
    ("user_id", "chat_id", "expected"),
    [
        (1, 1, Role.ADMIN),
        (1, -9, Role.ADMIN),
        (2, 2, Role.USER),
        (2, -9, Role.USER),
        (3, 3, Role.STRANGER),
        (3, -5, Role.USER),
        (3, -9, Role.STRANGER),
        (None, -5, Role.USER),
        (None, -9, Role.STRANGER),
    ],
)
def test_roles_follow_users_and_groups(user_id: int | None, chat_id: int, expected: Role) -> None:
    access = Access(admin_ids=frozenset({1}), allowed_ids=frozenset({2, -5}))
    assert access.role(user_id=user_id, chat_id=chat_id) is expected


def test_open_access_makes_users_of_all() -> None:
    access = Access(admin_ids=frozenset({1}), open_to_all=True)
    assert [access.role(user_id=user, chat_id=-9) for user in (1, 7, None)] == [Role.ADMIN, Role.USER, Role.USER]


def test_owner_names_chat_and_topic() -> None:
    assert Place(-7).owner == "telegram:-7"
    assert Place(-7, 3).owner == "telegram:-7:3"


@pytest.mark.parametrize(("data", "fits"), [("", False), ("x" * 64, True), ("x" * 65, False), ("字" * 22, False)])
def test_button_data_is_counted_in_bytes(data: str, fits: bool) -> None:
    assert Button("按", data).fits is fits


def test_every_command_and_file_type_has_its_place_in_the_docs(project_dir: Path) -> None:
    page = (project_dir / "docs" / "telegram.md").read_text(encoding="utf-8")
    assert [name for name in SIMPLIFIED.command_menu if f"`/{name}" not in page] == []
    assert [suffix for suffix in SUFFIXES if f"`{suffix}`" not in page] == []
