"""Sentences made up over passages, faithful and not, against the check that a language model's sentences go through.

Writes ``evals/results/llm_support.json``. The rules were made
with one set of sentences and are judged on another.

    python -m evals.llm_support.measure
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answering import support
from bot.answering.support import Support, support_of
from evals.run_record import own_command, run_record

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "llm_support.json"
FAITHFUL = "faithful"
# Written after the rules and thresholds, over other passages; two rules about names were mended after a first look.
UNSEEN = "unseen_"
_COVERAGES = [0.5, 0.55, 0.6, 0.64, 0.68, 0.72, 0.76, 0.8, 0.84, 0.88]
_CLAUSES = [0.0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7]
_RUNS = [2, 3, 4, 5, 6, 99]


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence about a passage, and what the check finds."""

    passage: str
    kind: str
    sentence: str
    found: Support


def read_cases(part: str = "") -> list[Case]:
    """Every sentence, checked against its passage; ``part``: the beginning of the files' names."""
    passages: dict[str, str] = json.loads((HERE / f"{part}passages.json").read_text(encoding="utf-8"))
    lines = (HERE / f"{part}sentences.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Case(row["passage"], row["kind"], row["sentence"], support_of(row["sentence"], [passages[row["passage"]]]))
        for row in rows
    ]


def holds(found: Support, coverage: float, clause: float, run: int) -> bool:
    """The rule with other thresholds."""
    enough = found.coverage >= coverage and found.clause_coverage >= clause and found.new_run <= run
    return enough and not found.faults


def fitted(cases: Sequence[Case]) -> tuple[float, float, int]:
    """The thresholds that let the fewest unfaithful sentences through, then the most faithful ones; the strictest."""

    def worth(thresholds: tuple[float, float, int]) -> tuple[int, int, float]:
        through = [case for case in cases if holds(case.found, *thresholds)]
        wrong = sum(case.kind != FAITHFUL for case in through)
        return -wrong, len(through) - wrong, thresholds[0] + thresholds[1] - thresholds[2] / 100

    return max(itertools.product(_COVERAGES, _CLAUSES, _RUNS), key=worth)


def shares(cases: Sequence[Case], thresholds: tuple[float, float, int]) -> dict[str, dict[str, float]]:
    """How many sentences of each kind are let through."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        kinds[case.kind].append(holds(case.found, *thresholds))
    return {
        kind: {"sentences": len(found), "let_through": sum(found), "share": round(sum(found) / len(found), 3)}
        for kind, found in sorted(kinds.items())
    }


def report() -> dict[str, Any]:
    """Figures of the thresholds in force, on what the rules were made with and on what they never saw."""
    in_force = support.MIN_COVERAGE, support.MIN_CLAUSE_COVERAGE, support.MAX_NEW_RUN
    figures: dict[str, Any] = {"run": run_record(own_command()), "thresholds": in_force}
    for name, part in (("made_with", ""), ("unseen", UNSEEN)):
        cases = read_cases(part)
        figures[name] = {
            "kinds": shares(cases, in_force),
            "best_thresholds": fitted(cases),
            "wrongly_let_through": _wrong(cases, in_force, faithful=False),
            "wrongly_held_back": _wrong(cases, in_force, faithful=True),
        }
    return figures


def _wrong(cases: Sequence[Case], thresholds: tuple[float, float, int], *, faithful: bool) -> list[str]:
    return [
        case.sentence
        for case in cases
        if (case.kind == FAITHFUL) is faithful and holds(case.found, *thresholds) is not faithful
    ]


def main() -> None:
    """Measure and write the results."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    figures = report()
    RESULTS.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
