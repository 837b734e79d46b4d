"""Enumerations in folded Chinese text: “设置了接力赛、拔河比赛、飞盘活动等项目” gives its three parts.

Offsets count in the folded text. Only runs joined by “、” (with 和/及 before the last part) are enumerations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.reading.page import stripped

Parts = tuple[tuple[int, int], ...]

# Quotation marks hold a part together; what they hold may be an enumeration of its own.
_QUOTED = re.compile(r"“([^“”]{1,80})”|《[^《》]{1,60}》")
# A comma or colon between digits belongs to its number: 1,300亩, 10:30.
_WORDS = r"(?:[^,，。;；:：!！?？()（）\n]|(?<=[0-9])[,:](?=[0-9]))+"
_RUN = re.compile(rf"{_WORDS}(?:、{_WORDS})+")
# The words before the first part: what introduces an enumeration.
_FIRST_STARTS = re.compile(
    r"包括了?|包含了?|分别是|分别为|设置了?|设有|涵盖了?|覆盖了?|种植了?|涉及|推出了?|开展了?|打造了?|引进了?"
    r"|指的是|就是|即|如|是|为|有|了|对|将|把|从|在|由|与|向|以|过"
)
# The words behind the last part: what closes it.
_LAST_ENDS = re.compile(
    r"等|[0-9一二两三四五六七八九十]+(?:个|项|大|类|种|名|家|位|方面|条|所|部)|(?<=.)的|\s|进行|开展|参加|发展|共同"
)
_JOIN = re.compile(r"以及|和|及|与|或")
_HIDDEN = "□"


def enumerations(text: str) -> list[Parts]:
    """The parts' ``(start, end)`` of every enumeration of two parts or more, in order of their beginning."""
    found = list(_inside_quotes(text))
    masked = _QUOTED.sub(lambda match: _HIDDEN * len(match.group()), text)
    for match in _RUN.finditer(masked):
        parts = _parts(masked, match.start(), match.end())
        if len(parts) > 1:
            found.append(parts)
    return sorted(found)


def _inside_quotes(text: str) -> Iterator[Parts]:
    for match in _QUOTED.finditer(text):
        if match[1] and "、" in match[1]:
            yield tuple(_split(text, match.start(1), match.end(1)))


def _parts(text: str, start: int, end: int) -> Parts:
    spans = list(_split(text, start, end))
    first_start, first_end = spans[0]
    starts = [m.end() for m in _FIRST_STARTS.finditer(text, first_start, first_end) if m.end() < first_end]
    spans[0] = (starts[-1] if starts else first_start, first_end)
    last_start, last_end = spans.pop()
    if cut := _LAST_ENDS.search(text, last_start, last_end):
        last_end = cut.start()
    join = _JOIN.search(text, last_start + 1, max(last_end - 1, last_start + 1))
    spans += [(last_start, join.start()), (join.end(), last_end)] if join else [(last_start, last_end)]
    return tuple(stripped(text, a, b) for a, b in spans if text[a:b].strip())


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for position in range(start, end + 1):
        if position == end or text[position] == "、":
            yield stripped(text, begin, position)
            begin = position + 1
