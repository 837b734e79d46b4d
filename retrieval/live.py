"""The snapshot that serves now: shared by all searches, exchanged for a new one without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.manifest import Fit
from retrieval.snapshot import CURRENT, Snapshot, open_current

CHECK_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Handle:
    """A snapshot with the number of searches that use it; closed after the last one when it is replaced."""

    snapshot: Snapshot
    users: int = 0
    replaced: bool = False


class LiveIndex:
    """Gives out the current snapshot. Looks for a new CURRENT at most once in ``check_seconds``, when it is asked."""

    def __init__(
        self,
        index_dir: Path,
        wanted: Fit,
        *,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._index_dir = index_dir
        self._wanted = wanted
        self._check_seconds = check_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._handle: _Handle | None = None
        self._seen: tuple[int, int, int] | None = None
        self._checked_at = float("-inf")

    @property
    def snapshot_id(self) -> str | None:
        """The snapshot that answers now; None before the first index."""
        try:
            with self.acquire() as snapshot:
                return snapshot.id
        except NoSnapshotError:
            return None

    @contextmanager
    def acquire(self) -> Iterator[Snapshot]:
        """The current snapshot, open until the block is left, whatever is indexed meanwhile.

        Raises: NoSnapshotError; SnapshotDamagedError, SnapshotMismatchError: only where no older one can go on serving.
        """
        self._refresh()
        with self._lock:
            handle = self._handle
            if handle is None:
                raise NoSnapshotError(f"nothing is indexed in {str(self._index_dir)!r} yet; run: yiju index")
            handle.users += 1
        try:
            yield handle.snapshot
        finally:
            with self._lock:
                handle.users -= 1
                unused = handle.replaced and not handle.users
            if unused:
                handle.snapshot.close()

    def close(self) -> None:
        """Let the current snapshot go; a later ``acquire`` opens it again."""
        self._exchange(None)
        self._seen = None
        self._checked_at = float("-inf")

    def _refresh(self) -> None:
        if self._handle is not None and self._clock() - self._checked_at < self._check_seconds:
            return
        # With a snapshot at hand, others go on with it while one opens the new one.
        if not self._opening.acquire(blocking=self._handle is None):
            return
        try:
            self._look_for_new()
        finally:
            self._opening.release()

    def _look_for_new(self) -> None:
        found = self._stamp()
        self._checked_at = self._clock()
        if self._handle is not None and found in (None, self._seen):
            return
        try:
            snapshot = open_current(self._index_dir, self._wanted)
        except SnapshotError as error:
            if self._handle is None:
                raise
            _log.error("the new index cannot be used, the old one goes on serving: %s", error)
            self._seen = found
            return
        self._seen = found
        self._exchange(_Handle(snapshot))

    def _exchange(self, new: _Handle | None) -> None:
        with self._lock:
            old, self._handle = self._handle, new
            if old is not None:
                old.replaced = True
        if old is not None and not old.users:
            old.snapshot.close()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = (self._index_dir / CURRENT).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size
