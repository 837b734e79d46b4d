"""What can go wrong with snapshots and searching.

RetrievalError
├── SnapshotError
│   ├── NoSnapshotError          nothing has been indexed yet
│   ├── SnapshotDamagedError     a file of the snapshot is missing or has another checksum
│   ├── SnapshotReadOnlyError    the folder of the snapshot cannot be written, which its libraries need
│   ├── SnapshotMismatchError    built with another model, format or chunking than the settings ask for
│   └── SnapshotUnknownError     no finished snapshot has that id
├── SwitchBlockedError           a new snapshot answers worse; the old one serves until an administrator accepts it
├── IndexLockedError             another process is indexing
├── CalibrationError             the trained reader's table is not of the form that this version reads
├── TermsFileError               the file of synonyms cannot be read or is of another form
├── MassRemovalError             the run would remove more than half of the documents
├── IndexingPausedError          an administrator paused embedding; what is embedded so far is kept
├── BackupError                  a backup cannot be written, or is not one that can be restored
└── IndexingFailedError          the run stopped (disk full, read-only); the old snapshot still serves
"""

from __future__ import annotations

from collections.abc import Mapping


class RetrievalError(Exception):
    """Base of everything this package raises; its message says what happened, what was kept and the cure."""


class SnapshotError(RetrievalError):
    """A snapshot cannot be opened."""


class NoSnapshotError(SnapshotError):
    """Nothing has been indexed yet."""


class SnapshotDamagedError(SnapshotError):
    """A file of the snapshot is missing or has another checksum."""


class SnapshotReadOnlyError(SnapshotError):
    """The folder of the snapshot cannot be written: the lexical index takes a lock file even to be read."""


class SnapshotMismatchError(SnapshotError):
    """Built with another model, format or chunking than the settings ask for."""


class SnapshotUnknownError(SnapshotError):
    """No finished snapshot has that id."""


class SwitchBlockedError(RetrievalError):
    """A finished snapshot was not switched to: ``candidate`` is its id, ``reasons`` why, ``report`` the comparison."""

    def __init__(self, candidate: str, reasons: str, report: Mapping[str, object] | None = None) -> None:
        super().__init__(
            f"snapshot {candidate!r} was built but is not served: {reasons}; the old one goes on serving. "
            f"To serve it all the same, run: yiju snapshots accept {candidate}"
        )
        self.candidate = candidate
        self.reasons = reasons
        self.report = report


class IndexLockedError(RetrievalError):
    """Another process is indexing."""


class CalibrationError(RetrievalError):
    """The trained reader's table is not of the form that this version reads."""


class TermsFileError(RetrievalError):
    """The file of synonyms cannot be read or is of another form."""


class MassRemovalError(RetrievalError):
    """The run would remove more than half of the documents."""


class IndexingPausedError(RetrievalError):
    """An administrator paused embedding; what is embedded so far is kept."""


class BackupError(RetrievalError):
    """A backup cannot be written, or is not one that can be restored."""


class IndexingFailedError(RetrievalError):
    """The run stopped; the old snapshot still serves."""
