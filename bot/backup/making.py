"""`yiju backup`: one state of database, serving snapshot and uploads in one file, while all of them are in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from bot.backup import archive
from bot.backup.contents import DATABASE, INDEX, UPLOADS, Contents, IndexContents, missing_versions, program_version
from bot.backup.places import MIB, Places, Progress
from corpus.database_copy import copy_to_file, is_sqlite, opened_copy
from corpus.store import DocumentStore
from retrieval import durable
from retrieval.errors import BackupError, NoSnapshotError
from retrieval.manifest import MANIFEST, Manifest, is_lock, snapshot_files
from retrieval.snapshot import current_folder

# How often another snapshot may be switched to, and the old one deleted, before a backup gives up.
_ATTEMPTS = 5
# A file that is being uploaded has such a name until it is whole.
_UNFINISHED = ".upload-"
_PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was written."""

    file: Path
    size_bytes: int
    contents: Contents
    uploads: int


def make_backup(
    places: Places,
    engine: Engine,
    file: Path,
    *,
    with_database: bool = True,
    with_index: bool = True,
    progress: Progress = lambda *_: None,
) -> BackupReport:
    """Write a backup; questions, uploads and index runs go on.

    Raises: BackupError: the file exists or cannot be written, the index is not that of the database, the database is
    PostgreSQL; StoreError, SnapshotError: what is to be backed up is damaged.
    """
    archive.suffix_of(file)
    if not with_database and not with_index:
        raise BackupError("without database and index there is nothing but uploads to back up; leave one of them in")
    if with_database and not is_sqlite(engine):
        raise BackupError(
            "the database is PostgreSQL, which has its own backup; run: pg_dump, and for the index and the uploads: "
            "yiju backup FILE --without-database (first, since a database may be newer than an index, not older)"
        )
    with places.alone(), _workplace(places) as work:
        snapshot = _held_state(places, engine, work, with_database, with_index, progress)
        contents = Contents(
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            store_id=DocumentStore(engine).store_id(),
            database=with_database,
            index=None if snapshot is None else IndexContents.of(snapshot),
            yiju=program_version(),
        )
        uploads = _write(places, work, file, contents, snapshot, progress)
    return BackupReport(file, file.stat().st_size, contents, uploads)


@contextmanager
def _workplace(places: Places) -> Iterator[Path]:
    """An empty folder beside the index, so that files can be linked; what a killed backup left in it goes."""
    work = places.backup_work
    durable.remove_tree(work)
    try:
        work.mkdir()
        yield work
    except OSError as error:
        raise BackupError(
            f"{str(work)!r} cannot be written ({error.strerror or error}), which a backup needs for a copy of the "
            "database; free space or give write access; nothing was changed"
        ) from error
    finally:
        durable.remove_tree(work)


def _held_state(
    places: Places, engine: Engine, work: Path, with_database: bool, with_index: bool, progress: Progress
) -> Manifest | None:
    """Link the serving snapshot, then copy the database: it only grows, so it holds all that the snapshot names."""
    lacking = 0
    for _ in range(_ATTEMPTS):
        try:
            snapshot = _link_snapshot(places, work) if with_index else None
        except FileNotFoundError:
            continue  # it was replaced and deleted just now
        if with_database:
            _copy_database(engine, work / DATABASE, progress)
        lacking = _lacking(engine, work, snapshot, with_database)
        if not lacking:
            return snapshot
        (work / DATABASE).unlink(missing_ok=True)
    raise BackupError(
        f"the database lacks {lacking} documents of the serving index; run: yiju index --full, or leave the index "
        "out: yiju backup FILE --without-index"
        if lacking
        else "the index is replaced faster than it can be held; wait for the index runs to end, then try again"
    )


def _link_snapshot(places: Places, work: Path) -> Manifest | None:
    linked = work / INDEX
    durable.remove_tree(linked)
    try:
        folder = current_folder(places.index_dir)
    except NoSnapshotError:
        return None
    durable.link_tree(folder, linked, skip=is_lock)
    return Manifest.read(linked)


def _copy_database(engine: Engine, target: Path, progress: Progress) -> None:
    def on_pages(done: int, total: int) -> None:
        progress("database", done * _PAGE_BYTES // MIB, total * _PAGE_BYTES // MIB)

    copy_to_file(engine, target, on_pages)


def _lacking(engine: Engine, work: Path, snapshot: Manifest | None, with_database: bool) -> int:
    if snapshot is None:
        return 0
    if not with_database:
        return _not_of(engine, work, snapshot)
    with opened_copy(work / DATABASE) as copy:
        return _not_of(copy, work, snapshot)


def _not_of(engine: Engine, work: Path, snapshot: Manifest) -> int:
    if snapshot.store_id != DocumentStore(engine).store_id():
        return snapshot.documents
    return missing_versions(engine, work / INDEX)


def _write(
    places: Places, work: Path, file: Path, contents: Contents, snapshot: Manifest | None, progress: Progress
) -> int:
    uploads = _uploads(places.uploads_dir)
    paths = [path for path in work.rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in paths) + sum(size for _, size in uploads)

    def on_bytes(done: int) -> None:
        progress("files", min(done, total) // MIB, total // MIB)

    with archive.writing(file, contents.as_json(), on_bytes) as writer:
        if contents.database:
            with (work / DATABASE).open("rb") as copy:
                writer.add(DATABASE, copy)
        if snapshot is not None:
            _add_snapshot(writer, work / INDEX, snapshot)
        return _add_uploads(writer, places.uploads_dir, [name for name, _ in uploads])


def _add_snapshot(writer: archive.ArchiveWriter, folder: Path, snapshot: Manifest) -> None:
    """Each file is compared with what the manifest says of it on the way."""
    for name in [MANIFEST, *snapshot_files(folder)]:
        with (folder / name).open("rb") as file:
            written = writer.add(INDEX + name, file)
        if name != MANIFEST and snapshot.checksums.get(name) != written.sha256:
            raise BackupError(
                f"the serving index is damaged: {name} of snapshot {snapshot.snapshot!r} has another checksum than its "
                "manifest says; nothing was written; run: yiju index --full, or leave the index out: "
                "yiju backup FILE --without-index"
            )


def _uploads(folder: Path) -> list[tuple[str, int]]:
    """Every uploaded file by its path in the folder, with its size; those that are deleted meanwhile are left out."""
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        try:
            if path.is_file() and not path.name.startswith(_UNFINISHED):
                found.append((path.relative_to(folder).as_posix(), path.stat().st_size))
        except FileNotFoundError:
            continue
    return found


def _add_uploads(writer: archive.ArchiveWriter, folder: Path, names: list[str]) -> int:
    added = 0
    for name in names:
        try:
            file = (folder / name).open("rb")
        except FileNotFoundError:
            continue
        with file:
            writer.add(UPLOADS + name, file)
        added += 1
    return added
