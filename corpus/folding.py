"""Folds text for matching: NFKC, Traditional to Simplified, lower case. What is shown is never folded.

Numerals, synonyms and pinyin are not its business; retrieval adds those.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import cast

# Lower-casing that depends on neighbours or changes the length; such text is lower-cased by character.
_CONTEXTUAL_CASE = ("Σ", "İ")


def fold(text: str) -> str:
    """The text as it is compared: full width made half, Traditional made Simplified, capitals made small."""
    return _lower(_to_simplified(unicodedata.normalize("NFKC", text)))


def fold_title(text: str) -> str:
    """A title's letters and digits alone, folded: equal for titles that differ in spacing, punctuation or script."""
    return "".join(character for character in fold(text) if character.isalnum())


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Folded text with the way back: the same string as ``fold`` gives, and where each of its characters comes from.

    Returns: (folded, offsets), ``len(offsets) == len(folded) + 1``; ``offsets[i]`` is where in ``text`` the character
    behind ``folded[i]`` begins, the last one is ``len(text)``. Offsets never decrease.
    """
    simplified, offsets = simplify_with_offsets(text)
    if _lower(simplified) != simplified:
        pairs = zip(simplified, offsets[:-1], strict=True)
        offsets = [*(offset for character, offset in pairs for _ in character.lower()), len(text)]
    return _lower(simplified), offsets


def simplify_with_offsets(text: str) -> tuple[str, list[int]]:
    """As ``fold_with_offsets``, but capitals stay: the text as a language model reads it."""
    normal, normal_offsets = _normalise_with_offsets(text)
    simplified = _to_simplified(normal)
    return simplified, [*_carry(normal, simplified, normal_offsets), len(text)]


def _normalise_with_offsets(text: str) -> tuple[str, list[int]]:
    """NFKC by runs that cannot compose with their neighbours, so that each result character has an origin."""
    whole = unicodedata.normalize("NFKC", text)
    if whole == text:
        return text, list(range(len(text)))
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _may_compose(text[end]):
            continue
        piece = unicodedata.normalize("NFKC", text[start:end])
        pieces.append(piece)
        offsets.extend([start] * len(piece) if len(piece) != end - start else range(start, end))
        start = end
    joined = "".join(pieces)
    return (joined, offsets) if joined == whole else (whole, _carry(joined, whole, offsets))


def _may_compose(character: str) -> bool:
    """Whether the character may merge with the one before it: a combining mark, a Hangul vowel or final."""
    if character < "\u0300":
        return False
    if unicodedata.combining(character) or "\u1160" <= character <= "\u11ff":
        return True
    # Half-width voicing marks and the like turn into combining marks.
    decomposed = unicodedata.normalize("NFKD", character)
    return bool(unicodedata.combining(decomposed[0])) or "\u1160" <= decomposed[0] <= "\u11ff"


def _carry(before: str, after: str, offsets: list[int]) -> list[int]:
    """Offsets of ``after``, made from ``before`` one to one or, where a phrase changed its length, by alignment."""
    if len(before) == len(after):
        return offsets
    carried: list[int] = []
    for tag, low, high, after_low, after_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            carried.extend(offsets[low:high])
            continue
        here = offsets[low] if low < len(offsets) else (offsets[-1] if offsets else 0)
        for position in range(after_high - after_low):
            carried.append(offsets[low + position] if position < high - low else here)
    for index in range(1, len(carried)):
        carried[index] = max(carried[index], carried[index - 1])
    return carried


def _lower(text: str) -> str:
    if any(character in text for character in _CONTEXTUAL_CASE):
        return "".join(character.lower() for character in text)
    return text.lower()


def _to_simplified(text: str) -> str:
    return text if text.isascii() else _converter()(text)


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    """OpenCC's t2s. Loaded by name on first use: importing this module must stay cheap."""
    convert = importlib.import_module("opencc").OpenCC("t2s").convert
    # Lone surrogates cannot pass into the C++ library; such text only ever comes from broken JSON escapes.
    return cast("Callable[[str], str]", lambda text: convert(text) if _encodable(text) else text)


def to_traditional(text: str) -> str:
    """Simplified characters as traditional ones; for words of ours, never for what a document says."""
    return text if text.isascii() else _traditional()(text)


@lru_cache(maxsize=1)
def _traditional() -> Callable[[str], str]:
    return cast("Callable[[str], str]", importlib.import_module("opencc").OpenCC("s2t").convert)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
