"""Which script or language a question is in, so that its frame can be in the same. Quotes are never converted."""

from __future__ import annotations

import re
from typing import Literal

from corpus.folding import fold

Language = Literal["zh-Hans", "zh-Hant", "en"]

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_LETTER = re.compile(r"[A-Za-z]")


def question_language(question: str) -> Language:
    """Traditional where folding changes a Chinese character, English where there are letters and no Chinese."""
    characters = _HAN.findall(question)
    if not characters:
        return "en" if _LETTER.search(question) else "zh-Hans"
    return "zh-Hant" if any(fold(character) != character for character in characters) else "zh-Hans"
