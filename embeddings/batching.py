"""Cuts tokenised texts into batches of like length under a token budget, so that little work goes into padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def batches_by_length(lengths: Sequence[int], *, max_tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield positions of texts, longest first, each once.

    A batch costs its longest text times its size, at most ``max_tokens``; a text beyond that is a batch of its own.
    Longest first: what does not fit in memory fails at once, and the last batches are short ones that end together.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        size = max(1, max_tokens // longest)
        yield order[start : start + size]
        start += size
