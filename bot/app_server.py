"""The composition root of the servers: `yiju serve` and `yiju telegram`.

HTTP listens at once; model, index and Telegram follow when they are loaded.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import app
from bot.admin import AdminParts, AdminService, IndexStatus
from bot.app import Answers, Say, Stores
from bot.app_admin import blocked_snapshots, gaps, health_check, snapshot_orders, staged_uploads
from bot.app_console import console_services
from bot.app_doors import accounts_of, door_rules, is_locked, key_desk, web_people
from bot.app_index_process import serve_index_orders
from bot.asking_again import AskingAgain, Behind
from bot.audit import Trail
from bot.catalogue import Catalogue
from bot.channels.failures import in_words
from bot.channels.telegram.errors import TelegramChannelError
from bot.conversations import OwnConversations
from bot.embedding_filler import EmbeddingFiller
from bot.errors import SettingsError
from bot.feedback import Feedback
from bot.gate import Gate
from bot.health import ErrorTally
from bot.index_process import IndexProcess, Order
from bot.indexing_jobs import IndexingJobs, JobParts, Listener, ReindexOptions
from bot.meters import Meters, Watch
from bot.notifications import Notifications
from bot.related import RelatedQuestions
from bot.retention import Prune, Retention
from bot.serving import end_background, in_background, run_until_stopped
from bot.settings import Settings
from bot.state.kept_questions import KeptQuestion
from bot.tracing import open_tracing
from corpus.visibility import Clearance
from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.pinyin import is_spelling

if TYPE_CHECKING:
    from bot.channels.http_services import Webhook
    from bot.channels.telegram.channel import TelegramChannel

# How long a job waits for its snapshot to be opened; beyond that another one has replaced it.
_SWITCH_SECONDS = 30.0
# How long a step of what nobody waits for makes way for questions; with many askers it gets its turn all the same.
_QUIET_SECONDS = 5.0
Work = Callable[[asyncio.Event], Awaitable[None]]


class Server:
    """The parts of a server process: what is quick to make is there at once, the rest after ``load``."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        self.settings = settings
        self.stores = stores
        self.gate = Gate("正在加载模型与索引，请稍候再试。")
        self._answers: Answers | None = None
        self._log = structlog.get_logger(__name__)
        self.accounts = accounts_of(stores.state)
        self.keys = key_desk(stores.state)
        self.errors, self.meters = ErrorTally(), Meters()
        self._tracing = open_tracing()
        for counting in (self.errors, self.meters.log):
            logging.getLogger().addHandler(counting)
        self._index_process = IndexProcess(partial(serve_index_orders, settings))
        self.jobs = IndexingJobs(
            JobParts(stores.state.jobs, settings.index_dir, reindex=self._reindex, fill=self._fill, words_for=in_words)
        )
        self.filler = EmbeddingFiller(self.jobs, self._to_fill)
        self.retention = Retention(_prunes(stores), days=settings.retention_days)
        self.people = app.people_of(settings, stores.state)
        kept, asked = settings.notifications, stores.state
        self.notifications = Notifications(
            asked.kept_questions,
            asked.answers,
            passage=lambda passage_id, clearance: self.gate.passage(passage_id, clearance=clearance),
            clearance=self._clearance_there,
            days=kept.days,
            per_user=kept.per_user,
        )
        self._asking_again: AskingAgain | None = None
        self._delivers = False
        self.admin = AdminService(
            AdminParts(
                jobs=self.jobs,
                catalogue=Catalogue(stores.documents, self.live_versions),
                uploads_dir=settings.uploads_dir,
                staged=staged_uploads(settings, max_bytes=self.max_upload_bytes),
                index_status=self._index_status,
                unfinished=stores.documents.state_counts,
                snapshots=snapshot_orders(settings, stores),
                gaps=partial(gaps, settings, stores),
                health=health_check(settings, stores, self.errors).health,
                max_upload_bytes=self.max_upload_bytes,
                trail=Trail(stores.state.audit),
            )
        )

    @property
    def max_upload_bytes(self) -> int:
        """The largest file taken in."""
        return self.settings.http.max_body_mb * 1024 * 1024

    @property
    def answers(self) -> Answers:
        """What answers. Raises: NotReadyError: still loading."""
        if self._answers is None:
            self.gate.ready()
        assert self._answers is not None
        return self._answers

    def load(self, say: Say) -> None:
        """Open the model, the index and the service; without a usable index the service waits for one."""
        model, watch = app.prepare_model(self.settings, say=say), Watch(self.meters.stage, self._tracing)
        answers = app.make_answers(
            self.settings,
            self.stores,
            model,
            say=say,
            open_answers=app.open_answers_of(self.settings, counted=self.meters.llm),
            watch=watch,
            counted=self.meters.asked,
        )
        self._answers = answers
        self.gate.open(answers.service, answers.serving)
        self.filler.start()
        self.retention.start()
        if self._delivers:
            self._asking_again = self._ask_again(answers)
        try:
            serving = answers.serving()
            # The first run of a model allocates its memory, the first Latin word reads the pinyin tables: not in
            # somebody's question.
            answers.embedder.encode_queries(["预热"])
            is_spelling("yure")
            self._log.info("ready", snapshot=serving.snapshot, embedded=round(serving.embedded, 4))
        except SnapshotError as error:
            self._log.warning("no_usable_index", reason=in_words(error))

    def close(self) -> None:
        """Stop what runs in the background."""
        for counting in (self.errors, self.meters.log):
            logging.getLogger().removeHandler(counting)
        self.filler.close()
        self.retention.close()
        if self._asking_again is not None:
            self._asking_again.close()
        self.admin.close()
        self._index_process.close()
        if self._answers is not None:
            self._answers.live.close()
        if self._tracing is not None:
            self._tracing.close()

    def http(self, webhook: Webhook | None) -> Work:
        """The HTTP channel; ``webhook`` takes what Telegram pushes."""
        from bot.channels.http_api import create_http_app
        from bot.channels.http_rate_limits import asker_limits
        from bot.channels.http_server import HttpChannel
        from bot.channels.http_services import HttpLimits, HttpServices

        services = HttpServices(
            questions=self.gate,
            admin=self.admin,
            keys=self.stores.state.keys,
            ready=self.gate.ready,
            webhook=webhook,
            people=web_people(self.accounts),
            rules=door_rules(self.settings),
            public_url=self.settings.http.public_url,
            meters=self.meters,
            replays=self.stores.state.replays,
            console=console_services(self),
            conversations=OwnConversations(self.stores.state.conversations, self.gate),
        )
        http, serving = self.settings.http, self.settings.serving
        limits = HttpLimits(
            max_upload_bytes=self.max_upload_bytes,
            workers=self.settings.question_threads,
            waiting=serving.waiting,
            timeout_seconds=serving.timeout_seconds,
            askers=asker_limits(self.settings.limits),
            cors_origins=http.cors_origins,
        )
        served = create_http_app(services, limits=limits)
        return HttpChannel(
            self._tracing.around(served) if self._tracing is not None else served,
            host=http.host,
            port=http.port,
            stopping=services.stopping,
            drain_seconds=serving.drain_seconds,
            grace_seconds=serving.grace_seconds,
        ).run

    def telegram(self) -> TelegramChannel:
        """The Telegram channel. Raises: SettingsError: no token."""
        from bot.channels.telegram.channel import TelegramChannel
        from bot.channels.telegram.ports import TELEGRAM_URL, ChannelOptions, ChannelServices, QuestionLimits

        telegram = self.settings.telegram
        if telegram.token is None:
            raise SettingsError(
                "YIJU_TELEGRAM__TOKEN is not set; get a token from @BotFather and set it, or YIJU_TELEGRAM__TOKEN_FILE"
            )
        options = ChannelOptions(
            token=telegram.token.get_secret_value(),
            state_dir=self.settings.data_dir / "telegram",
            base_url=telegram.base_url or TELEGRAM_URL,
            proxy_url=telegram.proxy_url.get_secret_value() if telegram.proxy_url else None,
            webhook_url=telegram.webhook_url,
            webhook_secret=telegram.webhook_secret.get_secret_value() if telegram.webhook_secret else None,
            workers=self.settings.question_threads,
            limits=QuestionLimits(telegram.user_questions_per_minute, telegram.chat_questions_per_minute),
        )
        services = ChannelServices(
            service=self.gate,
            administration=self.admin,
            people=self.people,
            related=RelatedQuestions(self.gate, wait=self._wait_for_quiet),
            shown=self.stores.state.answer_messages,
            inbox=self.stores.state.inbox,
            notifications=self.notifications,
            feedback=Feedback(self.stores.state.ratings),
            meters=self.meters,
        )
        self._delivers = True
        return TelegramChannel(options, services)

    def _ask_again(self, answers: Answers) -> AskingAgain:
        """Asks kept questions again; where no channel delivers, another process does that."""
        search = Behind(
            serving=lambda: answers.live.snapshot_id,
            session=answers.search.background_session,
            wait_for_quiet=answers.search.wait_for_quiet,
        )
        asking = AskingAgain(
            self.stores.state,
            answers.responder,
            search,
            days=self.settings.notifications.days,
            clearance=self._clearance_there,
        )
        asking.start()
        return asking

    def _clearance_there(self, question: KeptQuestion) -> Clearance:
        """What may be seen where the answer to a kept question goes."""
        self.people.look_again()
        return self.people.clearance(int(question.address["chat_id"]))

    def _wait_for_quiet(self) -> None:
        self.answers.search.wait_for_quiet(_QUIET_SECONDS)

    def live_versions(self) -> frozenset[int]:
        """The versions of the documents that answer."""
        return self.answers.search.live_versions()

    def _reindex(self, options: ReindexOptions, listener: Listener) -> dict[str, object]:
        report = self._index_process.run(Order(options), listener)
        if report["snapshot"] is not None:
            self._wait_until_live(report["snapshot"])
        return report

    def _fill(self, listener: Listener) -> dict[str, object]:
        report = self._index_process.run(Order(), listener)
        self._wait_until_live(report["snapshot"])
        return report

    def _to_fill(self) -> tuple[str, float] | None:
        """The serving snapshot and its embedded share; None where a person has to decide what serves next.

        That is after a roll-back, while a snapshot waits to be accepted, and after a change of the model.
        """
        from retrieval.snapshots import rolled_back

        if self._answers is None:
            return None
        try:
            with self._answers.live.acquire() as snapshot:
                serving, model_id = snapshot.manifest, snapshot.manifest.fit.model_id
        except SnapshotError:
            return None
        if serving.embedded_share >= 1.0:
            return serving.snapshot, 1.0
        waits = rolled_back(self.settings.index_dir) is not None
        waits = waits or model_id != self._answers.embedder.model_id
        waits = waits or any(blocked > serving.snapshot for blocked in blocked_snapshots(self.settings))
        return None if waits else (serving.snapshot, serving.embedded_share)

    def _wait_until_live(self, snapshot_id: object) -> None:
        """A job that has succeeded answers from its snapshot, which is opened here and not in a question."""
        end = time.monotonic() + _SWITCH_SECONDS
        while time.monotonic() < end and self.answers.live.snapshot_id != snapshot_id:
            time.sleep(0.1)

    def _index_status(self, clearance: Clearance) -> IndexStatus:
        try:
            with self.answers.live.acquire() as snapshot:
                said = snapshot.manifest
                created_at = datetime.fromisoformat(said.created_at)
            seen = self.answers.search.counts(clearance)
            return IndexStatus(said.snapshot, created_at, *seen, said.embedded)
        except NoSnapshotError:
            return IndexStatus(None, None, 0, 0, 0)


def _prunes(stores: Stores) -> dict[str, Prune]:
    """What is not kept for ever, by name."""
    state = stores.state
    return {
        "audit": state.audit.prune,
        "answers": state.answers.prune,
        "jobs": state.jobs.prune,
        "sessions": state.sessions.prune,
        "requests": state.people.prune,
        # Not by the setting: its rows say little, and its numbers must not be kept for long.
        "inbox": lambda _: state.inbox.prune(),
    }


def serve(settings: Settings, *, say: Say) -> None:
    """Serve HTTP and, with a token, Telegram, until SIGINT or SIGTERM."""
    with app.open_stores(settings) as stores:
        _require_key_beyond_loopback(settings, stores)
        stores.state.jobs.fail_abandoned()
        server = Server(settings, stores)
        telegram = server.telegram() if settings.telegram.token else None

        async def load_then_telegram(stop: asyncio.Event) -> None:
            if await in_background(lambda: server.load(say), stop) and telegram is not None:
                await _beside_http(telegram.run, stop)

        with _closing(server):
            run_until_stopped(server.http(telegram.webhook if telegram else None), load_then_telegram)


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
        server = Server(settings, stores)
        telegram = server.telegram()
        stores.state.jobs.fail_abandoned()

        async def load_then_telegram(stop: asyncio.Event) -> None:
            if await in_background(lambda: server.load(say), stop):
                await telegram.run(stop)

        with _closing(server):
            run_until_stopped(load_then_telegram)


def _require_key_beyond_loopback(settings: Settings, stores: Stores) -> None:
    from bot.channels.http_access import is_loopback_host

    host = settings.http.host
    if not is_loopback_host(host) and not is_locked(stores.state):
        raise SettingsError(
            f"YIJU_HTTP__HOST is '{host}', which other machines can reach, and there is no API key and no account; "
            "make one first: yiju keys create NAME --scope ask,documents,admin, or yiju accounts create NAME --role "
            "admin; or serve this machine alone: 127.0.0.1"
        )
