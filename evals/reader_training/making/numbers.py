"""Quantities in printed Chinese text: number, scale, unit and qualifiers as one span, and what they measure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

UNITS = {
    "money": "美元 港元 欧元 日元 英镑 卢布 元人民币 元",
    "area": "平方公里 平方千米 平方米 公顷 亩",
    "weight": "公斤 千克 吨 斤",
    "volume": "立方米 升 桶 标准箱 标箱",
    "energy": "千瓦时 千瓦 兆瓦 吉瓦",
    "length": "公里 千米 海里 厘米 毫米 米",
    "share": "个百分点 % ％ 倍",
    "people": "人次 人",
    "duration": "个工作日 个小时 小时 个月 分钟 天",
    "temperature": "摄氏度 ℃",
    "count": (
        "名 位 户 家 件 项 台 套 辆 艘 架 座 所 条 份 只 头 株 棵 场 例 起 批 列 班 种 类 册 部 篇 宗 笔 "
        "间 栋 枚 颗 处 支 片 块 个 次 门"
    ),
}
_KIND = {unit: kind for kind, units in UNITS.items() for unit in units.split()}
_UNIT = "|".join(sorted(_KIND, key=len, reverse=True))
_BEFORE = "超过|超|将近|接近|近|大约|约|逾|至少|不少于|不低于|不超过|不到|不足"
_SCALE = "万亿|百万|千万|万|亿|千|百"
_DIGITS = r"\d{1,3}(?:[,，]\d{3})+(?:[.．]\d+)?|\d+(?:[.．]\d+)?"
_HAN = "[一二三四五六七八九十百千万亿两零〇]+"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})?(?P<number>(?<![\d.．]){_DIGITS}|百分之{_HAN}(?:点{_HAN})?)"
    rf"(?P<range>(?:[—\-~～]|至|到)(?:{_DIGITS}))?"
    rf"(?P<many>[多余])?(?P<scale>{_SCALE})?(?P<many2>[多余])?(?:[万亿](?=元|美元|[斤吨亩]))?(?P<unit>{_UNIT})?"
    rf"(?P<after>以上|以下|左右|以内|多(?![个次年]))?"
)
# 5个月, 3人 are quantities; 3米线, 5家庭 are not met in practice. A unit is no unit in front of these.
_NO_UNIT = re.compile(
    r"(?:个(?:体|性)|人(?:民|工|均|口|才|大|类)|项目|家(?:庭|长|具|电|居)|名(?:单|誉)|天(?:然|津|气)|"
    r"条(?:例|件)|场(?:馆|所)|件(?:数)|部(?:门|分|队)|所(?:有)|户(?:籍|均)|次(?:日|会)|类(?:似)|"
    r"门(?:票|诊))"
)

# Ordinals, names, the second number of a range; 达到 and 增至 go before whole amounts.
_NO_START = re.compile(r"(?:[第\-—~～.．/A-Za-z]|\d[^，。；\d]{0,4}[至到])$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """``start:end`` is the whole amount; ``unit`` without the scale, "" for a bare number."""

    start: int
    end: int
    number: str
    scale: str
    unit: str
    kind: str

    @property
    def small(self) -> bool:
        """Whether 几 may ask for it: a whole number below twenty without scale."""
        return not self.scale and self.number.isdigit() and int(self.number) < 20


def quantities(text: str, start: int = 0, end: int | None = None) -> Iterator[Quantity]:
    """The amounts with a unit in ``text[start:end]`` in order; offsets count in ``text``."""
    for match in _QUANTITY.finditer(text, start, len(text) if end is None else end):
        unit = match["unit"] or ""
        percent = match["number"].startswith("百分之")
        if not unit and not percent:
            continue
        if unit and not match["after"] and _NO_UNIT.match(text, match.start("unit")):
            continue
        if _NO_START.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        yield Quantity(
            match.start(),
            match.end(),
            match["number"],
            match["scale"] or "",
            unit or "%",
            "share" if percent else _KIND[unit],
        )
