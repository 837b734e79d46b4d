"""What tests of channels share: a Bot API server with a Telegram channel in front of fakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.bot.channels.telegram.world import TOKEN, World
from tests.telegram_server.client import local_server


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """What was logged; nothing is rendered, since that is done in other threads than the test's."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def world(tmp_path: Path, logs: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A Bot API server and a channel that is not running yet; it need not spare a server without limits."""
    monkeypatch.setattr("bot.channels.telegram.limits._CHAT", (1000, 1.0))
    monkeypatch.setattr("bot.channels.telegram.limits._GROUP", (1000, 1.0))
    with local_server(TOKEN) as server:
        yield World(server, tmp_path)


@pytest.fixture
def live(world: World) -> Iterator[World]:
    """The same with the channel running."""
    with world.running():
        yield world
