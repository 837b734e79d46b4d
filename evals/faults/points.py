"""One fault, what is seen after it, the run that takes up the work, and what is seen then."""

from __future__ import annotations

import random
import re
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
from evals.faults.volumes import Volume, largest_file, limit_files, small_volume, used_bytes

KINDS = ("event", "time", "power", "torn", "full", "read-only")
# What a run may say when it cannot write. Anything else, and any signal, is a failure.
NAMED = ("IndexingFailedError", "StoreError", "VectorCacheError", "BackupError", "SnapshotReadOnlyError")
# The short commands leave the system's own words to whoever tells them.
TOLD = (*NAMED, "OSError: [Errno 28]", "OSError: [Errno 30]")
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
    finished: Seen
    events: tuple[str, ...]
    seconds: float
    grown_bytes: int
    largest_file: int


@dataclass(frozen=True, slots=True)
class Point:
    """One fault. ``at``: 0 to 1 of the undisturbed run, for a full disk of the space that it takes.

    ``kind``: killed before an "event" or after a "time"; killed, and what was not synced lost ("power") or in pieces
    ("torn"); a "full" or "read-only" volume. ``before``: a pattern of the events it may strike before, "" for all.
    """

    scenario: str
    kind: str
    at: float
    seed: int
    before: str = ""

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
    undisturbed = _must(run_apart(lambda: _operate(scenario, copy, "undisturbed", KillAt())), scenario)
    after = _seen(copy, scenario, scenario.model_after)
    finished = after
    if scenario.finish is not None:
        _must(run_apart(lambda: _finish(scenario, copy, "next")), scenario)
        finished = _seen(copy, scenario, scenario.model_after)
    if finished.wrong or finished.answers is None:
        raise RuntimeError(f"{scenario.name!r} is wrong without any fault: {finished.wrong or finished.refused}")
    return Stage(
        scenario,
        template,
        before,
        after,
        finished,
        tuple(undisturbed.result),
        undisturbed.seconds,
        max(0, used_bytes(copy.data) - used_bytes(template.data)),
        largest_file(copy.data),
    )


def try_point(stage: Stage, point: Point, place: Path, sabotage: Sabotage | None = None) -> Outcome:
    """Let the fault strike a copy of the stage, and look. ``sabotage`` breaks the product, to be caught at it."""
    if point.kind in ("full", "read-only"):
        with small_volume(place / "volume") as volume:
            trial = _Trial(stage, point, place, sabotage, volume)
            seconds = trial.run()
    else:
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
    """A copy of the stage's world, what was done to it, and what is wrong with it."""

    def __init__(
        self, stage: Stage, point: Point, place: Path, sabotage: Sabotage | None, volume: Volume | None = None
    ) -> None:
        self._stage, self._point, self._sabotage, self._volume = stage, point, sabotage, volume
        self._dice = random.Random(point.seed)
        self._place = place
        self._folder = stage.template.copy_to((volume.folder if volume else place) / "world", place)
        self._early: list[str] = []
        self.strikes: list[str] = []
        self.failures: list[str] = []
        self.lost = 0

    def run(self) -> float:
        """Strike, look, perhaps once more, and let the next run finish. Returns: the seconds of the runs."""
        seconds = self._strike("run-1", self._point.at)
        if self._dice.random() < KILLED_AGAIN:
            seconds += self._strike("run-2", self._dice.random())
        return seconds + self._finish()

    def _strike(self, run: str, at: float) -> float:
        strike = self._kill if self._volume is None else self._take_volume
        return strike(run, at)

    def _take_volume(self, run: str, at: float) -> float:
        """Let the scenario run where it cannot write (all of) what it wants to, and look while that lasts."""
        assert self._volume is not None
        full = self._point.kind == "full"
        limit = int(at * self._stage.largest_file) if full and not self._volume.mounted else None
        if not full:
            self._volume.read_only(self._folder.data, on=True)
        elif limit is None:
            self._volume.fill(int(at * 1.1 * self._stage.grown_bytes))
        ended = run_apart(
            lambda: _operate(self._stage.scenario, self._folder, run, KillAt(), sabotage=self._sabotage, limit=limit)
        )
        if ended.error is not None:
            self._early.append(run)
            self.strikes.append(ended.error.partition(":")[0])
        named = NAMED if self._stage.scenario.part == "index" else TOLD
        if ended.killed or (ended.error is not None and not ended.error.startswith(named)):
            trace = (ended.result or {}).get("traceback", "")
            self._note(run, [f"no named error: {ended.error or 'died'} {trace}"])
        self._look_between(over=ended.error is None)
        if full:
            self._volume.empty()
        else:
            self._volume.read_only(self._folder.data, on=False)
        return ended.seconds

    def _kill(self, run: str, at: float) -> float:
        kind = self._point.kind
        number, struck = self._event(at)
        shadow = self._place / f"shadow-{run}" if kind in ("power", "torn") else None
        kill = KillAt(None if kind == "time" else number)
        ended = run_apart(
            lambda: _operate(self._stage.scenario, self._folder, run, kill, shadow=shadow, sabotage=self._sabotage),
            kill_after=at * self._stage.seconds if kind == "time" else None,
        )
        if ended.error is not None:
            self._note(run, [ended.error])
        if ended.killed:
            self._early.append(run)
            self.strikes.append(f"{at:.0%} of the time" if kind == "time" else struck)
        if shadow is not None:
            self.lost += len(cut_power(self._folder.data, shadow, self._dice, torn=kind == "torn"))
        self._look_between(over=not ended.killed and ended.error is None)
        return ended.seconds

    def _event(self, at: float) -> tuple[int, str]:
        """The number of an event, from 1, and the event; beyond the last one where ``at`` is 1."""
        events = self._stage.events
        wanted = [number for number, event in enumerate(events, 1) if re.search(self._point.before, event)]
        number = wanted[int(at * len(wanted))] if at < 1 else len(events) + 1
        return number, events[min(number, len(events)) - 1]

    def _look_between(self, *, over: bool) -> None:
        """What serves is the last good snapshot, untouched, or one of the finished corpus; once it is over, the latter.

        The observer opens everything as a process that is started now.
        """
        stage = self._stage
        seen = _seen(self._folder, stage.scenario, stage.scenario.model)
        if stage.before.snapshot is None and self._volume is not None and "StoreError" in "".join(seen.wrong):
            return  # nothing served before, and there is no room for a database
        self._note("after the fault", seen.wrong)
        not_old = "the run had ended" if over else same_snapshot(stage.before, seen)
        not_new = same_corpus(stage.after, seen, whole=over)
        if not_old and not_new:
            self._note("after the fault", [f"neither the last good snapshot ({not_old}) nor the new one ({not_new})"])

    def _finish(self) -> float:
        stage = self._stage
        ended = run_apart(lambda: _finish(stage.scenario, self._folder, "run-3", self._sabotage))
        if ended.error is not None or ended.killed:
            self._note("the next run", [f"{ended.error or 'died'} {(ended.result or {}).get('traceback', '')}"])
        self._note("in the end", [f"left behind: {name}" for name in _left(self._folder)])
        seen = _seen(self._folder, stage.scenario, stage.scenario.model_after)
        self._note("in the end", seen.wrong)
        if difference := same_corpus(stage.finished, seen, whole=True):
            self._note("in the end", [difference])
        if again := embedded_again(self._folder.log, self._early):
            self._note("in the end", [f"{len(again)} passages were embedded twice"])
        check = stage.scenario.check
        if check is not None:
            checked = run_apart(lambda: check(self._folder))
            self._note("in the end", [checked.error] if checked.error is not None else checked.result)
        return ended.seconds

    def _note(self, when: str, failures: list[str] | tuple[str, ...]) -> None:
        self.failures.extend(f"{when}: {failure}" for failure in failures)


def _operate(
    scenario: Scenario,
    folder: DataFolder,
    run: str,
    kill: KillAt,
    *,
    shadow: Path | None = None,
    sabotage: Sabotage | None = None,
    limit: int | None = None,
) -> list[str]:
    """In the child: watch, break what is to be broken, and do the scenario's work. Returns: the events."""
    events = Events(folder.data, kill)
    if shadow is not None:
        watch(events, Shadow(folder.data, shadow))
    events.install()
    if sabotage is not None:
        sabotage()
    if limit is not None:
        limit_files(limit)
    scenario.operate(folder, run)
    return kill.heard


def _finish(scenario: Scenario, folder: DataFolder, run: str, sabotage: Sabotage | None = None) -> None:
    """In the child: the next run, after whatever happened."""
    if sabotage is not None:
        sabotage()
    (scenario.finish or scenario.operate)(folder, run)


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
    hidden = list(snapshots.glob(".*")) if snapshots.is_dir() else []
    places = [*folder.index_dir.glob(".CURRENT*"), folder.data / ".backup", folder.data / ".restore"]
    partial = list(folder.backup.parent.glob(".*")) if folder.backup.parent.is_dir() else []
    return [path.name for path in (*hidden, *places, *partial) if path.exists()]
