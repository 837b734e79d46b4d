"""A plain text file into its articles: cleaned, cut at titles, joined where printed twice.

The order of steps matters: captions go before sentences are joined (they stand between the halves), injected words go
last (they are judged by the sentence around them).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from corpus.composing import Block, blocks_of, text_and_sections
from corpus.datelines import date_in_file_name, full_date
from corpus.furniture import DATE_LINE
from corpus.injected import without_injected
from corpus.lines import Kind, Line, lines_of
from corpus.pages import Facts
from corpus.preparing import Article
from corpus.repeats import joined_repeats
from corpus.splitting import Segment, publisher_in, segments_of

_PRINTED_LABEL = re.compile(r"^(?:原?标\s*题|题\s*目|主题|肩题|引题|副题|副标题)\s*[:：]\s*")
# Stands for the line end inside a heading while blocks are one a line.
_HEADING_BREAK = "\x1e"
_TITLE_MARKS = re.compile(r"^[■●◆◎□▉▍★※►▶◇]\s*|^【(?:简讯|要闻|快讯|图片新闻|图文|头条)】\s*")


def articles_of_page(text: str, *, file_name: str = "") -> list[Article]:
    """The articles of a page in printed order; [] where nothing but furniture and captions is on it."""
    segments, page = segments_of(lines_of(text))
    articles = [_article(segment, page, date_in_file_name(file_name), alone=len(segments) == 1) for segment in segments]
    return joined_repeats([article for article in articles if article is not None])


def _article(segment: Segment, page: Facts, file_date: date | None, *, alone: bool) -> Article | None:
    body = [line for line in segment.body if line.text]
    title = _title(segment.title)
    if not body and title is not None:
        # A title with nothing under it is still text that somebody may ask for.
        body, title = [Line(line) for line in segment.title], None
    stored, sections = text_and_sections(_purged(blocks_of(body), title or ""))
    if not stored:
        return None
    return Article(
        title=title,
        text=stored,
        sections=sections,
        publisher=publisher_in(segment, page),
        published_at=segment.facts.published_at or page.published_at or file_date or _signed_on(body, alone=alone),
    )


def _purged(blocks: list[Block], title: str) -> list[Block]:
    """The blocks without words put in for search engines; a block of nothing else goes."""
    texts = without_injected([block.text.replace("\n", _HEADING_BREAK) for block in blocks], title=title)
    purged = [
        replace(block, text=text.replace(_HEADING_BREAK, "\n")) for block, text in zip(blocks, texts, strict=True)
    ]
    return [block for block in purged if block.text.strip()]


def _title(lines: list[str]) -> str | None:
    """Kicker, title and sub-headline as one line, as pages print them that have no second size of type."""
    parts = [_TITLE_MARKS.sub("", _PRINTED_LABEL.sub("", line)).strip() for line in lines]
    return " ".join(part for part in parts if part).replace(" ——", "——") or None


def _signed_on(body: list[Line], *, alone: bool) -> date | None:
    """The date under the signature of a notice: alone on one of the last lines, with its year."""
    if not alone:
        return None
    for line in body[-2:]:
        if line.kind is not Kind.DATELINE and DATE_LINE.match(line.text):
            return full_date(line.text)
    return None
