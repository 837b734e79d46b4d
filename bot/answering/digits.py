"""The last check before an answer leaves: no digit may reach a reader that is not in a cited passage."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARKER = re.compile(r"\[\d+\]")


def unsupported_numbers(answer: str, passages: Iterable[str], *, allowed: Iterable[str] = ()) -> list[str]:
    """The numbers of ``answer`` that stand in no passage; [] where all are covered.

    Markers such as [1] do not count, nor do the ``allowed`` strings (dates of the cited documents). A number is whole:
    5 is not covered by 75. Compared in NFKC, so that ５ and 5 are one.
    """
    plain = unicodedata.normalize("NFKC", answer)
    for text in sorted(allowed, key=len, reverse=True):
        plain = plain.replace(unicodedata.normalize("NFKC", text), " ")
    plain = _MARKER.sub(" ", plain)
    held = {number for passage in passages for number in _NUMBER.findall(unicodedata.normalize("NFKC", passage))}
    return [number for number in _NUMBER.findall(plain) if number not in held]
