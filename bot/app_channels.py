"""The composition root of the channels: `yiju serve` and `yiju telegram` join a server's parts to HTTP and Telegram.

HTTP listens at once; model, index and Telegram follow when they are loaded.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from bot import app
from bot.app import Say
from bot.app_console import console_services
from bot.app_doors import door_rules, provider_people, require_lock_beyond_loopback, web_people
from bot.app_server import Server
from bot.channels.failures import in_words
from bot.channels.telegram.errors import TelegramChannelError
from bot.conversations import OwnConversations
from bot.errors import SettingsError
from bot.feedback import Feedback
from bot.related import RelatedQuestions
from bot.serving import end_background, in_background, run_until_stopped
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.http_services import Webhook
    from bot.channels.telegram.channel import TelegramChannel

Work = Callable[[asyncio.Event], Awaitable[None]]


def http_channel(server: Server, webhook: Webhook | None) -> Work:
    """The HTTP channel; ``webhook`` takes what Telegram pushes."""
    from bot.channels.http_api import create_http_app
    from bot.channels.http_rate_limits import asker_limits
    from bot.channels.http_server import HttpChannel
    from bot.channels.http_services import HttpLimits, HttpServices

    services = HttpServices(
        questions=server.gate,
        admin=server.admin,
        keys=server.stores.state.keys,
        ready=server.gate.ready,
        webhook=webhook,
        people=web_people(server.accounts),
        provider=provider_people(server.settings, server.accounts),
        rules=door_rules(server.settings),
        public_url=server.settings.http.public_url,
        meters=server.meters,
        replays=server.stores.state.replays,
        console=console_services(server),
        conversations=OwnConversations(server.stores.state.conversations, server.gate),
    )
    http, serving = server.settings.http, server.settings.serving
    limits = HttpLimits(
        max_upload_bytes=server.max_upload_bytes,
        workers=server.settings.question_threads,
        waiting=serving.waiting,
        timeout_seconds=serving.timeout_seconds,
        askers=asker_limits(server.settings.limits),
        cors_origins=http.cors_origins,
    )
    served = create_http_app(services, limits=limits)
    return HttpChannel(
        server.tracing.around(served) if server.tracing is not None else served,
        host=http.host,
        port=http.port,
        stopping=services.stopping,
        drain_seconds=serving.drain_seconds,
        grace_seconds=serving.grace_seconds,
    ).run


def telegram_channel(server: Server) -> TelegramChannel:
    """The Telegram channel. Raises: SettingsError: no token."""
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.telegram.ports import TELEGRAM_URL, ChannelOptions, ChannelServices, QuestionLimits

    telegram = server.settings.telegram
    if telegram.token is None:
        raise SettingsError(
            "YIJU_TELEGRAM__TOKEN is not set; get a token from @BotFather and set it, or YIJU_TELEGRAM__TOKEN_FILE"
        )
    options = ChannelOptions(
        token=telegram.token.get_secret_value(),
        state_dir=server.settings.data_dir / "telegram",
        base_url=telegram.base_url or TELEGRAM_URL,
        proxy_url=telegram.proxy_url.get_secret_value() if telegram.proxy_url else None,
        webhook_url=telegram.webhook_url,
        webhook_secret=telegram.webhook_secret.get_secret_value() if telegram.webhook_secret else None,
        workers=server.settings.question_threads,
        limits=QuestionLimits(telegram.user_questions_per_minute, telegram.chat_questions_per_minute),
    )
    services = ChannelServices(
        service=server.gate,
        administration=server.admin,
        people=server.people,
        related=RelatedQuestions(server.gate, wait=server.wait_for_quiet),
        shown=server.stores.state.answer_messages,
        inbox=server.stores.state.inbox,
        notifications=server.notifications,
        feedback=Feedback(server.stores.state.ratings),
        meters=server.meters,
    )
    return TelegramChannel(options, services)


def serve(settings: Settings, *, say: Say) -> None:
    """Serve HTTP and, with a token, Telegram, until SIGINT or SIGTERM."""
    with app.open_stores(settings) as stores:
        require_lock_beyond_loopback(settings, stores)
        stores.state.jobs.fail_abandoned()
        server = Server(settings, stores, delivers=settings.telegram.token is not None)
        telegram = telegram_channel(server) if settings.telegram.token else None

        async def load_then_telegram(stop: asyncio.Event) -> None:
            if await in_background(lambda: server.load(say), stop) and telegram is not None:
                await _beside_http(telegram.run, stop)

        with _closing(server):
            run_until_stopped(http_channel(server, telegram.webhook if telegram else None), load_then_telegram)


@contextmanager
def _closing(server: Server) -> Iterator[None]:
    """Close the server, and do not leave a half-loaded model to the end of the interpreter."""
    stopped = False
    try:
        yield
        stopped = True
    finally:
        server.close()
        end_background(end_process=stopped)


async def _beside_http(telegram: Work, stop: asyncio.Event) -> None:
    """A token that is refused, or used elsewhere too, must not take HTTP away from those who use that."""
    try:
        await telegram(stop)
    except TelegramChannelError as error:
        structlog.get_logger(__name__).error("telegram_off", reason=in_words(error))


def run_telegram(settings: Settings, *, say: Say) -> None:
    """Serve Telegram alone until SIGINT or SIGTERM. Raises: SettingsError: no token, or a webhook, which needs HTTP."""
    if settings.telegram.webhook_url is not None:
        raise SettingsError(
            f"YIJU_TELEGRAM__WEBHOOK_URL is '{settings.telegram.webhook_url}', and yiju telegram serves no HTTP that "
            "Telegram could push to; start yiju serve, or remove YIJU_TELEGRAM__WEBHOOK_URL and "
            "YIJU_TELEGRAM__WEBHOOK_SECRET for long polling"
        )
    with app.open_stores(settings) as stores:
        server = Server(settings, stores, delivers=True)
        telegram = telegram_channel(server)
        stores.state.jobs.fail_abandoned()

        async def load_then_telegram(stop: asyncio.Event) -> None:
            if await in_background(lambda: server.load(say), stop):
                await telegram.run(stop)

        with _closing(server):
            run_until_stopped(load_then_telegram)
