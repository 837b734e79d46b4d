"""Drafts about people and their offices: who holds an office, and which office a person holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft, Span
from evals.reader_training.making.pages import Page, clauses, tagged
from evals.reader_training.making.subjects import is_named

_ROLES_WORDS = (
    "总书记 书记 省长 市长 县长 区长 镇长 乡长 州长 部长 局长 处长 科长 主任 主席 会长 "
    "院长 校长 所长 站长 社长 行长 队长 大队长 支队长 司长 厅长 署长 总理 总统 首相 "
    "大臣 外长 防长 国防部长 外交部长 外交大臣 秘书长 大使 委员长 理事长 董事长 总经理 "
    "总裁 总监 总干事 负责人 发言人 创始人 检察长 主教练 馆长 司令 司令员 村支书 "
    "首席执行官 首席专家 首席经济学家 首席科学家 总工程师 总设计师 研究员 教授 所长 台长 "
    "乡长 庭长 党委书记 党组书记 教导员 指导员 关长 政委 总编辑 园长 厂长 组长"
)
ROLES = _ROLES_WORDS.split()
_ROLE = "|".join(sorted(set(ROLES), key=len, reverse=True))
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤温庞樊葛齐童翁甘关劳涂卓兰欧麦区冼植司翟申耿牛鲁岑辛游祝缪费骆古饶项祁纪舒阮柯裴霍乔赖盛柴管桂符冉柳安季闵尚鲍凌俞习华毕倪"
)
_NAME = (
    rf"(?:[\u4e00-\u9fff]{{1,7}}?(?:·[\u4e00-\u9fff]{{1,9}}?)+|(?:欧阳|司徒|上官|诸葛|司马|皇甫|慕容)"
    rf"[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
_FOLLOW = (
    r"(?=说|表示|当地|介绍|指出|强调|认为|透露|告诉|称|带队|率|出席|主持|参加|来到|前往|赴|宣布|坦言|解释|"
    r"回忆|致辞|作|在[\u4e00-\u9fff]|向|发表|会见|和|等|一行|同[\u4e00-\u9fff]|同日|今天|当天|当日|"
    r"\d{1,2}(?:日|月)|近日|日前|对[\u4e00-\u9fff]|就|分析|呼吁|接受|[、，。；)）：:“]|$)"
)
# Parts of speech that a name may hide in when the dictionary does not know it: 乾道, 戴庄.
_UNSURE = ("x", "z", "g", "nr", "ng", "vg", "ag", "k", "h", "q", "o", "y", "e")
_FOLLOWED = re.compile(_FOLLOW)
_OFFICE = re.compile(rf"(?P<role>副?(?:{_ROLE}))(?P<name>{_NAME}){_FOLLOW}")
_KEEP_LEFT = ("n", "b", "j", "a", "f", "vn", "eng", "l", "i", "nz", "an", "s", "m")
_BODY = re.compile(
    r"(?:省|市|县|区|镇|乡|村|州|部|委|局|厅|院|会|府|处|所|署|社|行|司|集团|公司|大学|学院|中学|小学|"
    r"银行|中心|组织|协会|法院|检察院|基金|科|馆|台|站|军|队|政协|人大|党组|党委|国家|国|"
    r"[\u4e00-\u9fff]{2,}斯坦)$"
)
_STOP_WORDS_WORDS = (
    "特邀 委托 受邀 受 会见 陪同 欢迎 出席 会谈 访问 主持 参加 介绍 采访 邀请 任命 "
    "选举 兼任 担任 原 前 时任 现任 新任 本 该 其 对 记者 据 由 与 和 及 经 随后 "
    "当日 今天 同时 一名 一位 另一 受访 有关 相关 多名 学者"
)
_STOP_WORDS = frozenset(_STOP_WORDS_WORDS.split())
_NOT_NAME = re.compile(
    r"[的了是在就等说称和与将为所作对同被于从向也曾已陪率赴访抵]$|^(?:曾[回经对在就是]|何[时以为]|向[全广]|"
    r"于[是近今]|和[平谐]|任[何期]|高[级度]|全[国体]|方[面案]|安[全排]|关[于注]|金[融额]|时任|应[邀对]|"
    r"会[议见]|常[务委])"
)


def office_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """The people of a sentence whose office is told just before their name."""
    text = page.text
    for match in _OFFICE.finditer(text, *sentence):
        name = _whole_name(text, match, sentence[1])
        if name is None:
            continue
        start = _office_start(text, sentence[0], match)
        if start is None:
            continue
        office = text[start : match.end("role")]
        body = _one_body(text[start : match.start("role")])
        if not 2 <= len(body) <= 24 or not _BODY.search(body) or not _complete(text[max(0, start - 3) : start], body):
            continue
        yield from _drafts(sentence, (start, match.end("role")), name, office, body + match["role"], text)


def _one_body(body: str) -> str:
    """The organisation of offices joined by 、: 法院党组书记、院长 are of one, 市长、市公安局局长 of two ("")."""
    first, *others = body.split("、")
    if not others:
        return body
    if any(not re.fullmatch(rf"(?:党组|党委|执行|常务)?副?(?:{_ROLE})?", other) for other in others):
        return ""
    return re.sub(rf"(?:党组|党委)?副?(?:{_ROLE})$", "", first)


def _complete(before: str, body: str) -> bool:
    """Whether an office's organisation is named whole: nothing cut off before it, no office of former days."""
    if re.search(r"(?:原|前|该|本|其|这|时任|驻|某|的|被害|候任|当选|下任)$", before) or re.match(
        r"公司|省[教民委]|市[委教]|县[委教]|工作|当地|同", body
    ):
        return False
    national = re.match(
        (
            r"外交|商务|国务|全国|国家|中共|中央|中国|联合国|世界|财政|教育|公安|农业|交通|卫|生态|水利|"
            r"应急|科技|工信|国防"
        ),
        body,
    )
    return bool(national) or is_named(body) or (len(body) >= 5 and not re.search(r"[\u4e00-\u9fff]$", before))


def _drafts(anchor: Span, office_span: Span, name: Span, office: str, asked: str, text: str) -> Iterator[Draft]:
    person = text[slice(*name)]
    yield Draft(
        kind="person",
        spans=(name,),
        anchor=anchor,
        forms=(
            "{c}是谁？",
            "谁是{c}？",
            "{c}叫什么名字？",
            "{c}是谁",
            "{c}是哪位？",
            "{c}姓名",
            "担任{c}的是谁？",
            "{c}由谁担任？",
            "谁担任{c}？",
            "{c}是什么人？",
        ),
        core=asked,
        about=(asked,),
        english="who",
    )
    yield Draft(
        kind="office",
        spans=(office_span,),
        anchor=anchor,
        forms=(
            "{c}担任什么职务？",
            "{c}是什么职务？",
            "{c}的职务是什么？",
            "{c}是谁？",
            "{c}担任何职",
            "{c}现任什么职务？",
            "{c}的身份是什么？",
            "{c}在哪里任职、任什么职务？",
        ),
        core=person,
        about=(person,),
        english="office",
    )


def _whole_name(text: str, match: re.Match[str], end: int) -> Span | None:
    start, stop = match.span("name")
    name = match["name"]
    if "·" not in name:
        following = text[stop : stop + 1]
        words = tagged(text[match.start("role") : min(end, stop + 6)], names=True)
        cut = match.start("role")
        for word, flag in words:
            if cut == start and flag.startswith("nr") and 2 <= len(word) <= 4:
                if cut + len(word) >= stop or _FOLLOWED.match(text, cut + len(word)):
                    stop = cut + len(word)
                break
            cut += len(word)
        else:
            if following and following not in "，。、；：）)" and len(name) < 3:
                return None
        name = text[start:stop]
    if not 2 <= len(name) <= 12 or _NOT_NAME.search(name) or ("·" not in name and len(name) > 4):
        return None
    return start, stop


def _is_unsure(word: str, flag: str) -> bool:
    """Whether a word before an organisation may be the beginning of its name, cut off."""
    return flag.startswith(_UNSURE) or (len(word) == 1 and flag == "v" and word not in "由据对与和任请")


def _office_start(text: str, begin: int, match: re.Match[str]) -> int | None:
    """Where the office begins: nouns to the left as far as the clause goes, joined by 、 only between offices."""
    left = max((clause.start for clause in clauses(text, begin, match.start("role") + 1)), default=begin)
    position = match.start("role")
    for word, flag in reversed(tagged(text[left : match.start("role")])):
        if word == "、":
            if not re.search(rf"(?:{_ROLE}|组长|委员|成员)$", text[left : position - 1]):
                break
        elif word in _STOP_WORDS or not flag.startswith(_KEEP_LEFT) or re.search(r"\d", word) or word in "（）()":
            if word not in _STOP_WORDS and "\u4e00" <= word[-1] <= "\u9fff" and _is_unsure(word, flag):
                return None
            break
        position -= len(word)
    return position if position < match.start("role") else None
