"""Files that an administrator sends: checked and kept aside, shown with those sent together, then added or not.

Nothing joins the corpus before somebody says so.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.channels.telegram.admin_reports import names, upload_message
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.following import sleep_unless
from bot.channels.telegram.reindexing import Pressed, Reindexing
from bot.channels.telegram.requests import Attachment, Button, Incoming, Outgoing
from bot.channels.telegram.text import Run
from bot.errors import BotError
from bot.staging import UploadGoneError
from corpus.errors import CorpusError

_MEGABYTE = 1024 * 1024
# Bots can download files of up to 20 MB from Telegram's own servers.
MAX_UPLOAD_BYTES = 20 * _MEGABYTE
# Files on their way at once, so that an administrator who sends a hundred leaves room for questions.
_AT_ONCE = 2
_MAX_ALBUMS = 200


@dataclass(slots=True)
class _Album:
    """Files that are shown in one message. ``news``: there is something to show that was not shown yet.

    ``showing``: set when whoever shows them now has ended; None where nobody does.
    """

    message_id: int | None = None
    news: bool = False
    showing: asyncio.Event | None = None


@dataclass(frozen=True, slots=True)
class Uploading:
    """Takes files in, and what is said about them."""

    desk: Desk
    reindexing: Reindexing
    ending: asyncio.Event
    suffixes: tuple[str, ...]
    album_seconds: float
    _albums: dict[str, _Album] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def __call__(self, request: Incoming) -> None:
        """A file: kept aside, and shown with those that came with it."""
        attachment = request.attachment
        if attachment is None:
            return
        upload_id = await self._taken(request, attachment)
        if upload_id is not None:
            await self._show(request, upload_id, wait=attachment.album is not None)

    async def pressed(self, request: Incoming) -> None:
        """A button below files that wait."""
        button = Pressed.read(request.text)
        act = {"u": self._add, "w": self._add_and_index, "x": self._discard}.get(button.order)
        if act is None or request.message_id is None:
            await self.desk.acknowledge(request)
            return
        try:
            await act(request, button.subject, request.message_id)
        except UploadGoneError:
            gone = self.desk.phrases(request).admin.upload_gone
            await self.desk.acknowledge(request, gone)
            await self.reindexing.following.edit(request.place, request.message_id, Outgoing((Run(gone),)))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
            await self.desk.acknowledge(request)
            await self.desk.say(request, explain(error, request, self.desk.phrases(request)))

    async def _taken(self, request: Incoming, attachment: Attachment) -> str | None:
        """The id under which the file waits; None after the sender was told why it does not."""
        phrases = self.desk.phrases(request)
        name, size = PurePosixPath(attachment.name.replace("\\", "/")).name, attachment.size or 0
        if not name.lower().endswith(self.suffixes):
            await self._refuse(request, name, phrases.upload_bad_type.format(suffixes=" ".join(self.suffixes)))
            return None
        if size > MAX_UPLOAD_BYTES:
            sizes = {"size_mb": round(size / _MEGABYTE, 1), "max_mb": MAX_UPLOAD_BYTES // _MEGABYTE}
            await self._refuse(request, name, phrases.upload_too_big.format(**sizes))
            return None
        upload_id = _album_id(request, attachment.album)
        try:
            async with self._slots:
                data = await self.desk.messenger.download(attachment.file_id)
                staged = await self.desk.workers.run(
                    lambda: self.desk.administration.stage_upload(upload_id, name, data, by=request.by)
                )
        except (BotError, CorpusError) as error:
            await self._refuse(request, name, str(error))
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the sender gets a word
            await self._refuse(request, name, explain(error, request, phrases))
        else:
            return staged.id
        return None

    async def _refuse(self, request: Incoming, name: str, reason: str) -> None:
        words = self.desk.phrases(request).admin
        await self.desk.say(request, words.refused_file.format(name=name or "?", reason=reason))

    async def _show(self, request: Incoming, upload_id: str, *, wait: bool) -> None:
        """Show what waits in one message; those of an album are waited for, and the first to come shows them all."""
        album = self._albums.setdefault(upload_id, _Album())
        if len(self._albums) > _MAX_ALBUMS:
            self._albums.pop(next(iter(self._albums)))
        album.news = True
        while album.news:
            if album.showing is not None:
                # Not before it is shown has this update been dealt with.
                await album.showing.wait()
                continue
            album.showing = ended = asyncio.Event()
            try:
                await self._show_news(request, upload_id, album, wait=wait)
            finally:
                album.showing = None
                ended.set()

    async def _show_news(self, request: Incoming, upload_id: str, album: _Album, *, wait: bool) -> None:
        while album.news:
            if wait:
                await sleep_unless(self.ending, self.album_seconds)
            album.news = False
            try:
                await self._put(request, upload_id, album)
            except BaseException:
                album.news = True
                raise

    async def _put(self, request: Incoming, upload_id: str, album: _Album) -> None:
        try:
            upload = await asyncio.to_thread(self.desk.administration.staged_upload, upload_id)
        except UploadGoneError:
            self._albums.pop(upload_id, None)
            return
        message = upload_message(upload, self.desk.phrases(request))
        shown = album.message_id is not None and await self.reindexing.following.edit(
            request.place, album.message_id, message
        )
        if not shown:
            album.message_id = await self.desk.messenger.send(request.place, message)

    async def _add(self, request: Incoming, upload_id: str, message_id: int) -> None:
        said = await self._added(request, upload_id)
        await self.desk.acknowledge(request)
        await self._leave(request, message_id, said, index=True)

    async def _add_and_index(self, request: Incoming, upload_id: str, message_id: int) -> None:
        said = await self._added(request, upload_id)
        administration = self.desk.administration
        running = await self.reindexing.start_new(
            request, lambda: administration.start_reindex(started_by=request.by), said, message_id
        )
        if running is not None:
            # It may have read the uploads before these came.
            words = self.desk.phrases(request).admin
            later = words.conflict_after_adding.format(job_id=running)
            await self._leave(request, message_id, f"{said}\n{later}", index=True)

    async def _added(self, request: Incoming, upload_id: str) -> str:
        saved = await self.desk.workers.run(lambda: self.desk.administration.confirm_upload(upload_id, by=request.by))
        self._albums.pop(upload_id, None)
        added = [PurePosixPath(each.source_path).name for each in saved]
        return self.desk.phrases(request).admin.added.format(count=len(added), names=names(added))

    async def _discard(self, request: Incoming, upload_id: str, message_id: int) -> None:
        gone = await self.desk.workers.run(lambda: self.desk.administration.discard_upload(upload_id, by=request.by))
        self._albums.pop(upload_id, None)
        await self.desk.acknowledge(request)
        discarded = names([file.name for file in gone.files])
        said = self.desk.phrases(request).admin.discarded.format(names=discarded)
        await self._leave(request, message_id, said, index=False)

    async def _leave(self, request: Incoming, message_id: int, said: str, *, index: bool) -> None:
        rows = [[Button(self.desk.phrases(request).admin.index_now, "k:d")]] if index else []
        await self.reindexing.following.show(request.place, message_id, Outgoing((Run(said),), rows))


def _album_id(request: Incoming, album: str | None) -> str | None:
    """One id for all files of an album, also after a restart in the middle of it; None for a file that came alone."""
    if album is None:
        return None
    named = f"{request.place.chat_id}/{request.user_id}/{album}"
    return f"a{hashlib.sha256(named.encode()).hexdigest()[:20]}"
