"""Kills, cuts off and fills up an index at random points, and checks what answers then and that no work is lost.

python -m evals.index_faults [--kills 240] [--others 3] [--seed 1] [--only NAME] [--kind KIND] [--out FILE] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evals.faults.planning import OTHERS, plan
from evals.faults.points import KINDS, Outcome, Point, Sabotage, Stage, set_stage, try_point
from evals.faults.record import Log, figures, table
from evals.faults.sabotage import SABOTAGES
from evals.faults.scenarios import SCENARIOS
from evals.faults.small_scale import scale_down
from evals.run_record import own_command, run_record

OUT, LOG = Path("evals/results/index-faults.json"), Path("data/index_faults.jsonl")
# Memory, where there is some to be had as a file system: thousands of small files are written and synced.
SCRATCH = Path("/dev/shm")


def try_points(
    points: Sequence[Point], scratch: Path, *, sabotage: Sabotage | None = None, keep: Path | None = None
) -> Iterator[Outcome]:
    """Let each fault strike, one after the other; stages are set when they are first needed."""
    stages: dict[str, Stage] = {}
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    for number, point in enumerate(points):
        if point.scenario not in stages:
            stages[point.scenario] = set_stage(scenarios[point.scenario], scratch / point.scenario.replace(" ", "-"))
        place = scratch / f"point-{number}"
        place.mkdir()
        outcome = try_point(stages[point.scenario], point, place, sabotage)
        if outcome.failures and keep is not None:
            shutil.copytree(place, keep / point.key.replace("/", "_"), symlinks=True)
        shutil.rmtree(place)
        yield outcome


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=240)
    parser.add_argument("--others", type=int, default=OTHERS, help="full disks and so on in each scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one scenario, or part of it")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--before", default="", help="strike before events that match this pattern only")
    parser.add_argument(
        "--from", dest="least", type=float, default=0.0, help="strike in the rest of a run only (0 to 1)"
    )
    parser.add_argument("--sabotage", choices=sorted(SABOTAGES), help="break a promise on purpose, to see it caught")
    parser.add_argument("--stop-after", type=int, help="end after so many failures")
    parser.add_argument("--log", type=Path, default=LOG, help="what a run that is taken up again has done already")
    parser.add_argument("--keep", type=Path, help="where folders are kept after which something was wrong")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    scale_down()
    scenarios = [scenario for scenario in SCENARIOS if options.only in (None, scenario.name, scenario.part)]
    points = [
        replace(point, before=options.before)
        for point in plan(scenarios, options.kills, options.seed, others=options.others)
        if options.kind in (None, point.kind) and point.at >= options.least
    ]
    started = time.monotonic()
    log = Log(options.log, repr(points) + str(options.sabotage))
    known = {outcome.key for outcome in log.outcomes}
    with tempfile.TemporaryDirectory(dir=SCRATCH if SCRATCH.is_dir() else None, prefix="yiju-faults-") as scratch:
        waiting = [point for point in points if point.key not in known]
        for outcome in try_points(waiting, Path(scratch), sabotage=SABOTAGES.get(options.sabotage), keep=options.keep):
            log.add(outcome)
            _tell(outcome, len(log.outcomes), len(points))
            if sum(bool(each.failures) for each in log.outcomes) == options.stop_after:
                break
    print(table(log.outcomes))
    record = {"run": run_record(own_command()), "seed": options.seed, "seconds": round(time.monotonic() - started)}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record | figures(log.outcomes), ensure_ascii=False, indent=1)
    options.out.write_text(text + "\n", encoding="utf-8")
    log.done()
    sys.exit(any(outcome.failures for outcome in log.outcomes))


def _tell(outcome: Outcome, done: int, total: int) -> None:
    said = f"{done}/{total} {outcome.key}: before {', '.join(outcome.strikes) or 'nothing: it had ended'}"
    if outcome.failures:
        print(f"{said}\n  FAILED: " + "\n  FAILED: ".join(outcome.failures), flush=True)
    elif sys.stdout.isatty():
        print(f"\r\033[K{said[:150]}", end="", flush=True)
    elif done % 20 == 0 or done == total:
        print(f"{done} of {total} points", flush=True)


if __name__ == "__main__":
    main()
