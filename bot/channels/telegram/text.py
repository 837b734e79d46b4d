"""Marked-up text for Telegram: runs of plain text with their marks, cut to length and written as HTML.

Text stays plain until the last moment, so a cut can never fall into a tag or an entity, and the plain form is always at
hand where HTML is refused. Knows nothing of answers or of the network.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

# Telegram refuses texts longer than 4096 UTF-16 units after entities are parsed; pieces stay below.
MAX_MESSAGE_UTF16 = 4095

# Where a long text may be cut, best first: after a paragraph, a line, a sentence with its closing quotes, a clause.
_CUTS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？!?…；;][”’」』）)》]*"),
    re.compile(r"[，、,：: ]"),
)
_ZERO_WIDTH_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Run:
    """Text under the same marks. ``link`` is an http(s) URL."""

    text: str
    bold: bool = False
    underline: bool = False
    italic: bool = False
    link: str | None = None


StyledText = tuple[Run, ...]


def utf16_length(text: str) -> int:
    """How Telegram counts: one for each code point, two above U+FFFF."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(runs: Sequence[Run]) -> str:
    """The text without its marks."""
    return "".join(run.text for run in runs)


def to_html(runs: Sequence[Run]) -> str:
    """The text in Telegram's HTML: balanced tags, ``& < > "`` escaped."""
    return "".join(_run_to_html(run) for run in runs if run.text)


def shorten(text: str, max_chars: int) -> str:
    """The text in one line of at most ``max_chars`` code points, the last an ellipsis where something is left out."""
    line = " ".join(text.split())
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"


def split(runs: Sequence[Run], *, max_utf16: int = MAX_MESSAGE_UTF16) -> list[StyledText]:
    """Pieces of at most ``max_utf16`` units that together are the text; [] for no text.

    A piece ends at a paragraph end where one lies in its last three quarters, else at a line, sentence or clause end,
    else between two characters that do not belong together. ``max_utf16`` must be at least 2.
    """
    text = plain(runs)
    pieces: list[StyledText] = []
    start = 0
    while start < len(text):
        end = start + _cut(text[start : start + max_utf16 + 1], max_utf16)
        pieces.append(tuple(_slice(runs, start, end)))
        start = end
    return pieces


def _run_to_html(run: Run) -> str:
    text = html.escape(run.text)
    for wanted, tag in ((run.italic, "i"), (run.underline, "u"), (run.bold, "b")):
        if wanted:
            text = f"<{tag}>{text}</{tag}>"
    if run.link is not None and run.link.startswith(("https://", "http://")):
        text = f'<a href="{html.escape(run.link)}">{text}</a>'
    return text


def _cut(window: str, max_utf16: int) -> int:
    """How many characters of the window go into the next piece, at least 1."""
    fits = _fitting_prefix(window, max_utf16)
    if fits == len(window):
        return fits
    for cuts in _CUTS:
        ends = [match.end() for match in cuts.finditer(window, 0, fits)]
        if ends and ends[-1] >= fits // 4:
            return ends[-1]
    cut = fits
    while cut > 1 and _belongs_to_previous(window[cut], window[cut - 1]):
        cut -= 1
    # A run of nothing but joined characters is cut in the middle rather than not at all.
    return cut if cut > 1 else fits


def _fitting_prefix(text: str, max_utf16: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > max_utf16:
            return max(index, 1)
    return len(text)


def _belongs_to_previous(character: str, previous: str) -> bool:
    joined = _ZERO_WIDTH_JOINER in {previous, character}
    return joined or unicodedata.category(character) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= character <= "\U0001f3ff"


def _slice(runs: Sequence[Run], start: int, end: int) -> Iterator[Run]:
    position = 0
    for run in runs:
        text = run.text[max(start - position, 0) : max(end - position, 0)]
        if text:
            yield replace(run, text=text)
        position += len(run.text)


def percent(share: float) -> str:
    """A share as people read it; never 100 % of what is not whole."""
    return f"{min(share * 100, 99.9 if share < 1 else 100):.3g}%"


def as_mapping(value: object) -> Mapping[str, Any]:
    """Fields by name of a mapping or a dataclass."""
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return {}
