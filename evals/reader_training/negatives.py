"""Passages that share a question's words and do not answer it: BM25 over pairs of characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from corpus.folding import fold
from retrieval.trained_reader.pairs import words_of

_K1, _B = 1.2, 0.75


class NearestPassages:
    """The passages nearest to a question by words. Built once over all passages; answers many questions at a time."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._columns: dict[str, int] = {}
        rows, columns = [], []
        for row, text in enumerate(texts):
            for word in words_of(fold(text)):
                rows.append(row)
                columns.append(self._columns.setdefault(word, len(self._columns)))
        lengths = np.array([max(len(text), 1) for text in texts], dtype=np.float32)
        counts = np.bincount(columns, minlength=len(self._columns))
        idf = np.log(1 + (len(texts) - counts + 0.5) / (counts + 0.5)).astype(np.float32)
        norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
        values = idf[columns] * ((_K1 + 1) / (1 + norm[rows]))
        shape = (len(self._columns), len(texts))
        self._weights = sparse.csr_matrix((values, (columns, rows)), shape=shape, dtype=np.float32)

    def nearest(self, questions: Sequence[str], count: int, batch: int = 256) -> list[list[int]]:
        """For each question the indices of the ``count`` best passages, best first."""
        found: list[list[int]] = []
        for start in range(0, len(questions), batch):
            some = questions[start : start + batch]
            terms = [[self._columns[w] for w in words_of(fold(q)) if w in self._columns] for q in some]
            rows = [i for i, columns in enumerate(terms) for _ in columns]
            flat = [column for columns in terms for column in columns]
            shape = (len(some), len(self._columns))
            asked = sparse.csr_matrix((np.ones(len(flat), np.float32), (rows, flat)), shape=shape)
            scores = asked @ self._weights
            for row in range(len(some)):
                low, high = scores.indptr[row], scores.indptr[row + 1]
                values, columns = scores.data[low:high], scores.indices[low:high]
                best = np.argsort(-values, kind="stable")[:count]
                found.append([int(columns[i]) for i in best])
        return found
