"""What can go wrong with sources and stored documents.

CorpusError
├── SourceNotFoundError      the corpus folder or file does not exist or cannot be listed
├── UnreadableFileError      one file cannot be turned into documents; the run goes on without it
├── DocumentNotFoundError    no document with that id in the current snapshot
└── StoreError               the database cannot be read, written or migrated
"""


class CorpusError(Exception):
    """Base of everything this package raises; its message says what happened, what was kept and what to do."""


class SourceNotFoundError(CorpusError):
    """The corpus folder or file does not exist or cannot be listed."""


class UnreadableFileError(CorpusError):
    """One file cannot be turned into documents; the others are not affected."""


class DocumentNotFoundError(CorpusError):
    """No document with that id."""


class StoreError(CorpusError):
    """The database cannot be read, written or migrated."""
