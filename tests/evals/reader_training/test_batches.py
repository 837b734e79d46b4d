from __future__ import annotations

import random

import numpy as np
import torch

from evals.reader_training.batches import EncodedGroup, EncodedRow, batches, collate, ordered, token_spans
from evals.reader_training.train import losses
from retrieval.trained_reader.pairs import PAD, Pair


def row(length: int = 12, *, starts: tuple[int, ...] = (), relevant: bool | None = True) -> EncodedRow:
    ends = tuple(start + 1 for start in starts)
    return EncodedRow(np.arange(3, 3 + length), np.ones(length, np.int8), 5, starts, ends, relevant)


def group(*rows: EncodedRow, human: bool = False) -> EncodedGroup:
    return EncodedGroup(human, rows)


def pair(*offsets: tuple[int, int]) -> Pair:
    return Pair(tuple(range(len(offsets))), (0,) * len(offsets), offsets, 2)


def test_spans_become_the_tokens_that_cover_them() -> None:
    tokens = pair((-1, -1), (-1, -1), (0, 2), (2, 5), (5, 6), (-1, -1))
    assert token_spans(tokens, [(2, 6), (3, 4), (0, 9)]) == [(3, 4), (3, 3)]


def test_batches_hold_every_group_once_and_keep_to_their_size() -> None:
    chance = random.Random(1)
    groups = [group(*[row(chance.randint(20, 300)) for _ in range(chance.randint(1, 3))]) for _ in range(500)]
    cut = batches(groups, chance, tokens=2048)
    assert sorted(i for batch in cut for i in batch) == list(range(500))
    for batch in cut:
        longest = max(groups[i].longest for i in batch)
        rows = sum(len(groups[i].rows) for i in batch)
        assert len(batch) == 1 or rows * longest <= 2048


def test_batches_have_few_shapes() -> None:
    chance = random.Random(2)
    groups = [group(row(chance.randint(20, 300))) for _ in range(400)]
    shapes = {collate([groups[i] for i in batch], 2048).ids.shape for batch in batches(groups, chance, tokens=2048)}
    assert len(shapes) <= 10


def test_people_come_later_than_made_questions() -> None:
    chance = random.Random(3)
    groups = [group(row(), human=i % 2 == 0) for i in range(2000)]
    order = ordered(groups, chance)
    assert len(order) == 2000
    late = sum(each.human for each in order[1600:]) / 400
    early = sum(each.human for each in order[:400]) / 400
    assert early < 0.1 < 0.6 < late


def test_collate_pads_and_marks_what_may_answer() -> None:
    batch = collate([group(row(12, starts=(6,)), row(9, relevant=False))], tokens=320)
    assert batch.ids.shape == (10, 32)
    assert (batch.ids[0, 12:] == PAD).all()
    assert batch.allowed[0].nonzero().flatten().tolist() == [0, *range(5, 11)]
    assert batch.starts[0].nonzero().flatten().tolist() == [6]
    assert batch.ends[1].nonzero().flatten().tolist() == [0]
    assert batch.answered.tolist() == [1.0, 0.0]
    assert batch.relevant.tolist() == [1, 0]


def perfect(batch_rows: list[EncodedRow], strength: float) -> dict[str, float]:
    batch = collate([group(*batch_rows)], tokens=128)
    rows = len(batch.answered)
    spans = torch.zeros(rows, batch.ids.shape[1], 2)
    spans[:, :, 0] = batch.starts * strength
    spans[:, :, 1] = batch.ends * strength
    scores = torch.stack(((batch.relevant == 1).float() - 0.5, batch.answered - 0.5), dim=1) * strength
    return {name: float(part) for name, part in losses(spans, scores, batch).items()}


def test_right_scores_cost_nothing_and_wrong_ones_much() -> None:
    rows = [row(starts=(6,)), row(relevant=False)]
    assert all(part < 1e-3 for part in perfect(rows, 30.0).values())
    assert all(part > 5.0 for part in perfect(rows, -30.0).values())


def test_a_near_miss_is_not_ranked_by() -> None:
    parts = perfect([row(relevant=None)], -30.0)
    assert parts["relevance"] == parts["listwise"] == 0.0
    assert parts["span"] > 5.0


def test_an_event_is_ranked_by_and_not_answered() -> None:
    parts = perfect([row(relevant=True), row(relevant=False)], -30.0)
    assert parts["listwise"] > 5.0
    right_elsewhere = perfect([row(relevant=True), row(relevant=False)], 30.0)
    assert right_elsewhere["span"] < 1e-3
