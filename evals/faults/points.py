"""One fault, what is seen after it, the run that takes up the work, and what is seen then."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evals.faults.counting_embedder import embedded_again
from evals.faults.data_folder import DataFolder
from evals.faults.events import Events, KillAt
from evals.faults.observing import Seen, observe, same_corpus, same_snapshot
from evals.faults.power import cut_power
from evals.faults.processes import Ended, run_apart
from evals.faults.scenarios import Scenario
from evals.faults.shadow import Shadow, watch

# How often the run that takes up the work is killed too.
KILLED_AGAIN = 0.25
Sabotage = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """A scenario that was prepared and went through undisturbed: what it did, and its states before and after."""

    scenario: Scenario
    template: DataFolder
    before: Seen
    after: Seen
    events: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Point:
    """One fault. ``kind``: "event", "time" (killed from outside) or "power"; ``at``: 0 to 1 of the undisturbed run."""

    scenario: str
    kind: str
    at: float
    seed: int

    @property
    def key(self) -> str:
        """Names it in the log of a run that is taken up again."""
        return f"{self.scenario}/{self.kind}/{self.at:.6f}/{self.seed}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a point. ``strikes``: before which events it struck; ``failures``: [] is the promise kept."""

    key: str
    scenario: str
    part: str
    kind: str
    strikes: tuple[str, ...]
    lost: int
    seconds: float
    failures: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def set_stage(scenario: Scenario, folder: Path) -> Stage:
    """Prepare a scenario and let it run undisturbed on a copy. Raises: RuntimeError: it fails even so."""
    template = DataFolder(folder / "template")
    _must(run_apart(lambda: scenario.prepare(template)), scenario)
    before = _seen(template.copy_to(folder / "before"), scenario, scenario.model)
    copy = template.copy_to(folder / "after")
    undisturbed = _must(run_apart(lambda: _operate(scenario, copy, "undisturbed", KillAt(), None)), scenario)
    after = _seen(copy, scenario, scenario.model_after)
    if after.wrong or after.answers is None:
        raise RuntimeError(f"{scenario.name!r} is wrong without any fault: {after.wrong or after.refused}")
    return Stage(scenario, template, before, after, tuple(undisturbed.result), undisturbed.seconds)


def try_point(stage: Stage, point: Point, place: Path, sabotage: Sabotage | None = None) -> Outcome:
    """Let the fault strike a copy of the stage, and look. ``sabotage`` breaks the product, to be caught at it."""
    trial = _Trial(stage, point, place, sabotage)
    seconds = trial.run()
    return Outcome(
        point.key,
        stage.scenario.name,
        stage.scenario.part,
        point.kind,
        tuple(trial.strikes),
        trial.lost,
        seconds,
        tuple(trial.failures),
    )


class _Trial:
    def __init__(self, stage: Stage, point: Point, place: Path, sabotage: Sabotage | None) -> None:
        self._stage, self._point, self._sabotage = stage, point, sabotage
        self._dice = random.Random(point.seed)
        self._place = place
        self._folder = stage.template.copy_to(place / "world")
        self._early: list[str] = []
        self.strikes: list[str] = []
        self.failures: list[str] = []
        self.lost = 0

    def run(self) -> float:
        seconds = self._strike("run-1", self._point.at)
        self._look_between()
        if self._dice.random() < KILLED_AGAIN:
            seconds += self._strike("run-2", self._dice.random())
            self._look_between()
        seconds += self._finish()
        return seconds

    def _strike(self, run: str, at: float) -> float:
        events = self._stage.events
        kind = self._point.kind
        number = 1 + int(at * len(events))
        shadow_place = self._place / f"shadow-{run}" if kind == "power" else None
        ended = run_apart(
            lambda: _operate(
                self._stage.scenario,
                self._folder,
                run,
                KillAt(None if kind == "time" else number),
                shadow_place,
                self._sabotage,
            ),
            kill_after=at * self._stage.seconds if kind == "time" else None,
        )
        if ended.error is not None:
            self.failures.append(f"{run}: {ended.error}")
        if ended.killed:
            self._early.append(run)
            self.strikes.append(f"{at:.0%} of the time" if kind == "time" else events[min(number, len(events)) - 1])
        if shadow_place is not None:
            self.lost += len(cut_power(self._folder.data, shadow_place, self._dice))
        return ended.seconds

    def _look_between(self) -> None:
        """What serves now is the last good snapshot, untouched, or one of the finished corpus."""
        stage = self._stage
        seen = _seen(self._folder, stage.scenario, stage.scenario.model)
        if stage.scenario.model != stage.scenario.model_after and seen.refused is not None:
            seen = _seen(self._folder, stage.scenario, stage.scenario.model_after)
        self._note("after the fault", seen.wrong)
        not_old = same_snapshot(stage.before, seen)
        not_new = same_corpus(stage.after, seen, whole=False)
        if not_old and not_new:
            self._note("after the fault", [f"neither the last good snapshot ({not_old}) nor the new one ({not_new})"])

    def _finish(self) -> float:
        stage = self._stage
        ended = run_apart(lambda: _operate(stage.scenario, self._folder, "run-3", KillAt(), None, self._sabotage))
        if ended.error is not None or ended.killed:
            self._note("the next run", [ended.error or "died"])
        seen = _seen(self._folder, stage.scenario, stage.scenario.model_after)
        self._note("in the end", seen.wrong)
        if difference := same_corpus(stage.after, seen, whole=True):
            self._note("in the end", [difference])
        if again := embedded_again(self._folder.log, self._early):
            self._note("in the end", [f"{len(again)} passages were embedded twice"])
        self._note("in the end", [f"left behind: {name}" for name in _left(self._folder)])
        return ended.seconds

    def _note(self, when: str, failures: list[str] | tuple[str, ...]) -> None:
        self.failures.extend(f"{when}: {failure}" for failure in failures)


def _operate(
    scenario: Scenario,
    folder: DataFolder,
    run: str,
    kill: KillAt,
    shadow_place: Path | None,
    sabotage: Sabotage | None = None,
) -> list[str]:
    """In the child: watch, break what is to be broken, and do the scenario's work. Returns: the events."""
    if sabotage is not None:
        sabotage()
    events = Events(folder.data, kill)
    if shadow_place is not None:
        watch(events, Shadow(folder.data, shadow_place))
    events.install()
    scenario.operate(folder, run)
    return kill.heard


def _seen(folder: DataFolder, scenario: Scenario, model: str) -> Seen:
    ended = run_apart(lambda: observe(folder, list(scenario.asked), model))
    if ended.error is not None or ended.killed:
        trace = (ended.result or {}).get("traceback", "")
        return Seen(wrong=(f"it cannot be searched: {ended.error or 'died'} {trace}",))
    return Seen.from_json(ended.result)


def _must(ended: Ended, scenario: Scenario) -> Ended:
    if ended.error is not None or ended.killed:
        raise RuntimeError(f"{scenario.name!r} fails without any fault: {ended.error} {ended.result}")
    return ended


def _left(folder: DataFolder) -> list[str]:
    """What a finished run must not leave behind."""
    snapshots = folder.index_dir / "snapshots"
    hidden = [path.name for path in snapshots.iterdir() if path.name.startswith(".")] if snapshots.is_dir() else []
    return hidden + [path.name for path in folder.index_dir.glob(".CURRENT*")]
