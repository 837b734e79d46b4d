"""Where the scenes are played: a `yiju telegram` process over a copy of the shipped samples, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.telegram_pictures.recording import Conversation, Person
from tests.telegram_scenarios.program import TOKEN, Program
from tests.telegram_server.client import TelegramServer, running_server

ADMIN, COLLEAGUE, NEWCOMER = Person(61_045_810, "王敏"), Person(72_830_164, "小陈"), Person(83_917_205, "小林")
GROUP, TOPIC = -1_001_730_452_886, 12


@dataclass(frozen=True, slots=True)
class Stage:
    """The running program with the server that it talks to."""

    server: TelegramServer
    program: Program

    def private(self, person: Person) -> Conversation:
        """The private chat of somebody with the bot."""
        return Conversation(self.server, person)

    def topic(self, person: Person) -> Conversation:
        """A topic of a group, as one member sees it."""
        return Conversation(self.server, person, GROUP, TOPIC)


@contextmanager
def open_stage(folder: Path, models_dir: Path) -> Iterator[Stage]:
    """Index the samples, start the program, and wait until it answers. Raises: RuntimeError: it does not index."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(TOKEN) as server:
        lists = {"YIJU_TELEGRAM__ADMIN_IDS": str(ADMIN.user_id), "YIJU_TELEGRAM__ALLOWED_IDS": ""}
        program = Program(folder, server.base_url, models_dir, **lists)
        program.make_sources()
        indexed = program.run("index", "--json")
        if indexed.returncode:
            raise RuntimeError(f"yiju index failed: {indexed.stderr}")
        with program.serving("telegram"):
            stage = Stage(server, program)
            admin = stage.private(ADMIN)
            admin.says("/help")
            admin.waits_for("/reindex")
            # The group first: who may ask anywhere does not ask for it.
            for chat in (stage.topic(COLLEAGUE), stage.private(COLLEAGUE)):
                chat.says("/start")
                admin.presses(admin.waits_for("有人申请使用", button="批准"), "批准")
                admin.waits_for("可以提问")
            yield stage
