"""What happens on the requests of administrators: status, re-index with progress in one message, gaps, uploads."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import PurePosixPath

import structlog

from bot.channels.telegram.asking import Desk, explain, run_or_explain
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.ports import JobView
from bot.channels.telegram.reports import FINISHED, gaps_text, job_text, status_text
from bot.channels.telegram.requests import Incoming, Outgoing
from bot.channels.telegram.text import Run, plain
from bot.errors import BotError, JobConflictError
from corpus.errors import CorpusError

_LOG = structlog.get_logger(__name__)
_MAX_GAPS = 20
_MEGABYTE = 1024 * 1024
# Bots can download files of up to 20 MB from Telegram's own servers.
MAX_UPLOAD_BYTES = 20 * _MEGABYTE

_REINDEX_WORDS = {
    "full": "full",
    "全部": "full",
    "全量": "full",
    "dry": "dry_run",
    "dry-run": "dry_run",
    "试运行": "dry_run",
    "試運行": "dry_run",
    "allow": "allow_mass_removal",
    "allow-mass-removal": "allow_mass_removal",
}
_JOB_WORDS = {
    "pause": "pause",
    "暂停": "pause",
    "暫停": "pause",
    "resume": "resume",
    "继续": "resume",
    "繼續": "resume",
    "stop": "stop",
    "停止": "stop",
}


async def status(desk: Desk, request: Incoming) -> None:
    """/status: how things are."""
    figures = await run_or_explain(desk, request, desk.administration.status)
    if figures is not None:
        phrases = desk.phrases(request)
        text = status_text(figures, phrases, heading=phrases.status_heading)
        await desk.messenger.send(request.place, Outgoing(text))


async def gaps(desk: Desk, request: Incoming) -> None:
    """/gaps: the latest questions without an answer."""
    found = await run_or_explain(desk, request, lambda: desk.administration.gaps(_MAX_GAPS))
    if found is not None:
        await desk.messenger.send(request.place, Outgoing(gaps_text(found, desk.phrases(request))))


async def upload(desk: Desk, request: Incoming, *, suffixes: tuple[str, ...]) -> None:
    """A file that an administrator sent: checked, stored, and searchable after the next re-index."""
    phrases, attachment = desk.phrases(request), request.attachment
    if attachment is None:
        return
    name, size = PurePosixPath(attachment.name.replace("\\", "/")).name, attachment.size or 0
    if not name.lower().endswith(suffixes):
        await desk.say(request, phrases.upload_bad_type.format(suffixes=" ".join(suffixes)))
        return
    if size > MAX_UPLOAD_BYTES:
        sizes = {"size_mb": round(size / _MEGABYTE, 1), "max_mb": MAX_UPLOAD_BYTES // _MEGABYTE}
        await desk.say(request, phrases.upload_too_big.format(**sizes))
        return
    try:
        data = await desk.messenger.download(attachment.file_id)
        await desk.workers.run(lambda: desk.administration.save_upload(name, data))
    except (BotError, CorpusError) as error:
        await desk.say(request, phrases.upload_refused.format(reason=error))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the sender gets a word
        await desk.say(request, explain(error, request, phrases))
    else:
        await desk.say(request, phrases.upload_done.format(name=name))


@dataclass(frozen=True, slots=True)
class Reindexing:
    """/reindex: starts a job and follows it in one edited message until it ends or the channel is ``ending``."""

    desk: Desk
    ending: asyncio.Event
    edit_interval_seconds: float
    job_poll_seconds: float

    async def __call__(self, request: Incoming) -> None:
        """Start, or follow the one that runs already."""
        phrases = self.desk.phrases(request)
        words = request.text.lower().split()
        if len(words) == 1 and words[0] in _JOB_WORDS:
            await _order(self.desk, request, _JOB_WORDS[words[0]])
            return
        if any(word not in _REINDEX_WORDS for word in words):
            await self.desk.say(request, phrases.reindex_usage)
            return
        options = {_REINDEX_WORDS[word]: True for word in words}
        try:
            started_by = f"telegram:{request.user_id}"
            job_id = await self.desk.workers.run(
                lambda: self.desk.administration.start_reindex(**options, started_by=started_by)
            )
            said = phrases.reindex_started.format(job_id=job_id)
        except JobConflictError as conflict:
            job_id, said = conflict.job_id, phrases.reindex_conflict.format(job_id=conflict.job_id)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the administrator gets a word
            await self.desk.say(request, explain(error, request, phrases))
            return
        message_id = await self.desk.messenger.send(request.place, Outgoing((Run(said),)))
        await self._follow(request, job_id, message_id, said, phrases)

    async def _follow(self, request: Incoming, job_id: str, message_id: int, shown: str, phrases: Phrases) -> None:
        edited_at = time.monotonic()
        while not self.ending.is_set():
            job = await asyncio.to_thread(self.desk.administration.job, job_id)
            text = job_text(job, phrases)
            due = job.state in FINISHED or time.monotonic() - edited_at >= self.edit_interval_seconds
            if due and plain(text) != shown:
                await self._edit(request, message_id, job, phrases)
                shown, edited_at = plain(text), time.monotonic()
            if job.state in FINISHED:
                return
            await _sleep_unless(self.ending, self.job_poll_seconds)
        await self.desk.messenger.edit(request.place, message_id, (Run(phrases.reindex_left.format(job_id=job_id)),))

    async def _edit(self, request: Incoming, message_id: int, job: JobView, phrases: Phrases) -> None:
        await self.desk.messenger.edit(request.place, message_id, job_text(job, phrases))


async def _order(desk: Desk, request: Incoming, order: str) -> None:
    """Pause, resume or stop what runs."""
    by, words = f"telegram:{request.user_id}", desk.phrases(request).jobs

    def carry_out() -> str:
        if order == "pause":
            desk.administration.pause_embedding(by=by)
            return words.pause_asked
        if order == "resume":
            desk.administration.resume_embedding(by=by)
            return words.resumed
        job_id = desk.administration.stop_running(by=by)
        return words.nothing_runs if job_id is None else words.stop_asked.format(job_id=job_id)

    said = await run_or_explain(desk, request, carry_out)
    if said is not None:
        await desk.say(request, said)


async def _sleep_unless(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
