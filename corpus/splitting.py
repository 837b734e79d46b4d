"""The lines of a page cut into articles: before every title.

Newspaper pages give no markup. What shows a title is what stands under it: a dateline or byline. Titles without one are
taken only where the page is known to hold several articles. A wrong cut costs a document's title; no text is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.datelines import ends_with_byline, is_medium, publisher_of
from corpus.folding import fold_title
from corpus.furniture import CONTINUED, CONTINUES, DATE_LINE
from corpus.lines import NUMBERED, Kind, Line, is_heading_like, is_open
from corpus.pages import Facts, surveyed

_MAX_TITLE_LINES = 4
_LEAST_LONE_TITLE = 18
_NOTES = ("编者按", "编者的话", "开栏", "导读", "导语", "核心提示", "内容提要", "提要", "摘要")


@dataclass(slots=True)
class Segment:
    """The lines of one article: its title's, then its body's; ``facts`` as printed beside it."""

    title: list[str] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    ended: bool = False
    continued: bool = False

    @property
    def has_text(self) -> bool:
        """Whether anything is told yet: more than bylines and an editor's note."""
        return any(line.kind in (Kind.PROSE, Kind.DATELINE) and not line.text.startswith(_NOTES) for line in self.body)

    @property
    def is_open(self) -> bool:
        """Whether its last paragraph waits for the rest of a sentence."""
        prose = [line for line in self.body if line.kind in (Kind.PROSE, Kind.DATELINE)]
        return bool(prose) and prose[-1] is self.body[-1] and is_open(prose[-1].text)


def segments_of(lines: Sequence[Line]) -> tuple[list[Segment], Facts]:
    """The articles of a page in printed order, and what its head says for all of them."""
    kept, facts = surveyed(lines)
    return _Splitter(kept).split(), facts


def publisher_in(segment: Segment, page: Facts) -> str | None:
    """Who published: the dateline or byline's medium, a source that is one, the editors' medium, any other source."""
    for line in segment.body:
        if line.kind in (Kind.DATELINE, Kind.BYLINE) and (named := publisher_of(line.text)):
            return named
    facts = segment.facts
    sources = [source for source in (facts.source, page.source) if source]
    media = [source for source in sources if is_medium(source)]
    return next(iter([*media, *filter(None, (facts.editors, page.editors, page.medium, facts.medium)), *sources]), None)


class _Splitter:
    """Walks the lines once and opens a segment at every title."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._segments: list[Segment] = []
        self._current = Segment()
        # Two datelines or bylines under titles: a page of several articles, where a title may also lack one.
        self._several = sum(self._opens_article(index) for index in range(len(lines))) >= 2

    def split(self) -> list[Segment]:
        index = 0
        while index < len(self._lines):
            end = self._run_end(index)
            if end > index:
                self._take_run(index, end)
                index = end
            else:
                self._take_line(index)
                index += 1
        self._open([])
        return self._segments

    def _opens_article(self, index: int) -> bool:
        line = self._lines[index]
        if line.kind is Kind.DATELINE:
            return True
        return line.kind is Kind.BYLINE and index > 0 and self._lines[index - 1].kind is Kind.SHORT

    def _run_end(self, index: int) -> int:
        while index < len(self._lines) and self._lines[index].kind is Kind.SHORT:
            index += 1
        return index

    def _kind(self, index: int) -> Kind | None:
        return self._lines[index].kind if index < len(self._lines) else None

    def _open(self, title: list[str]) -> None:
        known = any(segment is self._current for segment in self._segments)
        if not known and (self._current.body or self._current.title):
            self._segments.append(self._current)
        self._current = Segment(title=title)

    def _take_run(self, start: int, end: int) -> None:
        """Short lines in a row: a title of the next article, or headings and the like of this one."""
        run = list(self._lines[start:end])
        following = self._kind(end + 1) if self._kind(end) is Kind.LEAD else self._kind(end)
        current = self._current
        if CONTINUES.match(self._lines[end].text if end < len(self._lines) else "") and self._resumed() is not None:
            return
        if following in (Kind.DATELINE, Kind.BYLINE) or (following is Kind.FACTS and self._kind(end + 1) is Kind.PROSE):
            cut = self._title_start(run)
            current.body.extend(run[:cut])
            self._open([line.text for line in run[cut:]])
        elif not current.has_text and not current.title and following is not None and following is not Kind.END:
            cut = _first_heading(run, self._usual_heading(end))
            current.title = [line.text for line in run[:cut]]
            current.body.extend(run[cut:])
        elif (
            following is Kind.PROSE
            and not current.is_open
            and (current.ended or (self._several and self._is_title_alone(start, end)))
        ):
            self._open([line.text for line in run])
        elif current.ended and following in (None, Kind.END):
            # Short lines after the end of the last article, with no text below them, are links to others.
            for line in run:
                if DATE_LINE.match(line.text):
                    current.facts.add(line.text)
        else:
            current.body.extend(run)

    def _usual_heading(self, start: int) -> int:
        """What headings that stand alone further down may measure, some two more; 0 where fewer than two do."""
        lengths: list[int] = []
        for index in range(start, len(self._lines)):
            line = self._lines[index]
            alone = line.kind is Kind.SHORT and self._kind(index + 1) is Kind.PROSE
            if alone and self._lines[index - 1].kind is Kind.PROSE and is_heading_like(line.text):
                lengths.append(len(line.text))
        return max(lengths) + 2 if len(lengths) > 1 else 0

    def _title_start(self, run: Sequence[Line]) -> int:
        """Where in a run the title begins: its last lines, less what completes the article above."""
        start = max(0, len(run) - _MAX_TITLE_LINES)
        if self._current.is_open and len(run) > 1 and not is_heading_like(run[start].text):
            start += 1
        return start

    def _is_title_alone(self, start: int, end: int) -> bool:
        """Whether short lines without a dateline under them are a title: printed before, or unlike a section's heading.

        Headings of sections come in numbers and are short. One long line, or one of two phrases, in an article that has
        no heading of its kind besides, is the title of another article.
        """
        run = self._lines[start:end]
        if not all(is_heading_like(line.text) or len(line.text.split()) > 1 for line in run):
            return False
        text = " ".join(line.text for line in run)
        titles = {fold_title(" ".join(segment.title)) for segment in [*self._segments, self._current]}
        if fold_title(text) in titles:
            return True
        return self._is_long(text) and not any(
            line.kind is Kind.SHORT and self._is_long(line.text) for line in self._article_around(start, end)
        )

    def _is_long(self, text: str) -> bool:
        return len(text) >= _LEAST_LONE_TITLE or (
            len(text.split()) > 1 and min(map(len, text.split())) >= 5 and len(text) >= 14
        )

    def _article_around(self, start: int, end: int) -> list[Line]:
        """The lines from the start of the current article to the title of the next that has a dateline."""
        following = end
        while following < len(self._lines) and not self._opens_article(following):
            following += 1
        while following > end and self._lines[following - 1].kind is Kind.SHORT:
            following -= 1
        return [*self._current.body, *self._lines[end:following]]

    def _resumed(self) -> Segment | None:
        return next((segment for segment in [*self._segments, self._current] if segment.continued), None)

    def _take_line(self, index: int) -> None:
        line = self._lines[index]
        if line.kind is Kind.END or line.kind is Kind.FACTS:
            self._current.facts.add(line.text)
            self._current.ended = self._current.ended or (line.kind is Kind.END and self._current.has_text)
            return
        if CONTINUES.match(line.text):
            self._resume(line)
            return
        if line.kind is Kind.DATELINE and self._current.has_text and not self._current.is_open:
            self._open([])
        closing = line.kind is Kind.BYLINE and self._current.has_text and self._ends_with(index)
        if closing or (line.kind is Kind.PROSE and ends_with_byline(line.text)):
            self._current.ended = True
        self._append(line)

    def _ends_with(self, index: int) -> bool:
        """Whether a byline below text closes the article, rather than standing between its lead and its sections."""
        paragraphs = sum(line.kind in (Kind.PROSE, Kind.DATELINE) for line in self._current.body)
        end = self._run_end(index + 1)
        title = " ".join(line.text for line in self._lines[index + 1 : end])
        return paragraphs > 1 or end == len(self._lines) or self._is_long(title)

    def _append(self, line: Line) -> None:
        text = CONTINUED.sub("", line.text)
        self._current.continued = self._current.continued or text != line.text
        if text:
            self._current.body.append(replace(line, text=text))

    def _resume(self, line: Line) -> None:
        """The rest of an article from another page: goes to its beginning where that is in this file."""
        text = CONTINUES.sub("", line.text)
        begun = self._resumed()
        if begun is not None:
            self._open([])
            self._current = begun
            begun.continued = False
        elif self._current.has_text:
            self._open([])
        if text:
            self._current.body.append(replace(line, text=text))


def _first_heading(run: Sequence[Line], usual_heading: int) -> int:
    """How many lines at the top of a file are its title: one, and what completes it.

    A numbered line, and one no longer than the headings below, is the first section's heading.
    """
    for position, line in enumerate(run[1:], start=1):
        if NUMBERED.match(line.text) or position >= 2 or len(line.text) <= usual_heading:
            return position
    return len(run)
