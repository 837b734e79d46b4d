"""From groups of text to batches of numbers, in an order that goes from made questions to those that people wrote."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from evals.reader_training.examples import Group, Row
from retrieval.trained_reader.pairs import PAD, Pair, PairEncoder

# Batches of about equal work; several are cut from one run of the order, so that rows of like length lie together.
TOKENS_A_BATCH = 5120
_GROUPS_A_RUN = 200
_WIDTH_STEP = 32


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """Token ids and kinds; ``starts[i]``, ``ends[i]`` (inclusive) are the tokens of one right place of the answer."""

    ids: np.ndarray
    kinds: np.ndarray
    first: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    relevant: bool | None


@dataclass(frozen=True, slots=True)
class EncodedGroup:
    """One question's rows."""

    human: bool
    rows: tuple[EncodedRow, ...]

    @property
    def longest(self) -> int:
        return max(len(row.ids) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of one step; ``ids`` and ``kinds`` may have rows of padding below the others.

    ``allowed`` and ``starts``/``ends`` are masks [rows, tokens]; ``groups`` [rows].
    """

    ids: Tensor
    kinds: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor
    answered: Tensor
    relevant: Tensor  # 1 relevant, 0 not, -1 not to be ranked by
    groups: Tensor


def encode_groups(groups: Iterable[Group], encoder: PairEncoder) -> Iterator[EncodedGroup]:
    """Rows as numbers; a group whose answer does not fall on tokens of its window is left out."""
    for group in groups:
        rows = [encode_row(group.question, row, encoder) for row in group.rows]
        if rows[0] is not None:
            yield EncodedGroup(group.human, tuple(row for row in rows if row is not None))


def encode_row(question: str, row: Row, encoder: PairEncoder) -> EncodedRow | None:
    """The window that holds most right places; None where the row should have an answer and no window has it whole."""
    windows = [(pair, token_spans(pair, row.spans)) for pair in encoder.encode(question, row.prefix, row.passage)]
    pair, places = max(windows, key=lambda window: len(window[1]))
    if row.spans and not places:
        return None
    starts, ends = zip(*places, strict=True) if places else ((), ())
    kinds = np.array(pair.kinds, dtype=np.int8)
    return EncodedRow(np.array(pair.ids, dtype=np.int32), kinds, pair.first, starts, ends, row.relevant)


def token_spans(pair: Pair, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The tokens, first and last, that cover each span; spans outside the window are left out."""
    found = []
    for low, high in spans:
        covering = [
            i for i in range(pair.first, len(pair)) if pair.offsets[i][0] < high and pair.offsets[i][1] > max(low, 0)
        ]
        if covering and pair.offsets[covering[0]][0] <= low and pair.offsets[covering[-1]][1] >= high:
            found.append((covering[0], covering[-1]))
    return found


def ordered(groups: Sequence[EncodedGroup], chance: random.Random) -> list[EncodedGroup]:
    """Made questions spread over the run and thinned at its end; people's questions ever more often towards it."""
    places = [
        max(chance.random() for _ in range(3))
        if group.human
        else chance.random() * (0.85 if chance.random() < 0.9 else 1)
        for group in groups
    ]
    return [groups[i] for i in sorted(range(len(groups)), key=lambda i: places[i])]


def batches(groups: Sequence[EncodedGroup], chance: random.Random, tokens: int = TOKENS_A_BATCH) -> list[list[int]]:
    """Indices of groups by batch, in the order they are trained on."""
    found: list[list[int]] = []
    for start in range(0, len(groups), _GROUPS_A_RUN):
        run = sorted(range(start, min(start + _GROUPS_A_RUN, len(groups))), key=lambda i: groups[i].longest)
        cut: list[list[int]] = [[]]
        rows = 0
        for index in run:
            group = groups[index]
            if cut[-1] and rows + len(group.rows) > _capacity(_width(group.longest), tokens):
                cut.append([])
                rows = 0
            cut[-1].append(index)
            rows += len(group.rows)
        chance.shuffle(cut)
        found += cut
    return found


def _width(longest: int) -> int:
    return -(-longest // _WIDTH_STEP) * _WIDTH_STEP


def _capacity(width: int, tokens: int) -> int:
    return max(4, tokens // width)


def collate(groups: Sequence[EncodedGroup], tokens: int = TOKENS_A_BATCH) -> Batch:
    """Pad the rows of some groups into one batch."""
    rows = [row for group in groups for row in group.rows]
    width = _width(max(len(row.ids) for row in rows))
    shape = len(rows), width
    # Whole rows of padding fill the batch up: of few shapes, because each one has its own kernels made for it.
    filled = max(_capacity(width, tokens), len(rows)), width
    ids, kinds = np.full(filled, PAD, np.int64), np.zeros(filled, np.int64)
    allowed, starts, ends = (np.zeros(shape, bool) for _ in range(3))
    for i, row in enumerate(rows):
        length = len(row.ids)
        ids[i, :length], kinds[i, :length] = row.ids, row.kinds
        allowed[i, row.first : length - 1] = True
        allowed[i, 0] = True
        starts[i, list(row.starts) or [0]] = True
        ends[i, list(row.ends) or [0]] = True
    label = {True: 1, False: 0, None: -1}
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(kinds),
        torch.from_numpy(allowed),
        torch.from_numpy(starts),
        torch.from_numpy(ends),
        torch.tensor([float(bool(row.starts)) for row in rows]),
        torch.tensor([label[row.relevant] for row in rows]),
        torch.tensor([i for i, group in enumerate(groups) for _ in group.rows]),
    )
