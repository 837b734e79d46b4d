"""Threads for building search structures, one for each core, in which FAISS works alone.

FAISS's own threads spin while they wait for one another: on cores that also answer questions that took four times as
long, by measurement, as the same work in one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from embeddings.threads import usable_cores
from retrieval.vectors.flat import work_alone


@dataclass(frozen=True, slots=True)
class Workers:
    """Where to run things, and how many at once."""

    threads: ThreadPoolExecutor
    count: int


@contextmanager
def workers() -> Iterator[Workers]:
    """Threads that have the priority of the one that calls, until the context ends."""
    count = usable_cores()
    # The setting is one of each thread, not of the process.
    with ThreadPoolExecutor(count, "vectors", initializer=work_alone) as threads:
        yield Workers(threads, count)
