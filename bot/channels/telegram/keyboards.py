"""The buttons below messages as they were set last: two who change them at the same time must not undo each other.

In memory, of the latest messages; of others what a pressed button comes with is right.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.telegram.requests import Button, Place

_MOST = 1000
Rows = Sequence[Sequence[Button]]


class Keyboards:
    """Buttons by chat and message; used from the event loop only."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], Rows] = {}

    def put(self, place: Place, message_id: int, rows: Rows) -> None:
        """Remember what hangs below a message from now on; the message changed longest ago is forgotten first."""
        key = (place.chat_id, message_id)
        self._rows.pop(key, None)
        self._rows[key] = rows
        if len(self._rows) > _MOST:
            self._rows.pop(next(iter(self._rows)))

    def forget(self, place: Place, message_ids: Sequence[int]) -> None:
        """The messages have become others."""
        for message_id in message_ids:
            self._rows.pop((place.chat_id, message_id), None)

    def get(self, place: Place, message_id: int) -> Rows | None:
        """What hangs below a message; None where that was not changed lately."""
        return self._rows.get((place.chat_id, message_id))
