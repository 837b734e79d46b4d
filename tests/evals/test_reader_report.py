"""What the reader's benchmark keeps, prints and draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evals.reader_latency import EveryTerm, whole_ask
from evals.reader_record import Record
from evals.reader_table import table
from evals.reading_figures import Read, closeness, refusal, reliability
from evals.reliability_plot import reliability_svg

READS = [
    Read(True, 0.9, True, True, True, True, 1.0),
    Read(True, 0.4, True, True, False, False, 0.5),
    Read(False, 0.2, True, False, False, False, 0.0),
]
RANKS = {"hit@1": 0.5, "hit@5": 1.0, "mrr@10": 0.75}
MEASURED = {"commit": "abc", "date": "2026-01-01"}


def figures() -> dict[str, Any]:
    there = {"removed": refusal(READS, 0.5), "removed, strictly": refusal(READS, 0.5)}
    opened = dict.fromkeys(
        ("answer_accuracy", "citation_accuracy", "exact_match", "f1", "refusal_recall", "refusal_auroc"), 0.5
    )
    return {
        "reading": {"roads": {"rules": closeness(READS) | {"seconds": 1.0}, "measured": MEASURED}},
        "ranking": {"roads": {"questions": 2, "fusion": RANKS, "rules": RANKS, "measured": MEASURED}},
        "open": {"roads": {"rules": {"questions": 3, **opened}, "measured": MEASURED}},
        "refusal": {
            "roads": {"rules": there, "measured": MEASURED},
            "all sets": {
                "rules": {**there, "threshold": 0.5, "reliability": reliability(READS)},
                "measured": MEASURED,
            },
        },
        "latency": {
            "made passages": {
                "rules": {"passages_8": {"p50_ms": 4.0, "p95_ms": 5.0, "rounds": 20}},
                "ask_benchmark": {
                    "run": {},
                    "bundled": {"whole ask": {"p50_ms": 9.0, "p95_ms": 12.0, "count": 5}, "ratio": 0.9},
                },
                "threads": 2,
                "measured": MEASURED,
            }
        },
    }


def test_every_part_has_its_table() -> None:
    shown = table(figures())
    for words in ("roads", "rules", "fusion", "removed, strictly", "reliability", "whole ask, bundled"):
        assert words in shown


def test_nothing_measured_is_an_empty_table() -> None:
    assert table({}) == ""


def test_figures_of_other_runs_stay(tmp_path: Path) -> None:
    path = tmp_path / "results" / "reader.json"
    Record(path, "first").keep("reading", "roads", {"rules": {"em": 0.5}})
    second = Record(path, "second")
    second.keep("ranking", "roads", {"fusion": RANKS})
    kept = Record(path, "third").figures
    assert kept["reading"]["roads"]["rules"] == {"em": 0.5}
    assert kept["ranking"]["roads"]["fusion"] == RANKS
    assert kept["run"]["command"] == "second"
    assert [each.name for each in path.parent.iterdir()] == ["reader.json"]


def test_a_set_is_known_as_measured_by_this_commit_alone(tmp_path: Path) -> None:
    record = Record(tmp_path / "reader.json", "here")
    assert not record.has("reading", "roads")
    record.keep("reading", "roads", {})
    assert record.has("reading", "roads")
    record.figures["reading"]["roads"]["measured"]["commit"] = "another"
    assert not record.has("reading", "roads")


def test_the_plot_is_an_svg_with_a_dot_for_each_bin_that_has_readings() -> None:
    root = ElementTree.fromstring(reliability_svg({"rules": reliability(READS), "trained": reliability(READS[:1])}))
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 3 + 1


def test_the_plot_of_nothing_is_drawn() -> None:
    ElementTree.fromstring(reliability_svg({"rules": reliability([])}))
    ElementTree.fromstring(reliability_svg({}))


def test_the_ask_benchmark_may_be_absent(tmp_path: Path) -> None:
    assert whole_ask(tmp_path / "ask.json") == {}


@pytest.mark.parametrize("term", ["", "凉瓜"])
def test_every_term_is_as_rare(term: str) -> None:
    assert EveryTerm().occurs(term)
    assert EveryTerm().idf(term) == 5.0
