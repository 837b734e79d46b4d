"""What people are told where a reply may have been lost, and where they send too much at once.

A reply that may have gone out is never sent again by itself: the asker is told, and can have it shown again.
"""

from __future__ import annotations

from bot.answering.language import question_language
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.notices import remember_notice
from bot.channels.telegram.rendering import render_answer
from bot.channels.telegram.requests import Button, Incoming, Outgoing, Role
from bot.channels.telegram.text import Run
from bot.errors import UnknownAnswerError

_MAX_SHOWN_CHARS = 60


async def interrupted(desk: Desk, request: Incoming, answer_id: str | None, *, order: bool) -> None:
    """Tell that what was asked may not have been done. ``order``: it would have changed something."""
    words = desk.phrases(request).interruptions
    shown = request.written[:_MAX_SHOWN_CHARS] + ("…" if len(request.written) > _MAX_SHOWN_CHARS else "")
    if request.callback_id is not None:
        text = words.button
    elif request.attachment is not None:
        text = words.file
    elif order:
        text = words.order.format(text=shown)
    elif answer_id is not None and request.role is not Role.STRANGER:
        again = Button(words.show_again, f"z:{answer_id}")
        await desk.messenger.send(request.place, Outgoing((Run(words.answer.format(text=shown)),), [[again]]))
        return
    else:
        text = words.question.format(text=shown)
    await desk.say(request, text)


async def show_again(desk: Desk, request: Incoming) -> None:
    """The button below such a message: the answer as it was given."""
    answer_id = request.text.partition(":")[2]
    try:
        saved = await desk.workers.run(
            lambda: desk.service.answer(answer_id, owner=request.place.owner, clearance=desk.clearance(request))
        )
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        phrases, gone = desk.phrases(request), isinstance(error, UnknownAnswerError)
        await desk.acknowledge(request, phrases.interruptions.gone if gone else explain(error, request, phrases))
        return
    await desk.acknowledge(request)
    language = desk.chats.language(request.place.key) or question_language(saved.question)
    message_ids = await desk.messenger.send_all(request.place, render_answer(saved.answer, language))
    await remember_notice(desk, request.place, message_ids, answer_id)


async def too_many(desk: Desk, request: Incoming, count: int) -> None:
    """Tell that a chat has enough open."""
    await desk.say(request, desk.phrases(request).interruptions.too_many.format(count=count))
