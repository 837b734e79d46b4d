"""A side in a process of its own, and what can be seen of an index run from outside."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.cache import VectorCache, text_key
from evals.index_process import vectors_kept
from evals.side_process import SideProcess


class Adder:
    """Adds to a number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def plus(self, other: int) -> int:
        return self.number + other

    def fail(self) -> None:
        raise ValueError("数目不符")


def test_calls_are_answered_from_the_other_process() -> None:
    with SideProcess(Adder, 40) as adder:
        assert adder.call("plus", 2) == 42
        assert adder.each("plus", [1, 2, 3]) == [41, 42, 43]


def test_an_error_over_there_is_raised_here() -> None:
    with SideProcess(Adder, 40) as adder, pytest.raises(RuntimeError, match="数目不符"):
        adder.call("fail")


def test_what_cannot_be_made_is_told() -> None:
    with pytest.raises(RuntimeError, match="Adder"):
        SideProcess(Adder)


def test_vectors_that_are_written_again_are_counted(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.db")
    cache.store("model", [text_key("甲"), text_key("乙")], np.ones((2, 4), dtype=np.float32))
    cache.store("model", [text_key("甲")], np.ones((1, 4), dtype=np.float32))
    cache.close()

    assert vectors_kept(tmp_path / "vectors.db") == (2, 1)


def test_a_cache_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert vectors_kept(tmp_path / "vectors.db") == (0, 0)
