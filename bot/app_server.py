"""The composition root of a server process: what its channels share, whichever of them run."""
# ruff: noqa: PLC0415

from __future__ import annotations

import logging
import time
from datetime import datetime
from functools import partial

import structlog

from bot import app
from bot.admin import AdminParts, AdminService, IndexStatus
from bot.app import Answers, Say, Stores
from bot.app_admin import blocked_snapshots, gaps, health_check, snapshot_orders, staged_uploads
from bot.app_doors import accounts_of, key_desk
from bot.app_index_process import serve_index_orders
from bot.asking_again import AskingAgain, Behind
from bot.audit import Trail
from bot.catalogue import Catalogue
from bot.channels.failures import in_words
from bot.embedding_filler import EmbeddingFiller
from bot.gate import Gate
from bot.health import ErrorTally
from bot.index_process import IndexProcess, Order
from bot.indexing_jobs import IndexingJobs, JobParts, Listener, ReindexOptions
from bot.meters import Meters, Watch
from bot.notifications import Notifications
from bot.retention import Prune, Retention
from bot.settings import Settings
from bot.state.kept_questions import KeptQuestion
from bot.tracing import open_tracing
from corpus.visibility import Clearance
from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.pinyin import is_spelling

# How long a job waits for its snapshot to be opened; beyond that another one has replaced it.
_SWITCH_SECONDS = 30.0
# How long a step of what nobody waits for makes way for questions; with many askers it gets its turn all the same.
_QUIET_SECONDS = 5.0


class Server:
    """The parts of a server process: what is quick to make is there at once, the rest after ``load``.

    ``delivers``: a channel of this process can send the answers to questions that were kept.
    """

    def __init__(self, settings: Settings, stores: Stores, *, delivers: bool) -> None:
        self.settings = settings
        self.stores = stores
        self.gate = Gate("正在加载模型与索引，请稍候再试。")
        self._answers: Answers | None = None
        self._log = structlog.get_logger(__name__)
        self.accounts = accounts_of(stores.state)
        self.keys = key_desk(stores.state)
        self.errors, self.meters = ErrorTally(), Meters(stores.engine.pool)
        self.tracing = open_tracing()
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
        self._delivers = delivers
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
        model, watch = app.prepare_model(self.settings, say=say), Watch(self.meters.stage, self.tracing)
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
        if self.tracing is not None:
            self.tracing.close()

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

    def wait_for_quiet(self) -> None:
        """Let questions go first for a while. Raises: NotReadyError: still loading."""
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
