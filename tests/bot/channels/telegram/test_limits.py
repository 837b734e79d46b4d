"""How fast the bot sends, what it tries again, and what it leaves alone because it may have been done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram import limits
from bot.channels.telegram.inbox import RECEIPT, Inbox, Receipt
from bot.channels.telegram.limits import DeliveryLimiter, is_final, is_uncertain
from bot.state.inbox import BEGUN, RECEIVED
from tests.bot.channels.telegram.test_inbox import Store

SEND, EDIT, TYPING = "sendMessage", "editMessageText", "sendChatAction"


def because(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


REFUSED = because(NetworkError("refused"), httpx.ConnectError("refused"))
RESET = because(NetworkError("reset"), httpx.ReadError("reset"))
NO_ANSWER = because(TimedOut(), httpx.ReadTimeout("late"))
NO_CONNECTION = because(TimedOut(), httpx.ConnectTimeout("late"))
NO_ROOM = because(TimedOut(), httpx.PoolTimeout("late"))
BAD_GATEWAY = NetworkError("Bad Gateway")
GATEWAY_TIMEOUT = NetworkError("Gateway Timeout (504)")


class Telegram:
    """Fails as told, then works; notes when it was called."""

    def __init__(self, *failures: TelegramError) -> None:
        self.failures = list(failures)
        self.times: list[float] = []

    async def __call__(self, *args: Any, **kwargs: Any) -> str:
        self.times.append(asyncio.get_running_loop().time())
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(limits, "_CHAT", (1000, 1.0))


def run(scenario: Callable[[DeliveryLimiter, asyncio.Event], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def whole() -> Any:
        ending = asyncio.Event()
        return await scenario(DeliveryLimiter(ending, **options), ending)

    return asyncio.run(asyncio.wait_for(whole(), 30))


def request(limiter: DeliveryLimiter, telegram: Telegram, endpoint: str = SEND, **data: Any) -> Any:
    return limiter.process_request(telegram, (endpoint, data), {}, endpoint, data, None)


@pytest.mark.parametrize(
    "failure", [REFUSED, NO_CONNECTION, NO_ROOM, BAD_GATEWAY, RetryAfter(0)], ids=lambda each: repr(each)[:30]
)
@pytest.mark.parametrize("endpoint", [SEND, EDIT])
def test_what_left_nothing_behind_is_tried_again(failure: TelegramError, endpoint: str) -> None:
    telegram = Telegram(failure, failure, failure)
    assert run(lambda limiter, _: request(limiter, telegram, endpoint, chat_id=1)) == "done"
    assert len(telegram.times) == 4


@pytest.mark.parametrize("failure", [RESET, NO_ANSWER, GATEWAY_TIMEOUT], ids=lambda each: repr(each)[:30])
def test_a_message_that_may_have_gone_out_is_not_sent_again(failure: TelegramError) -> None:
    telegram = Telegram(failure)
    with pytest.raises(NetworkError):
        run(lambda limiter, _: request(limiter, telegram, SEND, chat_id=1))
    assert len(telegram.times) == 1
    assert is_uncertain(failure)
    assert not is_final(failure)


@pytest.mark.parametrize("failure", [RESET, NO_ANSWER, GATEWAY_TIMEOUT], ids=lambda each: repr(each)[:30])
@pytest.mark.parametrize("endpoint", [EDIT, "answerCallbackQuery", "getFile"])
def test_what_ends_the_same_however_often_it_is_done_is_tried_again(failure: TelegramError, endpoint: str) -> None:
    telegram = Telegram(failure)
    assert run(lambda limiter, _: request(limiter, telegram, endpoint)) == "done"


@pytest.mark.parametrize("failure", [BadRequest("no"), Forbidden("blocked")])
def test_a_refusal_is_final(failure: TelegramError) -> None:
    telegram = Telegram(failure)
    with pytest.raises(type(failure)):
        run(lambda limiter, _: request(limiter, telegram, SEND, chat_id=1))
    assert len(telegram.times) == 1
    assert is_final(failure)
    assert not is_uncertain(failure)


def test_patience_ends() -> None:
    telegram = Telegram(*[BAD_GATEWAY] * 1000)
    with pytest.raises(NetworkError):
        run(lambda limiter, _: request(limiter, telegram, SEND, chat_id=1), message_patience_seconds=0.05)
    assert 2 < len(telegram.times) < 20


def test_a_wait_beyond_patience_is_not_begun() -> None:
    telegram = Telegram(RetryAfter(7200))
    with pytest.raises(RetryAfter):
        run(lambda limiter, _: request(limiter, telegram, SEND, chat_id=1))


def test_the_channels_end_ends_a_wait() -> None:
    telegram = Telegram(RetryAfter(600))

    async def scenario(limiter: DeliveryLimiter, ending: asyncio.Event) -> None:
        waiting = asyncio.ensure_future(request(limiter, telegram, SEND, chat_id=1))
        while not telegram.times:
            await asyncio.sleep(0.001)
        ending.set()
        with pytest.raises(RetryAfter):
            await waiting

    run(scenario)


def test_typing_is_neither_counted_nor_tried_again() -> None:
    telegram = Telegram(BAD_GATEWAY)

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        with pytest.raises(NetworkError):
            await request(limiter, telegram, TYPING, chat_id=-1)
        for _again in range(100):
            await request(limiter, telegram, TYPING, chat_id=-1)

    run(scenario)


def test_messages_keep_to_telegrams_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram()

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        await asyncio.gather(*(request(limiter, telegram, SEND, chat_id=chat) for chat in range(1, 46)))

    run(scenario)
    times = sorted(telegram.times)
    assert len(times) == 45
    # Thirty-one in a row always take a second or longer.
    assert all(late - early >= 0.99 for early, late in zip(times, times[30:], strict=False))


def test_a_chat_gets_one_message_a_second_and_others_do_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_CHAT", (1, 0.3))
    slow, other = Telegram(), Telegram()

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        await asyncio.gather(*(request(limiter, slow, SEND, chat_id=1) for _ in range(3)), request(limiter, other))

    run(scenario)
    first, second, third = slow.times
    assert second - first >= 0.29
    assert third - second >= 0.29
    assert other.times[0] < second


def test_limits_of_many_chats_are_forgotten_when_they_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MAX_CHATS", 10)
    monkeypatch.setattr(limits, "_OVERALL", (10_000, 1.0))
    monkeypatch.setattr(limits, "_CHAT", (1, 0.001))
    telegram = Telegram()

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> int:
        for chat in range(1, 100):
            await request(limiter, telegram, SEND, chat_id=chat)
            await asyncio.sleep(0.002)
        return len(limiter._chats)

    assert run(scenario) <= 11


def test_the_receipt_is_begun_before_each_try_and_taken_back_after_it_failed() -> None:
    store, telegram = Store(), Telegram(REFUSED, RetryAfter(0))

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        inbox = Inbox(store, "123")
        RECEIPT.set(Receipt(inbox, 7))
        await request(limiter, telegram, SEND, chat_id=1)
        await inbox.close()

    run(scenario)
    assert store.marks == [(7, BEGUN), (7, RECEIVED), (7, BEGUN), (7, RECEIVED), (7, BEGUN)]


def test_the_receipt_stays_begun_where_the_message_may_have_gone_out() -> None:
    store, telegram = Store(), Telegram(NO_ANSWER)

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        inbox = Inbox(store, "123")
        RECEIPT.set(Receipt(inbox, 7))
        with pytest.raises(TimedOut):
            await request(limiter, telegram, SEND, chat_id=1)
        await inbox.close()

    run(scenario)
    assert store.marks == [(7, BEGUN)]


def test_what_may_be_done_again_leaves_the_receipt_alone() -> None:
    store, telegram = Store(), Telegram()

    async def scenario(limiter: DeliveryLimiter, _: asyncio.Event) -> None:
        RECEIPT.set(Receipt(Inbox(store, "123"), 7))
        for endpoint in (EDIT, TYPING, "answerCallbackQuery"):
            await request(limiter, telegram, endpoint, chat_id=1)

    run(scenario)
    assert store.marks == []
