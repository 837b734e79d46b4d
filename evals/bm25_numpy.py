"""BM25 in numpy, as a fair plain stand-in for a search engine: postings by term, scores worked out beforehand.

Postings lie term by term (compressed sparse rows). A search adds the posting lists of its terms into one array of
scores and takes the largest; nothing is skipped, as nothing can be without the machinery of an engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

# Those of tantivy.
K1, B = 1.2, 0.75
_BLOCK = 50_000
_MOST_COUNTED = 255
_STARTS, _DOCUMENTS, _FREQUENCIES, _LENGTHS, _TERMS = (
    "starts.npy",
    "documents.npy",
    "frequencies.npy",
    "lengths.npy",
    "terms.json",
)
Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


class Postings:
    """Where each term occurs and how often, for texts numbered from 0."""

    def __init__(
        self,
        terms: dict[str, int],
        starts: npt.NDArray[np.int64],
        documents: Numbers,
        frequencies: npt.NDArray[np.uint8],
        lengths: Numbers,
    ) -> None:
        self.terms = terms
        self.starts = starts
        self.documents = documents
        self.frequencies = frequencies
        self.lengths = lengths

    def write(self, folder: Path) -> None:
        """Into a folder, made where it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _STARTS, self.starts)
        np.save(folder / _DOCUMENTS, self.documents)
        np.save(folder / _FREQUENCIES, self.frequencies)
        np.save(folder / _LENGTHS, self.lengths)
        (folder / _TERMS).write_text(json.dumps(list(self.terms), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Postings:
        """Those of a folder, mapped into memory."""
        terms = json.loads((folder / _TERMS).read_text(encoding="utf-8"))
        arrays = [np.load(folder / name, mmap_mode="r") for name in (_STARTS, _DOCUMENTS, _FREQUENCIES, _LENGTHS)]
        return cls({term: number for number, term in enumerate(terms)}, *arrays)

    def first(self, count: int) -> Postings:
        """Those of the first ``count`` texts."""
        if count >= len(self.lengths):
            return self
        kept = np.asarray(self.documents) < count
        before = np.zeros(len(kept) + 1, dtype=np.int64)
        np.cumsum(kept, out=before[1:])
        return Postings(
            self.terms,
            before[self.starts],
            self.documents[kept],
            self.frequencies[kept],
            np.asarray(self.lengths[:count]),
        )


def postings_of(texts: Iterable[Sequence[str]]) -> Postings:
    """The postings of texts, each given as its terms."""
    terms: dict[str, int] = {}
    blocks: list[tuple[Numbers, Numbers, npt.NDArray[np.uint8]]] = []
    lengths: list[int] = []
    flat: list[int] = []
    first = 0
    for text in texts:
        flat.extend(terms.setdefault(term, len(terms)) for term in text)
        lengths.append(len(text))
        if len(lengths) - first == _BLOCK:
            blocks.append(_counted(flat, lengths[first:], first))
            flat, first = [], len(lengths)
    blocks.append(_counted(flat, lengths[first:], first))
    numbers = np.concatenate([block[0] for block in blocks])
    # Stable: the texts of a term stay in their order.
    order = np.argsort(numbers, kind="stable")
    starts = np.zeros(len(terms) + 1, dtype=np.int64)
    np.cumsum(np.bincount(numbers, minlength=len(terms)), out=starts[1:])
    return Postings(
        terms,
        starts,
        np.concatenate([block[1] for block in blocks])[order],
        np.concatenate([block[2] for block in blocks])[order],
        np.array(lengths, dtype=np.int32),
    )


def _counted(flat: Sequence[int], lengths: Sequence[int], first: int) -> tuple[Numbers, Numbers, npt.NDArray[np.uint8]]:
    """Term, text and how often, for every pair that occurs in a block of texts."""
    texts = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    pairs, counts = np.unique(texts << 32 | np.array(flat, dtype=np.int64), return_counts=True)
    return (
        (pairs & 0xFFFF_FFFF).astype(np.int32),
        (pairs >> 32).astype(np.int32) + np.int32(first),
        np.minimum(counts, _MOST_COUNTED).astype(np.uint8),
    )


class NumpyBM25:
    """BM25 over postings; what each posting adds to a score is worked out when it is made."""

    def __init__(self, postings: Postings, *, k1: float = K1, b: float = B) -> None:
        self._terms = postings.terms
        self._starts = np.asarray(postings.starts)
        self._documents = np.ascontiguousarray(postings.documents)
        self.count = len(postings.lengths)
        frequencies = np.diff(self._starts)
        idf = np.log1p((self.count - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
        lengths = np.asarray(postings.lengths, dtype=np.float32)
        normed = (k1 * (1 - b + b * lengths / max(float(lengths.mean()), 1e-9))).astype(np.float32)
        counts = np.asarray(postings.frequencies, dtype=np.float32)
        self._weights: Scores = counts * np.float32(k1 + 1)
        counts += normed[self._documents]
        self._weights /= counts
        self._weights *= np.repeat(idf, frequencies)

    def scores(self, terms: Sequence[str]) -> Scores:
        """The score of every text, shape (count,)."""
        scores = np.zeros(self.count, dtype=np.float32)
        for term in dict.fromkeys(terms):
            number = self._terms.get(term)
            if number is not None:
                postings = slice(self._starts[number], self._starts[number + 1])
                # A text stands once in a posting list, so this adds to each.
                scores[self._documents[postings]] += self._weights[postings]
        return scores


def best(scores: Scores, limit: int) -> dict[int, float]:
    """The ``limit`` largest scores above 0 by place, largest first."""
    limit = min(limit, len(scores))
    if limit <= 0:
        return {}
    places = np.argpartition(-scores, limit - 1)[:limit] if limit < len(scores) else np.arange(len(scores))
    places = places[scores[places] > 0]
    places = places[np.lexsort((places, -scores[places]))]
    return dict(zip(places.tolist(), scores[places].tolist(), strict=True))
