"""Finds words that were put into an article for search engines, so that its sentences can be read as they were written.

Such pages are made by a program: it cuts the page's title into pieces (乡村|振兴绘|新图), puts them in front of
clauses in turn, and adds the name of what it advertises. Some signs give it away, each too rare to meet by chance:

- a ring: three or more strings that come back in the same turn, each time between other neighbours, and that hold to
  those neighbours worse than these would hold to each other;
- pieces of the printed title that tear its words, four different ones, each several times;
- the pieces of the printed title that fit together again, in front of clauses (``corpus.tiles``);
- an advertised name: Latin letters with a coined Chinese word (no pair of whose characters is Chinese usage),
  repeated, at least once with 入口, 官网 and the like after it; or one all Chinese (``corpus.adverts``).

Only the occurrences that fit are removed: the same characters elsewhere in the text (乡村旅游) stay. A page without
any of these is not touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from corpus.adverts import advert_spans
from corpus.bigrams import BigramTable, shipped_table
from corpus.rings import Span, gain_without, strewn_spans
from corpus.tiles import tile_spans

# Longer articles are not made by such programs, and the search grows with the text.
_MAX_CHARS = 50_000
_SEARCH_WORDS = (
    r"(?:官方网站|官网|官方|入口|登录|登陆|注册|下载|网址|网页版|手机版|最新版|安卓版|苹果版|备用|链接|开户|投注|"
    r"充值|[Aa][Pp][Pp]|平台|首页|客户端|会员)"
)
_ADVERTISED = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2,6}\d{0,3})([\u3400-\u9fff]{2,12})")
_STRONG_SEARCH_WORDS = re.compile(
    r"(?:官方网站|官网|入口|登录|登陆|注册|下载|网址|网页版|手机版|最新版|备用|开户|投注)"
)
_BETTING = ("体育", "电子", "娱乐", "棋牌", "真人", "彩票", "电竞", "国际")
# Names that such pages advertise and that are no words. They prove nothing: they count where a page is proven so made.
_KNOWN_NAMES = re.compile(
    r"(?:九游(?:会|娱乐)?|开云(?:体育)?|乐鱼(?:体育)?|华体会(?:体育)?|爱游戏(?:体育)?|米乐(?:体育)?|必威(?:体育)?|亚博(?:体育)?|万博(?:体育)?|"
    r"星空体育|半岛体育|江南体育|金年会|问鼎娱乐|南宫娱乐|天博体育|乐橙娱乐|凯发|亿博体育)" + _SEARCH_WORDS + r"{0,3}"
)
# Those who write of a name govern it, quote it or name its owner.
_GOVERNING = re.compile(
    r"(?:[在用和与及对向由从把被为是“《‘「（(]|登录|登陆|打开|进入|下载|使用|通过|访问|点击|关注|注册|安装|推出|开发|上线|查处|名为|叫)$"
)
_LEAST_GAIN_OF_NAME = 1.5


def without_injected(blocks: Sequence[str], *, title: str = "") -> list[str]:
    """The paragraphs without what was put into them; equal to the input where nothing certain is found."""
    text = "\n".join(blocks)
    spans = injected_spans(text, title=title)
    if not spans:
        return list(blocks)
    kept: list[str] = []
    last = 0
    for start, end in spans:
        kept.append(text[last:start])
        last = end
    kept.append(text[last:])
    return "".join(kept).split("\n")


def injected_spans(text: str, *, title: str = "") -> list[Span]:
    """Spans [start, end) of what was put in, in order and not overlapping; ``title`` is the page's, where known."""
    if len(text) > _MAX_CHARS:
        return []
    table = shipped_table()
    # The title's own pieces tell more exactly what was put in than what merely repeats.
    spans = tile_spans(text, title, table) or strewn_spans(text, title, table)
    spans += advert_spans(text, table)
    spans += _advertised_spans(text, table, proven=bool(spans))
    if spans:
        spans += [
            match.span()
            for match in _KNOWN_NAMES.finditer(text)
            if gain_without(text, match.span(), table) >= _LEAST_GAIN_OF_NAME
        ]
    return _merged(spans)


def _advertised_spans(text: str, table: BigramTable, *, proven: bool) -> list[Span]:
    """Names such as XY超星会入口, by what repeats after the same Latin letters."""
    by_letters: dict[str, list[re.Match[str]]] = defaultdict(list)
    for match in _ADVERTISED.finditer(text):
        by_letters[match[1]].append(match)
    spans: list[Span] = []
    for matches in by_letters.values():
        name = _coined_name([match[2] for match in matches], table)
        named = [match for match in matches if name and match[2].startswith(name)]
        ends = [_end_of_name(text, match.start(2) + len(name or "")) for match in named]
        searched = any(
            bool(_STRONG_SEARCH_WORDS.search(text, match.start(2), end)) for match, end in zip(named, ends, strict=True)
        )
        governed = any(_GOVERNING.search(text[max(0, match.start() - 4) : match.start()]) for match in named)
        if named and (proven or (searched and not governed)):
            spans += [(match.start(), end) for match, end in zip(named, ends, strict=True)]
    return spans


def _coined_name(words: list[str], table: BigramTable) -> str | None:
    """What repeats after the letters and is no Chinese usage; None where it is a word (AI技术) or does not repeat."""
    if len(words) < 2:
        return None
    name = _common_start(words)
    searched = re.search(_SEARCH_WORDS, name)
    name = name[: searched.start()] if searched else name
    if not 2 <= len(name) <= 4:
        return None
    if name in _BETTING:
        return name
    return name if all(table.cohesion(left, right) < 1 for left, right in pairwise(name)) else None


def _common_start(words: list[str]) -> str:
    first, last = min(words), max(words)
    same = next((index for index, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[:same]


def _end_of_name(text: str, end: int) -> int:
    match = re.compile(_SEARCH_WORDS + "{0,3}").match(text, end)
    return match.end() if match else end


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
