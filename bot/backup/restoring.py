"""`yiju restore`: puts the state of a backup in the place of what is there, while servers go on.

Everything is unpacked, checked and brought up to date aside; then the database is replaced in one transaction, and
what follows from it can be finished by any process (``switching``).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, update

from bot.backup import archive
from bot.backup.contents import DATABASE, INDEX, UPLOADS, Contents, missing_versions
from bot.backup.places import MIB, Places, Progress
from bot.backup.switching import Note, finish, settle, settle_held, write_note
from bot.state.jobs import ACTIVE, FAILED
from bot.state.store import StateStore
from bot.state.tables import jobs
from corpus.chunking import CHUNKING
from corpus.database import write
from corpus.database_copy import opened_copy, replace_content, shrink_log
from corpus.errors import CorpusError
from corpus.models import store_identity
from corpus.store import DocumentStore
from retrieval import durable
from retrieval.errors import BackupError, RetrievalError, SnapshotError
from retrieval.index_lock import index_lock
from retrieval.manifest import MANIFEST, Fit, Manifest
from retrieval.snapshot import SNAPSHOTS, Snapshot
from retrieval.snapshots import new_id
from retrieval.verified import VERIFIED, remember

_ENDED = "恢复备份时该任务已不在运行，请重新开始。"
_WITHOUT_INDEX = "restore the rest with: yiju restore FILE --without-index, then run: yiju index"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What stands in its place now, or would. ``snapshot``: what serves; None where an index run has to make one."""

    contents: Contents
    snapshot: str | None
    uploads: int


def restore_backup(
    places: Places,
    engine: Engine,
    file: Path,
    *,
    with_index: bool = True,
    check_only: bool = False,
    progress: Progress = lambda *_: None,
) -> RestoreReport:
    """Replace what is there by a backup, or only check that this would work.

    Killed at any instant, it leaves what was there, or what the backup holds once the next yiju process has begun.
    Raises: BackupError: the backup is damaged, newer, does not belong to the database, or there is no room;
    IndexLockedError: an index run is going on; StoreError: the database cannot be replaced.
    """
    settle(places, lambda: _store_id(engine))
    with places.alone(), index_lock(places.index_dir):
        try:
            contents, note, uploads = _prepared(places, engine, file, with_index, progress)
            if not check_only:
                _put_beside(places, note)
                progress("switching", 0, 0)
                _replace_database(places, engine, contents, note)
                finish(places, note)
                shrink_log(engine)
        except OSError as error:
            raise BackupError(
                f"the backup could not be put in place ({error.strerror or error}); free space in "
                f"{str(places.data_dir)!r} or give write access, then restore again. If the database was replaced "
                "already, the rest follows as soon as there is room"
            ) from error
        finally:
            # Nothing is left of it after it was finished; else what was there goes on, or the rest follows.
            with suppress(OSError, CorpusError, RetrievalError):
                settle_held(places, _store_id(engine))
    return RestoreReport(contents, note.snapshot, uploads)


def _prepared(
    places: Places, engine: Engine, file: Path, with_index: bool, progress: Progress
) -> tuple[Contents, Note, int]:
    """Unpack, check and bring up to date aside; nothing that is in use changes."""
    work = places.restore_work
    work.mkdir()
    contents, members = _unpacked(file, work, progress)
    with_index = with_index and contents.index is not None
    if not contents.database and not with_index:
        raise BackupError(f"backup {str(file)!r} would be restored without database and index; nothing was changed")
    note = Note(secrets.token_hex(16), new_id(places.index_dir, datetime.now(UTC)) if with_index else None)
    if contents.database:
        with opened_copy(work / DATABASE) as copy:
            _bring_up_to_date(copy)
            if with_index:
                _check_index(file, work / INDEX, copy)
            write(copy, partial(_as_restored, store_id=note.store_id))
    else:
        _check_index(file, work / INDEX, engine)
    return contents, note, sum(name.startswith(UPLOADS) for name in members)


def _unpacked(file: Path, work: Path, progress: Progress) -> tuple[Contents, Collection[str]]:
    total = file.stat().st_size if file.exists() else 0

    def on_bytes(done: int) -> None:
        progress("unpacking", done // MIB, max(done, total) // MIB)

    with archive.reading(file, on_bytes) as reader:
        contents = Contents.of_json(reader.head)
        members = reader.extract(work)
    if contents.database != (DATABASE in members) or (contents.index is None) == (INDEX + MANIFEST in members):
        raise archive.damaged(file, "it does not hold what its head says")
    return contents, members


def _bring_up_to_date(copy: Engine) -> None:
    """Raises: StoreError: it was written by a newer program."""
    DocumentStore(copy).migrate()
    StateStore(copy).migrate()


def _as_restored(connection: Connection, *, store_id: str) -> None:
    # The index of the backup is the only one that fits to it: later ones may name other documents by the same numbers.
    connection.execute(update(store_identity).values(store_id=store_id))
    connection.execute(update(jobs).where(jobs.c.state.in_(ACTIVE)).values(state=FAILED, error=_ENDED))


def _check_index(file: Path, folder: Path, engine: Engine) -> None:
    """Raises: BackupError: this program cannot serve it, or not with this database."""
    try:
        manifest = Manifest.read(folder)
        # Another model is no hindrance: the embedder goes with the index.
        wanted = Fit(model_id=manifest.fit.model_id, dim=manifest.fit.dim, chunking=CHUNKING)
        Snapshot.open(folder, wanted, checked=True).close()
    except SnapshotError as error:
        raise BackupError(f"the index in {str(file)!r} cannot be served ({error}); {_WITHOUT_INDEX}") from error
    if manifest.store_id != DocumentStore(engine).store_id() or missing_versions(engine, folder):
        raise BackupError(
            f"the index in {str(file)!r} was built from another database than the one it would serve with; restore "
            f"the dump of that database first, or {_WITHOUT_INDEX}"
        )


def _put_beside(places: Places, note: Note) -> None:
    """Have all of it on the disk, the snapshot where it will serve from; nothing names it yet."""
    work = places.restore_work
    (work / UPLOADS).mkdir(exist_ok=True)
    durable.sync_tree(work / UPLOADS)
    write_note(places, note)
    if note.snapshot is None:
        return
    staged = work / INDEX
    manifest = Manifest.read(staged)
    replace(manifest, snapshot=note.snapshot, store_id=note.store_id, parent=None).write(staged)
    durable.sync_tree(staged)
    target = places.index_dir / SNAPSHOTS / note.snapshot
    target.parent.mkdir(parents=True, exist_ok=True)
    durable.rename(staged, target)
    remember(target, manifest.checksums, places.index_dir / VERIFIED)


def _replace_database(places: Places, engine: Engine, contents: Contents, note: Note) -> None:
    """The one step before which nothing has changed and after which the rest must follow."""
    if contents.database:
        replace_content(engine, places.restore_work / DATABASE)
    else:
        write(engine, partial(_as_restored, store_id=note.store_id))
        DocumentStore(engine).make_durable()


def _store_id(engine: Engine) -> str:
    store = DocumentStore(engine)
    store.migrate()
    return store.store_id()
