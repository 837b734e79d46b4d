"""Vectors of passages for an index: known ones from the cache, the others made in small batches and cached at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from corpus.store_rows import PassageRow, chunks
from embeddings.cache import text_key
from embeddings.embedder import Embedder, Vectors, in_background
from retrieval.index_protocols import VectorMemory
from retrieval.index_report import Phase
from retrieval.pacing import Pace


def embedded_text(title: str, heading: str | None, text: str) -> str:
    """What is embedded of a passage: its document's title, its heading and its text, a line each."""
    return "\n".join(part for part in (title, heading, text) if part)


class PassageVectors:
    """Where the vectors of one run come from. ``embedded`` counts the passages that the model had to embed."""

    def __init__(self, embedder: Embedder, cache: VectorMemory, pace: Pace, *, batch: int) -> None:
        self._embedder = embedder
        self._cache = cache
        self._pace = pace
        self._batch = batch
        self.embedded = 0

    @cached_property
    def _behind(self) -> Embedder:
        return in_background(self._embedder)

    def known(self, rows: Sequence[PassageRow]) -> tuple[list[int], Vectors]:
        """The row numbers of those passages whose text is known, and their vectors, shape (len(numbers), dim)."""
        keys = [text_key(_text(row)) for row in rows]
        found = self._cache.lookup(self._embedder.model_id, list(dict.fromkeys(keys)))
        places = [place for place, key in enumerate(keys) if key in found]
        vectors = np.empty((len(places), self._embedder.dim), dtype=np.float32)
        for number, place in enumerate(places):
            vectors[number] = found[keys[place]]
        return [rows[place].row for place in places], vectors

    def made(
        self, rows: Sequence[PassageRow], phase: Phase, *, background: bool
    ) -> Iterator[tuple[list[int], Vectors]]:
        """Row numbers and their vectors, shape (len(numbers), dim), a batch at a time; a text is embedded once.

        What was yielded is in the cache, for good. ``background``: behind questions, and not while paused.
        Raises: EmbeddingError, VectorCacheError; what ``Pace.wait`` raises.
        """
        embedder, wait = (self._behind, self._pace.wait) if background else (self._embedder, self._pace.hurry)
        numbers: dict[bytes, list[int]] = {}
        texts: dict[bytes, str] = {}
        for row in rows:
            text = _text(row)
            key = text_key(text)
            numbers.setdefault(key, []).append(row.row)
            texts[key] = text
        for keys in chunks(texts, self._batch):
            wait(phase)
            vectors = embedder.encode_documents([texts[key] for key in keys])
            self._cache.store(self._embedder.model_id, keys, vectors)
            self.embedded += len(keys)
            counts = [len(numbers[key]) for key in keys]
            phase.advance(sum(counts))
            yield [number for key in keys for number in numbers[key]], np.repeat(vectors, counts, axis=0)


def _text(row: PassageRow) -> str:
    return embedded_text(row.document_title, row.passage.heading, row.passage.text)
