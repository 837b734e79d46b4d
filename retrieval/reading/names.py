"""Names in folded Chinese text by rule: people by surname, office and verb; organisations and places by their endings.

Word lists, not a model: enough to answer 谁 and 哪家 until a trained reader does. Offsets count in the folded text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The commonest 190 surnames cover some 95 % of people; rare ones are met only behind an office.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温庞樊葛齐童翁甘关劳"
    "涂卓兰欧麦区冼植司翟申耿牛鲁岑辛游祝缪费骆古饶项祁纪舒阮柯裴霍乔赖盛柴管桂符冉柳安季闵尚鲍凌俞习"
)
_COMPOUND_SURNAMES = "欧阳|司徒|上官|诸葛|司马|东方|皇甫|尉迟|公孙|慕容"
_OFFICES = (
    "总书记|书记|县长|区长|市长|镇长|乡长|村长|省长|州长|部长|局长|处长|科长|主任|主席"
    "|会长|院长|校长|所长|站长"
    "|社长|厂长|行长|队长|组长|团长|司长|厅长|署长|总理|总统|首相|大臣|大使|委员长|委员|理事长"
    "|秘书长|董事长|总经理|经理"
    "|总裁|总监|总干事|负责人|发言人|创始人|教授|研究员|院士|博士|专家|工程师|律师|法官|检察长"
    "|检察官|医生|护士|主教练"
    "|教练|记者|通讯员|实习生|编辑|作家|导演|演员|运动员|村民|居民|常委|干部|指导员|党员|代表"
    "|爱好者|主播|讲师|老师|教师|馆长|军人"
)
_BEHIND_A_NAME = (
    r"说|表示|介绍|指出|强调|认为|透露|告诉|称|带队|率队|带领|率|出席|主持|参加|来到|前往|深入|赴|宣布|坦言|解释|回忆"
    r"|提出|要求|牵头|负责|带头|陪同|讲话|部署|督导|调度|致辞|通报|挂帅|代表|荣获|担任|任|在|向|对|与|和|为|到|走进|调研|主讲|作|等|一行|率团|会见|发表"
    r"|同|[、,，。;；)）:：“”]|$"
)
_NAME = rf"(?:(?:{_COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_ANY_NAME = r"[\u4e00-\u9fff]{2,3}"
_FOREIGN = r"[\u4e00-\u9fff]{1,8}(?:·[\u4e00-\u9fff]{1,10})+"
_OFFICE_NAME = re.compile(
    rf"(?P<office>(?:{_OFFICES}))(?P<name>{_FOREIGN}|{_NAME}|{_ANY_NAME}(?={_BEHIND_A_NAME})|[\u4e00-\u9fff]{{2}}(?={_BEHIND_A_NAME}))"
)
# Surnames that are common words too are believed only where something follows that follows names.
_WORD_TOO = frozenset("向万方高金白江安管关齐龙石毛严史季司温明时全和于成常程夏陆汪莫文丁马牛")
_NAME_VERB = re.compile(
    rf"(?:(?<=[,，。;；:：、“”(（\s])|^)(?P<name>{_FOREIGN}|{_NAME})(?=说|表示|介绍|指出|强调|认为"
    rf"|透露|告诉|称|带队|率队|宣布|坦言|回忆)"
)

_OFFICE_AT_END = re.compile(rf"副?(?:{_OFFICES})$")

# What a question calls a thing -> how names of that thing end.
_ENDINGS: dict[str, str] = {
    "学校": "大学|学院|中学|小学|学校|职校|党校|幼儿园|实验学校",
    "高校": "大学|学院",
    "院校": "大学|学院|学校",
    "大学": "大学|学院",
    "学院": "学院",
    "中学": "中学|学校",
    "小学": "小学|学校",
    "公司": "公司|集团|厂|银行",
    "企业": "公司|集团|厂|企业|银行",
    "集团": "集团|公司",
    "银行": "银行|信用社",
    "医院": "医院|卫生院|卫生服务中心",
    "机构": "中心|院|所|局|会|机构|公司|学院|大学|银行|社",
    "单位": "局|委|办|部|院|所|中心|公司|政府|委员会|协会|学校|集团|站|社",
    "部门": "局|委|办|部|厅|院|委员会|中心|署",
    "协会": "协会|商会|学会|联合会",
    "媒体": "报|台|网|社|频道|新闻",
    "出版社": "出版社",
    "研究所": "研究所|研究院",
    "村": "村|社区",
    "社区": "社区|村",
    "镇": "镇|乡|街道",
    "街道": "街道|镇",
    "县": "县|区|市",
    "区": "区|县|市|新区",
    "城市": "市",
    "市": "市",
    "地方": "省|市|区|县|镇|乡|村|街道|社区|园|路|馆|广场|中心|基地|景区|公园",
    "省": "省|自治区",
    "省份": "省|自治区|市",
    "地区": "省|自治区|市|区|县",
    "景区": "景区|风景区|公园|度假区|古镇",
    "公园": "公园",
    "园区": "园区|产业园|园",
    "法院": "法院",
    "检察院": "检察院",
    "大桥": "大桥|桥",
    "机场": "机场",
    "奖项": "奖|称号|荣誉",
    "称号": "称号|奖|单位|村|镇|示范点",
    "会议": "会|会议|大会|论坛|座谈会",
    "活动": "活动|节|赛|会|行动|仪式",
}
# What joins, introduces or governs names, so that a name lies between two of them.
_NAME_BREAK = re.compile(
    r"[—\-与和及在于到由是为的对向将把被从给让经、,，。;；:：!！?？“”()（）《》\s]|位于|来自|前往|联合|携手|走进|签约|举行|举办"
    r"|获得|获评|落户|共建|合作|共同"
)
# “全市首个商圈” describes; it does not name.
_GENERIC = re.compile(
    r"^(?:(?:共有?|[0-9]|全[国省市区县镇]|首[个批家所]?|第一[个家所]?|该|本|这|某|各|多|几|[一二两三四五六七八九十]+|其他|所有|我)[个家所座]?)+"
)
_MAX_NAME_CHARS = 24
_BYLINE = frozenset({"记者", "编辑", "通讯员", "实习生"})


@dataclass(frozen=True, slots=True)
class Person:
    """``text[start:end]`` is the name; ``offices`` are those that stand before it (“县委副书记、县长”), 副 included.

    ``scope_start`` is where the words about this person begin: behind the person or clause before.
    """

    start: int
    end: int
    offices: tuple[str, ...]
    scope_start: int


def people(text: str, *, wants_byline: bool = False) -> list[Person]:
    """The people a text names, in order.

    Reporters and editors, who are in every dateline, are left out unless ``wants_byline``.
    """
    people_found: list[Person] = []
    for start, end in _name_spans(text, wants_byline=wants_byline):
        behind = people_found[-1].end if people_found else 0
        clause = max(text.rfind(mark, 0, start) for mark in ",，。;；:：\n") + 1
        scope_start = max(behind, clause)
        people_found.append(Person(start, end, _offices(text[scope_start:start]), scope_start))
    return people_found


def office_in(text: str) -> str:
    """The office that a text ends with, 副 included; "" where it ends with none."""
    match = _OFFICE_AT_END.search(text)
    return match.group() if match else ""


def _offices(before: str) -> tuple[str, ...]:
    """The chain of offices right before a name: every part between “、” that ends with one, read backwards."""
    found = []
    for part in reversed(before.split("、")):
        office = office_in(part)
        if not office:
            break
        found.append(office)
    return tuple(reversed(found))


def _name_spans(text: str, *, wants_byline: bool) -> list[tuple[int, int]]:
    found: dict[int, int] = {}
    for match in _OFFICE_NAME.finditer(text):
        start, end = match.start("name"), _name_end(text, match.start("name"), match.end())
        doubtful = text[start] in _WORD_TOO and not re.match(_BEHIND_A_NAME, text[end:])
        if not doubtful and (match["office"] not in _BYLINE or wants_byline):
            found[start] = end
    for match in _NAME_VERB.finditer(text):
        found.setdefault(match.start(), _name_end(text, match.start(), match.end()))
    return sorted(found.items())


def _name_end(text: str, start: int, end: int) -> int:
    """Two or three characters: the longer one unless only the shorter leaves a word that follows names."""
    if "·" in text[start:end] or end - start < 3:
        return end
    longer = re.match(_BEHIND_A_NAME, text[end:])
    shorter = re.match(_BEHIND_A_NAME, text[end - 1 :])
    return end - 1 if shorter and not longer else end


def _endings(noun: str) -> str:
    longest_first = sorted(_ENDINGS, key=len, reverse=True)
    key = next((key for key in longest_first if noun.startswith(key) or noun.endswith(key)), None)
    return _ENDINGS[key] if key else re.escape(noun[:2])


def named_things(text: str, noun: str) -> list[tuple[int, int]]:
    """``(start, end)`` of names of what ``noun`` calls (“哪所学校” → 学校) in order.

    A noun that is not in the list is looked for itself: “哪个工厂” is answered by “天津工厂”.
    """
    endings = _endings(noun)
    if not endings:
        return []
    found = []
    bounds = [0, *(bound for match in _NAME_BREAK.finditer(text) for bound in match.span()), len(text)]
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        stops = [match.end() for match in re.finditer(rf"(?:{endings})", text[start:end])]
        name = text[start : start + stops[-1]] if stops else ""
        if 1 < len(name) <= _MAX_NAME_CHARS and not _GENERIC.match(name):
            found.append((start, start + len(name)))
    return found
