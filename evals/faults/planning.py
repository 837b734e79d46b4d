"""Which faults strike where: the same seed gives the same points."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evals.faults.points import Point
from evals.faults.scenarios import Scenario

# How the kill points are shared out: each kind once for every mention.
KILLS = ("event", "power", "event", "torn", "power", "time", "event")
# Besides, in each scenario: a full disk so many times, and a read-only volume once.
FULL_DISKS = 3
AFTER_THE_END = ("power", "power", "power", "torn")


def plan(scenarios: Sequence[Scenario], kills: int, seed: int, *, full_disks: int = FULL_DISKS) -> list[Point]:
    """``kills`` kill points, spread evenly over scenarios and the length of their runs; then the volumes."""
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
        # Some runs are over when the power goes: what they have told is done must stay so.
        planned += [Point(scenario.name, kind, 1.0, dice.randrange(1 << 30)) for kind in AFTER_THE_END]
        volumes = [("full", (step + dice.random()) / full_disks) for step in range(full_disks)] + [("read-only", 0.0)]
        planned += [Point(scenario.name, kind, at, dice.randrange(1 << 30)) for kind, at in volumes if full_disks]
    return planned
