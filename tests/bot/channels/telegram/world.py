"""A channel with fakes behind it, running against a Bot API server, and what tests need of both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.access import Access
from bot.audit import Trail
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.inbox import InboxStore
from bot.channels.telegram.ports import ChannelOptions, ChannelServices
from bot.feedback import Feedback
from bot.notifications import Notifications
from bot.people import People
from bot.state.store import StateStore
from corpus.database import open_database
from tests.bot.channels.telegram.admin_fakes import FakeAdministration
from tests.bot.channels.telegram.fakes import FakeRelated, FakeService, FakeShown
from tests.telegram_server.client import TelegramServer

TOKEN = "123456789:AAE-test_TOKEN_that-nobody_has"
ADMIN, USER, STRANGER, GROUP, OTHER_GROUP = 11, 22, 33, -1001, -1002
ACCESS = Access(admin_ids=frozenset({ADMIN}), allowed_ids=frozenset({USER, GROUP}))


class Running:
    """A channel in a thread of its own."""

    def __init__(self, channel: TelegramChannel) -> None:
        self.error: BaseException | None = None
        self._channel = channel
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._channel.run(self._stop))
        except BaseException as error:  # noqa: BLE001 - tests look at it
            self.error = error
        finally:
            self._loop.close()

    def ended(self, within: float = 20) -> BaseException | None:
        """Wait for its end; the error it ended with."""
        self._thread.join(within)
        assert not self._thread.is_alive(), "the channel still runs"
        return self.error

    def ask_to_stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        self.ask_to_stop()
        self.ended()


@cache
def _empty_database() -> bytes:
    """With all tables: made once, as migrations take longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "yiju.db"
        engine = open_database(f"sqlite:///{path}")
        StateStore(engine).migrate()
        engine.dispose()
        return path.read_bytes()


class World:
    """A server, a channel with fakes behind it, and what tests need of both."""

    def __init__(self, server: TelegramServer, state_dir: Path) -> None:
        self.server = server
        self.service = FakeService()
        self.admin = FakeAdministration()
        state_dir.mkdir(parents=True, exist_ok=True)
        (state_dir / "yiju.db").write_bytes(_empty_database())
        self.engine = open_database(f"sqlite:///{state_dir / 'yiju.db'}")
        self.state = StateStore(self.engine)
        self.inbox: InboxStore = self.state.inbox
        self.audit = self.state.audit
        self.records = self.state.people
        self.notifications = Notifications(
            self.state.kept_questions,
            self.state.answers,
            passage=lambda passage_id, clearance: self.service.passage(passage_id, clearance=clearance),
            per_user=7,
        )
        self.related = FakeRelated()
        self.shown = FakeShown()
        self.options = ChannelOptions(
            token=TOKEN,
            state_dir=state_dir,
            base_url=server.base_url,
            poll_timeout_seconds=5,
            typing_interval_seconds=0.3,
            edit_interval_seconds=0.2,
            job_poll_seconds=0.05,
            people_poll_seconds=0.1,
            notice_seconds=0.05,
            inline_wait_seconds=0.3,
        )

    def people(self, access: Access = ACCESS) -> People:
        """Who may do what, as another process would see it."""
        return People(self.records, access, Trail(self.audit))

    def services(self, access: Access = ACCESS) -> ChannelServices:
        """Everything behind a channel."""
        return ChannelServices(
            service=self.service,
            administration=self.admin,
            people=self.people(access),
            related=self.related,
            shown=self.shown,
            inbox=self.inbox,
            notifications=self.notifications,
            feedback=Feedback(self.state.ratings),
        )

    def channel(self, *, access: Access = ACCESS, **changes: Any) -> TelegramChannel:
        return TelegramChannel(replace(self.options, **changes), self.services(access))

    @contextmanager
    def running(self, **changes: Any) -> Iterator[Running]:
        running = Running(self.channel(**changes))
        try:
            yield running
        finally:
            self.service.gate.set()
            running.stop()
