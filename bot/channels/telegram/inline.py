"""Inline mode: whoever types the bot's name and a question in any chat sees the answer as a card to send there.

Telegram asks with every letter; only what somebody stops at is answered, and nothing of it is remembered.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from bot.answering.language import Language, question_language
from bot.answers import Answer, Citation, Outcome
from bot.channels.telegram.asking import Desk
from bot.channels.telegram.passages import title_of
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.rendering import Source, render_answer, source_list
from bot.channels.telegram.requests import Card, InlineAsked, Role
from bot.channels.telegram.text import Run, shorten
from bot.errors import BusyError, InvalidQuestionError, NotReadyError
from retrieval.errors import NoSnapshotError

_LOG = structlog.get_logger(__name__)
_TITLE_CHARS = 60
_DESCRIPTION_CHARS = 120
# Three Chinese characters, or six letters, may be a question; less is still being typed.
_LEAST_WEIGHT = 6
_CACHE_SECONDS: Final = 10
# What ``/start`` is given in the private chat that the button above the cards opens.
_FROM_INLINE = "inline"


@dataclass(slots=True)
class InlineAnswers:
    """Answers inline queries once nothing more has been typed for ``wait_seconds``, as often as ``admit`` allows."""

    desk: Desk
    wait_seconds: float
    admit: Callable[[InlineAsked], bool]
    _latest: dict[int, str] = field(default_factory=dict)

    async def __call__(self, asked: InlineAsked) -> None:
        """Show cards for the query, unless a later one of the same person has come meanwhile."""
        language = self._language(asked)
        words = PHRASES[language].talk
        if asked.role is Role.STRANGER:
            button = (words.inline_access, _FROM_INLINE)
            card = Card("access", words.inline_stranger, words.inline_stranger_more, (Run(words.inline_stranger_more),))
            await self.desk.messenger.offer(asked.query_id, [card], cache_seconds=0, to_private=button)
            return
        self._latest[asked.user_id] = asked.query_id
        try:
            await asyncio.sleep(self.wait_seconds)
            if self._latest.get(asked.user_id) == asked.query_id:
                await self._answer(asked, language)
        finally:
            if self._latest.get(asked.user_id) == asked.query_id:
                del self._latest[asked.user_id]

    async def _answer(self, asked: InlineAsked, language: Language) -> None:
        words, messenger = PHRASES[language].talk, self.desk.messenger
        if not may_be_a_question(asked.text):
            button = (words.inline_start, _FROM_INLINE)
            await messenger.offer(asked.query_id, [], cache_seconds=_CACHE_SECONDS, to_private=button)
            return
        try:
            if not self.admit(asked):
                raise BusyError("问得太快。")
            owner = f"telegram:{asked.user_id}"
            answer = await self.desk.workers.run(lambda: self.desk.service.preview(asked.text, owner=owner))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the list must not go on turning
            expected = (BusyError, InvalidQuestionError, NotReadyError, NoSnapshotError)
            if not isinstance(error, expected):
                _LOG.error("telegram_inline_failed", exc_info=error)
            button = (words.inline_later, _FROM_INLINE)
            await messenger.offer(asked.query_id, [], cache_seconds=0, to_private=button)
            return
        button = (words.inline_start, _FROM_INLINE)
        found = list(cards(answer, asked.text, language))
        await messenger.offer(asked.query_id, found, cache_seconds=_CACHE_SECONDS, to_private=button)
        _LOG.info("telegram_inline_answered", outcome=answer.outcome.value, latency_ms=round(answer.latency_ms))

    def _language(self, asked: InlineAsked) -> Language:
        chosen = self.desk.chats.language(str(asked.user_id))
        if chosen is not None:
            return chosen
        return question_language(asked.text) if asked.text else asked.language or "zh-Hans"


def may_be_a_question(text: str) -> bool:
    """Whether enough has been typed to be worth an answer."""
    weights = (2 if unicodedata.east_asian_width(each) == "W" else 1 for each in text if each.isalnum())
    return sum(weights) >= _LEAST_WEIGHT


def cards(answer: Answer, asked: str, language: Language) -> Iterator[Card]:
    """The answer as a card, then each source with its quote; none for small talk."""
    phrases = PHRASES[language]
    if answer.outcome is Outcome.CHAT:
        return
    whole = render_answer(answer, language, asked=asked).text
    if answer.outcome is Outcome.NOT_FOUND:
        yield Card(answer.answer_id, phrases.talk.inline_none, phrases.talk.inline_none_more, whole)
        return
    title = shorten(answer.short_answer or answer.citations[0].quote, _TITLE_CHARS)
    yield Card(answer.answer_id, title, _origin(answer.citations[0], phrases), whole)
    for citation in answer.citations:
        quoted = Run(f"{citation.quote}\n\n"), *source_list([Source(citation.number, citation)], phrases)
        described = shorten(citation.quote, _DESCRIPTION_CHARS)
        yield Card(f"{answer.answer_id}-{citation.number}", _origin(citation, phrases), described, quoted)


def _origin(citation: Citation, phrases: Phrases) -> str:
    date = citation.published_at.isoformat() if citation.published_at else phrases.unknown_date
    parts = (title_of(citation.document_title, citation.source_path), citation.publisher, date)
    return shorten(" · ".join(part for part in parts if part), _DESCRIPTION_CHARS)
