"""Whether two answers say the same: 1.3亿元, 1.30亿元 and 13000万元 do, so do 近1亿元 and 1亿元, 《行知》 and 行知.

Compares the words alone; it does not know what was asked. In doubt two answers differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.folding import fold
from retrieval.numerals import numbers
from retrieval.reading.dates import dates
from retrieval.reading.names import office_in
from retrieval.reading.quantities import Quantity, quantities

# A mark between digits says what the number is: 3-5 is not 35, 10:30 not 1030.
_NOT_WORDS = re.compile(r"(?<![0-9])[^\w%‰]|[^\w%‰](?![0-9])|[\s_]")
_BELOW_ZERO = re.compile(r"(?<![0-9a-z])-(?=[0-9])")
_ABOVE = re.compile(r"超|逾|至少|不少于|不低于|高达|[多余几]|以上")
_BELOW = re.compile(r"不足|不到|不超过|至多|最多|以下|以内|将近|接近|^近")
# Beside the same words these make another answer: 副县长 is not 县长, 未完工 is not 完工.
_CHANGES = re.compile(r"[不没未无非副代前原]|曾")
_SAME_UNITS = ({"公斤", "千克"}, {"元", "块钱", "人民币", ""}, {"个百分点", "百分点"})


@dataclass(frozen=True, slots=True)
class _Amount:
    """The only amount of an answer. ``side``: 1 more than, -1 less than; ``is_bare``: nothing else stands there."""

    term: str
    unit: str
    side: int
    is_bare: bool


def same_answer(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two answers, each given as its spans' words, say the same. A list is the same in any order.

    An empty answer is the same as none.
    """
    if len(first) == len(second) > 1:
        left = list(second)
        for words in first:
            same = next((other for other in left if same_words(words, other)), None)
            if same is None:
                return False
            left.remove(same)
        return True
    return same_words("、".join(first), "、".join(second))


def same_words(first: str, second: str) -> bool:
    """Whether two runs of words say the same."""
    one, other = (fold(words).strip().replace("千米", "公里").replace("−", "-") for words in (first, second))
    if bool(_BELOW_ZERO.search(one)) != bool(_BELOW_ZERO.search(other)):
        return False
    plain, other_plain = _plain(one), _plain(other)
    if not plain or not other_plain:
        return False
    return plain == other_plain or _same_amount(one, other) or _same_name(plain, other_plain)


def says_less(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether one of two answers is part of the other and denies nothing of it: 2019年 and 2019年4月24日 fit together.

    Lists do not: one that leaves something out says something else. Nor does a figure fit one that it is written in.
    """
    if len(first) != 1 or len(second) != 1:
        return False
    shorter, longer = sorted((_plain(fold(first[0]).strip()), _plain(fold(second[0]).strip())), key=len)
    at = longer.find(shorter) if len(shorter) >= 2 else -1
    if at < 0:
        return False
    before, after = longer[:at], longer[at + len(shorter) :]
    if _goes_on(before[-1:], shorter[0]) or _goes_on(shorter[-1], after[:1]):
        return False
    return _CHANGES.search(before + after) is None


def _goes_on(one: str, other: str) -> bool:
    """Whether two characters beside each other are of one number."""
    return bool(re.fullmatch(r"[0-9.]", one)) and bool(re.fullmatch(r"[0-9.]", other))


@lru_cache(maxsize=512)
def _plain(folded: str) -> str:
    """Numbers in their canonical form, then letters and digits, and the marks between digits."""
    pieces, end = [], 0
    for number in numbers(folded):
        pieces += [folded[end : number.start], number.term]
        end = number.end
    return _NOT_WORDS.sub("", "".join(pieces) + folded[end:])


def _same_amount(first: str, second: str) -> bool:
    one, other = _amount(first), _amount(second)
    if one is None or other is None or one.term != other.term or not (one.is_bare or other.is_bare):
        return False
    units = {one.unit, other.unit}
    alike = len(units) == 1 or "" in units or any(units <= group for group in _SAME_UNITS)
    return alike and one.side * other.side >= 0


@lru_cache(maxsize=512)
def _amount(folded: str) -> _Amount | None:
    found = quantities(folded)
    terms = list(numbers(folded))
    if len(found) != 1 or len(terms) != 1:
        return None
    whole = found[0]
    bare = not _NOT_WORDS.sub("", folded[: whole.start] + folded[whole.end :])
    return _Amount(terms[0].term, "" if whole.unit == "%" else whole.unit, _side(folded, whole), bare)


def _side(folded: str, quantity: Quantity) -> int:
    before, rest = folded[quantity.start : quantity.number_start], folded[quantity.number_start : quantity.end]
    if _BELOW.search(before) or _BELOW.search(rest):
        return -1
    return 1 if _ABOVE.search(before) or _ABOVE.search(rest) else 0


def _same_name(first: str, second: str) -> bool:
    """镇长陈丽 and 陈丽; 2023年5月18日 and 5月18日: one is the other with its office or its year before it."""
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < 2 or not longer.endswith(shorter):
        return False
    before = longer.removesuffix(shorter)
    if office_in(before):
        return True
    return before.endswith(("年", "月")) and all(dates(text) == [(0, len(text))] for text in (shorter, longer))
