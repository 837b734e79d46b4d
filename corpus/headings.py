"""Tells headings of sections from bare captions among the short lines of one article.

Both are short lines without punctuation. A caption is dropped only where the article's own layout gives it away: a
heading lost is worse than a caption kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from corpus.captions import is_caption_word
from corpus.lines import NUMBERED, Kind, Line, ends_paragraph, is_heading_like

_UNIT = re.compile(
    r"(?:党支部|支部|党委|党总支|党组|委员会|办公室|[局院厅委办]|中心|站|街道|[镇乡村]|社区|学校|[小中大]学|公司|协会|集团|[大中支]队|银行|医院|工会|团委|妇联|商会)$"
)
# What pictures show: places and things.
_PLACE = re.compile(
    r"(?:[场馆室坊园楼厂院店]|基地|中心|公园|小镇|大桥|广场|码头|车间|大棚|示范区|综合体|景区|街区|服务站|工地|风光|夜景|外景|内景|画面|[作产]品)$"
)
# Headings say what is done; names of places do not.
_VERB = re.compile(
    r"推进|推动|促进|打造|建设|提升|加强|发展|引领|激发|做[大强好优]|助力|赋能|创新|深化|聚焦|坚持|完善|优化|强化|构建|实施|落实|保障|服务|擦亮|拓展|守护|[让使把为]"
)
_LONGEST_CAPTION = 12
_LONGEST_PLACE = 8
_MAX_GROUP = 4
# 01 区教育局: accounts number their sections so; 0 in front is never a list's.
_SERIAL = re.compile(r"^0\d(?=[\s、.．|丨/])")
_LEAST_SERIAL = 3
_LONGEST_SERIAL_CAPTION = 24
_LEAST_BODY_CHARS = 40


class Role(Enum):
    """What a short line is in the body of an article."""

    HEADING = auto()
    CAPTION = auto()
    TEXT = auto()


def roles_of(lines: Sequence[Line]) -> list[Role]:
    """One role a line, in order; every line that is not short is TEXT."""
    roles = [Role.TEXT] * len(lines)
    runs = _runs(lines)
    groups = sum(_unit_at(lines, start, end) is not None for start, end in runs)
    for start, end in runs:
        under = _has_text_under(lines, end)
        for index in range(start, end):
            roles[index] = Role.HEADING if under else Role.TEXT
        _find_captions(lines, start, end, groups >= 2, roles)
    _find_odd_places(lines, runs, roles)
    _find_serial_groups(lines, roles)
    captions = sum(role is Role.CAPTION for role in roles)
    for start, end in runs:
        # Below the last paragraph nothing can be headed. Where pictures have captions, this is one more of them.
        if captions >= 2 and not _has_text_under(lines, end) and end - start == 1 and _is_bare(lines[start].text):
            roles[start] = Role.CAPTION
    return roles


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Runs [start, end) of lines that may be headings."""
    runs: list[tuple[int, int]] = []
    start = None
    for index, line in enumerate(lines):
        if line.kind is Kind.SHORT and is_heading_like(line.text):
            start = index if start is None else start
        elif start is not None:
            runs.append((start, index))
            start = None
    if start is not None:
        runs.append((start, len(lines)))
    return runs


def _has_text_under(lines: Sequence[Line], end: int) -> bool:
    return end < len(lines) and lines[end].kind is not Kind.END


def _unit_at(lines: Sequence[Line], start: int, end: int) -> int | None:
    """Where in a run a unit's name stands with a line under it: 云溪镇党委 / 一根竹子的全链条.

    Longer runs, and those above a short text, are lists of names.
    """
    if not _has_text_under(lines, end) or end - start > _MAX_GROUP or len(lines[end].text) < _LEAST_BODY_CHARS:
        return None
    for index in range(start, end - 1):
        if _UNIT.search(lines[index].text) and len(lines[index].text) <= 20:
            return index
    return None


def _find_captions(lines: Sequence[Line], start: int, end: int, by_units: bool, roles: list[Role]) -> None:
    """Captions that say so (活动现场), and where sections stand under units' names, all lines outside those."""
    unit = _unit_at(lines, start, end)
    for index in range(start, end):
        text = lines[index].text
        outside = by_units and ((unit is None and end - start == 1) or (unit is not None and index < unit))
        if is_caption_word(text) or (outside and _is_bare(text)):
            roles[index] = Role.CAPTION


def _find_serial_groups(lines: Sequence[Line], roles: list[Role]) -> None:
    """Sections numbered 01, 02, …: a second line of their heading however it reads, and captions that close them.

    Each counts only where it is the layout of the page: in half of the sections, and three at least. A caption stands
    alone between a finished paragraph and the next number.
    """
    starts = [index for index, line in enumerate(lines) if line.kind is Kind.SHORT and _SERIAL.match(line.text)]
    if len(starts) < _LEAST_SERIAL or [lines[index].text[:2] for index in starts] != [
        f"{number:02}" for number in range(1, len(starts) + 1)
    ]:
        return
    seconds = [index + 1 for index in starts if _is_between(lines, index + 1, Kind.SHORT, Kind.PROSE)]
    closing = [
        index - 1
        for index in starts[1:]
        if _is_between(lines, index - 1, Kind.PROSE, Kind.SHORT)
        and ends_paragraph(lines[index - 2].text)
        and _is_bare(lines[index - 1].text, _LONGEST_SERIAL_CAPTION)
    ]
    for found, role in ((seconds, Role.HEADING), (closing, Role.CAPTION)):
        if len(found) >= max(_LEAST_SERIAL, len(starts) / 2):
            for index in found:
                roles[index] = role


def _is_between(lines: Sequence[Line], index: int, before: Kind, after: Kind) -> bool:
    """Whether a short line stands there between lines of these kinds."""
    return (
        0 < index < len(lines) - 1
        and lines[index].kind is Kind.SHORT
        and lines[index - 1].kind is before
        and lines[index + 1].kind is after
    )


def _is_bare(text: str, longest: int = _LONGEST_CAPTION) -> bool:
    return len(text) <= longest and not NUMBERED.match(text) and not re.search(r"[，,、：:\s\d年]", text)


def _find_odd_places(lines: Sequence[Line], runs: Sequence[tuple[int, int]], roles: list[Role]) -> None:
    """Names of places among headings of another make are captions.

    Where all the headings are such names, as in a guide, they are headings indeed.
    """
    headings = [index for start, end in runs for index in range(start, end) if roles[index] is Role.HEADING]
    places = [index for index in headings if _is_place(lines[index].text)]
    singles = [start for start, end in runs if end - start == 1]
    if len(headings) - len(places) >= max(2, len(places)):
        for index in places:
            if index in singles:
                roles[index] = Role.CAPTION


def _is_place(text: str) -> bool:
    return len(text) <= _LONGEST_PLACE and bool(_PLACE.search(text)) and not _VERB.search(text) and _is_bare(text)
