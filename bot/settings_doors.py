"""The groups of settings about who signs in at the web and how long that holds."""

from __future__ import annotations

from pydantic import Field

from bot.settings_parts import Part


class SessionSettings(Part):
    """How long somebody stays signed in: after the last use, and in all."""

    idle_hours: int = Field(default=12, ge=1, le=24 * 366)
    days: int = Field(default=7, ge=1, le=366)
