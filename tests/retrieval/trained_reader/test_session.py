"""Running rows: each alone, in order, the same whatever their company and however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import ModelDamagedError
from retrieval.trained_reader.pairs import Pair
from retrieval.trained_reader.session import Output, ReaderSession


def row(length: int, seed: int = 0) -> Pair:
    draw = np.random.default_rng(seed)
    ids = (0, *map(int, draw.integers(4, 30, length)), 2)
    kinds = tuple(map(int, draw.integers(0, 4, length + 2)))
    return Pair(ids=ids, kinds=kinds, offsets=((-1, -1),) * (length + 2), first=1)


ROWS = [row(length, seed) for seed, length in enumerate((3, 90, 1, 40, 40, 200, 7))]


def same(one: Output, other: Output) -> bool:
    return (
        np.array_equal(one.starts, other.starts)
        and np.array_equal(one.ends, other.ends)
        and (one.relevance, one.answerability) == (other.relevance, other.answerability)
    )


@pytest.fixture(scope="module")
def session(tiny_graph: Path) -> ReaderSession:
    return ReaderSession(tiny_graph, threads=2)


def test_each_row_gets_logits_of_its_own_length_in_order(session: ReaderSession) -> None:
    outputs = session.run(ROWS)
    assert [len(output.starts) for output in outputs] == [len(pair) for pair in ROWS]
    assert [len(output.ends) for output in outputs] == [len(pair) for pair in ROWS]
    assert all(output.starts.dtype == np.float32 for output in outputs)
    assert len({output.relevance for output in outputs}) == len(ROWS)


def test_a_row_gives_the_same_alone_as_in_company(session: ReaderSession) -> None:
    assert all(same(session.run([pair])[0], output) for pair, output in zip(ROWS, session.run(ROWS), strict=True))


def test_no_rows_give_no_outputs(session: ReaderSession) -> None:
    assert session.run([]) == []


def test_kinds_matter(session: ReaderSession) -> None:
    pair = ROWS[1]
    other = Pair(ids=pair.ids, kinds=tuple((kind + 1) % 4 for kind in pair.kinds), offsets=pair.offsets, first=1)
    one, two = session.run([pair, other])
    assert not same(one, two)


def test_several_may_ask_at_once(session: ReaderSession) -> None:
    alone = session.run(ROWS)
    with ThreadPoolExecutor(4) as askers:
        for outputs in askers.map(lambda _: session.run(ROWS), range(8)):
            assert all(same(one, other) for one, other in zip(alone, outputs, strict=True))


def test_a_damaged_graph_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "graph.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelDamagedError, match=r"graph\.onnx cannot be loaded.*delete its folder"):
        ReaderSession(tmp_path / "graph.onnx")
