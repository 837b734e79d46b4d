"""Who published and wrote an article, and when, as far as it is printed: datelines, bylines and full dates.

A date without its year says nothing about publication and is never completed.
"""

from __future__ import annotations

import re
from datetime import date

_MEDIUM = (
    r"(?:日报|晚报|早报|晨报|时报|商报|快报|周报|都市报|新报|导报|报|网|通讯社|社|电视台|广播电台|电台|台|(?<![局署部委院府会处办厅组])发布|"
    r"融媒体中心|融媒|客户端|新闻|在线|传媒|周刊|杂志|频道)"
)
_NAME = rf"[\u4e00-\u9fff]{{1,10}}{_MEDIUM}"
_OWN = r"(?:本报|本网|本台|本刊|本社|本站)"
_MARK = r"[□◎■●◇◆▣☐○★※▢]"
_ROLE = (
    r"(?:(?:全媒体|融媒体?|见习|实习|首席|特约|特派|驻\w{2,5}?)*记者|(?:特[约邀])?通讯员|实习生|(?:特[约邀])?评论员|"
    r"特[约邀]撰稿人?|撰稿人?)"
)

# 江门日报讯(记者/…)  本报讯  新华社北京6月1日电  央视网消息（…）：
DATELINE = re.compile(
    rf"^(?:{_MARK}\s*)?(?:据)?(?P<medium>{_OWN}|{_NAME})"
    rf"(?:讯(?=[\s（(:：，,—]|记者|近日|日前|昨|今|\d|[\u4e00-\u9fff])|消息(?=[\s（(:：])|"
    rf"[^，,。:：（()）\s]{{0,14}}(?:日|\d)\s*(?:讯|电|消息)(?=[\s（(:：—\-]|记者)|电(?=[\s（(:：]))"
)
# （记者 张三 通讯员 李四）近日……
_BRACKET_DATELINE = re.compile(
    rf"^[（(](?:文\s*[/／、]?\s*图\s*)?[^（()）。，,]{{0,12}}?{_ROLE}[^（()）。]{{1,60}}[）)](?=\S)"
)
_BYLINE = re.compile(
    rf"^(?P<mark>{_MARK}\s*)?(?:(?:文|图|文\s*[/／、]?\s*图|图\s*[/／、]?\s*文|采写|撰文)\s*[:：/／|丨｜]?\s*)?"
    rf"(?P<medium>[^\s。，,；;！!？?：:（(]{{0,24}}?)\s*{_ROLE}(?P<gap>[\s:：/／丨|]*)(?P<names>[^。，,；;！!？?]{{2,80}})$"
)
_WRITERS = re.compile(
    rf"^(?:{_MARK}\s*)?(?:文|图|作者|撰文|采写|文\s*[/／、]?\s*图|图\s*[/／、]?\s*文|文\s*字)\s*[:：/／|丨｜]\s*(?P<names>[^。，,；;！!？?]{{2,60}})$"
)
_PICTURE_AND_TEXT = re.compile(
    rf"^(?:{_MARK}\s*)?(?:文\s*[/／、]?\s*图|图\s*[/／、]?\s*文)\s+(?P<names>[^。，,；;！!？?]{{2,40}})$"
)
_END_BYLINE = re.compile(rf"[（(](?:{_OWN}|[^（()）。，,]{{0,12}}?)?{_ROLE}[^（()）。]{{1,60}}[）)]$")
_ROLE_WORD = re.compile(rf"{_ROLE}|文|图|报道|摄影|摄")
_MEDIUM_BEFORE_ROLE = re.compile(rf"^(?:{_MARK}\s*)?(?P<medium>{_NAME})(?:[/／]{_NAME})*(?=\s*{_ROLE})")
_FULL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*(?:年|[-/.])\s*(1[0-2]|0?[1-9])\s*(?:月|[-/.])\s*(3[01]|[12]\d|0?[1-9])(?:\s*日|(?!\d))"
)
_FILE_DATE = re.compile(
    r"(?<![0-9A-Za-z])((?:19|20)\d{2})([-_.年]?)(1[0-2]|0[1-9]|(?<=年)[1-9])(?:\2|月)(3[01]|[12]\d|0[1-9]|(?<=月)[1-9])日?(?![0-9A-Za-z])"
)
# Sections of a paper, not papers.
_SECTIONS = re.compile(
    r"^(?:社会|国内|国际|本地|地方|本市|全市|区域|镇街|体育|时政|财经|经济|综合|文化|教育|民生|图片|今日|头条|最新|滚动|热点|相关)(?:新闻|在线|频道|发布)$"
)
# They end as a medium's name does and are a kind of paper, a place or a net of another kind: 年度工作简报, 供水管网.
# Of 公报 only those that count something: others are periodicals.
_NO_MEDIUM = re.compile(
    r"(?:[简通月季年专汇预警战喜捷申举填上呈]|(?<!大)(?:统计|情况|质量|状况|环境|资源)公)报$|(?:合作|供销|信用|旅行|公)社$|"
    r"(?:平|出|讲|舞|阳|后|登|上|炮|灶|烽火|观景|瞭望)台$|(?:电|管|路|河|水|渔|联|并|入|上|全国一张|互联|物联|防护)网$"
)
_MEDIUM_ALONE = re.compile(rf"^{_NAME}$")


def has_dateline(text: str) -> bool:
    """Whether a paragraph opens the way the first one of a news item does."""
    return bool(DATELINE.match(text) or _BRACKET_DATELINE.match(text))


def is_byline(text: str) -> bool:
    """Whether the whole line names those who wrote: □江门日报记者 张三 通讯员 李四.

    What stands after the role must look like names, else a headline about reporters would count.
    """
    bare = text[1:-1].strip() if text[:1] in "（(" and text[-1:] in "）)" else text
    if len(bare) > 100:
        return False
    for pattern in (_WRITERS, _PICTURE_AND_TEXT):
        match = pattern.match(bare)
        if match and _are_names(match["names"]):
            return True
    match = _BYLINE.match(bare)
    if match is None or not _are_names(match["names"]):
        return False
    return (
        bool(match["gap"] or match["mark"]) or match["medium"].startswith("本") or bool(_MEDIUM_BEFORE_ROLE.match(bare))
    )


def _are_names(text: str) -> bool:
    """Names of two to four characters; after 通讯员 also the short name of an office."""
    longest = 4
    words = [word for word in re.split(r"[\s、/／|丨&和:：]+", text) if word]
    for word in words:
        if _ROLE_WORD.fullmatch(word) or _MEDIUM_BEFORE_ROLE.match(word) or word.endswith("记者"):
            longest = 10 if word.endswith("通讯员") else longest
            continue
        rest = re.sub(rf"^{_ROLE}", "", word)
        if not re.fullmatch(rf"[\u4e00-\u9fff]{{1,{longest}}}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+|[A-Za-z.]+", rest):
            return False
    return bool(words)


def ends_with_byline(text: str) -> bool:
    """Whether a paragraph closes an article with its writers in brackets: ……。（记者 张三）."""
    return bool(_END_BYLINE.search(text))


def publisher_of(text: str) -> str | None:
    """The medium that a dateline or byline names; None for 本报 and where none is named."""
    match = DATELINE.match(text) or _MEDIUM_BEFORE_ROLE.match(text.lstrip("（("))
    if match is None:
        bracket = re.match(rf"^[（(](?P<medium>{_NAME})\s*{_ROLE}", text)
        match = bracket
    if match is None or re.fullmatch(_OWN, match["medium"]):
        return None
    return match["medium"].removeprefix("据")


def is_medium(text: str) -> bool:
    """Whether the text is nothing but the name of a newspaper, agency, station or account."""
    named = bool(_MEDIUM_ALONE.match(text)) and len(text) <= 12
    return named and not _SECTIONS.match(text) and not _NO_MEDIUM.search(text)


def full_date(text: str) -> date | None:
    """The first date with year, month and day in the text."""
    for match in _FULL_DATE.finditer(text):
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
    return None


def date_in_file_name(name: str) -> date | None:
    """A date that the file's name spells out, such as 2024-06-12 or 20240612; not one inside a longer code."""
    match = _FILE_DATE.search(name)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
