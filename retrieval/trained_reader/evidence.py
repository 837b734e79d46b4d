"""The words of an answer as spans of the document, several for a list, and the sentences that support them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.folding import fold_with_offsets
from retrieval.hits import Span
from retrieval.reading.page import Page
from retrieval.reading.questions import AnswerKind, QuestionForm
from retrieval.trained_reader.decoding import Chosen
from retrieval.trained_reader.listing import asks_for_several, parts_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences that hold an answer; ``first`` is the index of the first one in its page."""

    first: int
    span: Span


def spans_of(form: QuestionForm, page: Page, chosen: Chosen) -> tuple[Span, ...]:
    """The words that answer: for a yes/no question the clause that says so, for a list its parts, else the run."""
    start = page.hit.passage.start
    run = Span(start + chosen.start, start + chosen.end)
    if form.kind is AnswerKind.YES_NO:
        return (_clauses_around(page, run),)
    if not asks_for_several(form):
        return (run,)
    folded, offsets = fold_with_offsets(page.hit.passage.text)
    low, high = bisect_right(offsets, chosen.start) - 1, bisect_left(offsets, chosen.end)
    parts = parts_of(folded, low, min(high, len(folded)))
    spans = [Span(start + offsets[a], start + offsets[b]) for a, b in parts]
    return tuple(span for span in spans if span.start < span.end) or (run,)


def evidence_of(page: Page, spans: Sequence[Span]) -> Evidence:
    """The sentences from the first to the last span; the whole passage where there is no span."""
    passage = page.hit.passage
    if not spans or not page.sentences:
        return Evidence(0, Span(passage.start, passage.end))
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    held = [i for i, sentence in enumerate(page.sentences) if sentence.start < end and sentence.end > start]
    if not held:
        return Evidence(0, Span(start, end))
    first, last = page.sentences[held[0]], page.sentences[held[-1]]
    return Evidence(held[0], Span(min(first.start, start), max(last.end, end)))


def _clauses_around(page: Page, run: Span) -> Span:
    """The run widened to whole clauses: one word alone does not say yes or no."""
    start, end = run.start, run.end
    for sentence in page.sentences:
        for low, high in sentence.clauses:
            clause = sentence.span(low, high)
            if clause.start < run.end and clause.end > run.start:
                start, end = min(start, clause.start), max(end, clause.end)
    return Span(start, end)
