"""Answers, passages and sources as Telegram messages.

The words of documents are shown as they are; words around them come from the table of phrases. Sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.answering.language import Language
from bot.answers import Answer, Citation, Outcome, SuggestionKind
from bot.channels.telegram.notice_rendering import keep_button
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.ports import ShownPassage
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run, StyledText, percent, shorten
from corpus.documents import Document

_BUTTON_TITLE_CHARS = 24
_LANGUAGE_CODES: dict[Language, str] = {"zh-Hans": "s", "zh-Hant": "t", "en": "e"}
_CODED_LANGUAGES = {code: language for language, code in _LANGUAGE_CODES.items()}


def render_answer(answer: Answer, language: Language) -> Outgoing:
    """The message for an answer, with buttons for its sources and its worth."""
    phrases = PHRASES[language]
    if answer.outcome is Outcome.CHAT:
        return Outgoing((Run(answer.text), *_suggestions(answer, phrases)))
    if answer.outcome is Outcome.NOT_FOUND:
        text = (Run(phrases.not_found), *_suggestions(answer, phrases), *_embedding_goes_on(answer, phrases))
        return Outgoing(text, _fitting([[keep_button(answer.answer_id, phrases)], _feedback_row(answer.answer_id)]))
    sources = source_list(answer.citations, phrases, count=answer.sources)
    text = (*_body(answer), Run("\n\n"), *sources, *_suggestions(answer, phrases))
    rows = [[_source_button(citation, language)] for citation in answer.citations]
    return Outgoing(text, _fitting([*rows, _feedback_row(answer.answer_id)]))


def _embedding_goes_on(answer: Answer, phrases: Phrases) -> StyledText:
    """That asking again later may find more: not everything can be found by meaning yet."""
    if answer.embedded is None or answer.embedded >= 1:
        return ()
    return (Run(f"\n\n{phrases.jobs.not_found_yet.format(percent=percent(answer.embedded))}"),)


def source_list(citations: Sequence[Citation], phrases: Phrases, *, count: int = 0) -> StyledText:
    """Numbered sources: “[1] 《题名》 · 发布单位 · 日期”, linked where a URL is known.

    ``count`` is how many documents agree where that is more than are cited.
    """
    heading = phrases.sources_heading
    if len({citation.document_id for citation in citations}) > 1:
        heading = f"{heading} · {phrases.agreeing_sources.format(count=max(count, len(citations)))}"
    runs = [Run(f"{heading}\n")]
    for index, citation in enumerate(citations):
        date = citation.published_at.isoformat() if citation.published_at else phrases.unknown_date
        rest = [part for part in (citation.publisher, date) if part]
        runs.append(Run(f"{chr(10) if index else ''}[{citation.number}] "))
        runs.append(Run(_title(citation.document_title, citation.source_path), link=citation.url))
        runs.append(Run("".join(f" · {part}" for part in rest)))
    return tuple(runs)


def render_passage(view: ShownPassage, language: Language, *, quote: tuple[int, int] | None) -> Outgoing:
    """A passage with its document; ``quote`` is what to mark, in code points from the passage's start."""
    phrases, document, passage = PHRASES[language], view.document, view.passage
    runs = [Run(_title(document.title, document.source_path), bold=True)]
    if passage.heading:
        runs.append(Run(f"\n{passage.heading}", italic=True))
    runs.append(Run(f"\n{_origin(document, phrases)}\n\n"))
    start, end = quote or (0, 0)
    if 0 <= start < end <= len(passage.text):
        runs += [Run(passage.text[:start]), Run(passage.text[start:end], bold=True), Run(passage.text[end:])]
    else:
        runs.append(Run(passage.text))
    runs.append(Run("\n\n"))
    runs.append(
        Run(phrases.original, link=document.url)
        if document.url
        else Run(phrases.file.format(path=document.source_path))
    )
    return Outgoing(tuple(runs))


def passage_data(citation: Citation, language: Language) -> str:
    """A source button's data: all that is needed to show the passage again, also after a restart."""
    start = citation.start - citation.passage_start
    end = citation.end - citation.passage_start
    return f"p:{_LANGUAGE_CODES[language]}:{citation.passage_id}:{start}:{end}"


def read_passage_data(data: str) -> tuple[Language, str, tuple[int, int] | None] | None:
    """Language, passage id and quote of a source button; None for data that is not ours."""
    parts = data.split(":")
    if len(parts) != 5 or parts[0] != "p" or parts[1] not in _CODED_LANGUAGES:
        return None
    quote = (int(parts[3]), int(parts[4])) if parts[3].isdecimal() and parts[4].isdecimal() else None
    return _CODED_LANGUAGES[parts[1]], parts[2], quote


def read_feedback_data(data: str) -> tuple[str, str] | None:
    """Rating (``up`` or ``down``) and answer id of a 👍 or 👎; None for data that is not ours."""
    kind, _, answer_id = data.partition(":")
    ratings = {"u": "up", "d": "down"}
    return (ratings[kind], answer_id) if kind in ratings and answer_id else None


def _body(answer: Answer) -> StyledText:
    """The answer's text: the short answer bold, quotes with the answer's words marked.

    The text is rendered as the service wrote it, so that nothing it says is lost here.
    """
    text = answer.text.strip()
    first, separator, rest = text.partition("\n")
    if answer.short_answer is None or not (separator or answer.short_answer in first):
        return tuple(_marked(text, answer.citations))
    if not separator:
        return tuple(_marked(first, answer.citations))
    short = answer.short_answer if first.startswith(answer.short_answer) else first
    heading = (Run(short, bold=True), Run(first[len(short) :]))
    return (*heading, Run("\n\n"), *_marked(rest.lstrip("\n"), answer.citations))


def _marked(text: str, citations: Sequence[Citation]) -> Iterator[Run]:
    position = 0
    for at, citation in sorted(_quotes_in(text, citations), key=lambda found: found[0]):
        if at < position:
            continue
        yield Run(text[position:at])
        yield from _marked_quote(citation)
        position = at + len(citation.quote)
    yield Run(text[position:])


def _quotes_in(text: str, citations: Sequence[Citation]) -> Iterator[tuple[int, Citation]]:
    for citation in citations:
        # The quote that its own number follows, where the same words stand twice.
        own = re.search(rf"{re.escape(citation.quote)}(?=\s?\[{citation.number}\])", text)
        at = own.start() if own else text.find(citation.quote)
        if citation.quote and at >= 0:
            yield at, citation


def _marked_quote(citation: Citation) -> Iterator[Run]:
    position = 0
    for span in sorted(citation.answer_spans, key=lambda span: span.start):
        start, end = span.start - citation.start, span.end - citation.start
        if start < max(position, 0) or start >= end or citation.quote[start:end] != span.text:
            continue
        yield Run(citation.quote[position:start])
        yield Run(citation.quote[start:end], bold=True, underline=True)
        position = end
    yield Run(citation.quote[position:])


def _suggestions(answer: Answer, phrases: Phrases) -> Iterator[Run]:
    for kind, heading in (
        (SuggestionKind.DOCUMENT, phrases.nearest_documents),
        (SuggestionKind.QUESTION, phrases.try_asking),
    ):
        texts = [suggestion.text for suggestion in answer.suggestions if suggestion.kind is kind and suggestion.text]
        if texts:
            lines = (f"《{text}》" if kind is SuggestionKind.DOCUMENT and "《" not in text else text for text in texts)
            yield Run(f"\n\n{heading}" + "".join(f"\n· {line}" for line in lines))


def _source_button(citation: Citation, language: Language) -> Button:
    title = shorten(citation.document_title or citation.source_path, _BUTTON_TITLE_CHARS)
    return Button(f"[{citation.number}] {title}", passage_data(citation, language))


def _feedback_row(answer_id: str) -> list[Button]:
    return [Button("👍", f"u:{answer_id}"), Button("👎", f"d:{answer_id}")]


def _fitting(rows: Sequence[Sequence[Button]]) -> list[list[Button]]:
    kept = [[button for button in row if button.fits] for row in rows]
    return [row for row in kept if row]


def _title(title: str, source_path: str) -> str:
    return title if title.startswith("《") else f"《{title or source_path.rpartition('/')[2]}》"


def _origin(document: Document, phrases: Phrases) -> str:
    date = document.published_at.isoformat() if document.published_at else phrases.unknown_date
    return " · ".join(part for part in (document.publisher, date) if part)
