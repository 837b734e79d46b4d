"""The one folding that evaluation compares texts by, and what it means that a reference occurs in a text.

Kept apart from the folding that retrieval matches with: a change there must not move the yardstick.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NewType, Protocol

Folded = NewType("Folded", str)

_MINUS_SIGNS = frozenset("-\N{MINUS SIGN}")
_KEPT_PUNCTUATION = frozenset("%‰")
# Z: white space of all kinds; P: punctuation; Cc and Cf: line ends, tabs and invisible characters such as U+200B.
_REMOVED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Cc", "Cf"})


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


def fold(text: str) -> Folded:
    """Fold for comparison: NFKC, Traditional to Simplified, white space and punctuation removed.

    Kept: ``.`` between two digits, ``%``, ``‰``, and a minus right before a digit (written ``-`` or U+2212, folded to
    ``-``), so that 5.0, 3-5 and -2% stay what they are. Neighbours are those of the text as written, before removal.
    Symbols (Unicode S: ``+``, ``~``, ``°``) are not punctuation. Letter case is kept.
    """
    # A lone surrogate (from a broken JSON escape) is no character, and OpenCC takes none: it becomes "?".
    normal = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))
    simplified = _traditional_to_simplified().convert(normal)
    kept: list[str] = []
    for position, character in enumerate(simplified):
        before = simplified[position - 1] if position else ""
        after = simplified[position + 1 : position + 2]
        if character in _MINUS_SIGNS:
            if after.isdecimal():
                kept.append("-")
        elif character == ".":
            if before.isdecimal() and after.isdecimal():
                kept.append(character)
        elif character in _KEPT_PUNCTUATION or unicodedata.category(character) not in _REMOVED_CATEGORIES:
            kept.append(character)
    return Folded("".join(kept))


def occurs(reference: Folded, text: Folded) -> bool:
    """Whether the reference stands in the text without cutting a number: 5万元 does not occur in 75万元 or 1.5万元.

    An empty reference (nothing but punctuation) occurs nowhere.
    """
    if not reference:
        return False
    start = text.find(reference)
    while start >= 0:
        end = start + len(reference)
        if not (_number_goes_on(text, start, -1) or _number_goes_on(text, end - 1, 1)):
            return True
        start = text.find(reference, start + 1)
    return False


def _number_goes_on(text: str, edge: int, step: int) -> bool:
    """Whether the character at ``edge`` is a digit and the next one outwards a digit or a ``.`` beside one."""
    outside = edge + step
    if not text[edge].isdecimal() or not 0 <= outside < len(text):
        return False
    # The edge itself is a digit, so a "." that touches it is beside a digit.
    return text[outside].isdecimal() or text[outside] == "."


@lru_cache(maxsize=1)
def _traditional_to_simplified() -> _Converter:
    from opencc import OpenCC  # noqa: PLC0415  loaded only when an evaluation runs

    converter: _Converter = OpenCC("t2s")
    return converter
