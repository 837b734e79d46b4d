"""What tests of the console share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.channels.console.desk import Desk, opened_desk
from tests.bot.index_place import Place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    """The console before the first index: two documents lie in the corpus."""
    with opened_desk(place) as opened:
        yield opened


@pytest.fixture
def indexed(desk: Desk) -> Desk:
    """The console over an index of those two."""
    desk.place.index()
    return desk
