"""How a document is cited in writing: in an official text (公文), and in a list of references (GB/T 7714—2015).

Pure text from what is known of a document; what is not known is left out, never made up. Quotes stay as printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# Who reports: their name is that of a paper or a site, and goes into 《》.
_PRESS = re.compile(
    r"(?:日报|晚报|早报|晨报|时报|周报|快报|都市报|商报|政报|导报|学报|公报|电讯|通讯|新闻|发布|在线|观察|杂志|月刊|周刊|半月谈|网"
    r"|客户端|公众号|报|日報|晚報|時報|週報|新聞|發布|線上|網)(?:社)?$"
)
# Who reports, and is an office with a name of its own: no 《》.
_AGENCIES = re.compile(r"(?:新华社|中新社|通讯社|电视台|广播电台|广播电视总台|總台|总台|電視台|融媒体中心|融媒體中心)$")
# 发文字号 on a line of its own: 江府〔2024〕5号. Brackets are printed in many ways.
_DOCUMENT_NUMBER = re.compile(
    r"(?P<organ>[\u3400-\u9fff]{1,12})\s*[〔\[【（(［]\s*(?P<year>(?:19|20)\d{2})\s*[〕\]】）)］]\s*(?:第\s*)?(?P<number>\d{1,5})\s*[号號]"
)
# How many of a document's lines are its head.
_HEAD_LINES = 8
_OFFICIAL_TITLE = re.compile(
    r"(?:决议|决定|命令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|条例|规定|办法|细则|规划|方案|要点|简报"
    r"|決議|決定|公報|意見|通報|報告|請示|批覆|議案|紀要|條例|規定|辦法|細則|規劃|簡報)$"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a document that is cited; ``number`` is its 发文字号."""

    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """One source in both forms."""

    official: str
    gbt7714: str


def cited(source: Source, *, quote: str = "", accessed: date) -> Cited:
    """Both forms. ``accessed``: the day on which the source was looked at, which a reference to a web page names."""
    return Cited(official_citation(source, quote=quote), gbt7714_reference(source, accessed=accessed))


def official_citation(source: Source, *, quote: str = "") -> str:
    """As officials cite: 据《江门日报》2024年6月12日报道，“……”; an official document by title and number."""
    lead = _lead(source)
    said = quote.strip()
    return f"{lead}，{_quoted(said)}" if said else f"{lead}。"


def _lead(source: Source) -> str:
    publisher = _one_line((source.publisher or "").strip(" \n《》"))
    day = "" if source.published_at is None else _day(source.published_at)
    agency, press = bool(_AGENCIES.search(publisher)), bool(_PRESS.search(publisher))
    name = f"《{publisher}》" if press and not agency else publisher
    if (agency or press) and not _is_official(source.title):
        return f"据{name}{day}报道"
    named = f"{_titled(source.title)}（{source.number}）" if source.number else _titled(source.title)
    if publisher and publisher not in source.title:
        return f"根据{name}{day}{'刊发' if press else '发布'}的{named}" if day else f"根据{name}{named}"
    return f"根据{named}（{day}）" if day else f"根据{named}"


def gbt7714_reference(source: Source, *, accessed: date) -> str:
    """A reference by GB/T 7714—2015: a paper's article as [N], a web page as [EB/OL], anything else as [Z]."""
    title = _one_line(source.title).rstrip("。.") or "［无题名］"
    publisher = _one_line(source.publisher or "")
    day = "" if source.published_at is None else source.published_at.isoformat()
    online = source.url is not None
    seen = f"[{accessed.isoformat()}]. {source.url}" if online else ""
    if publisher and _PRESS.search(publisher) and not _is_official(source.title):
        name = publisher.strip("《》")
        printed = f"{title}[{'N/OL' if online else 'N'}]. {name}"
        return f"{printed}, {day}{seen}." if day else f"{printed}{seen}."
    author = f"{publisher}. " if publisher else ""
    if online:
        return f"{author}{title}[EB/OL]. {f'({day})' if day else ''}{seen}."
    return f"{author}{title}[Z]. {day}." if day else f"{author}{title}[Z]."


def document_number(text: str) -> str | None:
    """The 发文字号 in the head of a document's text, with the brackets that the standard asks for; None without one.

    It has to stand on a line of its own: within a sentence it is that of another document.
    """
    for line in text[:2000].split("\n")[:_HEAD_LINES]:
        found = _DOCUMENT_NUMBER.fullmatch(line.strip())
        if found is not None:
            return f"{found['organ']}〔{found['year']}〕{int(found['number'])}号"
    return None


def _is_official(title: str) -> bool:
    return bool(_OFFICIAL_TITLE.search(re.sub(r"[（(][^（）()]*[）)]$", "", title.strip())))


def _titled(title: str) -> str:
    """In 《》; those within become 〈〉."""
    line = _one_line(title)
    if line.startswith("《") and line.endswith("》") and line.count("《") == 1:
        return line
    return f"《{line.replace('《', '〈').replace('》', '〉')}》"


def _quoted(words: str) -> str:
    """In “”; those within become ‘’. Corner brackets and straight quotes stay as printed."""
    line = _one_line(words).replace("“", "‘").replace("”", "’")
    return f"“{line}”"


def _one_line(text: str) -> str:
    """On one line; between Chinese characters a line break is no space."""
    joined = re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])", "", text.strip())
    return re.sub(r"\s*\n\s*", " ", joined)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
