"""The Telegram channel: polls, or is pushed to, beside whatever else runs in the event loop, until told to stop.

Wires handlers to python-telegram-bot and owns its lifecycle; what is said and done is in the modules beside this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ExtBot, Updater
from telegram.request import HTTPXRequest

from bot.channels.telegram.asking import Desk
from bot.channels.telegram.background import Background
from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger
from bot.channels.telegram.errors import TokenRefusedError
from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import PolledUpdates, UpdateQueue
from bot.channels.telegram.limits import DeliveryLimiter
from bot.channels.telegram.lock import single_poller
from bot.channels.telegram.menus import CommandMenus
from bot.channels.telegram.notice_delivery import delivering
from bot.channels.telegram.ports import ChannelOptions, ChannelServices
from bot.channels.telegram.routing import App, Wiring
from bot.channels.telegram.standings import Standings
from bot.channels.telegram.updates import UPDATE_KINDS, InOrder
from bot.channels.telegram.watch import REFUSED, PollRequest, PollWatch
from bot.channels.telegram.webhook import Webhook, public_address
from bot.channels.work_pool import WorkPool
from bot.errors import SettingsError

_LOG = structlog.get_logger(__name__)
# Simultaneous pushes; Telegram's own default.
_PUSHES_AT_ONCE = 40
_MAX_BACKOFF_SECONDS = 30.0


class TelegramChannel:
    """Answers in Telegram until stopped. ``webhook`` takes what Telegram pushes; None where it is polled."""

    def __init__(self, options: ChannelOptions, services: ChannelServices) -> None:
        self._options = options
        self._services = services
        self._people = services.people
        self._inbox = Inbox(services.inbox, options.bot_id)
        secret = options.webhook_secret if options.webhook_url is not None else None
        self.webhook = Webhook(self._inbox, secret) if secret is not None else None

    async def run(self, stop: asyncio.Event) -> None:
        """Receive and answer until ``stop`` is set; what has begun is finished first.

        Network errors are waited out. Raises: TokenRefusedError, SecondPollerError, SettingsError: a proxy that cannot
        be used.
        """
        _keep_token_out_of_logs()
        with single_poller(self._options.state_dir, self._options.token):
            try:
                await self._serve(stop)
            finally:
                await self._inbox.close()

    async def _serve(self, stop: asyncio.Event) -> None:
        options, ending = self._options, asyncio.Event()
        watch = PollWatch(options.bot_id)
        bot = _bot(options, watch, PolledUpdates(self._inbox), ending)
        queue = UpdateQueue(self._inbox)
        in_order = InOrder(queue, ending)
        builder = ApplicationBuilder().updater(Updater(bot, queue)).job_queue(None)
        application = builder.concurrent_updates(in_order).build()
        meters = self._services.meters
        workers = WorkPool("yiju-telegram", workers=options.workers, waiting=options.max_waiting, counts=meters)
        meters.lines.add(workers)
        messenger = Messenger(bot, typing_interval_seconds=options.typing_interval_seconds)
        chats = ChatMemory(options.state_dir / f"chats-{options.bot_id}.json")
        menus, background = CommandMenus(bot), Background()
        standings = Standings(self._people, messenger, chats, menus)
        desk = Desk(
            service=self._services.service,
            administration=self._services.administration,
            notifications=self._services.notifications,
            feedback=self._services.feedback,
            messenger=messenger,
            workers=workers,
            chats=chats,
            people=self._people,
            standings=standings,
            related=self._services.related,
            shown=self._services.shown,
            menus=menus,
            background=background,
            bot_id=options.bot_id,
        )
        Wiring(desk, options, ending).add_to(application)
        try:
            if await self._begin(application, queue, stop):
                async with standings.followed(options.people_poll_seconds), delivering(desk, options, ending):
                    await menus.offer(self._people.admins(), lambda admin_id: chats.language(str(admin_id)))
                    _LOG.info("telegram_ready", username=bot.username, access_open=self._people.open_to_all)
                    await _first_of(stop.wait(), watch.wait())
                    # At once: the rounds that end here wait for the database, and nothing may be begun meanwhile.
                    ending.set()
        finally:
            ending.set()
            if self.webhook is not None:
                self.webhook.close()
            await _end(application, in_order, options.stop_seconds)
            await background.close()
            workers.close()
        if watch.failure is not None:
            raise watch.failure

    async def _begin(self, application: App, queue: UpdateQueue, stop: asyncio.Event) -> bool:
        await asyncio.to_thread(self._people.refresh)
        if not await self._persist(application.initialize, stop):
            return False
        await application.start()
        await queue.take_up(application.bot)
        return await self._persist(partial(self._receive, application, queue), stop)

    async def _receive(self, application: App, queue: UpdateQueue) -> None:
        """Have Telegram push, or poll it; either way nothing that waits there is dropped."""
        options = self._options
        if self.webhook is None or options.webhook_url is None:
            updater = application.updater
            assert updater is not None  # the builder was given one
            await updater.start_polling(
                timeout=options.poll_timeout_seconds, allowed_updates=UPDATE_KINDS, error_callback=self._log_poll_error
            )
            return
        self.webhook.open(queue, application.bot)
        # What was pushed while the bot was loading.
        await queue.take_up(application.bot)
        address = public_address(options.webhook_url)
        await application.bot.set_webhook(
            address, secret_token=options.webhook_secret, allowed_updates=UPDATE_KINDS, max_connections=_PUSHES_AT_ONCE
        )
        _LOG.info("telegram_webhook_set", url=address)

    async def _persist(self, action: Callable[[], Awaitable[object]], stop: asyncio.Event) -> bool:
        """Try until it works or the channel is stopped; False in the latter case."""
        wait = 1.0
        while not stop.is_set():
            try:
                await action()
                return True
            except InvalidToken:
                # The library's message holds the token.
                raise TokenRefusedError(REFUSED.format(bot_id=self._options.bot_id)) from None
            except TelegramError as error:
                self._log_poll_error(error)
                await _first_of(stop.wait(), asyncio.sleep(wait))
                wait = min(wait * 2, _MAX_BACKOFF_SECONDS)
        return False

    def _log_poll_error(self, error: TelegramError) -> None:
        text = str(error).replace(self._options.token, "***")
        _LOG.warning("telegram_unreachable", error=f"{type(error).__name__}: {text}")


def _bot(options: ChannelOptions, watch: PollWatch, keep: PolledUpdates, ending: asyncio.Event) -> ExtBot[int]:
    try:
        request = HTTPXRequest(proxy=options.proxy_url, read_timeout=20, connect_timeout=10, pool_timeout=20)
        poll_request = PollRequest(
            watch, keep, connection_pool_size=2, proxy=options.proxy_url, read_timeout=10, connect_timeout=10
        )
    except RuntimeError as error:
        raise SettingsError(
            f"YIJU_TELEGRAM__PROXY_URL asks for a SOCKS proxy, which needs one more package: "
            f'pip install "python-telegram-bot[socks]" ({type(error).__name__})'
        ) from None
    return ExtBot(
        options.token,
        base_url=options.base_url,
        base_file_url=options.file_url,
        request=request,
        get_updates_request=poll_request,
        rate_limiter=DeliveryLimiter(ending),
    )


async def _end(application: App, in_order: InOrder, stop_seconds: float) -> None:
    """Stop receiving, finish what was begun unless it takes too long, close connections."""
    giving_up = asyncio.get_running_loop().call_later(stop_seconds, in_order.give_up)
    updater = application.updater
    if updater is not None and updater.running:
        # Ending with an error, polling hands it out again here; the watch has it already.
        with contextlib.suppress(TelegramError):
            await updater.stop()
    if application.running:
        await application.stop()
    giving_up.cancel()
    await application.shutdown()


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _keep_token_out_of_logs() -> None:
    """Request lines of the HTTP client and debug lines of the library hold URLs with the token."""
    # The limiter's own words about a flood are an error with a traceback for each try; ours are in its place.
    quiet = ("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("telegram.ext.AIORateLimiter", logging.CRITICAL)
    for name, level in (*quiet, ("telegram", logging.INFO)):
        logger = logging.getLogger(name)
        logger.setLevel(max(level, logger.level))
