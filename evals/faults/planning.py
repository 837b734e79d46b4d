"""Which faults strike where: the same seed gives the same points."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evals.faults.points import Point
from evals.faults.scenarios import Scenario

# How the kill points are shared out: each kind once for every mention.
KILLS = ("event", "power", "event", "torn", "power", "time", "event")
# Besides, in each scenario: so many full disks and power losses after the end, and a read-only volume.
OTHERS = 3


def plan(scenarios: Sequence[Scenario], kills: int, seed: int, *, others: int = OTHERS) -> list[Point]:
    """``kills`` kill points, spread evenly over scenarios and the length of their runs; with the ``others`` of each."""
    dice = random.Random(seed)
    planned = []
    for place, scenario in enumerate(scenarios):
        count = kills * (place + 1) // len(scenarios) - kills * place // len(scenarios)
        # Every kind meets early and late instants: places along the run are dealt out by chance.
        places = [(step + dice.random()) / count for step in range(count)]
        dice.shuffle(places)
        planned += [
            Point(scenario.name, KILLS[step % len(KILLS)], at, dice.randrange(1 << 30))
            for step, at in enumerate(places)
        ]
        # After the end: what a run has told is done must stay so.
        besides = [("power", 1.0)] * others + [("full", (step + dice.random()) / others) for step in range(others)]
        besides += [("torn", 1.0), ("read-only", 0.0)] if others else []
        planned += [Point(scenario.name, kind, at, dice.randrange(1 << 30)) for kind, at in besides]
    return planned
