"""From readings to citations: the best reading, those of other documents that say the same, and their exact offsets.

Readings that say something else are kept apart, each answer once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answers import AnswerSpan, Citation
from retrieval.hits import Reading, Span
from retrieval.reading.page import stripped
from retrieval.reading.sameness import says_less

# Whether two answers, each given as its spans' words, say the same.
Same = Callable[[Sequence[str], Sequence[str]], bool]

_MOST_SOURCES = 3
# A second source is shown where it is about as sure as an answer has to be to be given at all.
_AGREEING_SHARE = 0.8


def agreeing(readings: Sequence[Reading], threshold: float, same: Same) -> list[Reading]:
    """The first reading and those of other documents with the same answer, best first, one a document."""
    best = readings[0]
    words = answer_words(best)
    chosen = [best]
    for reading in readings[1:]:
        if reading.hit.document.id in {each.hit.document.id for each in chosen}:
            continue
        if reading.answer_score >= threshold * _AGREEING_SHARE and same(words, answer_words(reading)):
            chosen.append(reading)
    return chosen


def cited(agreeing_readings: Sequence[Reading]) -> list[Reading]:
    """Those of the agreeing readings that are shown: at most three."""
    return list(agreeing_readings[:_MOST_SOURCES])


def beside(readings: Sequence[Reading], citations: Sequence[Citation], most: int) -> list[Citation]:
    """Other passages that were read of the documents already cited, numbered on: for an answer that needs more of them.

    They carry no words of the answer.
    """
    documents, passages = {each.document_id for each in citations}, {each.passage_id for each in citations}
    others = [each for each in readings if each.hit.document.id in documents and each.hit.passage.id not in passages]
    first = len(citations) + 1
    found = (citation_of(number, reading) for number, reading in enumerate(others[:most], start=first))
    return [replace(each, answer_spans=()) for each in found]


def differing(
    readings: Sequence[Reading], agreeing_readings: Sequence[Reading], threshold: float, same: Same
) -> list[Reading]:
    """The best reading of each other answer, as sure as an answer has to be, from documents that do not agree.

    What is part of another answer, or has more of it, is no other answer.
    """
    agree = {reading.hit.document.id for reading in agreeing_readings}
    found: list[Reading] = []
    for reading in readings[1:]:
        words = answer_words(reading)
        if reading.hit.document.id in agree or reading.answer_score < threshold or not words:
            continue
        others = [answer_words(other) for other in (readings[0], *found)]
        if not any(same(words, other) or says_less(words, other) for other in others):
            found.append(reading)
    return found


def answer_words(reading: Reading) -> list[str]:
    """The answer's words, a run for each span."""
    text = reading.hit.document.text
    return [text[span.start : span.end] for span in reading.answer_spans]


def citation_of(number: int, reading: Reading) -> Citation:
    """The reading as a citation; the quote is widened so that it holds every answer span."""
    hit = reading.hit
    text = hit.document.text
    tight = [Span(*stripped(text, span.start, span.end)) for span in reading.answer_spans]
    spans = [span for span in tight if span.start < span.end]
    start = min([reading.evidence.start, *(span.start for span in spans)])
    end = max([reading.evidence.end, *(span.end for span in spans)])
    start, end = stripped(text, start, end)
    return Citation(
        number=number,
        document_id=hit.document.id,
        document_title=hit.document.title,
        publisher=hit.document.publisher,
        published_at=hit.document.published_at,
        url=hit.document.url,
        source_path=hit.document.source_path,
        passage_id=hit.passage.id,
        heading=hit.passage.heading,
        passage=hit.passage.text,
        passage_start=hit.passage.start,
        quote=text[start:end],
        start=start,
        end=end,
        answer_spans=tuple(AnswerSpan(text[s.start : s.end], s.start, s.end) for s in spans),
    )
