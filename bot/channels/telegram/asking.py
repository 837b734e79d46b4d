"""What happens on each request of those who ask: questions, buttons and the commands for everyone allowed.

Handlers take plain requests and send plain messages; the Telegram library is not seen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from bot.answering.language import Language, question_language
from bot.answers import Answer, Citation
from bot.channels.failures import failure_of
from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger
from bot.channels.telegram.language import language_named
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.ports import Administration, Service
from bot.channels.telegram.rendering import (
    read_passage_data,
    render_answer,
    render_passage,
    source_list,
)
from bot.channels.telegram.reports import status_text
from bot.channels.telegram.requests import Incoming, Outgoing, Role
from bot.channels.telegram.text import Run
from bot.channels.work_pool import WorkPool
from bot.errors import BusyError, InvalidQuestionError, NotReadyError, UnknownAnswerError
from bot.feedback import Feedback
from bot.notifications import Notifications
from corpus.errors import DocumentNotFoundError
from retrieval.errors import NoSnapshotError

T = TypeVar("T")

_LOG = structlog.get_logger(__name__)
_MAX_REMEMBERED_CHATS = 1000
# What everyone may know of the corpus; jobs and the like are for administrators.
_CORPUS_FIGURES = ("documents", "passages", "created_at")


@dataclass(slots=True)
class Desk:
    """What every handler works with. ``last_sources`` keeps the latest citations of recently used chats, in memory."""

    service: Service
    administration: Administration
    notifications: Notifications
    feedback: Feedback
    messenger: Messenger
    workers: WorkPool
    chats: ChatMemory
    last_sources: dict[str, tuple[Citation, ...]] = field(default_factory=dict)

    def language(self, request: Incoming) -> Language:
        """The frame of a chat where no question is at hand."""
        return self.chats.language(request.place.key) or "zh-Hans"

    def phrases(self, request: Incoming) -> Phrases:
        """The words of that frame."""
        return PHRASES[self.language(request)]

    async def say(self, request: Incoming, text: str) -> None:
        """Send a plain sentence."""
        await self.messenger.send(request.place, Outgoing((Run(text),)))

    async def acknowledge(self, request: Incoming, text: str | None = None) -> None:
        """Let a pressed button stop turning; ``text`` is shown briefly. Nothing where no button was pressed."""
        if request.callback_id is not None:
            await self.messenger.acknowledge(request.callback_id, text)

    def remember_sources(self, key: str, citations: tuple[Citation, ...]) -> None:
        """Keep the sources of a chat's last answer; the longest unused chat goes first."""
        self.last_sources.pop(key, None)
        self.last_sources[key] = citations
        if len(self.last_sources) > _MAX_REMEMBERED_CHATS:
            self.last_sources.pop(next(iter(self.last_sources)))


async def question(desk: Desk, request: Incoming) -> None:
    """Answer a question."""
    place, asked = request.place, request.text.strip()
    chat = desk.chats.get(place.key)
    language = chat.language or question_language(asked)

    def ask() -> Answer:
        return desk.service.ask(asked, owner=place.owner, conversation_id=chat.conversation_id)

    try:
        async with desk.messenger.typing(place):
            answer = await desk.workers.run(ask)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the asker gets a word
        await desk.say(request, explain(error, request, PHRASES[language]))
        return
    if answer.citations:
        desk.remember_sources(place.key, answer.citations)
    await desk.messenger.send(place, render_answer(answer, language))
    _LOG.info("telegram_answered", outcome=answer.outcome.value, latency_ms=round(answer.latency_ms))


async def ask_command(desk: Desk, request: Incoming) -> None:
    """/ask QUESTION: a question where plain messages are not for the bot."""
    if request.text.strip():
        await question(desk, request)
    else:
        await desk.say(request, desk.phrases(request).ask_usage)


async def start(desk: Desk, request: Incoming) -> None:
    """/start and /help: what the bot does; a stranger learns the id to be allowed by."""
    phrases = desk.phrases(request)
    if request.role is Role.STRANGER:
        await stranger(desk, request)
    else:
        await desk.say(request, phrases.help + (phrases.help_admin if request.role is Role.ADMIN else ""))


async def stranger(desk: Desk, request: Incoming) -> None:
    """Tell somebody who is not allowed what an administrator needs to know."""
    phrases = desk.phrases(request)
    text = phrases.stranger if request.place.private else phrases.stranger_in_group
    await desk.say(request, text.format(user_id=request.user_id, chat_id=request.place.chat_id))


async def new(desk: Desk, request: Incoming) -> None:
    """/new: forget the conversation."""
    desk.chats.start_conversation(request.place.key)
    desk.last_sources.pop(request.place.key, None)
    await desk.say(request, desk.phrases(request).new_conversation)


async def sources(desk: Desk, request: Incoming) -> None:
    """/sources: those of the last answer, and what the corpus holds."""
    phrases = desk.phrases(request)
    citations = desk.last_sources.get(request.place.key, ())
    last = source_list(citations, phrases) if citations else (Run(phrases.no_sources),)
    status = await run_or_explain(desk, request, desk.administration.status)
    if status is not None:
        figures = {name: status[name] for name in _CORPUS_FIGURES if name in status}
        corpus = status_text(figures, phrases, heading=phrases.corpus_heading)
        await desk.messenger.send(request.place, Outgoing((*last, Run("\n\n"), *corpus)))


async def lang(desk: Desk, request: Incoming) -> None:
    """/lang 简 | 繁 | en | auto: the frame of this chat."""
    key, name = request.place.key, request.text.strip()
    chosen = language_named(name)
    if chosen is None and name.lower() not in {"auto", "自动", "自動"}:
        await desk.say(request, desk.phrases(request).language_usage)
        return
    desk.chats.set_language(key, chosen)
    phrases = desk.phrases(request)
    await desk.say(request, phrases.language_chosen if chosen else phrases.language_usage)


async def unknown_command(desk: Desk, request: Incoming) -> None:
    """A command that there is not."""
    await desk.say(request, desk.phrases(request).unknown_command)


async def not_text(desk: Desk, request: Incoming) -> None:
    """A picture, a voice message and the like."""
    await desk.say(request, desk.phrases(request).text_only)


async def show_passage(desk: Desk, request: Incoming) -> None:
    """The button of a source: its passage."""
    wanted = read_passage_data(request.text)
    if wanted is None:
        await desk.acknowledge(request)
        return
    language, passage_id, quote = wanted
    try:
        view = await desk.workers.run(lambda: desk.service.passage(passage_id))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        gone = isinstance(error, DocumentNotFoundError)
        phrases = PHRASES[language]
        await desk.acknowledge(request, phrases.passage_gone if gone else explain(error, request, phrases))
        return
    await desk.acknowledge(request)
    await desk.messenger.send(request.place, render_passage(view, language, quote=quote))


async def run_or_explain(desk: Desk, request: Incoming, call: Callable[[], T]) -> T | None:
    """The call's result; None after the asker was told why there is none."""
    try:
        return await desk.workers.run(call)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the asker gets a word
        await desk.say(request, explain(error, request, desk.phrases(request)))
        return None


def explain(error: Exception, request: Incoming, phrases: Phrases) -> str:
    """The words for an error; unexpected ones are logged with the number that the asker is told."""
    table: tuple[tuple[type[Exception], str], ...] = (
        (BusyError, phrases.busy),
        (InvalidQuestionError, phrases.invalid_question),
        (NotReadyError, phrases.not_ready),
        (NoSnapshotError, phrases.not_ready),
        (UnknownAnswerError, phrases.answer_gone),
    )
    for kind, words in table:
        if isinstance(error, kind):
            _LOG.info("telegram_request_refused", error=type(error).__name__)
            return words
    _LOG.error("telegram_request_failed", request_id=request.request_id, exc_info=error)
    failed = phrases.failed.format(request_id=request.request_id)
    if request.role is not Role.ADMIN:
        return failed
    # An administrator can do something about it. The error's own words may hold paths; they are in the log.
    failure = failure_of(error)
    return f"{failed}\n{failure.title}。{failure.cure or ''}"
