"""The last steps of a restore, which any process can finish: a note says what is to stand where.

The database is replaced in one transaction, and with it its identity. Before that nothing has changed; after it the
identity is the one in the note, and whoever comes next goes on from there.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.backup.contents import UPLOADS
from bot.backup.places import Places
from retrieval import durable
from retrieval.errors import BackupError, IndexLockedError, RetrievalError
from retrieval.index_lock import index_lock
from retrieval.manifest import Manifest
from retrieval.snapshot import CURRENT, SNAPSHOTS, switch
from retrieval.snapshots import forget_rollback

_NOTE = "note.json"
_REPLACED = "replaced-"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """``store_id``: the identity that the database has once it is replaced. ``snapshot``: what serves then, or None."""

    store_id: str
    snapshot: str | None


def write_note(places: Places, note: Note) -> None:
    """From here on a restore is either undone or finished by whoever comes next. Raises: OSError."""
    durable.write_atomically(places.restore_work / _NOTE, json.dumps(asdict(note)).encode())


def settle(places: Places, store_id: Callable[[], str]) -> bool:
    """Finish or undo a restore whose process died; False where there is none, or one that is still at work.

    ``store_id``: gives the identity that the database has now.
    """
    if not places.restore_work.exists():
        return False
    try:
        with places.alone(), index_lock(places.index_dir):
            settle_held(places, store_id())
    except (BackupError, IndexLockedError):
        return False
    return True


def settle_held(places: Places, store_id: str) -> None:
    """As ``settle``, for who holds both locks; nothing is done where there is nothing. Raises: OSError."""
    if not places.restore_work.exists():
        return
    note = _read_note(places)
    if note is not None and note.store_id == store_id:
        _log.warning("a restore was interrupted after the database was replaced; it is finished now")
        finish(places, note)
    else:
        undo(places, note)


def finish(places: Places, note: Note) -> None:
    """Let the rest follow the database. Doing it again, from wherever it stopped, is harmless. Raises: OSError."""
    current = places.index_dir / CURRENT
    if note.snapshot is not None:
        switch(places.index_dir, note.snapshot)
    elif current.exists():
        current.unlink()
        durable.sync(places.index_dir)
    forget_rollback(places.index_dir)
    _exchange_uploads(places)
    _drop_strangers(places.index_dir, note.store_id)
    (places.restore_work / _NOTE).unlink(missing_ok=True)
    durable.sync(places.restore_work)
    durable.remove_tree(places.restore_work)


def undo(places: Places, note: Note | None) -> None:
    """Leave everything as it was before the restore."""
    if note is not None and note.snapshot is not None:
        durable.remove_tree(places.index_dir / SNAPSHOTS / note.snapshot)
    durable.remove_tree(places.restore_work)


def _read_note(places: Places) -> Note | None:
    try:
        return Note(**json.loads((places.restore_work / _NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _exchange_uploads(places: Places) -> None:
    """What was there is kept aside until the restore is done."""
    staged = places.restore_work / UPLOADS
    if not staged.is_dir():
        return
    if places.uploads_dir.exists():
        durable.rename(places.uploads_dir, places.restore_work / f"{_REPLACED}{secrets.token_hex(4)}")
    durable.rename(staged, places.uploads_dir)


def _drop_strangers(index_dir: Path, store_id: str) -> None:
    """Snapshots of the replaced database can never serve again."""
    root = index_dir / SNAPSHOTS
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        try:
            is_stranger = Manifest.read(folder).store_id != store_id
        except RetrievalError:
            is_stranger = True
        if is_stranger:
            durable.remove_tree(folder)
