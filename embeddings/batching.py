"""Cuts tokenised texts into batches of one length under a token budget, so that no work goes into padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]


def batches_of_equal_length(lengths: Sequence[int], *, max_tokens: int) -> Iterator[Positions]:
    """Yield positions of texts, each once, longest first, for a model that needs no mask because it never pads.

    The texts of a batch have one length. A batch has at most ``max_tokens`` tokens; a text
    beyond that is a batch of its own.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        length = lengths[order[start]]
        end = start + 1
        limit = start + max(1, max_tokens // max(1, length))
        while end < min(limit, len(order)) and lengths[order[end]] == length:
            end += 1
        yield order[start:end]
        start = end


def batches_of_like_length(lengths: Sequence[int], *, max_tokens: int) -> Iterator[Positions]:
    """Yield positions of texts, each once, longest first, for a model that pads.

    A batch costs its longest text times its size, at most ``max_tokens``; a text beyond that is a batch of its own.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        size = max(1, max_tokens // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
