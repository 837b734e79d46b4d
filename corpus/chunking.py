"""Cuts a document into passages of whole sentences, a few hundred characters each, under their headings.

Offsets are code points of the stored text. Nothing is embedded or stored here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from corpus.documents import Document, Passage, Section
from corpus.sentences import sentence_spans

CHUNKING = "sentences-1;max_chars=300;min_chars=60"
_MIN_CHARS = 60
# From this share of a full passage on, a paragraph that would not fit begins the next passage.
_FULL_ENOUGH = 0.7

_CLAUSE_ENDS = (re.compile(r"[；;][”’」』）)]*"), re.compile(r"(?<!\d)[，,、：:][”’」』）)]*|[，,、：:](?!\d)"))
_NUMERAL = re.compile(r"[0-9０-９A-Za-z.．,%％‰·+\-一二三四五六七八九十百千万亿零〇两多余几第约近超]")


def passages_of(document: Document, sections: Sequence[Section], *, max_chars: int = 300) -> tuple[Passage, ...]:
    """The document's passages in order; every one lies in one section, and together they hold all body text.

    A heading's own lines are not in its passages, unless nothing else stands under it. ``sections`` are in order of
    ``start``; text before the first has no heading. A passage is longer than ``max_chars`` only by a short last
    sentence that would have made a passage of its own.
    """
    text = document.text
    passages: list[Passage] = []
    seen: Counter[tuple[str | None, str]] = Counter()
    for start, end, heading in _section_ranges(text, sections):
        for low, high in _passage_spans(text, start, end, max_chars):
            body = text[low:high]
            ordinal = seen[heading, body]
            seen[heading, body] += 1
            passage_id = _passage_id(document.id, heading, body, ordinal)
            passages.append(Passage(passage_id, document.id, body, low, high, heading))
    return tuple(passages)


def _passage_id(document_id: str, heading: str | None, text: str, ordinal: int) -> str:
    key = "\x1f".join((document_id, heading or "", text, str(ordinal)))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _section_ranges(text: str, sections: Sequence[Section]) -> Iterator[tuple[int, int, str | None]]:
    starts = [Section(0, None), *sections] if not sections or sections[0].start > 0 else list(sections)
    for index, section in enumerate(starts):
        end = starts[index + 1].start if index + 1 < len(starts) else len(text)
        body = _skip_heading_lines(text, section.start, end, section.heading)
        if text[body:end].strip():
            yield body, end, section.heading
        elif text[section.start : end].strip() and not _heads_next(starts, index):
            yield section.start, end, section.heading


def _heads_next(sections: Sequence[Section], index: int) -> bool:
    """Whether a heading without text of its own is part of the next one's: 产业, then 产业 凉瓜."""
    heading = sections[index].heading
    following = sections[index + 1].heading if index + 1 < len(sections) else None
    return bool(heading and following and following.startswith(heading))


def _skip_heading_lines(text: str, start: int, end: int, heading: str | None) -> int:
    """Where the body begins: after the first lines that are parts of the heading."""
    left = heading or ""
    while left:
        line_end = text.find("\n", start, end)
        line_end = end if line_end < 0 else line_end
        line = text[start:line_end].lstrip("#").strip()
        if not line or line not in left:
            break
        left = left.replace(line, "", 1)
        start = min(line_end + 1, end)
    return start


def _passage_spans(text: str, start: int, end: int, max_chars: int) -> list[tuple[int, int]]:
    """Greedy: sentences are added while they fit; a paragraph that does not fit begins anew where enough is there."""
    spans: list[tuple[int, int]] = []
    sentences = [piece for span in _sentences_in(text, start, end) for piece in _pieces(text, *span, max_chars)]
    paragraph_ends = _paragraph_ends(text, sentences)
    low = high = -1
    for index, (begin, stop) in enumerate(sentences):
        if (
            low >= 0
            and stop - low <= max_chars
            and not _better_anew(text, low, high, begin, paragraph_ends[index], max_chars)
        ):
            high = stop
            continue
        if low >= 0:
            spans.append((low, high))
        low, high = begin, stop
    if low >= 0:
        spans.append((low, high))
    if len(spans) > 1 and spans[-1][1] - spans[-1][0] < _MIN_CHARS:
        spans[-2:] = [(spans[-2][0], spans[-1][1])]
    return spans


def _sentences_in(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [(start + low, start + high) for low, high in sentence_spans(text[start:end])]


def _paragraph_ends(text: str, sentences: Sequence[tuple[int, int]]) -> list[int]:
    """For each sentence, where its paragraph (line) ends."""
    ends: list[int] = []
    line_end = -1
    for _, stop in sentences:
        if stop > line_end:
            found = text.find("\n", stop)
            line_end = len(text) if found < 0 else found
        ends.append(line_end)
    return ends


def _better_anew(text: str, low: int, high: int, begin: int, paragraph_end: int, max_chars: int) -> bool:
    if high - low < _FULL_ENOUGH * max_chars or "\n" not in text[high:begin]:
        return False
    return paragraph_end - low > max_chars


def _pieces(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """A sentence in pieces of at most ``max_chars``: cut after ； first, then after ，、, at worst anywhere allowed."""
    while end - start > max_chars:
        cut = _clause_cut(text, start, start + max_chars) or _hard_cut(text, start, start + max_chars)
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _clause_cut(text: str, start: int, limit: int) -> int | None:
    earliest = start + (limit - start) * 2 // 5
    for pattern in _CLAUSE_ENDS:
        cuts = [match.end() for match in pattern.finditer(text, earliest, limit)]
        if cuts:
            return cuts[-1]
    return None


def _hard_cut(text: str, start: int, limit: int) -> int:
    """The last place at or before ``limit`` that parts no number from its unit, no Latin word and no character."""
    for cut in range(limit, start + (limit - start) // 2, -1):
        if cut == len(text) or _may_cut(text[cut - 1], text[cut]):
            return cut
    return limit


def _may_cut(before: str, after: str) -> bool:
    if _NUMERAL.match(before) or unicodedata.combining(after) or after in "\u200d\ufe0e\ufe0f" or before == "\u200d":
        return False
    return not (after in "，,。、；;：:！？!?”’」』）)】》%％‰" or before in "“‘「『（(【《")
