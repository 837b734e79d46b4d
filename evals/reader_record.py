"""The file of a benchmark's figures, kept up to date after every set, so that a broken run can be taken up again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evals.run_record import run_record


class Record:
    """Figures by part and name. What a run does not measure stays as it was, with the commit and date of its own."""

    def __init__(self, path: Path, command: str) -> None:
        self._path = path
        self._origin = run_record(command)
        self.figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def keep(self, part: str, name: str, figures: dict[str, Any]) -> None:
        """Put figures in their place and write the file."""
        self.figures["run"] = self._origin
        measured = {"commit": self._origin["commit"], "date": self._origin["date"]}
        self.figures.setdefault(part, {})[name] = figures | {"measured": measured}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.figures, ensure_ascii=False, indent=1) + "\n"
        unfinished = self._path.with_suffix(".unfinished")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self._path)

    def has(self, part: str, name: str) -> bool:
        """Whether this very commit has measured it already."""
        known = self.figures.get(part, {}).get(name)
        return bool(known) and known["measured"]["commit"] == self._origin["commit"]
