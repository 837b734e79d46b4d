"""What an index run says while it goes on and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# A file with thousands of bad lines must not flood the report.
MAX_FAILURES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far a phase (``reading``, ``embedding``, ``writing``) is."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """Documents against the snapshot that served before the run."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """One source file: how many of its documents are served, and in words what was left out."""

    path: str
    documents: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a run did. ``snapshot`` is None for a dry run; ``embedded`` counts passages that the model had to embed."""

    snapshot: str | None
    documents: DocumentCounts
    files: tuple[FileReport, ...]
    passages: int
    embedded: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The object that ``yiju index --json`` prints."""
        counts = self.documents
        return {
            "snapshot": self.snapshot,
            "documents": {
                "added": counts.added,
                "changed": counts.changed,
                "removed": counts.removed,
                "unchanged": counts.unchanged,
            },
            "files": [
                {"path": file.path, "documents": file.documents}
                | ({"failure": file.failure} if file.failure is not None else {})
                for file in self.files
            ],
            "passages": self.passages,
            "embedded": self.embedded,
            "seconds": round(self.seconds, 3),
        }


class ProgressListener(Protocol):
    """Hears how far a run is."""

    def __call__(self, progress: IndexProgress, /) -> None:
        """Called often; must return at once."""
        ...


class Phase:
    """Counts the steps of a phase and tells the listener."""

    def __init__(self, name: str, total: int, listener: ProgressListener) -> None:
        self._name = name
        self._total = total
        self._listener = listener
        self._done = 0
        listener(IndexProgress(name, 0, total))

    def advance(self, steps: int) -> None:
        """So many more steps are done."""
        self._done += steps
        self._listener(IndexProgress(self._name, self._done, self._total))


def joined_failures(failures: Sequence[str]) -> str | None:
    """The failures of a file as one text; None where there are none."""
    if not failures:
        return None
    shown = list(failures[:MAX_FAILURES_SHOWN])
    if len(failures) > len(shown):
        shown.append(f"and {len(failures) - len(shown)} more")
    return "; ".join(shown)
