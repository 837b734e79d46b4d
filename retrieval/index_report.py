"""What an index run says while it goes on and when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

# A file with thousands of bad lines must not flood the report.
MAX_FAILURES_SHOWN = 10
# A first index of 100,000 documents must not fill the report with their names.
MAX_NAMED = 100
# Less says nothing about how fast a phase is.
_LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far a phase (``reading``, ``embedding``, ``writing``, ``filling``, ``paused``) is.

    ``filling`` is embedding while a new snapshot already answers. ``rate``: steps a second, counting only those that
    took work; ``seconds_left``: for the rest of the phase at that rate. Both None before they can be known.
    """

    phase: str
    done: int
    total: int
    rate: float | None = None
    seconds_left: float | None = None


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
class NamedDocument:
    """A document by its id; ``title`` is "" where it is not known any more."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class ChangedDocuments:
    """At most ``MAX_NAMED`` documents of each kind, in the order of the sources; removed ones by id."""

    added: tuple[NamedDocument, ...] = ()
    changed: tuple[NamedDocument, ...] = ()
    removed: tuple[NamedDocument, ...] = ()

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """As it stands in a report."""
        kinds = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return {kind: [{"id": each.id, "title": each.title} for each in named] for kind, named in kinds.items()}


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a run did. ``snapshot`` is None for a dry run; ``embedded`` counts passages that the model had to embed.

    ``embedded_share``: of the passages that serve after the run, those with a vector, 0 to 1; ``pending``: how many
    have none yet. ``gate``: what comparing the new snapshot with the old one showed. ``rate``: passages a second, by
    side (``lexical``, ``embedding``); a side that did nothing is left out. ``changes``: the first of the documents that
    ``documents`` counts, by name. ``mass_removal``: of a dry run, whether the run itself would have to be allowed to
    remove so many.
    """

    snapshot: str | None
    documents: DocumentCounts
    files: tuple[FileReport, ...]
    passages: int
    embedded: int
    seconds: float
    embedded_share: float = 1.0
    pending: int = 0
    gate: Mapping[str, Any] | None = None
    rate: Mapping[str, float] = field(default_factory=dict)
    changes: ChangedDocuments = ChangedDocuments()
    mass_removal: bool = False

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
            "embedded_share": round(self.embedded_share, 4),
            "pending": self.pending,
            "gate": None if self.gate is None else dict(self.gate),
            "rate": {side: round(rate, 1) for side, rate in self.rate.items()},
            "changes": self.changes.as_json(),
            "mass_removal": self.mass_removal,
        }


class ProgressListener(Protocol):
    """Hears how far a run is. Whatever it raises ends the run; the serving snapshot and what is embedded stay."""

    def __call__(self, progress: IndexProgress, /) -> None:
        """Called often; must return at once."""
        ...


class Phase:
    """Counts the steps of a phase and tells the listener."""

    def __init__(
        self,
        name: str,
        total: int,
        listener: ProgressListener,
        *,
        done: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._total = total
        self._listener = listener
        self._clock = clock
        self._done = done
        self._worked = 0
        self._seconds = 0.0
        self._since = clock()
        self._tell()

    def advance(self, steps: int, *, worked: bool = True) -> None:
        """So many more steps are done; ``worked`` is False where they were found done already."""
        now = self._clock()
        if worked:
            self._worked += steps
            self._seconds += now - self._since
        self._since = now
        self._done += steps
        self._tell()

    def rest(self, name: str) -> None:
        """Say that nothing goes on now, and why; the time does not count."""
        self._listener(IndexProgress(name, self._done, self._total))
        self._since = self._clock()

    @property
    def rate(self) -> float | None:
        """Steps a second so far; None before that can be known."""
        return self._worked / self._seconds if self._worked and self._seconds >= _LEAST_SECONDS else None

    def _tell(self) -> None:
        rate = self.rate
        left = (self._total - self._done) / rate if rate else None
        self._listener(IndexProgress(self._name, self._done, self._total, rate, left))


def joined_failures(failures: Sequence[str]) -> str | None:
    """The failures of a file as one text; None where there are none."""
    if not failures:
        return None
    shown = list(failures[:MAX_FAILURES_SHOWN])
    if len(failures) > len(shown):
        shown.append(f"and {len(failures) - len(shown)} more")
    return "; ".join(shown)
