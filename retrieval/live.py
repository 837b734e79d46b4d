"""The snapshot that serves now: shared by all searches, exchanged for a new one without a restart.

A thread of its own opens what is switched to, so that no question does; one that begins after the switch waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.manifest import Fit, Manifest
from retrieval.snapshot import CURRENT, Snapshot, current_folder

CHECK_SECONDS = 0.1
# How long questions wait for a snapshot that is switched to before the one before answers them.
OPENING_SECONDS = 5.0
# After a failure that says nothing about the snapshot: too many open files, no memory.
_RETRY_SECONDS = 5.0
_log = logging.getLogger(__name__)
_Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _Handle:
    """A snapshot with the number of searches that use it; closed after the last one when it is replaced."""

    snapshot: Snapshot
    users: int = 0
    replaced: bool = False


class LiveIndex:
    """Gives out the current snapshot, of whatever model: ``prepare`` is given each one before it serves.

    A question that begins after a switch is answered by the new snapshot. Only where opening that takes longer than
    ``opening_seconds``, or fails, does the one before go on.
    """

    def __init__(
        self,
        index_dir: Path,
        wanted: Fit,
        *,
        prepare: Callable[[Snapshot], object] = lambda snapshot: None,
        check_seconds: float = CHECK_SECONDS,
        opening_seconds: float = OPENING_SECONDS,
    ) -> None:
        self.index_dir = index_dir
        self._wanted = wanted
        self._prepare = prepare
        self._check_seconds = check_seconds
        self._opening_seconds = opening_seconds
        self._lock = threading.Lock()
        self._looked = threading.Condition(self._lock)
        self._opening = threading.Lock()
        self._handle: _Handle | None = None
        self._watch: _Watch | None = None
        # The CURRENT that was opened last, or could not be; looks at it that began and that are over.
        self._seen: _Stamp | None = None
        self._begun = self._done = 0
        self._retry_at = float("inf")
        # The CURRENT that questions wait for, until when, and the one that a late opening was logged of.
        self._late_for: _Stamp | None = None
        self._late_told: _Stamp | None = None
        self._late_at = 0.0

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
        handle = self._taken()
        try:
            yield handle.snapshot
        finally:
            with self._lock:
                handle.users -= 1
                unused = handle.replaced and not handle.users
            if unused:
                handle.snapshot.close()

    def close(self) -> None:
        """Let the current snapshot go and stop looking; a later ``acquire`` opens it again."""
        with self._lock:
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()
        with self._opening:
            self._exchange(None)
            self._seen = None

    def look(self) -> None:
        """Open what CURRENT names now, if that is new. Raises: as ``acquire``, where there is none to go on with."""
        with self._opening:
            with self._lock:
                self._begun += 1
                look = self._begun
            found = self._stamp()
            try:
                self._open(found)
            finally:
                with self._looked:
                    self._done = look
                    self._looked.notify_all()

    def _taken(self) -> _Handle:
        found = self._stamp()
        if self._handle is None:
            self._open_first()
        elif found not in (None, self._seen):
            self._wait_for(found)
        with self._lock:
            handle = self._handle
            if handle is None:
                raise NoSnapshotError(f"nothing is indexed in {str(self.index_dir)!r} yet; run: yiju index")
            handle.users += 1
            return handle

    def _open_first(self) -> None:
        """Many questions at once open it once."""
        with self._opening:
            if self._handle is None:
                self._open(self._stamp())
        with self._lock:
            if self._watch is None:
                self._watch = _Watch(self, self._check_seconds)

    def _wait_for(self, stamp: _Stamp | None) -> None:
        """Until what CURRENT names is open, or could not be opened, or has taken its time."""
        with self._looked:
            if self._late_for != stamp:
                self._late_for, self._late_at = stamp, time.monotonic() + self._opening_seconds
            begun, late_at = self._begun, self._late_at
            watch = self._watch
            if watch is None or time.monotonic() >= late_at:
                return
            watch.wake()
            opened = self._looked.wait_for(
                lambda: self._seen == stamp or self._done > begun, timeout=late_at - time.monotonic()
            )
            late = not opened and self._late_told != stamp
            if late:
                self._late_told = stamp
        if late:
            _log.warning(
                "the new index is not open after %.1f s, the old one goes on serving until it is", self._opening_seconds
            )

    def _open(self, found: _Stamp | None) -> None:
        retried = time.monotonic() >= self._retry_at
        if self._handle is not None and not retried and found in (None, self._seen):
            return
        self._retry_at = float("inf")
        try:
            snapshot = self._opened()
        except Exception as error:
            if self._handle is None:
                raise
            if isinstance(error, SnapshotError):
                _log.error("the new index cannot be used, the old one goes on serving: %s", error)
            else:
                _log.exception("the new index could not be opened, the old one goes on serving; it is tried again")
                self._retry_at = time.monotonic() + _RETRY_SECONDS
            self._seen = found
            return
        self._seen = found
        self._exchange(_Handle(snapshot))

    def _opened(self) -> Snapshot:
        folder = current_folder(self.index_dir)
        built = Manifest.read(folder).fit
        snapshot = Snapshot.open(folder, replace(self._wanted, model_id=built.model_id, dim=built.dim))
        try:
            self._prepare(snapshot)
        except BaseException:
            snapshot.close()
            raise
        return snapshot

    def _exchange(self, new: _Handle | None) -> None:
        with self._lock:
            old, self._handle = self._handle, new
            unused = old is not None and not old.users
            if old is not None:
                old.replaced = True
        if old is not None and unused:
            old.snapshot.close()

    def _stamp(self) -> _Stamp | None:
        try:
            status = (self.index_dir / CURRENT).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size


class _Watch:
    """The thread that looks; it ends with the index it looks for."""

    def __init__(self, live: LiveIndex, check_seconds: float) -> None:
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(
            target=self._run, args=(weakref.ref(live), check_seconds), name="index-watch", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._stopped = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, watched: weakref.ref[LiveIndex], check_seconds: float) -> None:
        while True:
            self._wake.wait(check_seconds)
            self._wake.clear()
            live = watched()
            if live is None or self._stopped:
                return
            try:
                live.look()
            except Exception:  # noqa: BLE001 - it was closed meanwhile: the next question opens it, and is told
                _log.debug("nothing serves, and what CURRENT names cannot be opened", exc_info=True)
            del live
