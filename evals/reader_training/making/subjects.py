"""Who or what a clause is about: its subject cleaned of time and connectives, and whose it is where it does not say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evals.reader_training.making.pages import Page, clauses, tagged
from evals.reader_training.making.times import absolute, leading_time, strip_lead

_BAD = re.compile(
    r"[他她它其该此这那们您你我某本]|上述|前者|后者|有关|记者|以及|不仅|因为|由于|如果|虽然|但|让|使得|"
    r"据|左右|分别|预计|拟|合计|连续|保持|“|”|《|》|（|）|\(|\)|[、；：:/%％]|第[一二三四五六七八九十]+[、，]|"
    r"\d{4,}"
)
_WIDE = re.compile(r"全国|我国|中国|世界|全球|国际|国内生产总值|[央国]企")
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fffA-Za-z]{2,14}(?:股份有限公司|有限公司|公司|集团|银行|大学|医院|股份|法院|检察院|"
    r"机场|海关|港|铁路局)"
)
# 合肥城建2023一季报显示, 北京君正(300223): names of listed companies, which begin like places.
_LISTED = re.compile(
    r"(?P<name>[\u4e00-\u9fff][\u4e00-\u9fffA-Z]{1,5})(?=[（(]\d{5,6}(?:\.[A-Z]+)?[)）]|"
    r"20\d\d年?(?:一季报|三季报|中报|年报|半年报)显示)"
)
# 医院院长张三: a person of the organisation speaks, the figure need not be its own.
_OFFICER = re.compile(
    r"副?(?:院长|校长|行长|主任|书记|局长|会长|董事长|总经理|总裁|教授|研究员|专家|记者|负责人|发言人|首席|党[委组]|医生|医师|分析师)"
)
_LOCAL = re.compile(r"^全([省市县区州镇乡村])")
_NO_PLACE_WORDS = (
    "中国 我国 全国 国内 国际 国外 世界 全球 社会 国家 各国 外国 两国 各省 全省 全市 "
    "本市 城镇 乡镇 城市 地区 山区 园区 社区 小区 景区 灾区 牧区 区 县 市 省 镇 村 "
    "乡村 农村"
)
_NO_PLACE = frozenset(_NO_PLACE_WORDS.split())
# Names that need no 省, 市 to be known as places; provinces, cities, countries.
KNOWN_GROUPS = tuple(
    tuple(names.split())
    for names in (
        (
            "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
            "广东 海南 四川 贵州 云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆 台湾 香港 澳门"
        ),
        (
            "广州 深圳 杭州 南京 苏州 武汉 成都 西安 长沙 郑州 合肥 福州 厦门 青岛 济南 大连 沈阳 长春 "
            "哈尔滨 昆明 贵阳 南宁 海口 三亚 兰州 银川 西宁 拉萨 太原 石家庄 南昌 宁波 无锡 佛山 东莞 "
            "珠海 江门 乌鲁木齐"
        ),
        (
            "美国 英国 法国 德国 日本 韩国 朝鲜 俄罗斯 乌克兰 印度 巴西 加拿大 澳大利亚 意大利 西班牙 "
            "土耳其 伊朗 以色列 巴勒斯坦 叙利亚 伊拉克 埃及 南非 泰国 越南 老挝 缅甸 柬埔寨 印度尼西亚 "
            "马来西亚 新加坡 "
            "菲律宾 巴基斯坦 阿富汗 哈萨克斯坦 墨西哥 阿根廷 荷兰 比利时 瑞士 瑞典 挪威 芬兰 丹麦 波兰 "
            "匈牙利 希腊 葡萄牙 新西兰 沙特 黎巴嫩 约旦 苏丹"
        ),
        "欧盟 东盟 非洲 欧洲 加沙 加沙地带 粤港澳大湾区 长三角 京津冀",
    )
)
_KNOWN = frozenset(name for group in KNOWN_GROUPS for name in group)
_START_FLAGS = ("n", "a", "b", "j", "vn", "f", "s", "i", "l", "eng", "an", "z")
_START_VERBS_WORDS = (
    "新增 进出口 出口 进口 实际 使用 接待 规模 销售 投资 货物 发行 流通 消费 参保 利用 "
    "播种 发电 用电 旅游 居民 固定资产 登记 就业 成交 贷款"
)
_START_VERBS = frozenset(_START_VERBS_WORDS.split())


@dataclass(frozen=True, slots=True)
class Subject:
    """``time`` is absolute, "" where none is told; ``text`` says what; ``named``: and whose."""

    time: str
    text: str
    start: int
    named: bool


def subject_of(text: str, year: int | None, told: str = "") -> Subject | None:
    """The subject of a clause cut before its verb, or None where it is not a plain noun phrase."""
    position = strip_lead(text)
    length = leading_time(text[position:])
    time = absolute(text[position : position + length], year, told) if length else ""
    if time is None:
        return None
    position += length
    position += strip_lead(text[position:])
    rest = text[position:]
    if not 2 <= len(rest) <= 26 or _BAD.search(rest):
        return None
    words = tagged(rest)
    first, last = words[0], words[-1]
    if not (first[1].startswith(_START_FLAGS) or first[0] in _START_VERBS) or not last[1].startswith(
        ("n", "v", "l", "j", "q", "b")
    ):
        return None
    return Subject(time, rest, position, is_named(rest))


def is_named(text: str) -> bool:
    """Whether the words name a place, an organisation or the whole country."""
    return (
        bool(_WIDE.search(text) or _ORGANISATION.search(text))
        or bool(places(text))
        or any(flag == "nr" for _, flag in tagged(text))
    )


def places(text: str) -> list[str]:
    """The names of places in a text, whole: 江门市蓬江区 is one."""
    found: list[str] = []
    joined = ""
    for word, flag in tagged(text):
        if (
            word in _KNOWN
            or (flag == "ns" and word not in _NO_PLACE and len(word) >= 3 and word[-1] in "省市县区镇乡州盟旗")
        ) or (joined and flag.startswith("n") and len(word) > 1 and word[-1] in "省市县区镇乡村州"):
            joined += word
            continue
        if joined:
            found.append(joined)
        joined = ""
    if joined:
        found.append(joined)
    return [place for place in found if len(place) >= 2]


def scope_before(page: Page, sentence: tuple[int, int], clause_start: int) -> str | None:
    """Whose a figure is by what is said before it: a place or organisation of the sentence, else of the title.

    Returns: "" where nothing is named, None where several are and it cannot be told.
    """
    before = page.text[sentence[0] : clause_start]
    for found in (organisations(before) or places(before), organisations(page.title) or places(page.title)):
        distinct = list(dict.fromkeys(found))
        if len(distinct) == 1:
            return distinct[0]
        if distinct:
            return None
    return ""


def organisations(text: str) -> list[str]:
    """The organisations at the beginning of clauses of a text, by how names end."""
    found = [match["name"] for match in _LISTED.finditer(text)]
    for clause in clauses(text, 0, len(text)):
        position = strip_lead(clause.text)
        position += leading_time(clause.text[position:])
        match = _ORGANISATION.match(clause.text, position)
        if match and _OFFICER.match(clause.text, match.end()):
            continue
        if match and not _BAD.search(match[0]) and tagged(match[0])[0][1].startswith(("n", "j", "b", "eng")):
            found.append(match[0])
    return found


def localised(text: str, scope: str) -> str | None:
    """全省粮食产量 with 湖北省 for 全省; None where the place is not of that kind."""
    match = _LOCAL.match(text)
    if match is None:
        return text
    if scope.endswith(match[1]):
        return scope + text[match.end() :]
    return None
