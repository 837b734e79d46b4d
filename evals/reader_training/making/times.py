"""Times in a sentence made absolute by the year of its document: 今年上半年 of a report of 2023 is 2023年上半年."""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"^[\s　—\-·●■◆▲“”]*(?:[一二三四五六七八九十]+是|其中|同时|此外|另外|与此同时|目前|如今|现在|据悉|"
    r"据介绍|据了解|据统计|统计显示|数据显示|资料显示|公告显示"
    r"|结果显示|截至目前|总体来看|总的来看|从全国看|初步核算|初步统计|而且|并且|而|且|也|仅|"
    r"从.{1,12}看|按.{1,8}计算|来源)[，,]?"
)
_PART = (
    r"(?:上半年|下半年|[前一二三四第]{1,2}个?季度|前[一二三四五六七八九十\d]+(?:个月|季度|周)|年初|年底|年末|全年|"
    r"\d{1,2}[—\-－至到]\d{1,2}月(?:份)?|\d{1,2}月(?:\d{1,2}日|份|上旬|中旬|下旬|底|末)?|暑期|春运期间|"
    r"春节期间|国庆期间|五一期间)"
)
_YEARS = r"(?:(?:19|20)\d\d年|[一二]九?[〇○零一二三四五六七八九]{2,3}年|今年|去年|上年|前年|明年|本年度)"
_TIME = re.compile(
    rf"(?:截至|截止|到|至)?(?:北京时间)?(?:目前|(?P<year>{_YEARS})"
    rf"(?P<part>{_PART})?(?:的?(?P<part2>{_PART}))?|(?P<alone>{_PART}))(?:以来|期间|底|末|初)?[，,]?"
)
_RELATIVE = {"今年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "本年度": 0}
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
# Not “2016年政府工作报告中”: that is where, not when.
_TOLD_YEAR = re.compile(r"(?:截至)?(\d{4})年(?!政府)")
_AT_END = re.compile(r"[，,]$")


def strip_lead(text: str) -> int:
    """How many characters at the beginning only connect: 其中，据统计 and the like."""
    position = 0
    while match := _LEAD.match(text[position:]):
        if not match.end():
            break
        position += match.end()
    return position


def leading_time(text: str) -> int:
    """How many characters at the beginning tell a time; 0 where none do."""
    position = 0
    while match := _TIME.match(text, position):
        if match.end() == position:
            break
        position = match.end()
    return position


def absolute(phrase: str, year: int | None, told: str = "") -> str | None:
    """The time phrase with its year: “2023年上半年”; "" for one that says nothing, None where the year is not known.

    ``told``: the time told before it; 年末 after “2022年” is 2022年年末, whatever the year of the document.
    """
    match = _TIME.fullmatch(phrase) or _TIME.match(phrase)
    if match is None or "目前" in phrase:
        return ""
    named = match["year"]
    before = _TOLD_YEAR.match(told)
    own = _own_year(named, year) if named else int(before[1]) if before else year
    if own is None:
        return None
    rest = phrase[match.end("year") if named else match.start("alone") :]
    until = "截至" if phrase.startswith(("截至", "截止", "到", "至")) else ""
    rest = _AT_END.sub("", rest).removesuffix("以来").removeprefix("的")
    return f"{until}{own}年{rest}"


def time_of(clause: str, year: int | None, told: str = "") -> str:
    """The time that a clause begins with, absolute; "" where it tells none or only compares with one."""
    position = strip_lead(clause)
    length = leading_time(clause[position:])
    if not length or clause.endswith("相比"):
        return ""
    return absolute(clause[position : position + length], year, told) or ""


def _own_year(named: str, year: int | None) -> int | None:
    if named in _RELATIVE:
        return None if year is None else year + _RELATIVE[named]
    digits = named[:-1].translate(_HAN_DIGITS)
    return int(digits) if digits.isdigit() and len(digits) == 4 else None
