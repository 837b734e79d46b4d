"""How the HTTP server bears load and how it stops."""

from __future__ import annotations

from pydantic import Field

from bot.settings_parts import Part


class ServingSettings(Part):
    """How many questions wait in line, how long a request may take, how the server stops.

    ``drain_seconds``: how long it says that it is not ready, and still answers, before it takes no more.
    ``grace_seconds``: how long it then finishes what has begun.
    """

    waiting: int = Field(default=32, ge=0, le=10_000)
    timeout_seconds: float = Field(default=30, ge=1, le=600)
    drain_seconds: float = Field(default=0, ge=0, le=300)
    grace_seconds: float = Field(default=10, ge=1, le=600)
