"""Drafts about events: when and where something took place, who held or published it, and which rank was reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft, Span
from evals.reader_training.making.pages import Clause, Page, clauses, tagged
from evals.reader_training.making.subjects import is_named

_VERBS = (
    "举行|举办|召开|开幕|闭幕|启动|开工|竣工|通车|投产|投用|开通|开馆|开园|开业|揭牌|揭幕|成立|落成|"
    "发布|印发|公布|签署|签约|上线|上市|发射|落幕|首飞|下线|建成|实施|施行|生效|"
    "开赛|开赛|开播|首映|上映|开学|奠基|挂牌|抵达|开机|完工|收官|合龙|贯通|并网|封顶|交付|入列|获批|"
    "颁布|出版|登陆|决赛|亮相|关闭|复航|首航|试运营|运营|试运行|结束|去世|逝世|出生|当选|就职|"
    "宣誓就职|上任"
)
_DATE = re.compile(
    r"(?P<lead>今天|昨天|今晚|昨晚|今日|昨日|明天|明日|前天|后天)?[（(]?(?P<date>(?:(?:19|20)"
    r"\d\d年)?\d{1,2}月\d{1,2}日|\d{1,2}日|(?:19|20)\d\d年(?:\d{1,2}月(?:份|底|初|中旬|下旬|上旬)?|底|"
    r"初)?)[）)]?"
    r"(?P<hour>凌晨|早上|清晨|上午|中午|下午|傍晚|晚间|晚上|晚|夜间)?(?P<clock>\d{1,2}(?:时|点|[:：])"
    r"\d{0,2}分?)?(?:起|，)?"
)
_EVENT = re.compile(
    rf"(?P<subject>[^，。；：]{{4,30}}?)(?P<adverb>(?:正式|胜利|将|已|已经|顺利|同时|圆满|成功|全面|"
    rf"隆重|首次|集中|联合|同步|盛大|如期)*)(?P<place>在[^，。；：在]{{2,18}}?)?(?P<adverb2>(?:正式|将|"
    rf"顺利|圆满|成功|全面|隆重|首次|集中|联合|共同|同步|盛大|激情|火热)*)(?P<verb>{_VERBS})"
    rf"(?P<rest>[^，。；：]{{0,16}})$"
)
_BAD = re.compile(r"[他她其该此这那们您你我某]|记者|本次|上述|当天|当日|今天|昨天|\d{1,2}日|[（）()“]|有关|如果|每")
_NO_SUBJECT = re.compile(r"^(?:指|祝贺|庆祝|要|欢迎|出席|学习|围绕)|要|贯彻|学习|出席")
# What is published is asked for, not who published something.
_TAKES_OBJECT = re.compile(r"(?:发布|公布|印发|签署|颁布|出版|签约|交付)$")
_PUBLISHED = re.compile(
    r"(?:》|”|名单|报告|方案|条例|办法|规划|意见|数据|公告|榜|榜单|白皮书|标准|主题|标识|声明|协议|公报|成果|指南|计划|预案|通知|结果|海报|专辑|新歌|新品|图书)$"
)
_GENERIC = re.compile(r"^(?:了)?(?:座谈会|新闻发布会|发布会|记者会|仪式|会议|活动|会谈|集会|大会)$")
_PLACE_LIKE = re.compile(
    r"(?:馆|中心|堂|厅|场|院|校|大学|酒店|公园|宫|基地|总部|大厦|社区|村|镇|站|港|岛|园|寺|法院|广场|"
    r"路|街|湾|湖|山|城)$"
)
_PLACE_WORDS = re.compile(r"(?:中|上|下|时|后|前|内|期间|方面|领域|过程|基础|背景|情况|主题)$")
_HOST = re.compile(
    r"^(?P<subject>[^，。；]{4,34}?)(?:是|将|将会)?由(?P<host>[^，。；]{3,50}?)(?P<how>(?:联合|共同|"
    r"具体|负责|独家|主要)*)(?P<verb>主办|举办|承办|协办|承建|建设|投资建设|出品|制作|研制|设计|编制|"
    r"牵头|起草|运营|发起|组织|实施|开发|生产|修建|管理|执导|主演|创作|编写|举行|颁发|评选)"
    r"(?:的(?P<named>[^，。；]{3,30}))?$"
)
_HOSTED = re.compile(
    r"^由(?P<host>[^，。；]{3,50}?)(?P<how>(?:联合|共同|具体|负责|独家|主要)*)(?P<verb>主办|举办|承办|"
    r"出品|制作|研制|牵头|起草|发起|组织|开发|编写)的(?P<named>[^，。；在]{4,30}?)(?:在|将|于|\d|今天|"
    r"日前|近日|正式|$)"
)
_RANK = re.compile(
    r"^(?P<subject>[^，。；]{3,26}?)(?P<verb>位居|位列|排名|居|列|排在|名列|稳居|跃居|升至|排)"
    r"(?P<field>全国|全省|全市|世界|全球|亚洲|全球范围|中部地区|西部地区|东部地区|"
    r"同类城市)?(?P<rank>第[一二三四五六七八九十\d]+(?:位|名)?|首位|榜首|"
    r"前[一二三四五六七八九十\d]+(?:位|名|强)?)$"
)


def event_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """The events of a sentence."""
    date: tuple[Span, str] | None = None
    for number, clause in enumerate(clauses(page.text, *sentence)):
        text = clause.text.lstrip("　 ")
        offset = clause.end - len(text)
        match = _DATE.match(text)
        length = 0
        if match:
            date = ((offset + match.start("date"), offset + _date_end(match)), match["date"])
            length = match.end()
            if match["date"].endswith("年") and text[length:]:
                date = None  # 2024年中国航天日: the year is of the name
        elif number > 1:
            date = None
        if text[length:]:
            yield from _event(page, sentence, Clause(offset + length, clause.end, text[length:]), date)
        yield from _host(page, sentence, clause)
        yield from _rank(sentence, clause)


def _date_end(match: re.Match[str]) -> int:
    if match["clock"] and "（" not in match[0]:
        return match.end("clock")
    return match.end("hour") if match["hour"] and "）" not in match[0] else match.end("date")


def _event(page: Page, sentence: Span, clause: Clause, date: tuple[Span, str] | None) -> Iterator[Draft]:
    inner = None
    match = _EVENT.match(clause.text)
    if match is None:
        return
    subject = match["subject"]
    if (found := _DATE.search(subject)) and found.end() == len(subject):
        inner = (clause.start + found.start("date"), clause.start + _date_end(found))
        subject = subject[: found.start()].removesuffix("于").removesuffix("将")
    if _NO_SUBJECT.search(subject) or (_GENERIC.match(match["rest"]) and "第" not in subject):
        return
    if _TAKES_OBJECT.search(match["verb"]) and not match["rest"] and not _PUBLISHED.search(subject):
        return
    if _BAD.search(subject + match["rest"]) or not _is_event(subject) or _BAD.search(match["place"] or ""):
        return
    adverb, place, rest = match["adverb2"], match["place"] or "", match["rest"]
    verb = match["verb"] + rest
    if (rest and tagged(rest)[-1][1].startswith(("v", "p", "c", "d", "u"))) or rest.startswith(
        ("者", "会", "人", "商", "方", "了", "的", "以来", "后", "时", "前", "中")
    ):
        return
    when = inner or (date[0] if date else None)
    if when:
        yield Draft(
            kind="date",
            spans=(when,),
            anchor=sentence,
            forms=_when_forms(place, adverb, verb, page.text[slice(*when)]),
            core=subject,
            about=(subject[-4:], match["verb"]),
        )
    where = match["place"]
    if (
        where
        and not _PLACE_WORDS.search(where)
        and (is_named(where) or _PLACE_LIKE.search(where))
        and tagged(where[1:])[-1][1].startswith("n")
    ):
        start = clause.start + match.start("place") + 1
        yield Draft(
            kind="place",
            spans=((start, start + len(where) - 1),),
            anchor=sentence,
            forms=(
                "{c}在哪里" + adverb + verb + "？",
                "{c}在什么地方" + verb + "？",
                "{c}在哪儿" + verb + "？",
                "{c}" + verb + "的地点是哪里？",
                "{c}是在哪里" + verb + "的？",
                "{c}" + verb + "地点",
            )
            if not rest
            else ("{c}在哪里" + adverb + verb + "？", "{c}在什么地方" + verb + "？", "{c}是在哪里" + verb + "的？"),
            core=subject,
            about=(subject[-4:], match["verb"]),
        )


def _when_forms(place: str, adverb: str, verb: str, when: str) -> tuple[str, ...]:
    forms = [
        "{c}什么时候" + place + adverb + verb + "？",
        "{c}什么时候" + verb + "？",
        "{c}是什么时候" + verb + "的？",
        "{c}何时" + verb + "？",
        "{c}" + verb + "的时间是什么？",
        "{c}" + verb + "时间",
        "什么时候{c}" + verb + "？",
    ]
    if "日" in when:
        forms += [
            "{c}是哪一天" + place + adverb + verb + "的？",
            "{c}" + place + verb + "是在哪天？",
            "{c}几号" + verb + "？",
        ]
    elif when.endswith("年"):
        forms += ["{c}是哪一年" + place + adverb + verb + "的？", "{c}哪年" + verb + "？"]
    return tuple(forms)


def _is_event(subject: str) -> bool:
    if len(subject) < 4 or "在" in subject or subject.endswith(("新闻办", "新闻办公室")):
        return False
    words = tagged(subject)
    if words[0][1][0] in "vpcudr" and words[0][0] != "首届":
        return False
    return words[-1][1].startswith(("n", "vn", "l", "j", "s", "nz")) or subject.endswith(
        ("》", "”", "会议", "论坛", "大会", "仪式", "活动")
    )


def _host(page: Page, sentence: Span, clause: Clause) -> Iterator[Draft]:
    match = _HOST.match(clause.text) or _HOSTED.match(clause.text)
    if match is None:
        return
    groups = match.groupdict()
    named = groups.get("subject") or match["named"]
    if _BAD.search(named) or _BAD.search(match["host"]) or not _is_event(named) or named.endswith("均"):
        return
    host, verb = match["host"], match["how"] + match["verb"]
    span = (clause.start + match.start("host"), clause.start + match.start("host") + len(host))
    several = bool(re.search(r"[、和]|与|以及", host))
    if not several and not is_named(host) and not re.search(r"[部委局厅院会府处所署社团司校中心组台馆行室]$", host):
        return
    asks = ("哪些单位", "哪几家单位", "哪些机构") if several else ("哪个单位", "哪家单位", "哪个机构", "谁")
    body = verb + (groups["named"] or "" if groups.get("subject") and groups.get("named") else "")
    yield Draft(
        kind="organisation",
        spans=(span,),
        anchor=sentence,
        forms=tuple(
            f
            for ask in asks
            for f in (
                "{c}由" + ask + body + "？",
                "{c}是由" + ask + body + "的？",
                ask + body + "了{c}？" if body == verb else "{c}由" + ask + body,
            )
        )
        + (
            ("{c}的" + match["verb"] + "单位是哪家？", "{c}" + match["verb"] + "方") if body in ("主办", "承办") else ()
        ),
        core=named,
        about=(named[-4:], match["verb"]),
    )


def _rank(sentence: Span, clause: Clause) -> Iterator[Draft]:
    match = _RANK.match(clause.text)
    if (
        match is None
        or _BAD.search(match["subject"])
        or not _is_event(match["subject"])
        or not is_named(match["subject"] + (match["field"] or ""))
        or (not match["field"] and len(match["subject"]) < 6)
    ):
        return
    span = (clause.start + match.start("rank"), clause.start + match.end("rank"))
    field = match["field"] or ""
    yield Draft(
        kind="ranking",
        spans=(span,),
        anchor=sentence,
        forms=(
            "{c}" + match["verb"] + field + "第几？",
            "{c}" + (field and "在" + field) + "排名第几？",
            "{c}" + (field and "在" + field) + "排第几位？",
            "{c}" + field + "排名",
        ),
        core=match["subject"],
        about=(match["subject"][-4:],),
    )
