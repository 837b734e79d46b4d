"""How often clients of the HTTP API may ask, and from which web pages."""

from __future__ import annotations

from pydantic import Field

from bot.settings_parts import Part


class LimitSettings(Part):
    """Requests a minute under /v1, and questions among them, by who sends them; 0: no limit.

    A key may stand for a whole channel with many people behind it; an account is one person; a guest is nobody known.
    """

    key_requests: int = Field(default=6000, ge=0, le=1_000_000)
    key_questions: int = Field(default=3000, ge=0, le=1_000_000)
    account_requests: int = Field(default=300, ge=0, le=1_000_000)
    account_questions: int = Field(default=30, ge=0, le=1_000_000)
    guest_requests: int = Field(default=60, ge=0, le=1_000_000)
    guest_questions: int = Field(default=10, ge=0, le=1_000_000)
