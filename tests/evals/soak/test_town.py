"""What a question may be answered with, by when it was sent and what was acknowledged by then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evals.faults.made_corpus import MadeDocument
from evals.index_soak import latencies
from evals.soak.asking import Asked, wrong_with
from evals.soak.town import Town


def answer(number: int, edition: int) -> dict[str, Any]:
    """An answer that cites the road of a document."""
    quote = f"今年新修公路{MadeDocument(number, edition).road}，"
    return {"citations": [{"source_path": f"{number:04}.txt", "quote": quote, "passage": f"前文。{quote}后文。"}]}


def test_a_document_may_answer_until_its_removal_is_acknowledged(tmp_path: Path) -> None:
    town = Town(tmp_path, 2)
    town.remove(1, 10.0)
    assert wrong_with(answer(1, 0), town, 11.0, 12.0) is None
    town.tell(20.0)
    assert wrong_with(answer(1, 0), town, 19.0, 21.0) is None
    assert "is gone and answers" in str(wrong_with(answer(1, 0), town, 20.5, 21.0))
    assert not (tmp_path / "0001.txt").exists()
    assert (town.alive(), town.numbers()) == ([0], [0, 1])


def test_an_edit_may_be_seen_from_its_beginning_and_must_be_once_acknowledged(tmp_path: Path) -> None:
    town = Town(tmp_path, 1)
    town.put(0, 1, 10.0)
    assert town.possible(0, 5.0, 9.0) == {0}
    assert town.possible(0, 5.0, 11.0) == {0, 1}
    assert wrong_with(answer(0, 1), town, 5.0, 11.0) is None
    town.tell(20.0)
    assert town.possible(0, 21.0, 22.0) == {1}
    assert "the answer cites" in str(wrong_with(answer(0, 0), town, 21.0, 22.0))
    assert wrong_with(answer(0, 1), town, 21.0, 22.0) is None


def test_a_retired_document_keeps_its_file(tmp_path: Path) -> None:
    town = Town(tmp_path, 2)
    town.retire(0, 1.0)
    town.tell(2.0, 0)
    assert (tmp_path / "0000.txt").exists()
    assert town.possible(0, 3.0, 4.0) == {None}
    assert town.possible(1, 3.0, 4.0) == {0}


def test_latencies_are_compared_with_the_time_before_any_change() -> None:
    asked = [Asked("before", 0.1 * step, True, True) for step in range(1, 11)]
    asked += [Asked("full", 0.2 * step, True, True) for step in range(1, 11)]
    figures = latencies(asked)
    assert figures["before"]["questions"] == 10
    assert (figures["full"]["p50_ratio"], figures["full"]["p95_ratio"]) == (2.0, 2.0)
    assert latencies([]) == {}
