"""Answers and their sources as Telegram messages.

The words of documents are shown as they are; words around them come from the table of phrases. Sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answering.language import Language
from bot.answers import Alternative, Answer, Citation, Outcome, SuggestionKind
from bot.channels.telegram.language import LANGUAGE_NAMES
from bot.channels.telegram.notice_rendering import keep_button
from bot.channels.telegram.passages import LANGUAGE_CODES, WantedPassage, fitting, title_of
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run, StyledText, percent, shorten

_BUTTON_TITLE_CHARS = 24
_MAX_DIFFERING = 5
_MAX_DIFFERING_CHARS = 120


@dataclass(frozen=True, slots=True)
class Source:
    """What one numbered source says: the answer, or something else instead."""

    number: int
    said: Citation | Alternative


def render_answer(answer: Answer, language: Language, *, asked: str | None = None, related: bool = False) -> Outgoing:
    """The message for an answer, with buttons for its sources, related questions where there are any, and its worth.

    ``asked`` is said first, where the question does not stand in the chat.
    """
    phrases = PHRASES[language]
    lead = (Run(f"{phrases.talk.asked.format(question=asked)}\n\n", italic=True),) if asked else ()
    text, buttons = _answer_text(answer, phrases), answer_buttons(answer, language, related=related)
    return Outgoing((*lead, *text), buttons, answer.answer_id)


def answer_buttons(answer: Answer, language: Language, *, related: bool = False) -> list[list[Button]]:
    """The rows below an answer; none below small talk."""
    if answer.outcome is Outcome.CHAT:
        return []
    rows = [[_source_button(source, language)] for source in numbered(answer)]
    if answer.outcome is Outcome.NOT_FOUND:
        rows = [[button] for button in _nearest_buttons(answer, language)]
        rows.append([keep_button(answer.answer_id, PHRASES[language])])
    if related:
        rows.append([_related_button(answer.answer_id, language)])
    return fitting([*rows, _feedback_row(answer.answer_id)])


def with_related(rows: Sequence[Sequence[Button]], answer_id: str, language: Language) -> list[Sequence[Button]]:
    """Buttons below an answer that were changed meanwhile, and the one for related questions above its worth."""
    button = _related_button(answer_id, language)
    at = next((n for n, row in enumerate(rows) if any(each.data == f"u:{answer_id}" for each in row)), len(rows))
    return [*rows[:at], *fitting([[button]]), *rows[at:]]


def _related_button(answer_id: str, language: Language) -> Button:
    return Button(PHRASES[language].talk.related_button, f"q:{answer_id}")


def _answer_text(answer: Answer, phrases: Phrases) -> StyledText:
    if answer.outcome is Outcome.CHAT:
        return (Run(answer.text), *_suggestions(answer, phrases))
    if answer.outcome is Outcome.NOT_FOUND:
        return (Run(phrases.not_found), *_suggestions(answer, phrases), *_embedding_goes_on(answer, phrases))
    sources = source_list(numbered(answer), phrases, agreeing=max(answer.sources, _documents(answer.citations)))
    body = (*_body(answer), *_composed(answer, phrases), *_differing(answer, phrases))
    return (*body, Run("\n\n"), *sources, *_suggestions(answer, phrases))


def _composed(answer: Answer, phrases: Phrases) -> StyledText:
    """That the words are not those of the documents, where they are not."""
    return () if answer.composed_by is None else (Run(f"\n\n{phrases.talk.composed}", italic=True),)


def _embedding_goes_on(answer: Answer, phrases: Phrases) -> StyledText:
    """That asking again later may find more: not everything can be found by meaning yet."""
    if answer.embedded is None or answer.embedded >= 1:
        return ()
    return (Run(f"\n\n{phrases.jobs.not_found_yet.format(percent=percent(answer.embedded))}"),)


def source_list(sources: Sequence[Source], phrases: Phrases, *, agreeing: int = 0) -> StyledText:
    """Numbered sources: “[1] 《题名》 · 发布单位 · 日期”, linked where a URL is known.

    ``agreeing`` is how many documents give the answer, cited or not; more than one are counted in the heading.
    """
    heading = phrases.sources_heading
    if agreeing > 1:
        heading = f"{heading} · {phrases.agreeing_sources.format(count=agreeing)}"
    runs = [Run(f"{heading}\n")]
    for index, source in enumerate(sources):
        runs.append(Run(f"{chr(10) if index else ''}[{source.number}] "))
        runs.append(Run(title_of(source.said.document_title, source.said.source_path), link=source.said.url))
        rest = [part for part in (source.said.publisher, _date(source.said, phrases)) if part]
        runs.append(Run("".join(f" · {part}" for part in rest)))
    return tuple(runs)


def numbered(answer: Answer) -> list[Source]:
    """The citations by their numbers, then what differs from them, the newest first."""
    cited = [Source(citation.number, citation) for citation in answer.citations]
    after = max((source.number for source in cited), default=0)
    differing = sorted(answer.alternatives, key=lambda each: each.published_at or date.min, reverse=True)
    return cited + [Source(after + n, other) for n, other in enumerate(differing[:_MAX_DIFFERING], start=1)]


def language_choice(phrases: Phrases) -> Outgoing:
    """The frames to choose from, each by its own name."""
    named = [Button(name, f"m:{LANGUAGE_CODES[language]}") for language, name in LANGUAGE_NAMES.items()]
    rows = [named, [Button(phrases.talk.automatic, "m:a")]]
    return Outgoing((Run(phrases.talk.choose_language),), rows)


def read_feedback_data(data: str) -> tuple[str, str] | None:
    """Rating (``up`` or ``down``) and answer id of a 👍 or 👎; None for data that is not ours."""
    kind, _, answer_id = data.partition(":")
    ratings = {"u": "up", "d": "down"}
    return (ratings[kind], answer_id) if kind in ratings and answer_id else None


def _differing(answer: Answer, phrases: Phrases) -> Iterator[Run]:
    """Where documents differ: what each says, by date, the answer that stands first among them; the newest marked."""
    if not answer.alternatives or not answer.citations or answer.short_answer is None:
        return
    sources = numbered(answer)
    said = [source for source in sources if isinstance(source.said, Alternative)]
    # The newest of those that agree speaks for them.
    lead = max(answer.citations, key=lambda citation: citation.published_at or date.min)
    said.append(Source(lead.number, lead))
    said.sort(key=lambda source: source.said.published_at or date.min, reverse=True)
    newest = said[0].said.published_at
    yield Run(f"\n\n{phrases.talk.differing}")
    for source in said:
        words = source.said.short_answer if isinstance(source.said, Alternative) else answer.short_answer
        mark = phrases.talk.newest if newest is not None and source.said.published_at == newest else ""
        yield Run(f"\n· {_date(source.said, phrases)}{mark} ")
        yield Run(shorten(words, _MAX_DIFFERING_CHARS), bold=True)
        yield Run(f" [{source.number}]")
    if len(answer.alternatives) > _MAX_DIFFERING:
        yield Run(f"\n{phrases.talk.more_differing.format(count=len(answer.alternatives) - _MAX_DIFFERING)}")


def _documents(citations: Sequence[Citation]) -> int:
    return len({citation.document_id for citation in citations})


def _date(said: Citation | Alternative, phrases: Phrases) -> str:
    return said.published_at.isoformat() if said.published_at else phrases.unknown_date


def _body(answer: Answer) -> StyledText:
    """The answer's text: the short answer bold, quotes with the answer's words marked.

    The text is rendered as the service wrote it, so that nothing it says is lost here.
    """
    text = answer.text.strip()
    first, separator, rest = text.partition("\n")
    if answer.composed_by is not None:
        return tuple(_marked(text, answer.citations))
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


def _source_button(source: Source, language: Language) -> Button:
    said = source.said
    title = shorten(said.document_title or said.source_path, _BUTTON_TITLE_CHARS)
    quote = (said.start - said.passage_start, said.end - said.passage_start)
    wanted = WantedPassage(language, said.passage_id, said.passage_id, quote)
    return Button(f"[{source.number}] {title}", wanted.data)


def _nearest_buttons(answer: Answer, language: Language) -> Iterator[Button]:
    """The passages of the nearest documents that came up for the question."""
    passages = dict(reversed(answer.ranking))
    for suggestion in answer.suggestions:
        passage_id = passages.get(suggestion.document_id or "")
        if passage_id and suggestion.text:
            title = shorten(suggestion.text, _BUTTON_TITLE_CHARS)
            yield Button(f"📄 {title}", WantedPassage(language, passage_id, passage_id).data)


def _feedback_row(answer_id: str) -> list[Button]:
    return [Button("👍", f"u:{answer_id}"), Button("👎", f"d:{answer_id}")]
