"""Which script or language a question is in, so that its frame can be in the same. Quotes are never converted."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from corpus.folding import fold

Language = Literal["zh-Hans", "zh-Hant", "en"]

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_LETTER = re.compile(r"[A-Za-z]")
# An English question may name a Chinese place: its first word says what it is.
_ENGLISH_OPENING = re.compile(
    r"\s*(?:how|what|who|whom|whose|when|where|which|why|is|are|was|were|do|does|did|can|could|has|have|had|will|would"
    r"|should|please|tell|list|name|in|on|at|according)[ ,']+[a-z]",
    re.IGNORECASE | re.ASCII,
)


def question_language(question: str) -> Language:
    """Traditional where folding changes a Chinese character, English where it opens so or has no Chinese at all."""
    if _ENGLISH_OPENING.match(question):
        return "en"
    characters = _HAN.findall(question)
    if not characters:
        return "en" if _LETTER.search(question) else "zh-Hans"
    return "zh-Hant" if any(fold(character) != character for character in characters) else "zh-Hans"


def day_in(language: Language, day: date) -> str:
    """A date as people write it there."""
    return day.isoformat() if language == "en" else f"{day.year}年{day.month}月{day.day}日"
