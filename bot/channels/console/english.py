"""The console's words in English, by the simplified text."""

from __future__ import annotations

from typing import Final

ENGLISH: Final[dict[str, str]] = {}
