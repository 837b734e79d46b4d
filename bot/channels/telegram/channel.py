"""The Telegram channel: long polling beside whatever else runs in the event loop, until told to stop.

Wires handlers to python-telegram-bot and owns its lifecycle; what is said and done is in the modules beside this one.
Webhooks are not served yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog
from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ExtBot
from telegram.request import HTTPXRequest

from bot.channels.telegram.asking import Desk
from bot.channels.telegram.background import Background
from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger, PatientRateLimiter
from bot.channels.telegram.errors import TokenRefusedError
from bot.channels.telegram.lock import single_poller
from bot.channels.telegram.menus import CommandMenus
from bot.channels.telegram.ports import ChannelOptions, ChannelServices
from bot.channels.telegram.routing import App, Wiring
from bot.channels.telegram.standings import Standings
from bot.channels.telegram.updates import InOrder
from bot.channels.telegram.watch import REFUSED, PollRequest, PollWatch
from bot.channels.work_pool import WorkPool
from bot.errors import SettingsError

_LOG = structlog.get_logger(__name__)
_MAX_CONCURRENT_UPDATES = 256
_MAX_BACKOFF_SECONDS = 30.0


def build_telegram_channel(
    options: ChannelOptions, services: ChannelServices, *, webhook_url: str | None = None
) -> TelegramChannel:
    """The channel for one bot. Raises: SettingsError: webhooks are asked for."""
    if webhook_url is not None:
        raise SettingsError(
            f"YIJU_TELEGRAM__WEBHOOK_URL is '{webhook_url}', but this version receives by long polling only; "
            "remove YIJU_TELEGRAM__WEBHOOK_URL and YIJU_TELEGRAM__WEBHOOK_SECRET"
        )
    return TelegramChannel(options, services)


class TelegramChannel:
    """Answers in Telegram until stopped."""

    def __init__(self, options: ChannelOptions, services: ChannelServices) -> None:
        self._options = options
        self._services = services
        self._people = services.people

    async def run(self, stop: asyncio.Event) -> None:
        """Receive and answer until ``stop`` is set; what has begun is finished first.

        Network errors are waited out. Raises: TokenRefusedError, SecondPollerError.
        """
        _keep_token_out_of_logs()
        with single_poller(self._options.state_dir, self._options.token):
            await self._serve(stop)

    async def _serve(self, stop: asyncio.Event) -> None:
        options = self._options
        watch = PollWatch(options.bot_id)
        bot = _bot(options, watch)
        builder = ApplicationBuilder().bot(bot).job_queue(None)
        application = builder.concurrent_updates(InOrder(_MAX_CONCURRENT_UPDATES)).build()
        workers = WorkPool("yiju-telegram", workers=options.workers, waiting=options.max_waiting)
        messenger = Messenger(bot, typing_interval_seconds=options.typing_interval_seconds)
        chats = ChatMemory(options.state_dir / f"chats-{options.bot_id}.json")
        menus, background = CommandMenus(bot), Background()
        standings = Standings(self._people, messenger, chats, menus)
        desk = Desk(
            service=self._services.service,
            administration=self._services.administration,
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
        ending = asyncio.Event()
        Wiring(desk, options, ending).add_to(application)
        try:
            if await self._begin(application, stop):
                async with standings.followed(options.people_poll_seconds):
                    await menus.offer(self._people.admins(), lambda admin_id: chats.language(str(admin_id)))
                    _LOG.info("telegram_ready", username=bot.username, access_open=self._people.open_to_all)
                    await _first_of(stop.wait(), watch.wait())
        finally:
            ending.set()
            await _end(application)
            await background.close()
            workers.close()
        if watch.failure is not None:
            raise watch.failure

    async def _begin(self, application: App, stop: asyncio.Event) -> bool:
        updater = application.updater
        assert updater is not None  # the builder was not told to leave it out
        await asyncio.to_thread(self._people.refresh)
        begun = await self._persist(application.initialize, stop)
        if not begun:
            return False
        await application.start()
        poll = partial(
            updater.start_polling,
            timeout=self._options.poll_timeout_seconds,
            allowed_updates=[Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY],
            error_callback=self._log_poll_error,
        )
        return await self._persist(poll, stop)

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


def _bot(options: ChannelOptions, watch: PollWatch) -> ExtBot[None]:
    try:
        request = HTTPXRequest(proxy=options.proxy_url, read_timeout=20, connect_timeout=10, pool_timeout=20)
        polls = PollRequest(watch, connection_pool_size=2, proxy=options.proxy_url, read_timeout=10, connect_timeout=10)
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
        get_updates_request=polls,
        rate_limiter=PatientRateLimiter(),
    )


async def _end(application: App) -> None:
    """Stop receiving, finish what was received, close connections."""
    updater = application.updater
    if updater is not None and updater.running:
        # Ending with an error, polling hands it out again here; the watch has it already.
        with contextlib.suppress(TelegramError):
            await updater.stop()
    if application.running:
        await application.stop()
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
    for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("telegram", logging.INFO)):
        logger = logging.getLogger(name)
        logger.setLevel(max(level, logger.level))
