"""What happens on the commands for everyone allowed, and on the buttons below answers; ``answering`` has questions.

Handlers take plain requests and send plain messages; the Telegram library is not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from bot.answering.language import Language
from bot.channels.failures import failure_of
from bot.channels.telegram.background import Background
from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger
from bot.channels.telegram.keyboards import Keyboards
from bot.channels.telegram.language import language_named
from bot.channels.telegram.passages import CODED_LANGUAGES, read_passage_data, render_passage
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.ports import Administration, Menus, Related, Service, Shown
from bot.channels.telegram.rendering import language_choice, numbered, source_list
from bot.channels.telegram.reports import status_text
from bot.channels.telegram.requests import Button, Incoming, Outgoing, Place, Role
from bot.channels.telegram.standings import Standings
from bot.channels.telegram.text import Run
from bot.channels.work_pool import WorkPool
from bot.errors import BusyError, InvalidQuestionError, NotReadyError, UnknownAnswerError
from bot.feedback import Feedback
from bot.notifications import Notifications
from bot.people import People
from bot.state.answers import SavedAnswer
from corpus.errors import DocumentNotFoundError
from corpus.visibility import Clearance
from retrieval.errors import NoSnapshotError

T = TypeVar("T")

_LOG = structlog.get_logger(__name__)
# What everyone may know of the corpus; jobs and the like are for administrators.
_CORPUS_FIGURES = ("documents", "passages", "created_at")


@dataclass(slots=True)
class Desk:
    """What every handler works with."""

    service: Service
    administration: Administration
    notifications: Notifications
    feedback: Feedback
    messenger: Messenger
    workers: WorkPool
    chats: ChatMemory
    people: People
    standings: Standings
    related: Related
    shown: Shown
    menus: Menus
    background: Background
    bot_id: str
    keyboards: Keyboards = field(default_factory=Keyboards)

    def language(self, request: Incoming) -> Language:
        """The frame of a chat where no question is at hand."""
        return self.chats.language(request.place.key) or request.language or "zh-Hans"

    def clearance(self, request: Incoming) -> Clearance:
        """What may be seen where the request came from; in a group that is the group's, whoever asks."""
        return self.people.clearance(request.place.chat_id)

    def seen_in(self, request: Incoming) -> str:
        """The chat as this bot sees it: where the numbers of messages mean something."""
        return self.seen_at(request.place)

    def seen_at(self, place: Place) -> str:
        """The same of a place."""
        return f"{self.bot_id}:{place.chat_id}"

    def keyboard(self, request: Incoming) -> Sequence[Sequence[Button]]:
        """The buttons below the message whose button was pressed, as they are by now."""
        known = None if request.message_id is None else self.keyboards.get(request.place, request.message_id)
        return request.keyboard if known is None else known

    async def set_buttons(self, place: Place, message_id: int, buttons: Sequence[Sequence[Button]]) -> None:
        """Replace the buttons below a message."""
        self.keyboards.put(place, message_id, buttons)
        await self.messenger.set_buttons(place, message_id, buttons)

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


async def start(desk: Desk, request: Incoming) -> None:
    """/start and /help: what the bot does."""
    phrases = desk.phrases(request)
    await desk.say(request, phrases.help + (phrases.help_admin if request.role is Role.ADMIN else ""))


async def new(desk: Desk, request: Incoming) -> None:
    """/new: forget the conversation."""
    desk.chats.start_conversation(request.place.key)
    await desk.say(request, desk.phrases(request).new_conversation)


async def sources(desk: Desk, request: Incoming) -> None:
    """/sources: those of the last answer, and what the corpus holds."""
    phrases = desk.phrases(request)
    place = request.place
    conversation_id, clearance = desk.chats.get(place.key).conversation_id, desk.clearance(request)

    def look() -> tuple[SavedAnswer | None, Mapping[str, Any]]:
        last = desk.service.last_answer(conversation_id, owner=place.owner, clearance=clearance)
        return last, desk.administration.status(clearance)

    found = await run_or_explain(desk, request, look)
    if found is not None:
        saved, status = found
        last = source_list(numbered(saved.answer), phrases) if saved else (Run(phrases.no_sources),)
        figures = {name: status[name] for name in _CORPUS_FIGURES if name in status}
        corpus = status_text(figures, phrases, heading=phrases.corpus_heading)
        await desk.messenger.send(request.place, Outgoing((*last, Run("\n\n"), *corpus)))


async def lang(desk: Desk, request: Incoming) -> None:
    """/lang 简 | 繁 | en | auto: the frame of this chat; without a name, buttons to choose from."""
    name = request.text.strip()
    chosen = language_named(name)
    if not name:
        await desk.messenger.send(request.place, language_choice(desk.phrases(request)))
    elif chosen is None and name.lower() not in {"auto", "自动", "自動"}:
        await desk.say(request, desk.phrases(request).language_usage)
    else:
        await desk.say(request, await _choose_language(desk, request, chosen))


async def choose_language(desk: Desk, request: Incoming) -> None:
    """A button of /lang."""
    chosen = CODED_LANGUAGES.get(request.text.removeprefix("m:"))
    said = await _choose_language(desk, request, chosen)
    await desk.acknowledge(request)
    if request.message_id is not None:
        await desk.messenger.edit(request.place, request.message_id, (Run(said),))


async def _choose_language(desk: Desk, request: Incoming, chosen: Language | None) -> str:
    """Set the frame of the chat, and its menu; what to say of it."""
    desk.chats.set_language(request.place.key, chosen)
    # A menu belongs to a whole chat, so a topic's language leaves it alone.
    if request.place.topic_id is None:
        is_admin = request.place.private and request.role is Role.ADMIN
        await desk.menus.set_for(request.place.chat_id, is_admin=is_admin, language=chosen)
    phrases = desk.phrases(request)
    return phrases.language_chosen if chosen else phrases.talk.automatic_chosen


async def unknown_command(desk: Desk, request: Incoming) -> None:
    """A command that there is not."""
    await desk.say(request, desk.phrases(request).unknown_command)


async def not_text(desk: Desk, request: Incoming) -> None:
    """A picture, a voice message and the like."""
    await desk.say(request, desk.phrases(request).text_only)


async def show_passage(desk: Desk, request: Incoming) -> None:
    """The button of a source: its passage. Those of a passage: the one before or after, in the same message."""
    wanted = read_passage_data(request.text)
    if wanted is None:
        await desk.acknowledge(request)
        return
    try:
        view = await desk.workers.run(
            lambda: desk.service.passage(wanted.passage_id, clearance=desk.clearance(request))
        )
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        gone = isinstance(error, DocumentNotFoundError)
        phrases = PHRASES[wanted.language]
        await desk.acknowledge(request, phrases.passage_gone if gone else explain(error, request, phrases))
        return
    await desk.acknowledge(request)
    message = render_passage(view, wanted)
    if wanted.turns and request.message_id is not None:
        await desk.messenger.edit(request.place, request.message_id, message.text, message.buttons)
    else:
        await desk.messenger.send(request.place, message)


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
