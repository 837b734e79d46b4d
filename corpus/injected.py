"""Finds words that were put into an article for search engines, so that its sentences can be read as they were written.

Such pages are made by a program: it cuts the page's title into pieces (乡村|振兴绘|新图), puts them in front of
clauses in turn, and adds the name of what it advertises. Two signs give it away, each too rare to meet by chance:

- a ring: three or more strings that come back in the same turn, each time between other neighbours, and that hold to
  those neighbours worse than these would hold to each other;
- an advertised name: Latin letters with a coined Chinese word (no pair of whose characters is Chinese usage),
  repeated, at least once with 入口, 官网 and the like after it.

Only the occurrences that fit are removed: the same characters elsewhere in the text (乡村旅游) stay. A page without
either sign is not touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.bigrams import BigramTable, shipped_table
from corpus.folding import fold_title

Span = tuple[int, int]

# Longer articles are not made by such programs, and the search grows with the text.
_MAX_CHARS = 50_000
_RUN = re.compile(r"[\u3400-\u9fffA-Za-z0-9]+")
_LEAST_TIMES = 3
_SEED_CHARS = 6
_MAX_PIECE_CHARS = 12
# The most characters between one piece of a ring and the next: they are strewn over every sentence.
_LONGEST_PAUSE = 150
# What proves a ring: slips in the turn allowed, least pieces, least occurrences of all together, least of the title.
_PROOFS = ((0, 3, 11, 0), (1, 4, 16, 0), (1, 3, 9, 3))
# Pairs below this cohesion are no part of a word.
_LEAST_WORD_COHESION = 2.0
# Cohesion (natural logarithm) that the text must gain where a piece is taken out: at every place, and on average. How
# many clean articles these and the proofs touch is measured in docs/corpus.md.
_LEAST_GAIN = 0.4
_LEAST_MEAN_GAIN = 1.5
_MAX_CANDIDATES = 60
# A piece may well follow 的 or a comma each time: programs put pieces where a phrase begins.
_PHRASE_STARTS = frozenset("的是在了和与就也都及将把，,。、；;：:！!？?\n“”‘’（）()《》 ")

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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A string that may have been put in: where, and how much better the text holds together without it."""

    spans: tuple[Span, ...]
    gain: float


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
    ring = _ring(text, _pieces(text, table), title, table)
    spans = [span for piece in ring for span in piece.spans]
    spans += _advertised_spans(text, table, proven=bool(ring))
    if spans:
        spans += [
            match.span()
            for match in _KNOWN_NAMES.finditer(text)
            if _gain(text, match.span(), table) >= _LEAST_MEAN_GAIN
        ]
    return _merged(spans)


def _gain(text: str, span: Span, table: BigramTable) -> float:
    """How much better the neighbours of a span hold to each other than to it."""
    start, end = span
    left = text[start - 1] if start else "\n"
    right = text[end] if end < len(text) else "\n"
    return table.cohesion(left, right) - table.cohesion(left, text[start]) - table.cohesion(text[end - 1], right)


def _pieces(text: str, table: BigramTable) -> list[_Piece]:
    """Strings that repeat with other neighbours each time and would not be missed, best first."""
    places: dict[str, list[Span]] = defaultdict(list)
    for run in _RUN.finditer(text):
        for start in range(run.start(), run.end() - 1):
            for end in range(start + 2, min(run.end(), start + _SEED_CHARS) + 1):
                places[text[start:end]].append((start, end))
    found: dict[tuple[Span, ...], float] = {}
    for spans in places.values():
        if len(spans) < _LEAST_TIMES:
            continue
        gains = [(gain, span) for span in spans if (gain := _gain(text, span, table)) >= _LEAST_GAIN]
        if len(gains) < _LEAST_TIMES or sum(gain for gain, _ in gains) < _LEAST_MEAN_GAIN * len(gains):
            continue
        whole = _widened(text, [span for _, span in gains])
        if whole[0][1] - whole[0][0] <= _MAX_PIECE_CHARS and _neighbours_differ(text, whole):
            found[whole] = max(found.get(whole, 0.0), sum(gain for gain, _ in gains) / len(gains))
    pieces = [_Piece(spans, gain) for spans, gain in found.items()]
    return sorted(pieces, key=lambda piece: (-piece.gain * len(piece.spans), piece.spans))[:_MAX_CANDIDATES]


def _widened(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """The spans with the characters that stand beside every one of them."""
    while (after := {text[end : end + 1] for _, end in spans}) and len(after) == 1 and _RUN.fullmatch(after.pop()):
        spans = [(start, end + 1) for start, end in spans]
    while (before := {text[max(0, start - 1) : start] for start, _ in spans}) and len(before) == 1:
        character = before.pop()
        if character in _PHRASE_STARTS or not _RUN.fullmatch(character):
            break
        spans = [(start - 1, end) for start, end in spans]
    return tuple(spans)


def _neighbours_differ(text: str, spans: Sequence[Span]) -> bool:
    """Whether no two occurrences have the same neighbour: words of the language come back in the same company."""
    after = [text[end : end + 1] for _, end in spans]
    before = [text[start - 1] for start, _ in spans if start and text[start - 1] not in _PHRASE_STARTS]
    return len(set(after)) == len(after) and len(set(before)) == len(before)


def _ring(text: str, pieces: Sequence[_Piece], title: str, table: BigramTable) -> list[_Piece]:
    """The pieces of the largest ring that proves itself; [] where none does.

    Three that take turns strictly are proof; where an occurrence may have been missed, four are, or three of the title.
    """
    letters = fold_title(title)
    for slips, least, least_times, least_of_title in _PROOFS:
        ring = _largest_ring(pieces, slips)
        words = [_word(text, piece) for piece in ring]
        torn = sum(_is_torn(word, table) for word in words)
        of_title = sum(fold_title(word) in letters for word in words) if letters else 0
        times = sum(len(piece.spans) for piece in ring)
        proven = len(ring) >= least and times >= least_times and of_title >= least_of_title
        if proven and torn >= 2 + slips and _is_dense(ring):
            # A word that stands out of turn even once may be the author's own.
            return [
                piece
                for piece, word in zip(ring, words, strict=True)
                if _is_torn(word, table) or all(_take_turns(piece, other, 0) for other in ring if other is not piece)
            ]
    return []


def _word(text: str, piece: _Piece) -> str:
    start, end = piece.spans[0]
    return text[start:end]


def _is_torn(word: str, table: BigramTable) -> bool:
    """Whether somewhere inside the string no word of the language holds its characters together: 兴绘, 得民党走."""
    return min(table.cohesion(left, right) for left, right in pairwise(word)) < _LEAST_WORD_COHESION


def _is_dense(ring: Sequence[_Piece]) -> bool:
    order = sorted(span for piece in ring for span in piece.spans)
    return all(following[0] - span[1] <= _LONGEST_PAUSE for span, following in pairwise(order))


def _largest_ring(pieces: Sequence[_Piece], slips: int) -> list[_Piece]:
    turns = {
        piece: {other for other in pieces if other is not piece and _take_turns(piece, other, slips)}
        for piece in pieces
    }
    best: list[_Piece] = []
    for piece in pieces:
        ring = [piece]
        for other in pieces:
            if all(other in turns[member] for member in ring):
                ring.append(other)
        best = ring if len(ring) > len(best) else best
    return best


def _take_turns(one: _Piece, other: _Piece, slips: int) -> bool:
    """Whether the two alternate through the text, but for so many slips, and never touch."""
    if abs(len(one.spans) - len(other.spans)) > 1:
        return False
    order = sorted([(span, 0) for span in one.spans] + [(span, 1) for span in other.spans])
    if any(following[0] <= span[1] for (span, _), (following, _) in pairwise(order)):
        return False
    return sum(whose == next_whose for (_, whose), (_, next_whose) in pairwise(order)) <= slips


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
