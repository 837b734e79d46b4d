"""Numbers and dates of a Chinese question in English."""

from __future__ import annotations

import random
import re
from calendar import month_name

_MONTHS = tuple(month_name)
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = "[〇零一二三四五六七八九十百千]+"

NUMBER = re.compile(
    r"(?P<date>(?P<from>\d{4})年?[-—–~至到]+(?P<to>\d{2,4})年间?|(?P<iso>\d{4}-\d{2}-\d{2})|(?P<decade>\d{2,4})年代"
    r"|(?P<year>公元前?\d{1,4}|\d{4})年(?:(?P<month>\d{1,2})月(?:份|(?P<day>\d{1,2})[日号])?)?(?P<part>[初底末中间](?![国央]))?"
    r"|(?P<first_month>\d{1,2})月?[-—–~至到]+(?P<last_month>\d{1,2})月份?|前(?P<months>\d{1,2})个月"
    r"|(?P<month2>\d{1,2})月(?:份|(?P<day2>\d{1,2})[日号])?)"
    r"|(?P<tens>\d{2})世纪(?P<ten>\d0)年代"
    rf"|(?P<century>\d{{1,2}}|{_HAN_NUMBER})世纪"
    rf"|第 ?(?P<ordinal>\d+|{_HAN_NUMBER})"
    r"|(?P<score>\d+(?:[-:/]\d+)+)"
    r"|(?P<amount>\d[\d,]*(?:\.\d+)?)(?P<scale>万亿|百万|千万|亿|万|千|百)?(?P<unit>%|％|‰)?"
    r"|(?P<han>[一二三四五六七八九十百千两]{2,}(?![㐀-鿿]{0,1}[一二三四五六七八九十]))"
)
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FACTORS = {"万亿": (1, "trillion"), "亿": (100, "million"), "千万": (10, "million"), "百万": (1, "million")}


def english_number(match: re.Match[str], chance: random.Random) -> tuple[str, str]:
    """The class (t: time, m: number) and the English of what ``NUMBER`` matched."""
    group = match.groupdict()
    if group["date"]:
        return "t", _date(group, chance)
    if group["tens"]:
        return "t", f"the {int(group['tens']) - 1}{group['ten']}s"
    if group["century"]:
        return "t", f"the {_ordinal(_value(group['century']))} century"
    if group["ordinal"]:
        value = _value(group["ordinal"])
        return "b", _ORDINALS[value] if value < len(_ORDINALS) and chance.random() < 0.7 else _ordinal(value)
    return "m", group["score"] or _counted(group["han"]) or _amount(group, chance)


def _date(group: dict[str, str], chance: random.Random) -> str:
    return _stretch(group) or _day(group, chance)


def _stretch(group: dict[str, str]) -> str:
    """Several years or months, "" for a single one."""
    if group["decade"]:
        return f"the {group['decade']}s"
    if group["from"]:
        return f"{group['from']}-{group['to']}"
    if group["first_month"]:
        return f"{_month(group['first_month'])} to {_month(group['last_month'])}"
    if group["months"]:
        return f"the first {group['months']} months"
    return ""


def _day(group: dict[str, str], chance: random.Random) -> str:
    """A year, a month or a day."""
    year, month, day = group["year"] or "", group["month"] or group["month2"], group["day"] or group["day2"]
    if group["iso"]:
        year, month, day = group["iso"].split("-")
    year = f"{year.removeprefix('公元前')} BC" if year.startswith("公元前") else year.removeprefix("公元")
    if group["part"] and not month:
        early = {"初": "early {}", "底": "the end of {}", "末": "the end of {}", "中": "mid-{}"}
        return early.get(group["part"], "{}").format(year)
    if not day:
        return f"{_month(month)} {year}".strip() if month else year
    if chance.random() < 0.3:
        return f"{int(day)} {_month(month)} {year}".strip()
    return f"{_month(month)} {int(day)}, {year}".removesuffix(", ")


def _counted(han: str | None) -> str:
    """A number in Chinese characters, "" for none."""
    value = _value(han) if han else -1
    return _SMALL[value] if 0 <= value < len(_SMALL) else f"{value}" if han else ""


def _amount(group: dict[str, str], chance: random.Random) -> str:
    number, scale, unit = group["amount"], group["scale"], group["unit"]
    end = {"%": "%", "％": "%", "‰": " per mille"}.get(unit or "", "")
    if not scale:
        return number + end
    value = float(number.replace(",", ""))
    if scale in _FACTORS and not (scale == "亿" and chance.random() < 0.3):
        factor, word = _FACTORS[scale]
        value *= factor
        if word == "million" and value >= 1000:
            value, word = value / 1000, "billion"
        return f"{value:.10g} {word}{end}"
    if scale == "亿":
        return f"{number} hundred million{end}"
    return f"{value * {'万': 10000, '千': 1000, '百': 100}[scale]:,.10g}{end}"


def _month(month: str) -> str:
    return _MONTHS[(int(month) - 1) % 12 + 1]


def _ordinal(value: int) -> str:
    ending = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def _value(text: str) -> int:
    if text.isdecimal():
        return int(text)
    total, current = 0, 0
    for character in text:
        if character in _SCALES:
            total += (current or 1) * _SCALES[character]
            current = 0
        else:
            current = _DIGITS[character] if not current else current * 10 + _DIGITS[character]
    return total + current
