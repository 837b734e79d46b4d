"""Which snapshots are kept and which one may serve: list, verify, roll back, accept, reject, block and prune.

``roll_back``, ``accept`` and ``reject`` take the index lock themselves; whoever calls another function that changes
something holds it. No file is touched that another process may have open: names go, and what is open outlives its name.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from retrieval import durable
from retrieval.errors import SnapshotDamagedError, SnapshotError, SnapshotMismatchError, SnapshotUnknownError
from retrieval.index_lock import Turn, index_lock
from retrieval.manifest import BLOCKED, MANIFEST, Manifest
from retrieval.snapshot import CURRENT, SNAPSHOTS, Snapshot, serving_id, snapshot_folder, snapshot_folders, switch
from retrieval.verified import VERIFIED, check_files, remember

KEPT_SNAPSHOTS = 3
BUILDING, REMOVING = ".building-", ".removing-"
ROLLED_BACK = ".rolled-back.json"
_TIME = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What can be told of a snapshot without reading all of it.

    ``bytes``: of all its files; ``own_bytes``: of those it shares with no other, which pruning it would free.
    ``problem``: why it cannot serve, None for one that looks whole. ``blocked``: why it was not switched to.
    """

    id: str
    created_at: str
    documents: int
    passages: int
    embedded: int
    bytes: int
    own_bytes: int
    serving: bool
    problem: str | None
    blocked: str | None

    @property
    def complete(self) -> bool:
        """Whether all of its files are there, in a format that this program reads."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class RolledBack:
    """That an administrator went back to an older snapshot, and when."""

    source: str
    target: str
    since: str


def list_snapshots(index_dir: Path) -> list[SnapshotInfo]:
    """Every finished snapshot, oldest first; damaged ones and those of other formats too."""
    try:
        serving = serving_id(index_dir)
    except SnapshotDamagedError:
        serving = None
    return [_info(folder, serving) for folder in snapshot_folders(index_dir)]


def verify_snapshot(index_dir: Path, snapshot_id: str) -> Manifest:
    """Read every file of a snapshot, compare the checksums and open it. Returns: its manifest.

    Raises: SnapshotUnknownError, SnapshotDamagedError, SnapshotMismatchError (another format), SnapshotReadOnlyError.
    """
    folder = snapshot_folder(index_dir, snapshot_id)
    manifest = Manifest.read(folder)
    check_files(folder, manifest.checksums, None)
    remember(folder, manifest.checksums, index_dir / VERIFIED)
    Snapshot.open(folder, checked=True).close()
    return manifest


def block(index_dir: Path, snapshot_id: str, reasons: str) -> None:
    """Mark a finished snapshot as one that must not be switched to. Raises: SnapshotUnknownError, OSError."""
    said = {"reasons": reasons, "since": _now()}
    content = json.dumps(said, ensure_ascii=False) + "\n"
    durable.write_atomically(snapshot_folder(index_dir, snapshot_id) / BLOCKED, content.encode())


def accept(index_dir: Path, snapshot_id: str, *, store_id: str | None = None, turn: Turn | None = None) -> None:
    """Serve a blocked snapshot all the same. ``store_id``: see ``roll_back``.

    Raises: SnapshotUnknownError: it is not there or not blocked; SnapshotDamagedError, SnapshotMismatchError;
    IndexLockedError; OSError. CURRENT is then as it was.
    """
    with index_lock(index_dir, turn):
        folder = snapshot_folder(index_dir, snapshot_id)
        if blocked_reasons(folder) is None:
            raise SnapshotUnknownError(
                f"snapshot {snapshot_id!r} is not blocked, there is nothing to accept; to serve it, run: "
                f"yiju snapshots rollback {snapshot_id}"
            )
        _check_servable(index_dir, snapshot_id, store_id)
        remove_abandoned(index_dir)
        switch(index_dir, snapshot_id)
        (folder / BLOCKED).unlink(missing_ok=True)
        durable.sync(folder)
        forget_rollback(index_dir)


def reject(index_dir: Path, snapshot_id: str, *, turn: Turn | None = None) -> None:
    """Delete a blocked snapshot: what serves goes on serving, and nothing waits any more.

    Raises: SnapshotUnknownError: it is not there or not blocked; IndexLockedError; OSError.
    """
    with index_lock(index_dir, turn):
        folder = snapshot_folder(index_dir, snapshot_id)
        if blocked_reasons(folder) is None or snapshot_id == serving_id(index_dir):
            raise SnapshotUnknownError(f"snapshot {snapshot_id!r} does not wait to be accepted, so it is kept")
        delete_snapshot(folder)


def roll_back(index_dir: Path, snapshot_id: str, *, store_id: str | None = None, turn: Turn | None = None) -> None:
    """Serve an older (or again a newer) snapshot, read whole before; remembered for ``rolled_back``.

    ``store_id``: the identity of the database; None leaves it unchecked. Raises: SnapshotUnknownError: it is not there,
    or blocked; SnapshotDamagedError; SnapshotMismatchError: another format or database; IndexLockedError; OSError.
    CURRENT is then as it was.
    """
    with index_lock(index_dir, turn):
        folder = snapshot_folder(index_dir, snapshot_id)
        serving = serving_id(index_dir)
        reasons = blocked_reasons(folder) if snapshot_id != serving else None
        if reasons is not None:
            raise SnapshotUnknownError(
                f"snapshot {snapshot_id!r} never served, it is blocked: {reasons}; to serve it all the same, run: "
                f"yiju snapshots accept {snapshot_id}"
            )
        _check_servable(index_dir, snapshot_id, store_id)
        remove_abandoned(index_dir)
        if snapshot_id == serving:
            return
        said = {"source": serving, "target": snapshot_id, "since": _now()}
        durable.write_atomically(index_dir / ROLLED_BACK, json.dumps(said).encode())
        switch(index_dir, snapshot_id)


def rolled_back(index_dir: Path) -> RolledBack | None:
    """That the serving snapshot is one that was gone back to: the next run brings it in line with the sources again."""
    try:
        said = json.loads((index_dir / ROLLED_BACK).read_text(encoding="utf-8"))
        note = RolledBack(str(said["source"]), str(said["target"]), str(said["since"]))
        return note if note.target == serving_id(index_dir) else None
    except (OSError, ValueError, KeyError, TypeError, SnapshotDamagedError):
        return None


def forget_rollback(index_dir: Path) -> None:
    """Another snapshot was switched to since. Without it, ``rolled_back`` sees so too."""
    (index_dir / ROLLED_BACK).unlink(missing_ok=True)


def blocked_reasons(folder: Path) -> str | None:
    """Why the snapshot in a folder must not be switched to; None where nothing is said against it."""
    try:
        return str(json.loads((folder / BLOCKED).read_text(encoding="utf-8"))["reasons"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return "the file that says why cannot be read"


def prune(index_dir: Path, kept: int = KEPT_SNAPSHOTS) -> list[str]:
    """Delete all but the newest ``kept`` and the serving one, and what dead runs left. Returns: the ids that went.

    A blocked snapshot that is newer than the serving one waits for its administrator: neither deleted nor counted.
    Where CURRENT cannot be read nothing is deleted. Raises: OSError.
    """
    try:
        serving = serving_id(index_dir)
    except SnapshotDamagedError:
        return []
    remove_abandoned(index_dir)
    if serving is None:
        return []
    waiting = [path for path in snapshot_folders(index_dir) if path.name > serving and (path / BLOCKED).exists()]
    folders = [path for path in snapshot_folders(index_dir) if path not in waiting]
    old = [path for path in folders[: max(0, len(folders) - max(1, kept))] if path.name != serving]
    for folder in old:
        delete_snapshot(folder)
    return [folder.name for folder in old]


def delete_snapshot(folder: Path) -> None:
    """Delete a finished snapshot that does not serve. Raises: OSError: it is still there, whole."""
    # Its name goes first and at once, so that no crash leaves a snapshot with half of its files.
    going = folder.with_name(f"{REMOVING}{folder.name}")
    durable.rename(folder, going)
    durable.remove_tree(going)


def remove_abandoned(index_dir: Path) -> None:
    """Delete what dead runs left half built or half deleted."""
    root = index_dir / SNAPSHOTS
    if root.is_dir():
        for folder in (*root.glob(f"{BUILDING}*"), *root.glob(f"{REMOVING}*")):
            durable.remove_tree(folder)
    if index_dir.is_dir():
        for file in (*index_dir.glob(f".{CURRENT}.*"), *index_dir.glob(f".{VERIFIED}.*")):
            file.unlink(missing_ok=True)


def new_id(index_dir: Path, now: datetime) -> str:
    """An id that sorts behind those of all snapshots, also where the clock was set back."""
    for folder in reversed(list(snapshot_folders(index_dir))):
        try:
            last = datetime.strptime(folder.name.split("-")[0], _TIME).replace(tzinfo=UTC)
        except ValueError:
            continue
        now = max(now, last + timedelta(microseconds=1))
        break
    return f"{now:{_TIME}}-{secrets.token_hex(3)}"


def _check_servable(index_dir: Path, snapshot_id: str, store_id: str | None) -> None:
    manifest = verify_snapshot(index_dir, snapshot_id)
    if store_id is not None and manifest.store_id != store_id:
        raise SnapshotMismatchError(
            f"snapshot {snapshot_id!r} belongs to database {manifest.store_id!r}, this one is {store_id!r}: its "
            "passages are not here; run: yiju index"
        )


def _info(folder: Path, serving: str | None) -> SnapshotInfo:
    said = _said(folder)
    problem = None
    try:
        manifest = Manifest.read(folder)
        missing = [name for name in manifest.checksums if not (folder / name).is_file()]
        if missing:
            problem = f"{missing[0]} is missing"
    except SnapshotError as error:
        problem = str(error)
    sizes = [os.lstat(path) for path in folder.rglob("*") if path.is_file()]
    return SnapshotInfo(
        id=folder.name,
        created_at=str(said.get("created_at", "")),
        documents=_number(said, "documents"),
        passages=_number(said, "passages"),
        embedded=_number(said, "embedded"),
        bytes=sum(status.st_size for status in sizes),
        own_bytes=sum(status.st_size for status in sizes if status.st_nlink == 1),
        serving=folder.name == serving,
        problem=problem,
        blocked=blocked_reasons(folder),
    )


def _said(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _number(said: dict[str, Any], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) else 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
