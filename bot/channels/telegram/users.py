"""What happens on /users and its buttons: the list, one of them, approve, turn down, remove, administrators."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.access import Role
from bot.channels.telegram.asking import Desk, explain, run_or_explain
from bot.channels.telegram.members import (
    ADMIN,
    APPROVE,
    LIST,
    READMIT,
    REJECT,
    REMOVE,
    SHOW,
    USER,
    MemberPress,
    found_members,
    member_card,
    member_list,
)
from bot.channels.telegram.requests import Incoming, Outgoing
from bot.channels.telegram.text import shorten
from bot.errors import AlreadyDecidedError, SetBySettingsError, UnknownPersonError
from bot.people import Member
from bot.state.people import APPROVED, PENDING
from corpus.visibility import clearance_of, labels_in

_MAX_WORD_CHARS, _MAX_ORDER_CHARS = 80, 400
_SEES = re.compile(r"(?P<who>\S+)\s+(?:可看|可見|sees)[\s:：]+(?P<labels>\S.*)", re.IGNORECASE)


async def users(desk: Desk, request: Incoming) -> None:
    """/users: everybody; with a name, id or pairing code, who that is."""
    phrases, word = desk.phrases(request).access, request.text.strip()[:_MAX_ORDER_CHARS]
    if not request.place.private:
        await desk.say(request, phrases.private_only)
        return
    if (order := _SEES.fullmatch(word)) is not None:
        await _clear(desk, request, order["who"], order["labels"])
        return
    word = word[:_MAX_WORD_CHARS]
    try:
        found = await desk.workers.run(lambda: _found(desk, word))
    except UnknownPersonError:
        found = []
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the administrator gets a word
        await desk.say(request, explain(error, request, desk.phrases(request)))
        return
    if not word:
        message = member_list(found, 0, phrases)
    elif len(found) == 1:
        message = _card(desk, request, found[0], 0)
    elif found:
        message = found_members(found, phrases)
    else:
        await desk.say(request, phrases.not_found.format(word=word))
        return
    await desk.messenger.send(request.place, message)


def _found(desk: Desk, word: str) -> list[Member]:
    everyone = desk.people.everyone()
    if not word:
        return everyone
    folded = word.lower().removeprefix("@")
    named = [
        each
        for each in everyone
        if folded in each.name.lower()
        or (each.record is not None and folded == (each.record.username or "").lower())
        or folded == str(each.telegram_id)
    ]
    return named or [desk.people.get(desk.people.id_of(word))]


async def _clear(desk: Desk, request: Incoming, who: str, labels: str) -> None:
    """/users ID 可看 LABELS: which documents somebody, or a group, may see beside public ones."""
    phrases = desk.phrases(request).access
    try:
        clearance = clearance_of(labels_in(labels) or ("",))
    except ValueError:
        await desk.say(request, phrases.no_label.format(word=shorten(labels, 80)))
        return

    def change() -> Member:
        (member,) = _found(desk, who)
        if member.state != APPROVED:
            raise _NotLetInError
        return desk.people.set_clearance(member.telegram_id, clearance, by=request.by)

    try:
        member = await desk.workers.run(change)
    except _NotLetInError:
        await desk.say(request, phrases.not_let_in)
    except (UnknownPersonError, ValueError):
        await desk.say(request, phrases.not_found.format(word=shorten(who, 80)))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the administrator gets a word
        await desk.say(request, explain(error, request, desk.phrases(request)))
    else:
        await desk.messenger.send(request.place, _card(desk, request, member, 0))


class _NotLetInError(Exception):
    """There is nothing that they could see more of."""


async def pressed(desk: Desk, request: Incoming) -> None:
    """A button of the list or of one of them; what somebody else did meanwhile is shown, not done again."""
    press = MemberPress.read(request.text)
    if press is None or request.message_id is None or not request.place.private:
        await desk.acknowledge(request)
        return
    if press.act == LIST:
        await desk.acknowledge(request)
        everyone = await run_or_explain(desk, request, desk.people.everyone)
        if everyone is not None:
            await _show(desk, request, member_list(everyone, press.page, desk.phrases(request).access))
        return
    toast = await _carry_out(desk, request, press)
    await desk.acknowledge(request, toast)
    try:
        member = await desk.workers.run(lambda: desk.people.get(press.telegram_id))
    except UnknownPersonError:
        return
    await _show(desk, request, _card(desk, request, member, press.page))
    desk.standings.wake()


async def _carry_out(desk: Desk, request: Incoming, press: MemberPress) -> str | None:
    """Do what the button says; what to show briefly where that was not done."""
    phrases = desk.phrases(request)
    if press.act == SHOW:
        return None
    if press.telegram_id == request.user_id:
        return phrases.access.not_yourself
    try:
        await desk.workers.run(_order(desk, press, by=f"telegram:{request.user_id}"))
    except (AlreadyDecidedError, UnknownPersonError):
        return phrases.access.decided
    except SetBySettingsError:
        return phrases.access.set_by_settings
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        return explain(error, request, phrases)
    return None


def _order(desk: Desk, press: MemberPress, *, by: str) -> Callable[[], Member]:
    people, telegram_id = desk.people, press.telegram_id
    orders: dict[str, Callable[[], Member]] = {
        APPROVE: lambda: people.approve(telegram_id, by=by, waiting_only=True),
        READMIT: lambda: people.approve(telegram_id, by=by),
        REJECT: lambda: people.reject(telegram_id, by=by),
        REMOVE: lambda: people.remove(telegram_id, by=by),
        ADMIN: lambda: people.set_role(telegram_id, Role.ADMIN, by=by),
        USER: lambda: people.set_role(telegram_id, Role.USER, by=by),
    }
    return orders[press.act]


def _card(desk: Desk, request: Incoming, member: Member, page: int) -> Outgoing:
    phrases = desk.phrases(request).access
    names = {f"telegram:{each.telegram_id}": each.name for each in desk.people.known()}
    heading = phrases.asks if member.state == PENDING else None
    return member_card(member, page, phrases, names=names, heading=heading)


async def _show(desk: Desk, request: Incoming, message: Outgoing) -> None:
    assert request.message_id is not None
    await desk.messenger.edit(request.place, request.message_id, message.text, message.buttons)
