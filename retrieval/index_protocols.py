"""What indexing needs of others: the store, the cache of vectors, and what ``bot`` knows of people's questions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from corpus.store_rows import PassageRow
from embeddings.embedder import Vectors
from retrieval.edited_documents import EditedStore
from retrieval.scan import FileMemory
from retrieval.snapshot import Snapshot


class IndexedStore(FileMemory, EditedStore, Protocol):
    """What indexing needs of the store."""

    def passage_rows(self, versions: Iterable[int]) -> Iterator[PassageRow]:
        """Every passage of the versions."""
        ...

    def retired(self) -> frozenset[str]:
        """Ids of documents that must not be served."""
        ...

    def store_id(self) -> str:
        """Names the database whose rows and versions these are."""
        ...

    def index_turn(self) -> AbstractContextManager[bool]:
        """Hold the right to change the index among all hosts; whether it was free."""
        ...

    def make_durable(self) -> None:
        """All that was stored so far survives a power cut."""
        ...

    def journal(self, pending: Collection[int], failures: Mapping[str, Sequence[str]]) -> None:
        """Note the versions that will be indexed and what failed of each file."""
        ...

    def hold_labels(self, versions: Collection[int]) -> None:
        """Have the labels of these versions hold, in whatever snapshot serves."""
        ...

    def settle(self, served: Collection[int], removed: Collection[str]) -> None:
        """Note the versions that answer, and ids of documents that do so no more."""
        ...

    def prune(self, keep_versions: Collection[int], *, longest_seconds: float) -> int:
        """Delete other versions, as many as there is time for."""
        ...


class VectorMemory(Protocol):
    """What indexing needs of the cache of vectors."""

    def lookup(self, model_id: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The known vectors, shape (dim,), by key."""
        ...

    def store(self, model_id: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Remember vectors, shape (len(keys), dim), durably."""
        ...


class GateVerdict(Protocol):
    """What came of comparing a new snapshot with the old one."""

    @property
    def report(self) -> dict[str, Any]:
        """For people and programs, as JSON."""
        ...

    @property
    def blocked(self) -> str | None:
        """Why the switch must wait for a person; None where it may go on."""
        ...


# Called with the snapshot that served before the run, if any, and the new one, both open.
Gate = Callable[[Snapshot | None, Snapshot], GateVerdict]
# Document ids to how much each is wanted; those left out count 0.
Priority = Callable[[Collection[str]], Mapping[str, float]]
