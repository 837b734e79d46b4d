"""The town in which scenarios happen: a running program, people, groups, and what has to hold of all that was sent."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.telegram_scenarios.chats import Chat
from tests.telegram_scenarios.program import ADMINS, ALLOWED, GROUPS, TOKEN, Program
from tests.telegram_server.checks import is_message, problems
from tests.telegram_server.client import TelegramServer, running_server

# Loading the models may take its time on a busy machine.
_READY_SECONDS = 240.0


class Town:
    """Scenarios share the program and the server, never a person or a group."""

    def __init__(self, server: TelegramServer, program: Program) -> None:
        self.server = server
        self.program = program
        self.checked_messages = 0
        self._admins, self._allowed, self._groups = iter(ADMINS), iter(ALLOWED), iter(GROUPS)
        self._strangers = itertools.count(5_000_001)
        self._foreign_groups = itertools.count(-1_002_000_000_000, -1)
        self._sentinel = Chat(server, next(self._admins))
        self._tolerated: tuple[str, ...] = ()
        self._errors_allowed = False
        self._chats: list[Chat] = []

    def person(self) -> Chat:
        """The private chat of somebody who may ask."""
        return self._new(next(self._allowed))

    def administrator(self) -> Chat:
        """The private chat of an administrator."""
        return self._new(next(self._admins))

    def stranger(self) -> Chat:
        """The private chat of somebody nobody knows."""
        return self._new(next(self._strangers))

    def group(self, *, member: Chat | None = None, allowed: bool = True, topic: int | None = None) -> Chat:
        """A new group (or a topic of a new forum) as ``member`` sees it, by default a new stranger."""
        user = member.user if member else next(self._strangers)
        return self._new(user, next(self._groups) if allowed else next(self._foreign_groups), topic)

    def same_group(self, group: Chat, *, member: Chat | None = None, topic: int | None = None) -> Chat:
        """The group as another member sees it, or another topic of it."""
        return self._new(member.user if member else group.user, group.chat, topic)

    def tolerates(self, *descriptions: str) -> None:
        """In this scenario Telegram refuses calls for one of these reasons."""
        self._tolerated += descriptions

    def expects_errors(self) -> None:
        """In this scenario the program logs errors with their trace."""
        self._errors_allowed = True

    def menus(self) -> list[tuple[str, str, list[dict[str, str]]]]:
        """Each command menu: its scope as JSON, its language, the commands."""
        return [(scope, language, menu) for scope, language, menu in self.server.state()["commands"]]

    def settle(self) -> None:
        """Wait until the program has taken all that was sent to it, and could answer once more."""
        self._sentinel.says("/help")
        self._sentinel.expect_reply("/new")

    def wait_until_ready(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Wait until the program answers, or has ended."""
        self._sentinel.says("/help")
        deadline = time.monotonic() + _READY_SECONDS
        while not self._sentinel.unread(within=0.5):
            ended = process is not None and process.poll() is not None
            assert not ended and time.monotonic() < deadline, self.program.log.read_text(encoding="utf-8")[-4000:]
        self._sentinel.expect_reply("/new")

    @contextmanager
    def scenario(self) -> Iterator[Town]:
        """Watch over one scenario: what was sent is valid, everything sent was expected, nothing broke in the log."""
        self._tolerated, self._errors_allowed, self._chats = (), False, []
        first, logged = self.server.state()["calls"], self.program.log.stat().st_size
        yield self
        calls = self.server.calls_from(first, 0)
        self.checked_messages += sum(map(is_message, calls))
        watched = [call for call in calls if not _to_unknown_administrator(call)]
        wrong = [each for call in watched for each in problems(call, tolerated=self._tolerated)]
        assert not wrong, "\n".join(wrong)
        unread = [f"chat {chat.chat}: {message.get('text')!r}" for chat in self._chats for message in chat.unread()]
        assert not unread, "messages that nobody expected:\n" + "\n".join(unread)
        log = self.program.log.read_bytes()[logged:].decode()
        assert self._errors_allowed or "Traceback" not in log, log
        assert TOKEN.partition(":")[2] not in log

    def mend(self) -> None:
        """As it was before: no faults, no flood limits."""
        self.server.mend()
        self.server.limit_floods(None)

    def _new(self, *place: Any) -> Chat:
        chat = Chat(self.server, *place)
        self._chats.append(chat)
        return chat


def _to_unknown_administrator(call: dict[str, Any]) -> bool:
    """Word of a stranger to an administrator whom no scenario has used yet, so that Telegram does not know the chat."""
    to_administrator = call["method"] == "sendMessage" and int(call["params"].get("chat_id", 0)) in ADMINS
    return to_administrator and "chat not found" in str(call.get("description"))


@contextmanager
def open_town(folder: Path, models_dir: Path, *, command: str = "telegram", **settings: str) -> Iterator[Town]:
    """A town of its own: server, index over the samples, ``yiju telegram`` or another command with these settings."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(TOKEN) as server:
        program = Program(folder, server.base_url, models_dir, **settings)
        program.make_sources()
        indexed = program.run("index", "--json")
        assert indexed.returncode == 0, indexed.stderr
        with program.serving(command) as process:
            town = Town(server, program)
            town.wait_until_ready(process)
            yield town
