"""A printed page into the lines of its articles: furniture and captions out, each line with its kind.

What furniture says of publication is kept as facts. Where one article ends and the next begins is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from corpus.captions import is_caption
from corpus.datelines import full_date, has_dateline, is_byline, is_medium
from corpus.furniture import CONTINUED, CONTINUES, LONE_NUMBER, Furniture, furniture, is_full_paragraph, source_of
from corpus.lines import CONTINUING, Kind, Line, ends_sentence, is_open, is_title_like
from corpus.mastheads import account_of, is_latin_name, is_sent_line, masthead
from corpus.sentences import sentence_spans

_LONGEST_LONE_CAPTION = 80
_BODY_CHARS = 40
# Blank lines that a picture leaves, where its page was turned into text.
_PICTURE_LINES = 3
# 图/文 张三: who took the picture wrote the text as well, so it is a byline and no caption.
_WROTE_TOO = re.compile(r"^[□◎■●]?\s*(?:图\s*[/／、]\s*文|文\s*[/／、]\s*图)")
_AT_THE_SCENE = re.compile(r"^.{0,8}现场[,，]")


@dataclass(slots=True)
class Facts:
    """What is printed beside an article about its publication."""

    source: str | None = None
    editors: str | None = None
    medium: str | None = None
    published_at: date | None = None

    def add(self, text: str) -> None:
        """Take what a line of furniture says; the first to say a thing wins."""
        source, editors = source_of(text)
        self.source = self.source or source
        self.editors = self.editors or editors
        words = (word for word in text.split() if is_medium(word))
        self.medium = self.medium or masthead(text) or next(words, None)
        self.published_at = self.published_at or full_date(text)


def surveyed(lines: Sequence[Line]) -> tuple[list[Line], Facts]:
    """The articles' lines and the marks between them, each with its kind, and what the page's head says for all."""
    kept, head = _without_furniture(lines)
    return _without_lone_captions(kept), head


def _without_furniture(lines: Sequence[Line]) -> tuple[list[Line], Facts]:
    """The articles' lines, each with its kind; facts and ends stay as marks, the rest of the furniture goes."""
    kept: list[Line] = []
    dropped: list[Line] = []
    head = Facts(medium=account_of([line.text for line in lines]))
    in_body = in_tail = False
    for line in lines:
        what = furniture(line.text, in_body=in_body)
        if not in_body and _names_sender(line.text, head):
            what = Furniture.HEAD
        if what is not None:
            in_tail = in_tail or (what is Furniture.TAIL and in_body)
            if not in_body:
                head.add(line.text)
            elif what is not Furniture.HEAD or full_date(line.text):
                kept.append(replace(line, kind=Kind.FACTS if what is Furniture.HEAD else Kind.END))
            continue
        if is_caption(line.text) and not has_dateline(line.text) and not _WROTE_TOO.match(line.text):
            continue
        if LONE_NUMBER.match(line.text) and not (kept and is_open(kept[-1].text) and line.text.isdecimal()):
            continue
        placed = _with_kind(line)
        if in_tail and not is_full_paragraph(line.text):
            if placed.kind not in (Kind.DATELINE, Kind.BYLINE):
                dropped.append(placed)
                continue
            # A dateline in the tail: here the next article begins, under the last lines taken for links.
            kept.extend(_last_titles(dropped))
            in_tail = False
        dropped.clear()
        kept.append(placed)
        in_body = in_body or (placed.kind in (Kind.PROSE, Kind.DATELINE) and len(line.text) >= _BODY_CHARS)
    return kept, head


def _names_sender(text: str, head: Facts) -> bool:
    """Whether a line above the first article is the paper's or the account's name, with or without the time."""
    if head.medium is not None and (text == head.medium or is_latin_name(text)):
        return True
    return masthead(text) is not None or is_sent_line(text)


def _last_titles(lines: Sequence[Line]) -> list[Line]:
    titles: list[Line] = []
    for line in reversed(lines[-2:]):
        if line.kind is not Kind.SHORT:
            break
        titles.insert(0, line)
    return titles


def _with_kind(line: Line) -> Line:
    if CONTINUED.search(line.text) or CONTINUES.match(line.text):
        # (下转第4版) is no title, however short.
        kind = Kind.PROSE
    elif is_byline(line.text):
        kind = Kind.BYLINE
    elif has_dateline(line.text):
        kind = Kind.DATELINE
    elif is_title_like(line.text) or _is_second_title(line.text):
        kind = Kind.SHORT
    else:
        kind = Kind.PROSE
    return replace(line, kind=kind)


def _is_second_title(text: str) -> bool:
    """——记者在杜阮镇的见闻: the second line of a title, set off by a dash."""
    return text.startswith("——") and is_title_like(text.lstrip("—"))


def _without_lone_captions(lines: Sequence[Line]) -> list[Line]:
    """Without captions that are whole sentences and show themselves by their place alone.

    Such a caption stands between a title and the dateline or interrupts a sentence, and it keeps the wider gap where
    its picture was, or tells of the scene (现场). Without those it may be a lead, and is kept.
    """
    picture_gaps = _picture_gaps(lines)
    kept: list[Line] = []
    for index, line in enumerate(lines):
        after = lines[index + 1].kind if index + 1 < len(lines) else None
        before = kept[-1] if kept else None
        if line.kind is Kind.PROSE and before is not None and _is_one_sentence(line.text):
            had_picture = line.gap in picture_gaps or bool(_AT_THE_SCENE.match(line.text))
            if before.kind is Kind.SHORT and after is Kind.DATELINE:
                kept += [] if had_picture else [replace(line, kind=Kind.LEAD)]
                continue
            if before.kind is Kind.PROSE and is_open(before.text) and _cannot_begin(lines, index + 1):
                continue
            if before.kind is Kind.PROSE and is_open(before.text) and had_picture and after is Kind.PROSE:
                continue
        kept.append(line)
    return kept


def _picture_gaps(lines: Sequence[Line]) -> set[int]:
    """Numbers of blank lines that tell of a picture: wide, and rare on this page, as some texts are set wide."""
    wide = [line.gap for line in lines if line.gap >= _PICTURE_LINES]
    return set(wide) if len(wide) <= max(2, len(lines) // 10) else set()


def _cannot_begin(lines: Sequence[Line], index: int) -> bool:
    """Whether the line goes on with a sentence for certain: none begins with its first character.

    A closing quote is no such sign: in some texts quotation marks stand on lines of their own.
    """
    first = lines[index].text[0] if index < len(lines) else ""
    return bool(CONTINUING.match(first)) and first not in "”’」』）)》】"


def _is_one_sentence(text: str) -> bool:
    return len(text) <= _LONGEST_LONE_CAPTION and ends_sentence(text) and len(sentence_spans(text)) == 1
