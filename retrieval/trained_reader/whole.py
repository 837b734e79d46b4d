"""Widens a run of text to whole words: numbers with unit and qualifier, names, paired marks; trims what is no word.

Each rule is a small function over folded text and ``(start, end)`` in it, so that each can be measured and left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from corpus.folding import fold_with_offsets
from retrieval.reading.dates import dates
from retrieval.reading.names import people
from retrieval.reading.quantities import Quantity, quantities

Run = tuple[int, int]
Rule = Callable[[str, int, int], Run]

_PAIRS = ("《》", "“”", "「」", "『』", "()", "（）", "‘’", "【】")
_OPENERS = {pair[0]: pair[1] for pair in _PAIRS}
_CLOSERS = {pair[1]: pair[0] for pair in _PAIRS}
_FARTHEST_PARTNER = 40
_EDGE_MARKS = frozenset(" \t\n\r\u3000,，.。;；:：、!！?？·-—~")
# “的” before a word belongs to the words before it; “的士” does not.
_PARTICLE = re.compile(r"(?:的(?![士确黎])|了(?![解不如])|着(?![陆力手重眼装]))")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMERAL = re.compile(
    r"(?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])|[0-9]+(?:[.,:][0-9]+)*|[0-9零〇一二两三四五六七八九十百千万亿]*[0-9十百千万亿]+"
)
_LATIN = re.compile(r"[a-z][a-z0-9'’]*(?:[-.&][a-z0-9]+)*")
_AFTER = re.compile(r"(?:[多余](?=$)|左右$|上下$|以上$|以下$|以内$|之多$)")
_CALENDAR = re.compile(r"[年月日号]份?")
# Longer ones are transcribed, and where those end cannot be told.
_LONGEST_NAME = 4
_RANGE = re.compile(r"[至到~—–-]")
_MOST_ROUNDS = 4


def whole(text: str, start: int, end: int, rules: Sequence[Rule] | None = None) -> Run:
    """The run with its words made whole; every rule is applied until nothing changes.

    ``text`` is as printed and offsets count in it. Nothing but marks and space is never cut to nothing.
    """
    folded, offsets = _folded(text)
    low, high = bisect_right(offsets, start) - 1, bisect_left(offsets, end)
    low, high = min(low, len(folded)), min(high, len(folded))
    if low >= high:
        return start, end
    for _ in range(_MOST_ROUNDS):
        before = low, high
        for rule in RULES if rules is None else rules:
            low, high = rule(folded, low, high)
        if (low, high) == before:
            break
    return offsets[low], offsets[high]


def trimmed(text: str, start: int, end: int) -> Run:
    """Without marks at its edges; a sign before a number stays, and the full stop inside one."""
    low, high = start, end
    while low < high and text[low] in _EDGE_MARKS and not _is_sign(text, low):
        low += 1
    while high > low and text[high - 1] in _EDGE_MARKS:
        high -= 1
    return (low, high) if low < high else (start, end)


def without_particle(text: str, start: int, end: int) -> Run:
    """Without 的, 了, 着 at its beginning and 的 at its end: they join it to other words."""
    if end - start > 2 and text[end - 1] == "的" and text[end - 2] not in "目有是" and _HAN.match(text, end):
        end -= 1
    match = _PARTICLE.match(text, start, end)
    return (match.end(), end) if match and match.end() < end and start > 0 else (start, end)


def whole_numeral(text: str, start: int, end: int) -> Run:
    """Never half a number: 1.3亿 is not cut to 3亿 or 1, nor a telephone number after its area code."""
    return _covering(_numerals(text), start, end)


def whole_latin(text: str, start: int, end: int) -> Run:
    """Never half a Latin word."""
    return _covering(_latin_words(text), start, end)


def whole_amount(text: str, start: int, end: int) -> Run:
    """A number with its unit: “8600” of “8600万元” is widened, where the run touches its number."""
    for quantity in _quantities(text):
        number_end = _without_after(text, quantity)
        # The other end of a range is another amount.
        further = _RANGE.search(text, end, number_end) if end < number_end else None
        if start < number_end and end > quantity.number_start and not further:
            start, end = min(start, quantity.number_start), max(end, number_end)
    if end < len(text) and text[end] in "%‰" and text[end - 1].isdigit():
        end += 1
    if start > 0 and text[start].isdigit() and _is_sign(text, start - 1):
        start -= 1
    return start, end


def with_qualifier(text: str, start: int, end: int) -> Run:
    """An amount at an edge with what qualifies it: 约, 近, 超过 before, 多, 左右, 以上 after."""
    for quantity in _quantities(text):
        if quantity.number_start == start:
            start = quantity.start
        if _without_after(text, quantity) == end:
            end = quantity.end
    return start, end


def whole_date(text: str, start: int, end: int) -> Run:
    """A date that ends with its 年, 月 or 日, and whose number is not cut."""
    for low, high in _dates(text):
        if low < end < high and (match := _CALENDAR.match(text, end)) and text[end - 1].isdigit():
            end = min(match.end(), high)
    return start, end


def whole_person(text: str, start: int, end: int) -> Run:
    """Never half a person's name, where the name can be told."""
    return _covering(_people(text), start, end)


def paired(text: str, start: int, end: int) -> Run:
    """A mark at an edge whose partner is missing is dropped; inside, the run is widened to the partner."""
    opened: list[int] = []
    for position in range(start, end):
        character = text[position]
        if character in _OPENERS:
            opened.append(position)
        elif character in _CLOSERS and opened and text[opened[-1]] == _CLOSERS[character]:
            opened.pop()
        elif character in _CLOSERS:
            return _with_opener(text, start, end, position)
    return _with_closer(text, start, end, opened[0]) if opened else (start, end)


def titled(text: str, start: int, end: int) -> Run:
    """A title or quoted name that fills its marks is given with them: 《行知》."""
    if start > 0 and end < len(text) and text[start - 1] == "《" and text[end] == "》":
        return start - 1, end + 1
    return start, end


RULES: tuple[Rule, ...] = (
    trimmed,
    without_particle,
    whole_numeral,
    whole_latin,
    whole_amount,
    with_qualifier,
    whole_date,
    whole_person,
    paired,
    titled,
)


def _with_opener(text: str, start: int, end: int, closer: int) -> Run:
    if (text[closer] == "》" and closer > start) or start < closer < end - 1:
        opener = text.rfind(_CLOSERS[text[closer]], max(0, start - _FARTHEST_PARTNER), start)
        if opener >= 0 and "\n" not in text[opener:start]:
            return opener, end
    return _without_edge(start, end, closer)


def _with_closer(text: str, start: int, end: int, opener: int) -> Run:
    if (text[opener] == "《" and opener < end - 1) or start < opener < end - 1:
        closer = text.find(_OPENERS[text[opener]], end, end + _FARTHEST_PARTNER)
        if closer >= 0 and "\n" not in text[end:closer]:
            return start, closer + 1
    return _without_edge(start, end, opener)


def _without_edge(start: int, end: int, mark: int) -> Run:
    """Without a mark at an edge; one inside that has no partner stays."""
    if end - start > 1 and mark in (start, end - 1):
        return (start + 1, end) if mark == start else (start, end - 1)
    return start, end


def _covering(runs: Sequence[Run], start: int, end: int) -> Run:
    """Widened over every run that an edge cuts."""
    for low, high in runs:
        if low < start < high:
            start = low
        if low < end < high:
            end = high
    return start, end


def _without_after(text: str, quantity: Quantity) -> int:
    match = _AFTER.search(text[quantity.number_start : quantity.end])
    return quantity.number_start + match.start() if match and match.start() else quantity.end


def _is_sign(text: str, position: int) -> bool:
    """Whether the mark is a minus before a number, not a dash between two."""
    before, after = text[position - 1 : position] if position else "", text[position + 1 : position + 2]
    return text[position] == "-" and after.isdigit() and not (before.isalnum() or before in {"%", "‰", ")"})


@lru_cache(maxsize=64)
def _folded(text: str) -> tuple[str, list[int]]:
    return fold_with_offsets(text)


@lru_cache(maxsize=64)
def _quantities(text: str) -> tuple[Quantity, ...]:
    return tuple(quantity for quantity in quantities(text) if not quantity.is_weak or quantity.unit)


@lru_cache(maxsize=64)
def _numerals(text: str) -> tuple[Run, ...]:
    return tuple(match.span() for match in _NUMERAL.finditer(text))


@lru_cache(maxsize=64)
def _latin_words(text: str) -> tuple[Run, ...]:
    return tuple(match.span() for match in _LATIN.finditer(text))


@lru_cache(maxsize=64)
def _dates(text: str) -> tuple[Run, ...]:
    return tuple(dates(text))


@lru_cache(maxsize=64)
def _people(text: str) -> tuple[Run, ...]:
    return tuple((p.start, p.end) for p in people(text) if p.end - p.start <= _LONGEST_NAME)
