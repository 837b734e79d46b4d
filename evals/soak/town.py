"""What is true of each document at every instant: what was changed when, and since when everybody was told."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from evals.faults.made_corpus import MadeDocument

ROAD = "新修公路"


@dataclass(slots=True)
class _State:
    """From ``begun`` on a document may be so; ``told``: since when it is acknowledged. ``edition`` None: it is gone."""

    edition: int | None
    begun: float
    told: float | None = None


class Town:
    """The documents of a corpus folder, those that are gone included. Safe to use from several threads.

    Times are of one monotonic clock. Changes of one document come one after the other.
    """

    def __init__(self, sources: Path, count: int) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._states: dict[int, list[_State]] = {}
        sources.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            self.put(number, 0, float("-inf"))
        self.tell(float("-inf"))

    def put(self, number: int, edition: int, now: float) -> None:
        """Write a document, new or in another edition."""
        self._begin(number, _State(edition, now))
        document = MadeDocument(number, edition)
        (self._sources / document.file_name).write_text(document.text(), encoding="utf-8")

    def remove(self, number: int, now: float) -> None:
        """Delete a document's file."""
        self._begin(number, _State(None, now))
        (self._sources / MadeDocument(number).file_name).unlink()

    def retire(self, number: int, now: float) -> None:
        """A document is retired; its file stays."""
        self._begin(number, _State(None, now))

    def tell(self, now: float, only: int | None = None) -> None:
        """Everything begun so far, or of one document, is acknowledged."""
        with self._lock:
            for number in self._states if only is None else [only]:
                for state in self._states[number]:
                    state.told = now if state.told is None else state.told

    def numbers(self) -> list[int]:
        """Every document there ever was."""
        with self._lock:
            return list(self._states)

    def alive(self) -> list[int]:
        """The documents whose last state is not gone."""
        with self._lock:
            return [number for number, states in self._states.items() if states[-1].edition is not None]

    def edition(self, number: int) -> int | None:
        """The last edition begun."""
        with self._lock:
            return self._states[number][-1].edition

    def possible(self, number: int, sent: float, answered: float) -> set[int | None]:
        """The editions (None: gone) that a question sent and answered then may have seen."""
        with self._lock:
            states = self._states[number]
            known = max((place for place, state in enumerate(states) if _told_by(state, sent)), default=0)
            return {state.edition for state in states[known:] if state.begun <= answered}

    def _begin(self, number: int, state: _State) -> None:
        with self._lock:
            self._states.setdefault(number, []).append(state)


def _told_by(state: _State, moment: float) -> bool:
    return state.told is not None and state.told <= moment


def number_of(source_path: str) -> int:
    """The document of a source path."""
    return int(Path(source_path).stem)
