"""Builds the product's index of the benchmark's first documents, with vectors that are given."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.store_rows import PassageRow
from evals.index_texts import BenchmarkTexts
from evals.neighbour_figures import Vectors
from retrieval.manifest import Fit
from retrieval.snapshot import switch
from retrieval.snapshot_writer import IndexedPassage, LiveVersion, SnapshotWriter

_DOCUMENTS_A_BLOCK = 2000


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def build_index(texts: BenchmarkTexts, matrix: Vectors, documents: int, index_dir: Path, fit: Fit) -> dict[str, Any]:
    """A new index of the first ``documents``, switched to; what stood there before is deleted. Figures of building it.

    ``matrix``: vectors by place, shape (at least the passages, dim).
    """
    shutil.rmtree(index_dir, ignore_errors=True)
    index_dir.mkdir(parents=True)
    clock, place = _Clock(), 0
    with SnapshotWriter(index_dir, fit, base=None, model=None, store_id=texts.store.store_id()) as writer:
        for first in range(0, documents, _DOCUMENTS_A_BLOCK):
            block = slice(first, min(documents, first + _DOCUMENTS_A_BLOCK))
            live = [
                LiveVersion(info.version, info.document_id, info.content_hash)
                for info in texts.store.versions(texts.versions[block].tolist())
            ]
            rows = list(texts.read(block.stop, first=first))
            clock.lap("read_from_the_store")
            writer.add(live, [_indexed(row) for row in rows])
            clock.lap("lexical")
            writer.add_vectors([row.row for row in rows], matrix[place : place + len(rows)])
            clock.lap("vectors_taken_in")
            place += len(rows)
        snapshot_id = writer.finish(fold=True)
        clock.lap("finish")
        switch(index_dir, snapshot_id)
    return {
        "seconds": {stage: round(seconds, 1) for stage, seconds in clock.seconds.items()},
        "seconds_in_all": round(sum(clock.seconds.values()), 1),
        "passages_per_second": round(place / sum(clock.seconds.values())),
        "mib_on_disk": round(sum(path.stat().st_size for path in _files(index_dir)) / (1 << 20)),
    }


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _indexed(row: PassageRow) -> IndexedPassage:
    passage = row.passage
    return IndexedPassage(
        row.row, passage.document_id, row.document_title, passage.heading, passage.text, row.visibility
    )
