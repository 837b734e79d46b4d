"""Pausing what embeds in the background, for every process at once: a file beside the snapshots says so.

Pausing stops nothing by itself: whoever embeds looks between its batches.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from retrieval.durable import write_atomically

PAUSED = ".paused"


@dataclass(frozen=True, slots=True)
class Paused:
    """Who asked for a pause and when; ``since`` is None where the file does not say it."""

    by: str
    since: datetime | None


def pause(index_dir: Path, by: str) -> Paused:
    """Ask for a pause; one that is asked for already stays as it is. Raises: OSError."""
    already = paused(index_dir)
    if already is not None:
        return already
    asked = Paused(by, datetime.now(UTC).replace(microsecond=0))
    index_dir.mkdir(parents=True, exist_ok=True)
    said = json.dumps({"by": by, "since": str(asked.since)}, ensure_ascii=False)
    write_atomically(index_dir / PAUSED, said.encode("utf-8", "replace"))
    return asked


def resume(index_dir: Path) -> bool:
    """Let embedding go on; False where it was not paused. Raises: OSError."""
    try:
        (index_dir / PAUSED).unlink()
    except FileNotFoundError:
        return False
    return True


def paused(index_dir: Path) -> Paused | None:
    """Who asked for a pause; None where nobody did. Costs a look at one file."""
    try:
        text = (index_dir / PAUSED).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    try:
        said = json.loads(text)
        return Paused(str(said["by"]), datetime.fromisoformat(said["since"]))
    except (ValueError, KeyError, TypeError):
        # Whatever it holds, it was put there so that embedding pauses.
        return Paused("?", None)
