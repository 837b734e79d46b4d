"""What happens on the requests of those who are not allowed: a pairing code; ``standings`` tells administrators.

A group gets a code only when somebody sends /start there: the bot must not be a nuisance where it is not wanted.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.requests import Incoming
from bot.errors import PairingClosedError, PairingLimitError
from bot.state.people import APPROVED, Pairing, Subject

_LOG = structlog.get_logger(__name__)


def subject_of(request: Incoming) -> Subject:
    """Who would be let in: the user, or the group that the request came from."""
    place = request.place
    if place.private:
        return Subject(place.chat_id, request.sender, request.username)
    return Subject(place.chat_id, request.chat_title)


async def stranger(desk: Desk, request: Incoming) -> bool:
    """Give somebody who is not allowed what an administrator needs to know; True where they were let in just now."""
    phrases, subject = desk.phrases(request), subject_of(request)
    ids = {"user_id": request.user_id, "chat_id": request.place.chat_id}
    private = request.place.private
    try:
        pairing = await desk.workers.run(lambda: desk.people.request(subject, by=request.user_id))
    except PairingClosedError as closed:
        if closed.state == APPROVED:
            await asyncio.to_thread(desk.people.refresh)
            return True
        said = phrases.access.turned_down if private else phrases.access.group_turned_down
        await desk.say(request, said.format(**ids))
    except PairingLimitError:
        _LOG.warning("telegram_pairing_limit", **ids)
        await desk.say(request, phrases.access.too_many_requests.format(**ids))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the stranger gets a word
        await desk.say(request, explain(error, request, phrases))
    else:
        said = phrases.access.code if private else phrases.access.group_code
        await desk.say(request, said.format(code=spoken(pairing.code), minutes=_minutes_left(pairing), **ids))
        desk.standings.wake()
    return False


def spoken(code: str) -> str:
    """A code as it is read out: in two halves."""
    return f"{code[: len(code) // 2]}-{code[len(code) // 2 :]}"


def _minutes_left(pairing: Pairing) -> int:
    return max(round((pairing.expires_at - datetime.now(UTC)).total_seconds() / 60), 1)
