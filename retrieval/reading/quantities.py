"""Numbers with their units and qualifiers in folded Chinese text: “约200户”, “650多亩”, “近1亿元”, “百分之十五”.

Works on folded text (NFKC, Simplified) and gives offsets into it. It does not compute values and does not read dates:
years and days of the calendar are left to ``dates``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit measures."""

    MONEY = "money"
    AREA = "area"
    LENGTH = "length"
    WEIGHT = "weight"
    VOLUME = "volume"
    SHARE = "share"
    DURATION = "duration"
    AGE = "age"
    TEMPERATURE = "temperature"
    ENERGY = "energy"
    COUNT = "count"
    NONE = "none"


_UNITS: dict[UnitKind, str] = {
    UnitKind.MONEY: "美元 港元 欧元 日元 英镑 卢布 韩元 新台币 澳元 加元 人民币 块钱 元 角",
    UnitKind.AREA: "平方公里 平方千米 平方米 平方英里 平方英尺 公顷 亩 平米 ㎡ km2 m2",
    UnitKind.LENGTH: "海里 英里 英尺 英寸 公里 千米 厘米 毫米 微米 纳米 光年 km cm mm 米 里",
    UnitKind.WEIGHT: "公吨 吨 公斤 千克 毫克 微克 克 斤 磅 kg",
    UnitKind.VOLUME: "立方米 立方千米 毫升 升 加仑 桶",
    UnitKind.SHARE: "个百分点 百分点 % ‰ 成 倍",
    UnitKind.DURATION: "个小时 小时 个工作日 工作日 个月 分钟 秒钟 秒 星期 个星期 周 周年 天 年 日",
    UnitKind.AGE: "周岁 岁",
    UnitKind.TEMPERATURE: "摄氏度 华氏度 ℃ °c 度",
    UnitKind.ENERGY: "千瓦时 兆瓦 千瓦 瓦 万千瓦 吉瓦 mw kw kwh 马力",
    UnitKind.COUNT: (
        "人次 户次 车次 架次 班次 件次 家次 个次 个基点 基点 个 名 人 户 家 件 宗 项 次 棵 株 辆 台 套 座 所 "
        "间 条 处 场 期 批 支 只 头 艘 架 箱 种 门 本 册 份 位 对 例 起 笔 届 层 栋 幢 款 篇 张 枚 根 块 颗 "
        "片 口 部 首 节 类 级 步 分 票 字 盒 盘 碗 杯 趟 餐 课时 学时 瓶 包 袋 组 队 班 村 国 道 段 集 盏 尾 "
        "羽 匹 床 席 艺 站 轮 篮板 球 页 幅"
    ),
}
_KIND_OF_UNIT = {unit: kind for kind, units in _UNITS.items() for unit in units.split()}
UNIT_PATTERN = "|".join(re.escape(unit) for unit in sorted(_KIND_OF_UNIT, key=len, reverse=True))

_BEFORE = r"(?:超过|超|近|约为|大约|大概|约|将近|接近|逾|不足|不到|至少|最多|至多|高达|不少于|不低于|不超过|上)"
_AFTER = r"(?:左右|上下|以上|以下|以内|之多)"
_DIGITS = r"(?<![0-9.])-?[0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?|(?<![0-9.])-?[0-9]+(?:\.[0-9]+)?"
_HAN = r"数?[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
_RANGE = r"(?:[十百千万亿]*[^\W\d_]{0,2}(?:[-—~～–]|至|到)[0-9]+(?:\.[0-9]+)?)?"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})?"
    rf"(?:(?P<percent>百分之{_HAN}|千分之{_HAN})"
    rf""
    rf"|(?P<digits>{_DIGITS})(?P<range>{_RANGE})(?P<many>[多余几])?(?P<scale>(?:[十百千万亿]+[0-9.]*)*[十百千万亿]+)?(?P<many2>[多余])?(?:\s?(?P<unit>{UNIT_PATTERN}))?"
    rf"|(?P<han>{_HAN})(?P<hmany>[多余几])?(?P<hscale>[十百千万亿]+)?(?P<hunit>{UNIT_PATTERN}))"
    rf"(?P<after>[多余](?!个|年|次)|{_AFTER})?"
)
# An ordinal, a name or a fraction of a word, not an amount: 第3届, “十四五”, 一带一路, 一起, 一些.
_NOT_AFTER = re.compile(r"[第“‘a-z]$")
_HAN_NOISE = re.compile(
    r"^(?:一(?:起|次|些|点|体|直|定|样|般|切|同|流|线|方|步|道|面|带|路|代|级|号|部|段|口|声|场|片"
    r"|站|家|国|村|镇|区|乡|县|市|省|类|组|班|块|种|期|年|日|天|周|对)"
    r"|万(?:家|村|镇|众|国|里|户)|千(?:家|村|万|里|户)|百(?:家|村|校|县|年|里|千)|两(?:级|岸|手|国"
    r"|会|面|翼|方|个|地))$"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """``text[start:end]`` is the whole amount with unit and qualifier; ``number_start`` is where its digits begin."""

    start: int
    number_start: int
    end: int
    unit: str
    kind: UnitKind
    is_weak: bool = False


def unit_kind(unit: str) -> UnitKind | None:
    """What a unit measures; None where the text is no known unit."""
    return _KIND_OF_UNIT.get(unit)


def unit_at(text: str, position: int) -> str:
    """The longest known unit that begins there, or an empty string."""
    match = re.compile(UNIT_PATTERN).match(text, position)
    return match.group() if match else ""


def quantities(text: str) -> list[Quantity]:
    """Every amount in folded text, in order. Calendar years, months and days are left out."""
    return list(_scan(text))


def _scan(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        groups = match.groupdict()
        unit = groups["unit"] or groups["hunit"] or ""
        number_start = match.start() + len(groups["before"] or "")
        if groups["percent"]:
            yield Quantity(match.start(), number_start, match.end(), "%", UnitKind.SHARE)
            continue
        if _NOT_AFTER.search(text[max(0, number_start - 1) : number_start]):
            continue
        if _is_calendar(text, match, unit):
            continue
        if groups["han"] and _HAN_NOISE.match(groups["han"] + unit):
            continue
        kind = _KIND_OF_UNIT.get(unit, UnitKind.NONE)
        # A bare “1.3亿” is an amount; a bare “400” may be anything, so it is taken only where nothing better is found.
        weak = (kind is UnitKind.NONE and not groups["scale"]) or groups["han"] == "一"
        yield Quantity(match.start(), number_start, match.end(), unit, kind, weak)


def _is_calendar(text: str, match: re.Match[str], unit: str) -> bool:
    digits = match["digits"] or ""
    following = text[match.end() : match.end() + 2]
    if unit == "年" and len(digits) == 4 and not match["scale"]:
        return True
    if not unit and following[:1] in {"月", "时"}:
        return True
    before = text[max(0, match.start() - 1) : match.start()]
    return unit in {"日", "号"} and (before == "月" or not before or before in "。，,;；“(（至、-—")
