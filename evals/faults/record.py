"""The log of a run of faults, so that a broken run is taken up again, and its table."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.faults.points import KINDS, Outcome


class Log:
    """Outcomes, a line each. What another state of the program or another plan has written is thrown away."""

    def __init__(self, path: Path, plan: str) -> None:
        self._path = path
        head = json.dumps({"plan": plan, "program": _program()})
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        self.outcomes: list[Outcome] = []
        if lines[:1] == [head]:
            self.outcomes = [_outcome(json.loads(line)) for line in lines[1:] if line.endswith("}")]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "".join(f"{line}\n" for line in [head, *map(_line, self.outcomes)]),
            encoding="utf-8",
        )

    def add(self, outcome: Outcome) -> None:
        """Write an outcome down at once."""
        self.outcomes.append(outcome)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(outcome) + "\n")

    def done(self) -> None:
        """The plan is carried out: the next run begins anew."""
        self._path.unlink(missing_ok=True)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Counts by scenario and kind, and every failure."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for outcome in outcomes:
        kinds = found.setdefault(outcome.scenario, {})
        counts = kinds.setdefault(outcome.kind, {"points": 0, "struck": 0, "struck_again": 0, "lost": 0, "failed": 0})
        counts["points"] += 1
        counts["struck"] += bool(outcome.strikes)
        counts["struck_again"] += len(outcome.strikes) > 1
        counts["lost"] += outcome.lost
        counts["failed"] += bool(outcome.failures)
    kills = [outcome for outcome in outcomes if outcome.kind not in ("full", "read-only")]
    return {
        "points": len(outcomes),
        "kill_points": len(kills),
        "killed": sum(bool(outcome.strikes) for outcome in kills),
        "failed": sum(bool(outcome.failures) for outcome in outcomes),
        "by_part": dict(Counter(outcome.part for outcome in outcomes)),
        "struck_before": dict(Counter(_sort(strike) for outcome in outcomes for strike in outcome.strikes)),
        "scenarios": found,
        "failures": [outcome.as_json() for outcome in outcomes if outcome.failures],
    }


def table(outcomes: Sequence[Outcome]) -> str:
    """For each scenario and kind: points, and failures where there are any."""
    scenarios = list(dict.fromkeys(outcome.scenario for outcome in outcomes))
    lines = [f"{'':<22}" + "".join(f"{kind:>12}" for kind in (*KINDS, "all"))]
    for scenario in [*scenarios, "all"]:
        cells = []
        for kind in (*KINDS, "all"):
            chosen = [
                outcome
                for outcome in outcomes
                if scenario in (outcome.scenario, "all") and kind in (outcome.kind, "all")
            ]
            failed = sum(bool(outcome.failures) for outcome in chosen)
            cells.append(f"{len(chosen)} ({failed} bad)" if failed else str(len(chosen)))
        lines.append(f"{scenario:<22}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def _sort(strike: str) -> str:
    """The sort of event that a fault struck before, without names."""
    if strike.endswith("of the time"):
        return "any instant"
    return "a statement of a database" if ".db: " in strike else strike.split(" ", 1)[0]


def _line(outcome: Outcome) -> str:
    return json.dumps(outcome.as_json(), ensure_ascii=False)


def _outcome(content: dict[str, Any]) -> Outcome:
    return Outcome(**{**content, "strikes": tuple(content["strikes"]), "failures": tuple(content["failures"])})


def _program() -> str:
    """Names the state of the program, uncommitted changes included."""
    said = [
        subprocess.run(["git", *command], capture_output=True, check=False).stdout
        for command in (["rev-parse", "HEAD"], ["diff", "HEAD"])
    ]
    return f"{said[0].decode().strip()}-{hashlib.sha256(said[1]).hexdigest()[:12]}"
