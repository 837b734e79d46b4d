"""What Telegram pushes: stored before it is confirmed, dealt with once, and kept while the channel does not run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.app_channels import run_telegram
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import UpdateQueue
from bot.channels.telegram.webhook import Webhook, public_address
from bot.errors import BusyError, MalformedUpdateError, SettingsError
from bot.settings import load_settings
from corpus.errors import StoreError
from tests.bot.channels.telegram.test_inbox import Store, real_inbox, update
from tests.bot.channels.telegram.world import TOKEN

SECRET = "s3cret_of-the_hook"


def body(number: int) -> bytes:
    return json.dumps(update(number)).encode()


def run(scenario: Callable[[Webhook, UpdateQueue], Coroutine[Any, Any, None]], store: Any, **limits: int) -> None:
    async def whole() -> None:
        inbox = Inbox(store, "123")
        await scenario(Webhook(inbox, SECRET), UpdateQueue(inbox, **limits))
        await inbox.close()

    asyncio.run(asyncio.wait_for(whole(), 30))


def numbers(queue: UpdateQueue) -> list[int]:
    works = [queue.get_nowait() for _ in range(queue.qsize())]
    return [each.update_id for each in works if isinstance(each, Update)]


def test_a_pushed_update_is_stored_and_queued_once(tmp_path: Path) -> None:
    stored = real_inbox(tmp_path)

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        webhook.open(queue, None)  # type: ignore[arg-type]
        await asyncio.gather(*(webhook.receive(body(number)) for number in (1, 2, 1, 1)))
        await webhook.receive(body(2))
        assert sorted(numbers(queue)) == [1, 2]

    run(scenario, stored)
    assert {each.update_id for each in stored.unfinished("123")} == {1, 2}


def test_what_is_pushed_while_the_channel_does_not_run_waits_for_it(tmp_path: Path) -> None:
    stored = real_inbox(tmp_path)

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        await webhook.receive(body(1))
        assert queue.empty()
        webhook.open(queue, None)  # type: ignore[arg-type]
        await webhook.receive(body(2))
        await queue.take_up(None)  # type: ignore[arg-type]
        webhook.close()
        await webhook.receive(body(3))
        assert sorted(numbers(queue)) == [1, 2]

    run(scenario, stored)
    assert {each.update_id for each in stored.unfinished("123")} == {1, 2, 3}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": null}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_update_is_refused_and_not_stored(sent: bytes) -> None:
    store = Store()

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        webhook.open(queue, None)  # type: ignore[arg-type]
        with pytest.raises(MalformedUpdateError):
            await webhook.receive(sent)

    run(scenario, store)
    assert store.transactions == []


@pytest.mark.parametrize(
    "sent",
    [
        b'{"update_id": 7, "of_next_year": {"id": 1}}',
        b'{"update_id": 7, "message": 3}',
        b'{"update_id": 7, "message": {"message_id": 1}}',
    ],
)
def test_updates_that_nobody_can_read_yet_are_taken_lest_they_come_for_ever(sent: bytes) -> None:
    store = Store()

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        webhook.open(queue, None)  # type: ignore[arg-type]
        await webhook.receive(sent)
        assert numbers(queue) == [7]

    run(scenario, store)


def test_what_cannot_be_stored_is_not_confirmed() -> None:
    store = Store()
    store.broken = True

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        webhook.open(queue, None)  # type: ignore[arg-type]
        with pytest.raises(StoreError):
            await webhook.receive(body(1))
        assert queue.empty()
        store.broken = False
        await webhook.receive(body(1))
        assert numbers(queue) == [1]

    run(scenario, store)


def test_a_full_queue_is_not_added_to() -> None:
    store = Store()

    async def scenario(webhook: Webhook, queue: UpdateQueue) -> None:
        webhook.open(queue, None)  # type: ignore[arg-type]
        await webhook.receive(body(1))
        with pytest.raises(BusyError):
            await webhook.receive(body(2))

    run(scenario, store, max_in_hand=1)
    assert store.known == {1}


@pytest.mark.parametrize(
    ("given", "admitted"), [(SECRET, True), ("", False), (SECRET[:-1], False), (SECRET + "x", False), ("密", False)]
)
def test_only_the_secret_is_admitted(given: str, admitted: bool) -> None:
    assert Webhook(Inbox(Store(), "123"), SECRET).admits(given) is admitted


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://bot.example.org", "https://bot.example.org/telegram/webhook"),
        ("https://bot.example.org/", "https://bot.example.org/telegram/webhook"),
        ("https://example.org/bots/yiju", "https://example.org/bots/yiju"),
        ("https://example.org:8443/telegram/webhook", "https://example.org:8443/telegram/webhook"),
    ],
)
def test_the_address_that_telegram_is_told(url: str, told: str) -> None:
    assert public_address(url) == told


def test_without_http_a_webhook_is_refused_with_the_cure() -> None:
    settings = load_settings(
        {
            "YIJU_TELEGRAM__TOKEN": TOKEN,
            "YIJU_TELEGRAM__WEBHOOK_URL": "https://bot.example.org",
            "YIJU_TELEGRAM__WEBHOOK_SECRET": SECRET,
        }
    )
    with pytest.raises(SettingsError, match="start yiju serve, or remove YIJU_TELEGRAM__WEBHOOK_URL"):
        run_telegram(settings, say=print)
