"""The parts of an answer to a question that asks for several, complete: “甲、乙和丙”, 一是……二是……三是…….

Works on folded text; the run that the network found says which enumeration is meant, never the question's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from retrieval.reading.lists import Parts, enumerations
from retrieval.reading.questions import AnswerKind, QuestionForm

_FOREIGN_SEVERAL = re.compile(
    r"\b(?:which|what) (?:\w+ )?(?:two|three|four|five|six|[a-z]+(?<!s)s) (?:are|were|did|do|have|had|will)\b"
    r"|\b(?:what|which) (?:are|were)\b|\b(?:name|list) (?:the |all )?(?:two|three|four|five|six|[a-z]+(?<!s)s)\b"
)
_OPEN_TO_CLOSE = {"“": "”", "《": "》", "(": ")", "（": "）", "「": "」", "【": "】"}
_JOIN = re.compile(r"以及|和|及|与")
# Words that only look like a joint.
_NO_JOINT = re.compile(
    r"共和|和平|和谐|和睦|和解|和美|温和|缓和|饱和|祥和|平和|总和|柔和|人和|及时|及其|普及|涉及|以及|及格|惠及|波及|与会|参与|给与|赠与|授与|与众不同|与时俱进"
)
_REST = re.compile(r"等(?:等)?(?:[0-9一二两三四五六七八九十多几]*[个项大类种名家位方面]*[\u4e00-\u9fff]{0,6})?$")
_NUMBERED = re.compile(
    r"(?:(?<=[,，。;；:：\n])|^)\s*(?:(?:[一二三四五六七八九十]|其[一二三四五六])是|第[一二三四五六七八九十][,，、是]"
    r"|[(（][一二三四五六七八九十0-9]{1,2}[)）]|[①②③④⑤⑥⑦⑧⑨]|[0-9]{1,2}[.、](?![0-9]))[,，]?"
)
_ITEM_END = re.compile(r"[;；。\n]")
_EDGE = " \t\n,，;；。:：、"
_SHORTEST_PART = 2
_LONGEST_COMMA_PART = 12


def asks_for_several(form: QuestionForm) -> bool:
    """Whether the question asks for more than one thing."""
    if form.is_foreign:
        return _FOREIGN_SEVERAL.search(form.text) is not None
    return form.kind is AnswerKind.LIST


def parts_of(text: str, start: int, end: int) -> Parts:
    """The parts of the enumeration that ``text[start:end]`` stands in or is; itself alone where it is none."""
    return _numbered(text, start, end) or _enumerated(text, start, end) or _split(text, start, end)


def _numbered(text: str, start: int, end: int) -> Parts:
    """All of 一是……二是……三是…… where the run stands in one of them or holds some."""
    marks = list(_NUMBERED.finditer(text))
    parts = []
    for index, mark in enumerate(marks):
        limit = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        stop = _ITEM_END.search(text, mark.end(), limit)
        parts.append(_stripped(text, mark.end(), stop.start() if stop else limit))
    inside = any(low < end and start < high for low, high in parts)
    reaches = bool(parts) and start >= marks[0].start() - 1 and end <= parts[-1][1] + 1
    return tuple(part for part in parts if part[0] < part[1]) if len(parts) > 1 and inside and reaches else ()


def _enumerated(text: str, start: int, end: int) -> Parts:
    """The enumeration that holds most of the run; the network knows better where its first and last parts end."""
    best: Parts = ()
    covered = 0
    for parts in enumerations(text):
        low, high = parts[0][0], parts[-1][1]
        shared = min(end, high) - max(start, low)
        if shared * 2 > end - start and shared > covered:
            best, covered = parts, shared
    if not best:
        return ()
    first, last = best[0], best[-1]
    low = start if start < first[1] and start > first[0] - _LONGEST_COMMA_PART else first[0]
    high = end if last[0] < end < last[1] + _LONGEST_COMMA_PART else last[1]
    kept = [(low, first[1]), *best[1:-1], (last[0], high)]
    kept[-1] = _without_rest(text, *kept[-1])
    return tuple(part for part in (_stripped(text, *each) for each in kept) if part[0] < part[1])


def _split(text: str, start: int, end: int) -> Parts:
    """The run itself, cut at “、”, or at commas between short parts, and once at 和."""
    cuts = list(_cuts(text, start, end, "、"))
    if not cuts:
        commas = list(_cuts(text, start, end, ",，;；"))
        bounds = [start, *(cut + 1 for cut in commas), end]
        if commas and all(b - a <= _LONGEST_COMMA_PART for a, b in pairwise(bounds)):
            cuts = commas
    bounds = [start, *(bound for cut in cuts for bound in (cut, cut + 1)), end]
    parts = list(zip(bounds[::2], bounds[1::2], strict=True))
    last = _without_rest(text, *parts.pop()) if cuts else parts.pop()
    joined = _joined(text, *last)
    # Without any “、” only a plain pair is a list: what is longer may be a clause with two 和 in it.
    parts += joined if cuts or _is_pair(joined) else [last]
    kept = tuple(part for part in (_stripped(text, *each) for each in parts) if part[0] < part[1])
    return kept or ((start, end),)


def _is_pair(parts: list[tuple[int, int]]) -> bool:
    return len(parts) == 2 and max(high - low for low, high in parts) <= _LONGEST_COMMA_PART


def _cuts(text: str, start: int, end: int, marks: str) -> Iterator[int]:
    """Where one of the marks stands outside of quotations, brackets and numbers (1,300)."""
    closer = ""
    for position in range(start, end):
        character = text[position]
        if closer:
            closer = "" if character == closer else closer
        elif character in _OPEN_TO_CLOSE and _OPEN_TO_CLOSE[character] in text[position:end]:
            closer = _OPEN_TO_CLOSE[character]
        elif character in marks and not _in_number(text, position):
            yield position


def _in_number(text: str, position: int) -> bool:
    return (
        text[position] == ","
        and text[position - 1 : position].isdigit()
        and text[position + 1 : position + 2].isdigit()
    )


def _joined(text: str, start: int, end: int) -> list[tuple[int, int]]:
    hidden = {p for match in _NO_JOINT.finditer(text, start, end) for p in range(*match.span()) if match[0] != "以及"}
    opened = set(_quoted(text, start, end))
    for match in _JOIN.finditer(text, start + _SHORTEST_PART, end):
        inside = match.start() in hidden or match.start() in opened
        if not inside and end - match.end() >= _SHORTEST_PART:
            return [(start, match.start()), *_joined(text, match.end(), end)]
    return [(start, end)]


def _quoted(text: str, start: int, end: int) -> Iterator[int]:
    position = start
    while position < end:
        closer = _OPEN_TO_CLOSE.get(text[position])
        stop = text.find(closer, position, end) if closer else -1
        if stop < 0:
            position += 1
            continue
        yield from range(position, stop + 1)
        position = stop + 1


def _without_rest(text: str, start: int, end: int) -> tuple[int, int]:
    match = _REST.search(text, start, end)
    return (start, match.start()) if match and match.start() > start else (start, end)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end
