"""Who did what: the port by which administration says so. Without a table behind it, the log keeps it."""

from __future__ import annotations

from typing import Protocol

import structlog


class Trail(Protocol):
    """Keeps what administrators do."""

    def record(self, by: str, action: str, detail: str) -> None:
        """``by``: such as ``telegram:7``; ``action``: a name of ours; ``detail``: what it was done to."""
        ...


class LogTrail:
    """A line in the log for each action."""

    def __init__(self) -> None:
        self._log = structlog.get_logger(__name__)

    def record(self, by: str, action: str, detail: str) -> None:
        """Log it."""
        self._log.info("admin_action", by=by, action=action, detail=detail)
