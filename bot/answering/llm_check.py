"""Whether what a language model wrote may be said: sentence by sentence, each by the passages that it cites.

One sentence that may not be said is enough to say none of it: what is left out may be what the rest depends on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.answering.llm_prompt import CANNOT
from bot.answering.support import support_of

MAX_CHARS = 2000
MAX_SENTENCES = 10
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_MARKERS = r"(?:\s*\[\d{1,3}\])"
# A sentence with the markers after its full stop or, as many write, before it.
_SENTENCE = re.compile(
    rf"(?P<words>[^。！？!?\n]*?)(?P<inside>{_MARKERS}*)(?P<end>[。！？!?]+[”」』）)]*|\n|\Z)(?P<after>{_MARKERS}*)"
)
_MARKER = re.compile(r"\[(\d{1,3})\]")
_MARKUP = re.compile(r"[<>`*#|\\{}\[\]_~^]|://|www\.|^\s*(?:[-+•]|\d+[.、)])\s|&\w+;", re.IGNORECASE)


class Verdict(StrEnum):
    """What is wrong with a text, if anything."""

    FINE = "fine"
    CANNOT = "cannot"
    TOO_LONG = "too_long"
    MARKUP = "markup"
    UNCITED = "uncited"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Checked:
    """The text as it may be said, "" where it may not; why not; and the sentence that it fell by."""

    text: str
    verdict: Verdict
    sentence: str = ""


def checked(written: str, passages: Mapping[int, str]) -> Checked:
    """What may be said of ``written``; ``passages`` by the numbers that it may cite."""
    text = _THOUGHTS.sub("", written).strip()
    if not text or text.rstrip("。. ") == CANNOT:
        return Checked("", Verdict.CANNOT)
    if len(text) > MAX_CHARS:
        return Checked("", Verdict.TOO_LONG)
    said: list[str] = []
    for match in _SENTENCE.finditer(text):
        if not match[0].strip():
            continue
        words = _MARKER.sub("", match["words"]).strip()
        numbers = list(dict.fromkeys(int(number) for number in _MARKER.findall(match[0])))
        verdict = _verdict(words, numbers, passages)
        if verdict is not Verdict.FINE:
            return Checked("", verdict, words)
        said.append(f"{words}{match['end'].strip() or '。'}" + "".join(f"[{number}]" for number in numbers))
    if len(said) > MAX_SENTENCES:
        return Checked("", Verdict.TOO_LONG)
    return Checked("".join(said), Verdict.FINE)


def _verdict(words: str, numbers: list[int], passages: Mapping[int, str]) -> Verdict:
    if _MARKUP.search(words) or any(unicodedata.category(mark) in {"Cc", "Cf", "Co", "Cs"} for mark in words):
        return Verdict.MARKUP
    if not words or not numbers or any(number not in passages for number in numbers):
        return Verdict.UNCITED
    held = [passages[number] for number in numbers]
    return Verdict.FINE if support_of(words, held).holds else Verdict.UNSUPPORTED
