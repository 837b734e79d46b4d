"""Puts an answer together from readings: short answer, supporting sentence, citations; or says that nothing was found.

Everything it says of the matter is the documents' own words. It refuses by the reader's calibrated probability and,
last, where a digit would stand in the answer that no cited passage holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answering.digits import unsupported_numbers
from bot.answering.evidence import Same, agreeing, citation_of, cited, differing
from bot.answering.frames import Frame, frame_for
from bot.answering.language import Language, day_in
from bot.answering.polarity import says_no
from bot.answers import Alternative, Citation, Outcome, Suggestion, SuggestionKind
from corpus.folding import fold
from retrieval.hits import Hit, Reading
from retrieval.reading.questions import AnswerKind, analyse
from retrieval.reading.sameness import same_answer

_RELATIVE_TIME = re.compile(r"今年|去年|明年|前年|目前|现在|本月|上个?月|近日|最近|this year|last year|now|currently")
_MOST_SUGGESTIONS = 3
_SEVERAL = "、"


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer without its ids and times; ``blocked_numbers`` says which digits had no evidence, where any.

    ``sources`` counts the documents that give the answer; ``alternatives`` are what other documents say instead.
    ``composed_by`` names the language model that wrote ``text``; None where it is the documents' own words.
    """

    outcome: Outcome
    text: str
    short_answer: str | None
    confidence: float
    citations: tuple[Citation, ...]
    suggestions: tuple[Suggestion, ...]
    blocked_numbers: tuple[str, ...] = ()
    sources: int = 0
    alternatives: tuple[Alternative, ...] = ()
    composed_by: str | None = None


def compose(
    question: str, readings: Sequence[Reading], hits: Sequence[Hit], *, threshold: float, language: Language
) -> Composed:
    """Answer from readings (best first), or name the nearest documents where the best is below ``threshold``.

    ``question`` is the completed one; ``language`` that of the words that were typed.
    """
    frame = frame_for(language)
    confidence = readings[0].answer_score if readings else 0.0
    if not readings or confidence < threshold or not readings[0].answer_spans:
        return not_found(frame, hits, confidence)
    same = _sameness(question)
    agree = agreeing(readings, threshold, same)
    citations = tuple(citation_of(n, reading) for n, reading in enumerate(cited(agree), start=1))
    short = _short_answer(question, frame, citations[0])
    text = _text(question, frame, language, short, citations)
    dates = [day_in(language, c.published_at) for c in citations if c.published_at]
    said = text + "\n" + short
    if blocked := unsupported_numbers(said, [c.passage for c in citations], allowed=dates):
        refused = not_found(frame, hits, confidence)
        return Composed(refused.outcome, refused.text, None, confidence, (), refused.suggestions, tuple(blocked))
    others = tuple(_alternatives(question, frame, differing(readings, agree, threshold, same)))
    return Composed(Outcome.ANSWERED, text, short, confidence, citations, (), sources=len(agree), alternatives=others)


def not_found(frame: Frame, hits: Sequence[Hit], confidence: float) -> Composed:
    """Says plainly that the documents do not say it, and which of them are nearest."""
    titles: dict[str, str] = {}
    for hit in hits:
        titles.setdefault(hit.document.id, hit.document.title)
    suggestions = tuple(
        Suggestion(SuggestionKind.DOCUMENT, title, document_id)
        for document_id, title in list(titles.items())[:_MOST_SUGGESTIONS]
    )
    text = frame.not_found + (frame.nearest if suggestions else "")
    return Composed(Outcome.NOT_FOUND, text, None, confidence, (), suggestions)


def _sameness(question: str) -> Same:
    """When two answers agree: by their words; two that answer yes or no where both say yes, or both no."""
    if not _asks_yes_or_no(question):
        return same_answer

    def same_side(first: Sequence[str], second: Sequence[str]) -> bool:
        one, other = (says_no(question, _SEVERAL.join(words)) for words in (first, second))
        return bool(first) and bool(second) and one == other

    return same_side


def _asks_yes_or_no(question: str) -> bool:
    return analyse(fold(question)).kind is AnswerKind.YES_NO


def _short_answer(question: str, frame: Frame, citation: Citation) -> str:
    # On one line, wherever the document breaks its own: the supporting sentence stands on the next.
    words = _SEVERAL.join(dict.fromkeys(" ".join(span.text.split()) for span in citation.answer_spans))
    if not _asks_yes_or_no(question):
        return words
    return f"{frame.no if says_no(question, words) else frame.yes}：{words}"


def _alternatives(question: str, frame: Frame, readings: Sequence[Reading]) -> Iterator[Alternative]:
    """Each with words of its own document; without those that have a digit which its passage does not have."""
    for reading in readings:
        citation = citation_of(0, reading)
        short = _short_answer(question, frame, citation)
        if unsupported_numbers(short, [citation.passage]):
            continue
        yield Alternative(
            short_answer=short,
            document_id=citation.document_id,
            document_title=citation.document_title,
            published_at=citation.published_at,
            passage_id=citation.passage_id,
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            publisher=citation.publisher,
            url=citation.url,
            source_path=citation.source_path,
            passage_start=citation.passage_start,
        )


def _text(question: str, frame: Frame, language: Language, short: str, citations: Sequence[Citation]) -> str:
    markers = "".join(f"[{citation.number}]" for citation in citations)
    lines = [f"{short} {markers}", f"{citations[0].quote} [{citations[0].number}]"]
    return "\n".join([*lines, *time_notes(question, frame, language, citations)])


def time_notes(question: str, frame: Frame, language: Language, citations: Sequence[Citation]) -> list[str]:
    """When each source was published, where the question speaks of a time that depends on it."""
    if not _RELATIVE_TIME.search(fold(question)):
        return []
    return [_time_note(frame, language, citation) for citation in citations]


def _time_note(frame: Frame, language: Language, citation: Citation) -> str:
    marker = f"[{citation.number}]"
    if citation.published_at is None:
        return frame.undated.format(marker=marker)
    return frame.dated.format(marker=marker, date=day_in(language, citation.published_at))
