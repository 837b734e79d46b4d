"""/documents: finds documents by what they are called, shows one, retires and restores it; /gaps turns its pages.

Documents are named in buttons by the number of a stored version, which stays right until that version is deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from bot.catalogue import DocumentCard
from bot.channels.telegram.admin_reports import DOCUMENTS_A_PAGE, card_message, documents_message, gaps_message
from bot.channels.telegram.asking import Desk, explain, run_or_explain
from bot.channels.telegram.requests import Incoming, Outgoing
from corpus.errors import DocumentNotFoundError

# What is left of a button's 64 bytes beside order, offset and state.
_QUERY_BYTES = 44
_MAX_LONG_QUERIES = 500
# Longer words by their digest, in memory: after a restart their lists cannot be turned any more.
_LongQueries = dict[str, str]


class Documents:
    """The list of documents and the card of each."""

    def __init__(self) -> None:
        self._long: _LongQueries = {}

    async def find(self, desk: Desk, request: Incoming) -> None:
        """/documents WORDS: the documents named so, or all."""
        message = await self._page(desk, request, request.text.strip(), offset=0, retired=False)
        if message is not None:
            await desk.messenger.send(request.place, message)

    async def pressed(self, desk: Desk, request: Incoming) -> None:
        """A button below a list, a document or gaps."""
        order, _, subject = request.text.removeprefix("g:").partition(":")
        act = _ORDERS.get(order)
        if request.message_id is None or (act is None and order not in {"l", "q"}):
            await desk.acknowledge(request)
        elif order == "l":
            await self._turn(desk, request, subject)
        elif order == "q":
            await turn_gaps(desk, request, subject)
        elif act is not None and subject.isdecimal() and len(subject) < 19:
            await _about_one(desk, request, int(subject), act, new=order == "s")
        else:
            await desk.acknowledge(request)

    async def _turn(self, desk: Desk, request: Incoming, subject: str) -> None:
        offset, state, query = (*subject.split(":", 2), "", "")[:3]
        words = self._long.get(query) if query.startswith("#") else query
        await desk.acknowledge(request, None if words is not None else desk.phrases(request).admin.list_gone)
        if words is None or request.message_id is None or not offset.isdecimal() or len(offset) > 9:
            return
        message = await self._page(desk, request, words, offset=int(offset), retired=state == "r")
        if message is not None:
            await desk.messenger.edit(request.place, request.message_id, message.text, message.buttons)

    async def _page(self, desk: Desk, request: Incoming, words: str, *, offset: int, retired: bool) -> Outgoing | None:
        page = await run_or_explain(
            desk,
            request,
            lambda: desk.administration.documents(
                offset=offset,
                limit=DOCUMENTS_A_PAGE,
                retired=retired,
                words=words,
                clearance=desk.clearance(request),
            ),
        )
        if page is None:
            return None
        query = self._query(words)
        return documents_message(page, desk.phrases(request), offset=offset, query=query, retired=retired)

    def _query(self, words: str) -> str:
        """The words as a button can carry them."""
        if len(words.encode("utf-8", "replace")) <= _QUERY_BYTES and not words.startswith("#"):
            return words
        digest = f"#{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._long.pop(digest, None)
        self._long[digest] = words
        if len(self._long) > _MAX_LONG_QUERIES:
            self._long.pop(next(iter(self._long)))
        return digest


async def gaps(desk: Desk, request: Incoming) -> None:
    """/gaps: questions without an answer, gathered."""
    found = await run_or_explain(desk, request, desk.administration.gaps)
    if found is not None:
        await desk.messenger.send(request.place, gaps_message(found, desk.phrases(request), offset=0))


async def turn_gaps(desk: Desk, request: Incoming, subject: str) -> None:
    """Another page of them, in the same message."""
    await desk.acknowledge(request)
    found = await run_or_explain(desk, request, desk.administration.gaps)
    if found is not None and request.message_id is not None and subject.isdecimal() and len(subject) <= 9:
        message = gaps_message(found, desk.phrases(request), offset=int(subject))
        await desk.messenger.edit(request.place, request.message_id, message.text, message.buttons)


# What is done about a document; gives whether it is asked again first, and a note.
_Act = Callable[[Desk, Incoming, DocumentCard], tuple[bool, str]]


async def _about_one(desk: Desk, request: Incoming, version: int, act: _Act, *, new: bool) -> None:
    """Do it, then show the document as it is now, in a message of its own or in the one that was pressed."""
    phrases = desk.phrases(request)

    def carry_out() -> Outgoing:
        clearance = desk.clearance(request)
        sure, note = act(desk, request, desk.administration.document_card(version, clearance=clearance))
        card = desk.administration.document_card(version, clearance=clearance)
        return card_message(card, phrases, note=note, sure=sure)

    try:
        message = await desk.workers.run(carry_out)
    except DocumentNotFoundError:
        await desk.acknowledge(request, phrases.admin.document_gone)
        return
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        await desk.acknowledge(request)
        await desk.say(request, explain(error, request, phrases))
        return
    await desk.acknowledge(request)
    if new or request.message_id is None:
        await desk.messenger.send(request.place, message)
    else:
        await desk.messenger.edit(request.place, request.message_id, message.text, message.buttons)


def _look(_desk: Desk, _request: Incoming, _card: DocumentCard) -> tuple[bool, str]:
    return False, ""


def _ask(_desk: Desk, _request: Incoming, _card: DocumentCard) -> tuple[bool, str]:
    return True, ""


def _retire(desk: Desk, request: Incoming, card: DocumentCard) -> tuple[bool, str]:
    # Pressed twice, or where another has done it: nothing is left to do.
    if not card.listing.retired:
        desk.administration.retire(card.listing.id, by=request.by, clearance=desk.clearance(request))
    return False, desk.phrases(request).admin.retired


def _restore(desk: Desk, request: Incoming, card: DocumentCard) -> tuple[bool, str]:
    words = desk.phrases(request).admin
    if not card.listing.retired:
        return False, ""
    at_once = desk.administration.restore(card.listing.id, by=request.by, clearance=desk.clearance(request))
    return False, words.restored if at_once else words.restored_later


_ORDERS: Final[dict[str, _Act]] = {"s": _look, "b": _look, "x": _ask, "y": _retire, "r": _restore}
