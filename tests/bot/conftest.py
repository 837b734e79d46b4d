"""What tests of the bot share: the HTTP application over fakes, and a small indexed corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.http_site import Site, opened_site
from tests.bot.index_place import Place, opened_place


@pytest.fixture
def site() -> Iterator[Site]:
    """The HTTP application over fakes."""
    with opened_site() as opened:
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A data folder with a small corpus, indexed without a real model."""
    with opened_place(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def same_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that lowers the priority of its process must not do so to all tests after it."""
    monkeypatch.setattr("bot.commands.build_index.lower_priority", lambda: None)
