"""Drafts about laws: penalties, limits of time, dates, who passed them, who is in charge, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft, Span
from evals.reader_training.making.pages import Page, tagged

_MONEY = (
    r"[一二三四五六七八九十百千万\d]+(?:万|"
    r"千)?元(?:以上)?(?:[一二三四五六七八九十百千万\d]+元(?:以下)?)?(?:以下)?|"
    r"[^，。；的]{1,12}倍以上[^，。；的]{1,6}倍以下"
)
_PENALTY = re.compile(
    rf"(?<![^，。；\n 　）)])(?P<deed>[^，。；：\n]{{6,40}})"
    rf"的，(?:[^。；\n]{{0,80}}?[，、])?(?:可以)?(?:并)?处(?:以)?(?P<fine>(?:{_MONEY}))的?罚款"
)
_WITHIN = re.compile(
    r"(?P<who>[^，。；\n]{3,26}?)(?:应当|须|必须)?(?:在|自)(?P<from>[^，。；\n]{4,30}?)(?:之日起|"
    r"后)?(?P<days>[一二三四五六七八九十百\d]+(?:个工作日|日|个月|年|小时))(?:内|之内|以内)"
    r"，?(?P<what>(?:作出|提出|答复|报|向|完成|办理|将|予以|组织|告知|书面|送达|进行|审查|申请|决定|"
    r"缴纳|办结|提交|书)[^，。；\n]{2,26})(?=[，。；])"
)
_FORCE = re.compile(
    r"本(?P<what>法|条例|办法|规定|规则|细则|决定|解释)自(?P<date>\d{4}年\d{1,2}月\d{1,2}日|"
    r"[一二][九〇○零]{1}[〇○零一二三四五六七八九]{2}年[一二三四五六七八九十]+月[一二三四五六七八九十]+日)"
    r"起(?:施行|实施)"
)
_PASSED = re.compile(
    r"^(?P<date>\d{4}年\d{1,2}月\d{1,2}日)[ 　](?P<body>[^\n，。；]{6,60}?)(?P<verb>通过|公布|发布|批准)$", re.MULTILINE
)
_CHARGE = re.compile(
    r"(?:(?<=[，。；\n 　])|^)(?P<who>(?:国务院|县级以上|省|市|自治区|设区的市|各级)"
    r"[^，。；、\n]{2,26}(?:部门|政府|机关|机构|委员会|局))(?P<verb>负责|主管|统一负责|依法负责|"
    r"具体负责)(?P<what>[^，。；\n]{4,36})(?=[，。；])"
)
_MEANS = re.compile(
    r"本(?:法|条例|办法|规定|规则|细则)所称的?(?P<term>[^，。；\n]{2,16})，?是指(?P<meaning>[^。；\n]{8,80})(?=[。；])"
)
_FORBID = re.compile(
    r"(?:(?<=[。；\n])|^)(?:第[一二三四五六七八九十百零]+条[ 　])?(?P<who>(?:任何单位和个人|"
    r"任何组织和个人|任何组织或者个人|任何单位或者个人|禁止|严禁))"
    r"(?P<not>不得)?(?P<deed>[^，。；：\n]{5,36})(?=[。；])"
)
_MAY_NOT = re.compile(
    r"(?:(?<=[。；\n])|^)(?:第[一二三四五六七八九十百零]+条[ 　])?(?P<who>[^，。；：\n“”]{3,20}?)"
    r"(?P<said>(?P<modal>不得|可以|应当)(?P<deed>[^，。；：\n]{4,30}))(?=[。；])"
)
# Deeds that only mean something after the clause before them.
_DEPENDS = re.compile(
    r"的|或者|以及|及|和|没有违法所得|违法所得|情节|逾期|拒不|造成|经责令|构成|对|有违法|其他|货值|法律|导致|致使|但"
)
_ARTICLE = re.compile(r"^第.{1,6}条[ 　]?")
_BAD = re.compile(
    r"[其该此这那]|前款|前条|本条|第[一二三四五六七八九十百零]+[条款项章]|下列|以下情|上述|有关规定|"
    r"规定的|本(?:法|条例|办法)"
)


def law_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """What a sentence of a law says, asked with the law's name before it."""
    law = _name(page)
    yield from _penalties(page, sentence, law)
    yield from _limits(page, sentence, law)
    if law:
        yield from _forces(page, sentence, law)
    yield from _charges(page, sentence, law)
    for match in _MEANS.finditer(page.text, *sentence):
        forms = ("{s}{c}是指什么？", "{s}什么是{c}？", "{s}{c}的定义是什么？", "{s}所称{c}指什么？", "{s}{c}是什么意思")
        about = ("所称" + match["term"],)
        yield _draft("definition", match.span("meaning"), sentence, forms, match["term"], law, about)
    yield from _allowed(page, sentence, law)


def _penalties(page: Page, sentence: Span, law: str) -> Iterator[Draft]:
    forms = (
        "{s}{c}的，处多少罚款？",
        "{s}{c}罚款多少？",
        "{s}{c}会被罚多少钱？",
        "{s}{c}的罚款金额是多少？",
        "{s}{c}怎么罚款？",
        "{s}{c}要罚多少",
    )
    for match in _PENALTY.finditer(page.text, *sentence):
        deed = re.sub(r"^(?:第.{1,6}条[ 　]?|[（(][一二三四五六七八九十]+[)）])", "", match["deed"])
        if not _BAD.search(deed) and not _DEPENDS.match(deed):
            yield _draft("penalty", match.span("fine"), sentence, forms, deed, law, (deed[:6],))


def _limits(page: Page, sentence: Span, law: str) -> Iterator[Draft]:
    for match in _WITHIN.finditer(page.text, *sentence):
        who = _ARTICLE.sub("", match["who"])
        if _BAD.search(match[0]) or not who or not tagged(who)[0][1].startswith(("n", "j", "b", "vn", "a")):
            continue
        who = who.removesuffix("应当").removesuffix("的")
        before = match[0][: match.start("days") - match.start()]
        since = f"自{match['from']}之日起" if "自" in before else f"在{match['from']}后"
        what = match["what"]
        forms = (
            "{s}{c}应当" + since + "多少日内" + what + "？",
            "{s}{c}应当" + since + "多长时间内" + what + "？",
            "{s}{c}" + what + "的期限是多久？",
            "{s}{c}多久之内" + what,
        )
        yield _draft("duration", match.span("days"), sentence, forms, who, law, (what[:6],))


def _forces(page: Page, sentence: Span, law: str) -> Iterator[Draft]:
    forms = (
        "{c}自什么时候起施行？",
        "{c}什么时候开始施行？",
        "{c}何时生效？",
        "{c}从哪一天起实施？",
        "{c}施行日期",
        "{c}的施行时间是哪天？",
    )
    for match in _FORCE.finditer(page.text, *sentence):
        yield _draft("date", match.span("date"), sentence, forms, law, "", ("施行",))


def _charges(page: Page, sentence: Span, law: str) -> Iterator[Draft]:
    for match in _CHARGE.finditer(page.text, *sentence):
        if _BAD.search(match[0]):
            continue
        forms = (
            "{s}哪个部门" + match["verb"] + "{c}？",
            "{s}{c}由哪个部门负责？",
            "{s}{c}归谁管？",
            "{s}{c}由谁" + match["verb"] + "？",
            "{s}{c}的负责部门是哪个？",
        )
        work = match["what"].removeprefix("全国").removesuffix("工作") + "工作"
        yield _draft("organisation", match.span("who"), sentence, forms, work, law, (match["what"][:6],))


def passed_drafts(page: Page) -> Iterator[Draft]:
    """When and by whom a law was passed, of its heading; only where one line tells it."""
    found = list(_PASSED.finditer(page.text[:600]))
    law = _name(page)
    if len(found) != 1 or not law:
        return
    match = found[0]
    verb, body = match["verb"], match["body"].rstrip()
    when = ("{c}什么时候" + verb + "的？", "{c}是哪一天" + verb + "的？", "{c}" + verb + "时间")
    yield _draft("date", match.span("date"), match.span(), when, law, "", (verb,))
    if "令" not in body:
        who = (
            "{c}是由哪个机关" + verb + "的？",
            "{c}由谁" + verb + "？",
            "{c}在哪次会议上" + verb + "？" if "会议" in body else "哪个机关" + verb + "了{c}？",
        )
        span = (match.start("body"), match.start("body") + len(body))
        yield _draft("organisation", span, match.span(), who, law, "", (verb,))


def _allowed(page: Page, sentence: Span, law: str) -> Iterator[Draft]:
    forbidding = ("{s}是否允许{c}？", "{s}可以{c}吗？", "{s}能不能{c}？", "{s}{c}是否被禁止？", "{s}禁止{c}吗？")
    for match in _FORBID.finditer(page.text, *sentence):
        if (match["not"] is None) == match["who"].startswith("任何") or _BAD.search(match["deed"]):
            continue
        span = (match.start("who"), match.end("deed"))
        yield _draft("whether", span, sentence, forbidding, match["deed"], law, (match["deed"][:8],))
    for match in _MAY_NOT.finditer(page.text, *sentence):
        who = match["who"]
        words = tagged(who)
        if _BAD.search(who + match["deed"]) or not words[0][1].startswith(("n", "j", "b", "a")):
            continue
        if words[-1][1].startswith("n"):
            asks = ("是否应当{c}？", "必须{c}吗？", "要不要{c}？")
            if match["modal"] != "应当":
                asks = ("可以{c}吗？", "是否可以{c}？", "能不能{c}？")
            forms = tuple("{s}" + who + ask for ask in asks)
            yield _draft("whether", match.span("said"), sentence, forms, match["deed"], law, (match["deed"][:8],))


def _draft(
    kind: str, span: Span, anchor: Span, forms: tuple[str, ...], core: str, law: str, about: tuple[str, ...]
) -> Draft:
    return Draft(kind=kind, spans=(span,), anchor=anchor, forms=forms, core=core, scope=law, about=about, english="law")


def _name(page: Page) -> str:
    return page.title.removeprefix("中华人民共和国") if len(page.title) <= 40 else ""
