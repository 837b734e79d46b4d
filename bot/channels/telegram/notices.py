"""“通知我” in chat: keeping a question, /mine, cancelling, and showing an answer that may not have arrived.

How answers get to those who wait is in ``notice_delivery``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from bot.answering.language import Language
from bot.answers import Answer
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.language import LANGUAGES
from bot.channels.telegram.notice_rendering import cancel_button, keep_button, lead_text, waiting_list, with_button
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.rendering import render_answer
from bot.channels.telegram.requests import Button, Incoming, Outgoing, Place, Role
from bot.channels.telegram.text import Run
from bot.errors import TooManyKeptError
from bot.state.kept_questions import KeptQuestion
from corpus.errors import StoreError

T = TypeVar("T")

_LOG = structlog.get_logger(__name__)


async def pressed(desk: Desk, request: Incoming) -> None:
    """A button of a kept question: ``s:k:ANSWER``, ``s:x:ID``, ``s:c:ID:FIRST``, ``s:m:FIRST``, ``s:v:ID``."""
    kind, *rest = request.text.split(":")[1:]
    numbers = [int(part) for part in rest if part.isdecimal() and len(part) < 19]
    if kind == "k" and rest:
        await _keep(desk, request, rest[0])
    elif kind == "x" and len(numbers) == 1:
        await _cancel_below(desk, request, numbers[0])
    elif kind == "c" and len(numbers) == 2:
        await _cancel_listed(desk, request, *numbers)
    elif kind == "m" and len(numbers) == 1:
        await desk.acknowledge(request)
        await _turn_to(desk, request, numbers[0])
    elif kind == "v" and len(numbers) == 1:
        await _show(desk, request, numbers[0])
    else:
        await desk.acknowledge(request)


async def mine(desk: Desk, request: Incoming) -> None:
    """/mine: what waits for an answer here."""
    phrases = desk.phrases(request)
    try:
        questions = await desk.workers.run(lambda: desk.notifications.waiting(request.place.owner))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the asker gets a word
        await desk.say(request, explain(error, request, phrases))
        return
    await desk.messenger.send(request.place, waiting_list(questions, 0, phrases))


def address_of(request: Incoming) -> dict[str, object]:
    """Where the answer goes: below the message that said there is none."""
    place = request.place
    return {
        "chat_id": place.chat_id,
        "topic_id": place.topic_id,
        "private": place.private,
        "message_id": request.message_id,
        "user_id": request.user_id,
    }


def place_of(question: KeptQuestion) -> Place:
    """The way back from ``address_of``."""
    address = question.address
    return Place(
        chat_id=address["chat_id"],
        topic_id=address["topic_id"],
        reply_to=address["message_id"],
        private=address["private"],
    )


def channel_name(bot_id: str) -> str:
    """Names one bot: another one of the same database must not answer in its place."""
    return f"telegram:{bot_id}"


def language_of(desk: Desk, question: KeptQuestion) -> Language:
    """The frame that was chosen for the place, or that of the question."""
    asked = next((known for known in LANGUAGES if known == question.language), LANGUAGES[0])
    return desk.chats.language(place_of(question).key) or asked


def answer_notice(question: KeptQuestion, answer: Answer, language: Language) -> Outgoing:
    """The answer as ever, after a line that says which question of which day it answers."""
    phrases, rendered = PHRASES[language], render_answer(answer, language)
    lead = lead_text(phrases.notices.answered, question)
    return Outgoing((lead, Run("\n\n"), *rendered.text), rendered.buttons)


async def remember_notice(desk: Desk, place: Place, message_ids: Sequence[int], answer_id: str) -> None:
    """Keep which messages carry the answer, so that a reply goes on from it."""
    try:
        await asyncio.to_thread(desk.shown.keep, desk.seen_at(place), message_ids, answer_id)
    except StoreError as error:
        _LOG.warning("telegram_answer_not_remembered", error=str(error))


async def _keep(desk: Desk, request: Incoming, answer_id: str) -> None:
    kept = await _call(
        desk,
        request,
        lambda: desk.notifications.keep(
            answer_id,
            owner=request.place.owner,
            asker=_asker(request),
            channel=channel_name(desk.bot_id),
            address=address_of(request),
        ),
    )
    if kept is not None:
        phrases = PHRASES[language_of(desk, kept.question)]
        words = phrases.notices.kept.format(days=kept.days) if kept.new else phrases.notices.kept_already
        await desk.acknowledge(request, words)
        await _replace(desk, request, cancel_button(kept.question.id, phrases))


async def _cancel_below(desk: Desk, request: Incoming, kept_id: int) -> None:
    gone = await _cancel(desk, request, kept_id)
    if gone is not None:
        await _replace(desk, request, keep_button(gone.asked_answer_id, PHRASES[language_of(desk, gone)]))


async def _cancel_listed(desk: Desk, request: Incoming, kept_id: int, first: int) -> None:
    await _cancel(desk, request, kept_id)
    await _turn_to(desk, request, first)


async def _cancel(desk: Desk, request: Incoming, kept_id: int) -> KeptQuestion | None:
    # What somebody in a group waits for is theirs, and an administrator's.
    anyones = request.place.private or request.role is Role.ADMIN
    asker, owner = None if anyones else _asker(request), request.place.owner
    tried = await _call(desk, request, lambda: (desk.notifications.cancel(kept_id, owner=owner, asker=asker),))
    if tried is None:
        return None
    words = desk.phrases(request).notices
    await desk.acknowledge(request, words.nothing_to_cancel if tried[0] is None else words.cancelled)
    return tried[0]


async def _turn_to(desk: Desk, request: Incoming, first: int) -> None:
    questions = await _call(desk, request, lambda: desk.notifications.waiting(request.place.owner))
    if questions is not None and request.message_id is not None:
        page = waiting_list(questions, first, desk.phrases(request))
        await desk.messenger.edit(request.place, request.message_id, page.text, page.buttons)


async def _show(desk: Desk, request: Incoming, kept_id: int) -> None:
    found = await _call(desk, request, lambda: desk.notifications.answered(kept_id, owner=request.place.owner))
    if found is not None:
        await desk.acknowledge(request)
        notice = answer_notice(*found, language_of(desk, found[0]))
        message_ids = await desk.messenger.send_all(request.place, notice)
        await remember_notice(desk, request.place, message_ids, found[1].answer_id)


async def _replace(desk: Desk, request: Incoming, button: Button) -> None:
    """Put another button in the place of the one that was pressed."""
    shown = desk.keyboard(request)
    if shown and request.message_id is not None:
        keyboard = with_button(shown, request.text, button)
        await desk.set_buttons(request.place, request.message_id, keyboard)


async def _call(desk: Desk, request: Incoming, call: Callable[[], T]) -> T | None:
    """What the call gives; None after whoever pressed was told why there is nothing."""
    phrases = desk.phrases(request)
    try:
        return await desk.workers.run(call)
    except TooManyKeptError:
        await desk.acknowledge(request, phrases.notices.too_many)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        await desk.acknowledge(request, explain(error, request, phrases))
    return None


def _asker(request: Incoming) -> str:
    """The person; where Telegram does not say who it is, the place."""
    return request.place.owner if request.user_id is None else f"telegram:{request.user_id}"
