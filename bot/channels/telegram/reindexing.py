"""/reindex: what would change first, then, once somebody says so, the re-index with its progress in one message.

The message's buttons carry all that is needed to go on, also after a restart; one that is pressed late does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.admin import PreviewOutdatedError
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.following import Following
from bot.channels.telegram.reports import FINISHED, job_text
from bot.channels.telegram.requests import Incoming, Outgoing
from bot.channels.telegram.text import Run, StyledText
from bot.errors import JobConflictError
from bot.indexing_jobs import JobEndedError, UnknownJobError
from retrieval.errors import SnapshotUnknownError

_REINDEX_WORDS = {
    "full": "full",
    "全部": "full",
    "全量": "full",
    "dry": "dry",
    "dry-run": "dry",
    "试运行": "dry",
    "試運行": "dry",
    "allow": "allow",
    "allow-mass-removal": "allow",
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


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a job's message: ``k:`` order ``:`` what it is about ``:`` more."""

    order: str
    subject: str
    more: str

    @classmethod
    def read(cls, data: str) -> Pressed:
        """The parts of a button's data; "" for those that are not there."""
        _, order, subject, more = (*data.split(":", 3), "", "", "")[:4]
        return cls(order, subject, more)


@dataclass(frozen=True, slots=True)
class Reindexing:
    """Starts jobs as administrators say, and has them followed."""

    desk: Desk
    following: Following

    async def __call__(self, request: Incoming) -> None:
        """Show what would change, or carry out an order."""
        phrases = self.desk.phrases(request)
        words = request.text.lower().split()
        if len(words) == 1 and words[0] in _JOB_WORDS:
            await self._order(request, _JOB_WORDS[words[0]])
        elif any(word not in _REINDEX_WORDS for word in words):
            await self.desk.say(request, phrases.reindex_usage)
        else:
            flags = "".join(sorted({_REINDEX_WORDS[word][0] for word in words} - {"d"}))
            await self.preview(request, flags=flags)

    async def pressed(self, request: Incoming) -> None:
        """A button below a job's message."""
        button = Pressed.read(request.text)
        act = {
            "s": self._start,
            "c": self._cancel,
            "f": self._follow_again,
            "d": self._preview_here,
            "p": self._pause,
            "r": self._resume,
            "e": self._stop,
            "y": self._accept,
            "n": self._reject,
        }.get(button.order)
        if act is None or request.message_id is None:
            await self.desk.acknowledge(request)
        else:
            await act(request, button)

    async def preview(self, request: Incoming, *, flags: str = "", message_id: int | None = None) -> None:
        """Start a dry run and show what it finds, in ``message_id`` or a message of its own."""
        phrases, full = self.desk.phrases(request), "f" in flags
        try:
            job_id = await self.desk.workers.run(
                lambda: self.desk.administration.start_reindex(full, True, started_by=request.by)
            )
            said = phrases.admin.looking + "……"
        except JobConflictError as conflict:
            job_id, said = conflict.job_id, phrases.reindex_conflict.format(job_id=conflict.job_id)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the administrator gets a word
            await self.desk.say(request, explain(error, request, phrases))
            return
        if message_id is None:
            message_id = await self.desk.messenger.send(request.place, Outgoing((Run(said),)))
        await self.following.follow(request, job_id, message_id, flags=flags)

    async def start_new(self, request: Incoming, begin: Callable[[], str], said: str, message_id: int) -> str | None:
        """Start a re-index and follow it below ``said``; the id of the job that runs already, where one does."""
        try:
            job_id = await self.desk.workers.run(begin)
        except JobConflictError as conflict:
            await self.desk.acknowledge(request)
            return conflict.job_id
        await self.desk.acknowledge(request)
        await self.following.edit(request.place, message_id, Outgoing((Run(said),)))
        started = self.desk.phrases(request).reindex_started.format(job_id=job_id)
        progress_id = await self.desk.messenger.send(request.place, Outgoing((Run(started),)))
        await self.following.follow(request, job_id, progress_id)
        return None

    # buttons

    async def _start(self, request: Incoming, button: Pressed) -> None:
        assert request.message_id is not None
        full, allow, administration = "f" in button.more, "a" in button.more, self.desk.administration
        try:
            job_id = await self.desk.workers.run(
                lambda: administration.start_previewed(button.subject, full, allow, started_by=request.by)
            )
        except JobConflictError as conflict:
            job_id = conflict.job_id
        except (PreviewOutdatedError, UnknownJobError):
            outdated = self.desk.phrases(request).admin.outdated
            await self.desk.acknowledge(request, outdated)
            await self._close(request, button.subject, outdated)
            return
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
            await self._explain(request, error)
            return
        await self.desk.acknowledge(request)
        await self.following.follow(request, job_id, request.message_id)

    async def _cancel(self, request: Incoming, button: Pressed) -> None:
        try:
            await self.desk.workers.run(lambda: self.desk.administration.cancel_preview(button.subject, by=request.by))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
            await self._explain(request, error)
            return
        await self.desk.acknowledge(request)
        await self._close(request, button.subject, self.desk.phrases(request).admin.cancelled)

    async def _close(self, request: Incoming, job_id: str, note: str) -> None:
        """Leave a job's message as it is, without its buttons, and with a note how it ended."""
        assert request.message_id is not None
        try:
            job = await self.following.looked_at(job_id)
        except UnknownJobError:
            job = None
        text: StyledText = job_text(job, self.desk.phrases(request)) if job is not None else ()
        ending = Run(f"\n\n{note}" if text else note, bold=True)
        await self.following.edit(request.place, request.message_id, Outgoing((*text, ending)))

    async def _follow_again(self, request: Incoming, button: Pressed) -> None:
        assert request.message_id is not None
        await self.desk.acknowledge(request)
        try:
            await self.following.follow(request, button.subject, request.message_id, flags=button.more)
        except UnknownJobError:
            await self._close(request, button.subject, self.desk.phrases(request).admin.pressed_late)

    async def _preview_here(self, request: Incoming, button: Pressed) -> None:
        await self.desk.acknowledge(request)
        await self.preview(request, flags=button.more)

    async def _pause(self, request: Incoming, button: Pressed) -> None:
        await self._while_it_runs(request, button, lambda: self.desk.administration.pause_embedding(by=request.by))

    async def _resume(self, request: Incoming, button: Pressed) -> None:
        await self._while_it_runs(request, button, lambda: self.desk.administration.resume_embedding(by=request.by))

    async def _stop(self, request: Incoming, button: Pressed) -> None:
        await self._while_it_runs(
            request, button, lambda: self.desk.administration.stop_job(button.subject, by=request.by)
        )

    async def _while_it_runs(self, request: Incoming, button: Pressed, call: Callable[[], object]) -> None:
        """Carry out an order to a job and show the job on; an order to one that has ended does nothing."""
        assert request.message_id is not None
        late = self.desk.phrases(request).admin.pressed_late

        def carry_out() -> bool:
            active = self.desk.administration.job(button.subject).state not in FINISHED
            if active:
                call()
            return active

        try:
            active = await self.desk.workers.run(carry_out)
        except (UnknownJobError, JobEndedError):
            active = False
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
            await self._explain(request, error)
            return
        await self.desk.acknowledge(request, None if active else late)
        try:
            await self.following.follow(request, button.subject, request.message_id, flags=button.more)
        except UnknownJobError:
            await self.following.edit(request.place, request.message_id, Outgoing((Run(late),)))

    async def _accept(self, request: Incoming, button: Pressed) -> None:
        said = self.desk.phrases(request).admin.accepted
        await self._decide(request, button, said, self.desk.administration.accept_snapshot)

    async def _reject(self, request: Incoming, button: Pressed) -> None:
        said = self.desk.phrases(request).admin.kept_old
        await self._decide(request, button, said, self.desk.administration.reject_snapshot)

    async def _decide(self, request: Incoming, button: Pressed, said: str, decide: Callable[..., None]) -> None:
        try:
            await self.desk.workers.run(lambda: decide(button.subject, by=request.by))
        except SnapshotUnknownError:
            said = self.desk.phrases(request).admin.blocked_gone
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
            await self._explain(request, error)
            return
        await self.desk.acknowledge(request, said)
        await self._close(request, button.more, said)

    async def _explain(self, request: Incoming, error: Exception) -> None:
        """Below the message, which keeps its buttons: the cure may be to press again."""
        await self.desk.acknowledge(request)
        await self.desk.say(request, explain(error, request, self.desk.phrases(request)))

    async def _order(self, request: Incoming, order: str) -> None:
        """/reindex pause, resume, stop: whatever runs."""
        administration, words = self.desk.administration, self.desk.phrases(request).jobs

        def carry_out() -> str:
            if order == "pause":
                administration.pause_embedding(by=request.by)
                return words.pause_asked
            if order == "resume":
                administration.resume_embedding(by=request.by)
                return words.resumed
            job_id = administration.stop_running(by=request.by)
            return words.nothing_runs if job_id is None else words.stop_asked.format(job_id=job_id)

        try:
            said = await self.desk.workers.run(carry_out)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the administrator gets a word
            said = explain(error, request, self.desk.phrases(request))
        await self.desk.say(request, said)
