"""The way of a question in a chat: asked in its conversation, answered by messages, and known by them ever after.

So a reply goes on from the answer that it replies to, and an edited question is answered anew in place.
"""

from __future__ import annotations

import asyncio

import structlog

from bot.answering.language import Language, question_language
from bot.answers import Answer
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.rendering import answer_buttons, render_answer, with_related
from bot.channels.telegram.requests import Button, Incoming, Outgoing
from bot.channels.telegram.text import Run
from bot.errors import UnknownAnswerError
from bot.state.answer_messages import ShownAnswer
from corpus.errors import StoreError

_LOG = structlog.get_logger(__name__)


async def question(desk: Desk, request: Incoming) -> None:
    """Answer a question."""
    await answer_question(desk, request, request.text.strip())


async def ask_command(desk: Desk, request: Incoming) -> None:
    """/ask QUESTION: a question where plain messages are not for the bot."""
    if request.text.strip():
        await question(desk, request)
    else:
        await desk.say(request, desk.phrases(request).ask_usage)


async def answer_question(
    desk: Desk, request: Incoming, asked: str, *, instead: ShownAnswer | None = None, say_question: bool = False
) -> None:
    """Ask, and send the answer; ``instead`` of an earlier one where the question was edited.

    ``say_question``: the question does not stand in the chat, so the answer begins with it.
    """
    place = request.place
    chat = desk.chats.get(place.key)
    language = chat.language or question_language(asked)
    clearance = desk.clearance(request)

    def ask() -> Answer:
        return desk.service.ask(
            asked,
            owner=place.owner,
            conversation_id=chat.conversation_id,
            follows=_followed(desk, request),
            replaces=instead.answer_id if instead is not None else None,
            clearance=clearance,
        )

    try:
        async with desk.messenger.typing(place):
            answer = await desk.workers.run(ask, asker=place.owner)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the asker gets a word
        await desk.say(request, explain(error, request, PHRASES[language]))
        return
    related = desk.related.known(answer, clearance)
    message = render_answer(answer, language, asked=asked if say_question else None, related=bool(related))
    if instead is None:
        message_ids = await desk.messenger.send_all(place, message)
    else:
        desk.keyboards.forget(place, instead.message_ids)
        message_ids = await desk.messenger.replace(place, instead.message_ids, message)
    _LOG.info("telegram_answered", outcome=answer.outcome.value, latency_ms=round(answer.latency_ms))
    await _remember(desk, request, answer, message_ids, by_message=not say_question)
    if related is None and message_ids:
        desk.background.start(_offer_related(desk, request, answer, language, message_ids[-1]))


async def edited(desk: Desk, request: Incoming) -> None:
    """A message was edited: where it was a question that got an answer, that answer becomes the new one's."""
    asked, message_id = request.text.strip(), request.message_id
    if not asked or message_id is None:
        return

    def earlier() -> ShownAnswer | None:
        shown = desk.shown.shown_for(desk.seen_in(request), message_id)
        if shown is None:
            return None
        try:
            saved = desk.service.answer(shown.answer_id, owner=request.place.owner, clearance=desk.clearance(request))
        except UnknownAnswerError:
            return None
        # A link that gets its preview, or the like, is an edit for Telegram too.
        return None if saved.question == asked else shown

    try:
        shown = await desk.workers.run(earlier)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the asker gets a word
        await desk.say(request, explain(error, request, desk.phrases(request)))
        return
    if shown is not None:
        await answer_question(desk, request, asked, instead=shown)


async def related(desk: Desk, request: Incoming) -> None:
    """The button for related questions, and the buttons with the questions."""
    answer_id, _, number = request.text.removeprefix("q:").partition(":")
    phrases = desk.phrases(request)
    if number:
        await desk.acknowledge(request, None if request.label else phrases.talk.question_gone)
        if request.label:
            await answer_question(desk, request, request.label, say_question=True)
        return

    def find() -> tuple[str, ...]:
        clearance = desk.clearance(request)
        saved = desk.service.answer(answer_id, owner=request.place.owner, clearance=clearance)
        return desk.related.find(saved.answer, clearance)

    try:
        questions = await desk.workers.run(find)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        gone = isinstance(error, UnknownAnswerError)
        await desk.acknowledge(request, phrases.talk.question_gone if gone else explain(error, request, phrases))
        return
    await desk.acknowledge(request, None if questions else phrases.talk.related_none)
    if questions:
        rows = [[Button(asked, f"q:{answer_id}:{number}")] for number, asked in enumerate(questions, start=1)]
        await desk.messenger.send(request.place, Outgoing((Run(phrases.talk.related_heading),), rows))


def _followed(desk: Desk, request: Incoming) -> str | None:
    """The answer that the request's message replies to."""
    if request.replied_to is None or request.callback_id is not None:
        return None
    try:
        return desk.shown.answer_of(desk.seen_in(request), request.replied_to)
    except StoreError as error:
        _LOG.warning("telegram_reply_not_followed", error=str(error))
        return None


async def _remember(desk: Desk, request: Incoming, answer: Answer, message_ids: list[int], *, by_message: bool) -> None:
    """Keep which messages carry the answer. An answer that is not kept is still a good one."""
    asked_by = request.message_id if by_message else None

    def keep() -> None:
        desk.shown.keep(desk.seen_in(request), message_ids, answer.answer_id, question_message_id=asked_by)

    try:
        await asyncio.to_thread(keep)
    except StoreError as error:
        _LOG.warning("telegram_answer_not_remembered", error=str(error))


async def _offer_related(desk: Desk, request: Incoming, answer: Answer, language: Language, message_id: int) -> None:
    """Look for related questions behind everybody's back, and add their button where there are any."""
    found = await asyncio.to_thread(lambda: desk.related.find(answer, desk.clearance(request), behind=True))
    # A group may get twenty messages a minute, edits included: they are for answers.
    if found and request.place.private:
        changed = desk.keyboards.get(request.place, message_id)
        rows = answer_buttons(answer, language) if changed is None else changed
        await desk.set_buttons(request.place, message_id, with_related(rows, answer.answer_id, language))
