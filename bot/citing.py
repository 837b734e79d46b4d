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
# 发文字号: 江府〔2024〕5号. Brackets are printed in many ways.
_DOCUMENT_NUMBER = re.compile(
    r"(?P<organ>[\u3400-\u9fff]{1,12}(?:发|办|函|字|规|府|政|委|令|公告)?)\s*[〔\[【（(［]\s*(?P<year>(?:19|20)\d{2})\s*[〕\]】）)］]"
    r"\s*(?:第\s*)?(?P<number>\d{1,5})\s*[号號]"
)
_OFFICIAL_TITLE = re.compile(
    r"(?:决议|决定|命令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|条例|规定|办法|细则|规划|方案|要点|简报"
    r"|決議|決定|公報|意見|通報|報告|請示|批覆|議案|紀要|條例|規定|辦法|細則|規劃|簡報)$"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a document that is cited."""

    title: str
    publisher: str | None
    published_at: date | None
    url: str | None


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
    title, publisher = _titled(source.title.strip()), (source.publisher or "").strip()
    day = "" if source.published_at is None else _day(source.published_at)
    if publisher and not _is_official(source.title) and (_PRESS.search(publisher) or _AGENCIES.search(publisher)):
        name = publisher if _AGENCIES.search(publisher) or _is_titled(publisher) else f"《{publisher}》"
        return f"据{name}{day}报道"
    number = document_number(source.title)
    if number and number in _plain_brackets(source.title):
        # The number stands in the title's own words; it is not said twice.
        number = None
    named = f"{title}（{number}）" if number else title
    if publisher and publisher not in source.title:
        return f"根据{publisher}{f'{day}发布的' if day else ''}{named}"
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
    """The first 发文字号 in a text, with the brackets that the standard asks for; None where there is none."""
    found = _DOCUMENT_NUMBER.search(text)
    return None if found is None else f"{found['organ']}〔{found['year']}〕{int(found['number'])}号"


def _plain_brackets(text: str) -> str:
    return re.sub(r"[\[【（(［]\s*((?:19|20)\d{2})\s*[\]】）)］]\s*(?:第\s*)?0*(\d+)\s*[号號]", r"〔\1〕\2号", text)


def _is_official(title: str) -> bool:
    return bool(_OFFICIAL_TITLE.search(re.sub(r"[（(〔\[][^）)〕\]]*[）)〕\]]\s*(?:\d+号)?$", "", title.strip())))


def _is_titled(name: str) -> bool:
    return name.startswith("《") and name.endswith("》")


def _titled(title: str) -> str:
    """In 《》; those within become 〈〉."""
    line = _one_line(title)
    if _is_titled(line) and line.count("《") == 1:
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
