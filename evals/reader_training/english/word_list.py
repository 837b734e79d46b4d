"""The project's own words (``words.txt``), the English of name endings, and common surnames."""

from __future__ import annotations

from pathlib import Path

# What stands after a name and is translated, the name itself being spelt in pinyin.
PLACE_ENDINGS = {
    "地区": "Region",
    "街道": "Subdistrict",
    "社区": "Community",
    "自治区": "Autonomous Region",
    "自治县": "Autonomous County",
    "自治州": "Autonomous Prefecture",
    "开发区": "Development Zone",
    "新区": "New Area",
    "大学": "University",
    "学院": "College",
    "公园": "Park",
    "水库": "Reservoir",
    "机场": "Airport",
    "公司": "Company",
    "集团": "Group",
    "医院": "Hospital",
    "省": "Province",
    "市": "City",
    "区": "District",
    "县": "County",
    "镇": "Town",
    "乡": "Township",
    "村": "Village",
    "路": "Road",
    "街": "Street",
    "山": "Mountain",
    "河": "River",
    "江": "River",
    "湖": "Lake",
    "岛": "Island",
    "桥": "Bridge",
    "寺": "Temple",
    "站": "Station",
    "州": "Prefecture",
    "旗": "Banner",
    "港": "Port",
    "湾": "Bay",
    "队": "team",
    "人": "people",
    "语": "language",
    "族": "ethnic group",
    "国": "kingdom",
    "杯": "Cup",
}

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司"
)

_WORDS = Path(__file__).with_name("words.txt")


def read_words() -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Each word with its class, its English words, and what it is called as a noun where it is a verb."""
    words = []
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            text, kind, english = line.split(" ", 2)
            own, _, nouns = english.partition("|")
            words.append((text, kind, _glosses(own), _glosses(nouns)))
    return words


def _glosses(text: str) -> tuple[str, ...]:
    return tuple(gloss for gloss in text.split("/") if gloss not in ("", "."))
