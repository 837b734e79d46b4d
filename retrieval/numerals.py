"""Numbers in Chinese text, each as one canonical term: 一亿三千万, 1.3亿 and 13000万 all give ``130000000``.

Works on folded text. Never replaces anything: what it finds is added to the other terms, so a wrong guess costs little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10**4, "亿": 10**8}
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")

# 千 before these is a unit's prefix (千米), not a multiplier.
_MULTIPLIER = r"(?:[十百千]?(?:万亿|[万亿])|[百千](?![米克瓦伏卡赫帕分]))"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?<![a-z\d.])(?P<sum>(?:{_ARABIC}{_MULTIPLIER})+)|(?<![a-z\d.])(?P<plain>{_ARABIC})(?![\d.]*\d)|"
    r"(?:百分之|千分之)?[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+(?:点[零〇一二三四五六七八九]+[万亿]?)?"
)
_ONE = "[一二两三四五六七八九]"
_SECTION = re.compile(
    rf"(?:(?P<thousands>{_ONE})千)?(?:零?(?P<hundreds>{_ONE})百)?(?:零?(?P<tens>{_ONE}?)十)?(?P<zero>零)?(?P<ones>{_ONE})?"
)
_PART = re.compile(rf"({_ARABIC})({_MULTIPLIER})")
_SUFFIX = re.compile(r"\s?([%‰])")
# Between a number and its unit: 650多亩, 20余家. The term of number and unit leaves them out.
_UNIT = re.compile(r"[多余几来]?\s?([\u4e00-\u9fff])")
# A single Chinese digit counts as a number only before one of these: 四次, but not 一村一品.
_COUNTERS = frozenset("个名人家次年月日号天元亩米吨岁位项条种间所座栋台辆届期批组支场部门级类份册首艘笔公平倍成")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: ``term`` is the canonical form of ``text[start:end]``, ``unit`` the character after."""

    term: str
    start: int
    end: int
    unit: str


def numbers(folded: str) -> Iterator[Number]:
    """Every number of a folded text, left to right; runs of digits that are no number (三三五五) are left out."""
    for match in _FIGURE.finditer(folded):
        value = _value(match, folded)
        if value is None:
            continue
        end = match.end()
        term = _canonical(value)
        suffix = _SUFFIX.match(folded, end)
        if suffix:
            term, end = term + suffix[1], suffix.end()
        elif match[0].startswith(("百分之", "千分之")):
            term += "%" if match[0].startswith("百") else "‰"
        unit = _UNIT.match(folded, end)
        yield Number(term, match.start(), end, unit[1] if unit else "")


def _value(match: re.Match[str], folded: str) -> Decimal | None:
    if match["plain"]:
        return Decimal(match["plain"].replace(",", ""))
    if match["sum"]:
        parts = _PART.findall(match["sum"])
        return sum((Decimal(figure.replace(",", "")) * _multiplier(unit) for figure, unit in parts), Decimal(0))
    words = match[0]
    following = folded[match.end() : match.end() + 1]
    if words.startswith(("百分之", "千分之")):
        return chinese_value(words[3:]) if len(words) > 3 else None
    if len(words) == 1:
        value = _DIGITS.get(words, 10 if words == "十" else None)
        return Decimal(value) if value is not None and following in _COUNTERS else None
    if following == "年" and len(words) == 4 and all(word in _DIGITS for word in words):
        return Decimal("".join(str(_DIGITS[word]) for word in words))
    return chinese_value(words)


def _multiplier(unit: str) -> int:
    product = 1
    for char in unit:
        product *= _SMALL_UNITS.get(char) or _LARGE_UNITS[char]
    return product


def _canonical(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def chinese_value(words: str) -> Decimal | None:
    """The value of a well-formed Chinese numeral, None for other runs of its characters (三三五五, 十四五)."""
    words = words.translate(_FORMAL)
    whole, point, decimals = words.partition("点")
    if point:
        scale = _LARGE_UNITS.get(decimals[-1:], 1)
        digits = decimals.rstrip("万亿")
        integer = _whole_value(whole) if len(whole) > 1 else _DIGITS.get(whole, 10 if whole == "十" else None)
        if integer is None or not digits:
            return None
        return Decimal(f"{integer}.{''.join(str(_DIGITS[digit]) for digit in digits)}") * scale
    if len(words) == 1:
        value = _DIGITS.get(words, 10 if words == "十" else None)
        return None if value is None else Decimal(value)
    number = _whole_value(words)
    return None if number is None else Decimal(number)


def _whole_value(words: str) -> int | None:
    """Value of a numeral with at least one unit in it: sections below 10,000, each under 亿, 万 or nothing."""
    if not any(char in _SMALL_UNITS or char in _LARGE_UNITS for char in words):
        return None
    total = 0
    rest = words
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = rest.partition(unit)
        if not found:
            continue
        value = _section_value(head.removeprefix("零") if total else head)
        if value is None:
            return None
        if len(tail) == 1 and _DIGITS.get(tail):  # 一万二 is 12000
            return total + value * size + _DIGITS[tail] * size // 10
        total, rest = total + value * size, tail
    if not rest:
        return total
    value = _section_value(rest.removeprefix("零") if total else rest)
    return None if value is None else total + value


def _section_value(words: str) -> int | None:
    """Value of a numeral below 10,000 (三千五百, 十五, 两百三); None where units do not fall or digits touch."""
    match = _SECTION.fullmatch(words)
    if not words or match is None or (match["zero"] and not match["ones"]):
        return None
    if match["tens"] == "" and (match["thousands"] or match["hundreds"]):  # 一百十 is not written
        return None
    thousands, hundreds, ones = (_DIGITS.get(match[name] or "", 0) for name in ("thousands", "hundreds", "ones"))
    tens = 0 if match["tens"] is None else _DIGITS.get(match["tens"], 1)
    if ones and not match["zero"] and match["tens"] is None and (thousands or hundreds):  # 两百三 is 230
        ones *= 10 if hundreds else 100
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones
