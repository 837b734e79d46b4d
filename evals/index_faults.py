"""Kills, cuts off and fills up an index at random points and checks what answers then. Every failure is printed.

python -m evals.index_faults [--points 240] [--seed 1] [--only NAME] [--out FILE] [--folder DIR]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from evals.faults.points import KINDS, Outcome, Point, Stage, set_stage, try_point
from evals.faults.scenarios import SCENARIOS, Scenario


def plan(scenarios: list[Scenario], points: int, seed: int) -> list[Point]:
    """``points`` faults, spread evenly over scenarios and kinds, and in each over the length of the run."""
    pairs = [(scenario, kind) for scenario in scenarios for kind in KINDS]
    dice = random.Random(seed)
    planned = []
    for place, (scenario, kind) in enumerate(pairs):
        count = (points * (place + 1)) // len(pairs) - (points * place) // len(pairs)
        planned += [
            Point(scenario.name, kind, (step + dice.random()) / count, dice.randrange(1 << 30)) for step in range(count)
        ]
    return planned


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--kind")
    options = parser.parse_args()
    scenarios = [scenario for scenario in SCENARIOS if options.only in (None, scenario.name, scenario.part)]
    stages: dict[str, Stage] = {}
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        for point in plan(scenarios, options.points, options.seed):
            if options.kind not in (None, point.kind):
                continue
            if point.scenario not in stages:
                scenario = next(each for each in scenarios if each.name == point.scenario)
                started = time.monotonic()
                stages[point.scenario] = set_stage(scenario, Path(scratch, scenario.name))
                stage = stages[point.scenario]
                print(scenario.name, len(stage.events), stage.seconds, time.monotonic() - started, stage.after.passages)
            started = time.monotonic()
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                outcome = try_point(stages[point.scenario], point, Path(place))
            outcomes.append(outcome)
            print(f"{time.monotonic() - started:.1f}", outcome, flush=True)
    sys.exit(any(outcome.failures for outcome in outcomes))


if __name__ == "__main__":
    main()
