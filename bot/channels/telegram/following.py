"""Jobs in one message each: progress while they run, edited no oftener than Telegram likes, then how they ended.

What an ended job leaves to decide hangs below its message as buttons; ``reindexing`` does what they say.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import structlog

from bot.channels.telegram.asking import Desk
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.ports import JobView
from bot.channels.telegram.reports import FINISHED, job_text
from bot.channels.telegram.requests import Button, Incoming, Outgoing, Place
from bot.channels.telegram.text import Run, plain
from bot.indexing_jobs import DRY_RUN, UnknownJobError

_LOG = structlog.get_logger(__name__)
# In a group a bot may send and edit 20 times a minute in all.
_GROUP_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Following:
    """Follows jobs until they end or the channel is ``ending``."""

    desk: Desk
    ending: asyncio.Event
    edit_interval_seconds: float
    job_poll_seconds: float
    # Messages that show a job's progress by now: a button pressed below one of them must not follow it twice.
    _followed: set[tuple[int, int]] = field(default_factory=set)

    async def follow(self, request: Incoming, job_id: str, message_id: int, *, flags: str = "") -> None:
        """Show a job in a message until it has ended; the message then has the buttons for what comes next."""
        key = (request.place.chat_id, message_id)
        if key in self._followed:
            return
        self._followed.add(key)
        try:
            await self._follow(request, job_id, message_id, flags)
        finally:
            self._followed.discard(key)

    async def _follow(self, request: Incoming, job_id: str, message_id: int, flags: str) -> None:
        phrases, place = self.desk.phrases(request), request.place
        interval = self.edit_interval_seconds * (1.0 if place.private else _GROUP_PATIENCE)
        edited_at, shown = time.monotonic() - interval, ""
        while not self.ending.is_set():
            job = await self.looked_at(job_id)
            if job is not None:
                message = job_message(job, phrases, flags)
                ended, looks = job.state in FINISHED, plain(message.text) + repr(message.buttons)
                if ended:
                    await self.show(place, message_id, message)
                    return
                if looks != shown and time.monotonic() - edited_at >= interval:
                    await self.edit(place, message_id, message)
                    shown, edited_at = looks, time.monotonic()
            await sleep_unless(self.ending, self.job_poll_seconds)
        left = (Run(phrases.reindex_left.format(job_id=job_id)),)
        await self.edit(place, message_id, Outgoing(left, [[progress_button(job_id, flags, phrases)]]))

    async def looked_at(self, job_id: str) -> JobView | None:
        """The job; None where that cannot be told now: the database may be busy."""
        try:
            return await asyncio.to_thread(self.desk.administration.job, job_id)
        except UnknownJobError:
            raise
        except Exception as error:  # noqa: BLE001 - there is a next time; the log says what was wrong
            _LOG.warning("telegram_job_not_read", job_id=job_id, error=type(error).__name__)
            return None

    async def edit(self, place: Place, message_id: int, message: Outgoing) -> bool:
        """Change a message; False where it cannot be, because it is gone or Telegram is out of reach."""
        try:
            await self.desk.messenger.edit(place, message_id, message.text, message.buttons)
        except Exception as error:  # noqa: BLE001 - a job goes on whether or not its progress is seen
            _LOG.warning("telegram_progress_not_shown", error=type(error).__name__)
            return False
        return True

    async def show(self, place: Place, message_id: int, message: Outgoing) -> None:
        """Put a message of any length into the place of another, or below where that is gone."""
        await self.desk.messenger.replace(place, [message_id], message)


def job_message(job: JobView, phrases: Phrases, flags: str = "") -> Outgoing:
    """A job as it stands, with the buttons for what can be done about it."""
    return Outgoing(job_text(job, phrases), _buttons(job, phrases, flags))


def _buttons(job: JobView, phrases: Phrases, flags: str) -> list[list[Button]]:
    words, report = phrases.admin, job.report or {}
    if job.state not in FINISHED:
        stop = Button(words.stop, f"k:e:{job.id}")
        if job.kind == DRY_RUN:
            return [[stop]]
        rest = Button(words.resume, f"k:r:{job.id}") if job.paused else Button(words.pause, f"k:p:{job.id}")
        return [[rest, stop]]
    if job.state == "succeeded" and job.kind == DRY_RUN:
        return _decision(job, phrases, flags)
    if job.state == "failed" and report.get("candidate"):
        return blocked_buttons(str(report["candidate"]), job.id, phrases)
    return []


def _decision(job: JobView, phrases: Phrases, flags: str) -> list[list[Button]]:
    words, report = phrases.admin, job.report or {}
    documents = report.get("documents") or {}
    if "f" not in flags and not any(documents.get(kind) for kind in words.preview_kinds):
        return []
    removal = bool(report.get("mass_removal"))
    more = flags + ("a" if removal and "a" not in flags else "")
    start = words.start_allowed if removal else words.start
    return [[Button(start, f"k:s:{job.id}:{more}"), Button(words.cancel, f"k:c:{job.id}")]]


def blocked_buttons(snapshot_id: str, job_id: str, phrases: Phrases) -> list[list[Button]]:
    """To accept a snapshot that was held back, or to keep the old one; ``job_id``: whose message it is."""
    return [
        [
            Button(phrases.admin.accept, f"k:y:{snapshot_id}:{job_id}"),
            Button(phrases.admin.keep_old, f"k:n:{snapshot_id}:{job_id}"),
        ]
    ]


def progress_button(job_id: str, flags: str, phrases: Phrases) -> Button:
    """To follow a job in the message that the button hangs below."""
    return Button(phrases.admin.progress, f"k:f:{job_id}:{flags}")


async def sleep_unless(event: asyncio.Event, seconds: float) -> None:
    """Sleep, but no longer than until the event is set."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
