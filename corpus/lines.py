"""Lines of a printed page and what their wording alone tells: prose, a possible title, a broken sentence.

Both widths of punctuation count alike: many pages print “,” where the language has “，”.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

# Not printed at all, and put between characters by editors and by pages that want to hinder copying.
_INVISIBLE = re.compile(r"[\u200b\u200c\u200e\u200f\u2060\ufeff\xad]")
_CLOSERS = "”’」』）)】》〉]\"'"
_SENTENCE_ENDS = frozenset("。！？!?…")
_FINAL_BRACKET = re.compile(r"[（(【\[][^（()）【】\[\]]*[）)】\]]$")
_PIECES = re.compile(r"[，,、：:；;]")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
NUMBERED = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十]{1,3}[）)、．.]|第[一二三四五六七八九十百零\d]{1,4}[章节条编部分]|"
    r"[（(]\d{1,2}[）)]|0\d(?=[\s、.．|丨/])|\d{1,2}[、．](?!\d)|\d{1,2}\.(?!\d)|[①-⑳])"
)
MAX_TITLE_CHARS = 60
_MAX_HEADING_CHARS = 40
# Words a sentence is told with and a heading does without.
_PROSE_WORDS = re.compile(r"表示|记者了解到|了解到|据介绍|介绍,|介绍，|获悉|[是将已]在|为了|以及其|有的")
# A line that stops on one of these has not come to its end: what they govern is missing.
_DANGLING = re.compile(r"(?:[的和与及或在将把被对向从为让给使以于]|包括|通过|按照|根据|围绕|针对|以及|其中)$")
# A sentence in parts that begins like one that is told, not like a headline.
_TOLD = re.compile(
    r"^(?:在|据|当[天日前]|近年来|近日|日前|随着|同时|此外|接下来|今年|去年|一直以来|目前|截至|经过|由于|如今|这|该|他|她|我|每|从.+到.+[，,])"
    r"[^，,]*[，,]|[，,].*(?:开展|进行|推进|实现|完成)$"
)
# …and none can begin with these.
CONTINUING = re.compile(r"^[，,、；;：:。！？!?”’」』）)》】%％‰.．]")


class Kind(Enum):
    """What a line is to the article it stands in."""

    PROSE = auto()
    SHORT = auto()  # may be a title or a heading
    BYLINE = auto()
    DATELINE = auto()  # prose that opens with one
    LEAD = auto()  # a sentence between the title and the dateline
    FACTS = auto()  # printed beside the text: who published it when; not part of it
    END = auto()  # nothing of the article comes after it


@dataclass(frozen=True, slots=True)
class Line:
    """A line without white space at its ends; ``gap`` counts the blank lines before it."""

    text: str
    gap: int = 0
    kind: Kind = Kind.PROSE


def lines_of(text: str) -> list[Line]:
    """The lines of a page that hold anything."""
    lines: list[Line] = []
    gap = 0
    for raw in text.split("\n"):
        line = _INVISIBLE.sub("", raw).strip()
        if line:
            lines.append(Line(line, gap))
            gap = 0
        else:
            gap += 1
    return lines


def ends_sentence(text: str) -> bool:
    """Whether the text ends with a finished sentence, closing quotes and a remark in brackets after it allowed."""
    bare = text.rstrip(_CLOSERS + " \u3000")
    if bare and bare[-1] in _SENTENCE_ENDS:
        return True
    before = _FINAL_BRACKET.sub("", text).rstrip(_CLOSERS + " \u3000")
    return before != text and bool(before) and before[-1] in _SENTENCE_ENDS


def ends_paragraph(text: str) -> bool:
    """Whether a paragraph may end here: a finished sentence, or a colon, semicolon or dash before lines below."""
    return ends_sentence(text) or text.endswith(("；", ";", "：", ":", "——", "—"))


def is_title_like(text: str) -> bool:
    """Whether the line may be a title: short, not a finished statement, not stopping at a comma."""
    if not 2 <= len(text) <= MAX_TITLE_CHARS or "。" in text or not _HAN.search(text):
        return False
    return text[-1] not in "，,、；;：:" and not CONTINUING.match(text) and not text.startswith(("——", "-", "•"))


def is_heading_like(text: str) -> bool:
    """Whether the line may be a heading: as a title, and without anything that makes a sentence of it.

    Parts between commas must be of like length (党建引领强根基，乡村振兴谱新篇): a sentence broken off by the layout
    (36次，是老周去年上门开展) has them uneven.
    """
    if not is_title_like(text) or len(text) > _MAX_HEADING_CHARS or text[-1] in _SENTENCE_ENDS:
        return False
    if NUMBERED.match(text):
        return True
    if _DANGLING.search(text) or _PROSE_WORDS.search(text) or _TOLD.search(text):
        return False
    lengths = [
        len(piece) for phrase in text.split() for piece in (_PIECES.split(phrase) if _PIECES.search(phrase) else ())
    ]
    return not lengths or max(lengths) - min(lengths) <= 4 or ("、" in text and "，" not in text and "," not in text)


def is_open(text: str) -> bool:
    """Whether the line is prose whose sentence goes on elsewhere."""
    return not ends_paragraph(text)


def joined(before: str, after: str) -> str:
    """Two halves of a sentence as one: a space only where Latin words meet, as Chinese has none between words."""
    latin = before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha()
    return f"{before} {after}" if latin else before + after
