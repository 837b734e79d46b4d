"""The inbox in the event loop: written together, claimed once, and receipts that know what has gone out."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram.inbox import Inbox, Receipt
from bot.channels.telegram.intake import Excess, Interrupted, PolledUpdates, UpdateQueue
from bot.state.inbox import BEGUN, DONE, RECEIVED, Arrival, Mark, Unfinished
from bot.state.inbox import Inbox as StoredInbox
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.errors import StoreError

BOT = "123"


class Store:
    """Notes each transaction; the first waits for ``gate``; ``broken`` refuses them all."""

    def __init__(self) -> None:
        self.transactions: list[tuple[list[int], list[tuple[int, str]]]] = []
        self.known: set[int] = set()
        self.left: list[Unfinished] = []
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False

    def keep(self, bot_id: str, arrivals: Sequence[Arrival], marks: Sequence[Mark] = ()) -> frozenset[int]:
        assert self.gate.wait(10)
        if self.broken:
            raise StoreError("disk full")
        numbers = [each.update_id for each in arrivals]
        self.transactions.append((numbers, [(each.update_id, each.state) for each in marks]))
        new = set(numbers) - self.known
        self.known |= new
        return frozenset(new)

    def unfinished(self, bot_id: str) -> list[Unfinished]:
        if self.broken:
            raise StoreError("disk full")
        return self.left

    def prune(self) -> int:
        return 0

    @property
    def marks(self) -> list[tuple[int, str]]:
        return [mark for _, marks in self.transactions for mark in marks]


def update(number: int, chat: int = 22, **message: Any) -> dict[str, Any]:
    sender = {"id": 22, "is_bot": False, "first_name": "用户"}
    said = {"message_id": number, "date": 1, "from": sender, "chat": {"id": chat, "type": "private"}, "text": "产值？"}
    return {"update_id": number, "message": said | message}


def pressed(number: int, chat: int = 22) -> dict[str, Any]:
    message = update(number, chat)["message"]
    query = {"id": "q", "from": message["from"], "chat_instance": "1", "data": "p:x", "message": message}
    return {"update_id": number, "callback_query": query}


def parsed(number: int, chat: int = 22) -> Update:
    return Update.de_json(update(number, chat), None)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 30))


def test_what_comes_while_a_transaction_runs_goes_together_into_the_next() -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        store.gate.clear()
        first = asyncio.create_task(inbox.receive([update(1)]))
        while inbox._next is not None or inbox._writer is None:  # until the first transaction is on its way
            await asyncio.sleep(0)
        others = [asyncio.create_task(inbox.receive([update(number)])) for number in (2, 3)]
        marked = asyncio.create_task(inbox.mark(9, DONE))
        await asyncio.sleep(0)
        store.gate.set()
        await asyncio.gather(first, *others, marked)
        await inbox.close()

    run(scenario())
    assert store.transactions == [([1], []), ([2, 3], [(9, DONE)])]


def test_an_update_is_claimed_once_though_it_comes_again_and_twice_at_once() -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        await asyncio.gather(inbox.receive([update(1)]), inbox.receive([update(1), update(2)]))
        assert [inbox.claim(1), inbox.claim(1), inbox.claim(2)] == [True, False, True]
        await inbox.receive([update(1)])
        assert not inbox.claim(1)
        await inbox.close()

    run(scenario())


def test_one_that_an_earlier_process_stored_is_not_claimed() -> None:
    store = Store()
    store.known = {1}

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        await inbox.receive([update(1), update(2)])
        assert [inbox.claim(1), inbox.claim(2)] == [False, True]
        await inbox.close()

    run(scenario())


def test_a_full_disk_is_told_to_all_who_wait_and_ends_when_there_is_room() -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        store.broken = True
        with pytest.raises(StoreError):
            await inbox.receive([update(1)])
        assert not inbox.claim(1)
        await inbox.mark(1, DONE)
        assert await inbox.unfinished() == []
        store.broken = False
        await inbox.receive([update(1)])
        assert inbox.claim(1)
        await inbox.close()

    run(scenario())


def test_polled_updates_are_answered_though_they_cannot_be_stored() -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        store.broken = True
        keep = PolledUpdates(inbox)
        for _ in range(2):  # Telegram hands the same out again
            await keep(json.dumps({"ok": True, "result": [update(1)]}).encode())
        assert [inbox.claim(1), inbox.claim(1)] == [True, False]
        await inbox.close()

    run(scenario())


@pytest.mark.parametrize("payload", [{"ok": True, "result": []}, {"ok": True}, {"ok": True, "result": [{}]}])
def test_a_poll_without_updates_writes_nothing(payload: dict[str, Any]) -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        assert json.loads(await PolledUpdates(inbox)(json.dumps(payload).encode())) == payload
        await inbox.close()

    run(scenario())
    assert store.transactions == []


def test_an_update_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    store = Store()
    sent = {"ok": True, "result": [update(1), {"update_id": 2, "message": 3}, update(3)]}

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        seen = json.loads(await PolledUpdates(inbox)(json.dumps(sent).encode()))
        assert seen == {"ok": True, "result": [update(1), {"update_id": 2}, update(3)]}
        assert [Update.de_json(each, None).update_id for each in seen["result"]] == [1, 2, 3]
        await inbox.close()

    run(scenario())


def test_what_is_stored_is_what_telegram_sent(tmp_path: Any) -> None:
    stored = real_inbox(tmp_path)

    async def scenario() -> None:
        inbox = Inbox(stored, BOT)
        sent = [update(1, text="𠮷田产值？", unheard_of={"field": 1}), pressed(2, -5)]
        await inbox.receive(sent)
        assert [json.loads(each.body) for each in await inbox.unfinished()] == sent
        await inbox.close()

    run(scenario())
    assert [each.update_id for each in stored.unfinished(BOT)] == [1, 2]


def test_what_somebody_is_typing_inline_is_not_stored() -> None:
    store = Store()
    person = {"id": 22, "is_bot": False, "first_name": "用户"}
    typed = {"update_id": 5, "inline_query": {"id": "q", "from": person, "query": "产值多少", "offset": ""}}

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        queue = UpdateQueue(inbox)
        await queued(queue, typed, typed, update(6), inbox=inbox)
        work = queue.get_nowait()
        assert queue.receipt_of(work) is None
        assert queue.qsize() == 1
        queue.finished(work)
        await inbox.close()

    run(scenario())
    assert [arrivals for arrivals, _ in store.transactions] == [[6]]


def real_inbox(tmp_path: Any) -> StoredInbox:
    state = StateStore(open_database(f"sqlite:///{tmp_path / 'yiju.db'}"))
    state.migrate()
    return state.inbox


@contextmanager
def receipt(**given: Any) -> Iterator[tuple[Store, Receipt]]:
    store = Store()
    yield store, Receipt(Inbox(store, BOT), 7, **given)


def test_a_receipt_is_begun_once_and_names_the_answer() -> None:
    with receipt() as (store, got):

        async def scenario() -> None:
            got.answer_id = "a1"
            await got.begin()
            await got.begin()
            await got.close()

        run(scenario())
    assert store.marks == [(7, BEGUN), (7, DONE)]


def test_what_did_not_go_out_is_taken_back_unless_something_did() -> None:
    with receipt() as (store, got):

        async def scenario() -> None:
            await got.begin()
            await got.take_back()
            assert not got.begun
            await got.begin()
            got.delivered()
            await got.take_back()
            assert got.begun

        run(scenario())
    assert store.marks == [(7, BEGUN), (7, RECEIVED), (7, BEGUN)]


def test_an_order_is_never_taken_back() -> None:
    with receipt() as (store, got):

        async def scenario() -> None:
            await got.begin(lasting=True)
            await got.take_back()

        run(scenario())
    assert store.marks == [(7, BEGUN)]


def test_a_receipt_in_use_or_left_is_not_done() -> None:
    with receipt() as (store, got):

        async def scenario() -> None:
            with got.used():
                await got.close()
            assert store.marks == []
            await got.close()
            assert store.marks == [(7, DONE)]
            got.leave()
            await got.close()

        run(scenario())
    assert store.marks == [(7, DONE)]


def test_only_recovered_updates_count_their_tries() -> None:
    for given, expected in (({}, []), ({"tries": 0}, [(7, RECEIVED)])):
        with receipt(**given) as (store, got):
            run(got.start())
            assert store.marks == expected
    with receipt(tries=2, begun=True) as (store, got):
        run(got.start())
    assert store.marks == [(7, BEGUN)]


async def queued(queue: UpdateQueue, *sent: dict[str, Any], inbox: Inbox) -> None:
    await inbox.receive(sent)
    for each in sent:
        await queue.put(Update.de_json(each, None))


def test_a_chat_with_too_many_open_is_told_once_until_it_has_none_open() -> None:
    async def scenario() -> None:
        inbox = Inbox(Store(), BOT)
        queue = UpdateQueue(inbox, max_of_a_chat=2)
        await queued(queue, *(update(number) for number in range(4)), update(4, 33), pressed(5), inbox=inbox)
        works = [queue.get_nowait() for _ in range(6)]
        assert [type(each) for each in works] == [Update, Update, Excess, Excess, Update, Update]
        assert [each.first for each in works if isinstance(each, Excess)] == [True, False]
        for work in works:
            queue.finished(work)
            queue.finished(work)  # once is enough
        await queued(queue, *(update(number) for number in range(10, 13)), inbox=inbox)
        works = [queue.get_nowait() for _ in range(3)]
        assert [each.first for each in works if isinstance(each, Excess)] == [True]
        await inbox.close()

    run(scenario())


def test_the_queue_makes_the_next_wait_when_it_is_full() -> None:
    async def scenario() -> None:
        inbox = Inbox(Store(), BOT)
        queue = UpdateQueue(inbox, max_in_hand=1)
        await queued(queue, update(1), inbox=inbox)
        assert queue.crowded
        await inbox.receive([update(2)])
        waiting = asyncio.create_task(queue.put(parsed(2)))
        await asyncio.sleep(0)
        assert not waiting.done()
        await queue.put("stop")  # the library's own signal does not wait
        queue.finished(queue.get_nowait())
        await waiting
        await inbox.close()

    run(scenario())


def left(number: int, state: str, *, tries: int = 0, body: str | None = None, answer_id: str | None = None) -> Any:
    written = json.dumps(update(number)) if body is None else body
    return Unfinished(number, state, written, answer_id, tries, received_at=None)  # type: ignore[arg-type]


def test_what_was_left_is_taken_up_in_order_as_what_it_is() -> None:
    store = Store()
    store.left = [
        left(1, RECEIVED),
        left(2, BEGUN, answer_id="a2"),
        left(3, RECEIVED, tries=3),
        left(4, BEGUN, tries=6),
        left(6, RECEIVED, body='{"update_id": 6, "message": 3}'),
        left(7, RECEIVED, tries=2),
    ]

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        queue = UpdateQueue(inbox)
        await queue.take_up(None)  # type: ignore[arg-type]
        works = [queue.get_nowait() for _ in range(queue.qsize())]
        assert [(type(each), getattr(each, "answer_id", None)) for each in works] == [
            (Update, None),
            (Interrupted, "a2"),
            (Interrupted, None),
            (Update, None),
            (Update, None),
        ]
        receipts = [queue.receipt_of(each) for each in works]
        assert [each.begun for each in receipts if each is not None] == [False, True, True, False, False]
        assert [each.suspect for each in receipts if each is not None] == [False, False, False, False, True]
        await inbox.close()

    run(scenario())
    assert store.marks == [(4, DONE)]


def test_what_this_process_has_in_hand_is_not_taken_up_again() -> None:
    store = Store()

    async def scenario() -> None:
        inbox = Inbox(store, BOT)
        queue = UpdateQueue(inbox)
        await queued(queue, update(1), inbox=inbox)
        await inbox.receive([update(2)])  # stored before anybody could queue it
        store.left = [left(1, RECEIVED), left(2, RECEIVED)]
        await queue.take_up(None)  # type: ignore[arg-type]
        await queue.put(parsed(2))
        store.left.append(left(3, RECEIVED))
        for _ in range(2):
            await queue.take_up(None)  # type: ignore[arg-type]
        works = [queue.get_nowait() for _ in range(queue.qsize())]
        assert [each.update_id for each in works if isinstance(each, Update)] == [1, 2, 3]
        await inbox.close()

    run(scenario())
