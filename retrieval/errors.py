"""What can go wrong with snapshots and searching.

RetrievalError
├── SnapshotError
│   ├── NoSnapshotError          nothing has been indexed yet
│   ├── SnapshotDamagedError     a file of the snapshot is missing or has another checksum
│   ├── SnapshotReadOnlyError    the folder of the snapshot cannot be written, which its libraries need
│   └── SnapshotMismatchError    built with another model, format or chunking than the settings ask for
├── IndexLockedError             another process is indexing
├── CalibrationError             the trained reader's table is not of the form that this version reads
├── TermsFileError               the file of synonyms cannot be read or is of another form
├── MassRemovalError             the run would remove more than half of the documents
└── IndexingFailedError          the run stopped (disk full, read-only); the old snapshot still serves
"""


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


class IndexLockedError(RetrievalError):
    """Another process is indexing."""


class CalibrationError(RetrievalError):
    """The trained reader's table is not of the form that this version reads."""


class TermsFileError(RetrievalError):
    """The file of synonyms cannot be read or is of another form."""


class MassRemovalError(RetrievalError):
    """The run would remove more than half of the documents."""


class IndexingFailedError(RetrievalError):
    """The run stopped; the old snapshot still serves."""
