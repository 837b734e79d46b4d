"""The editor of a soak: adds, edits, deletes and retires documents, and has them indexed, one run after the other."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from evals.soak.served import Server, SoakError
from evals.soak.town import Town, number_of

JOB_SECONDS = 900.0
_PAUSE_SECONDS = (1.0, 4.0)


@dataclass
class Editor:
    """Changes documents until told to stop. ``phase``: "before", "quiet", "changing" or "full"."""

    server: Server
    town: Town
    bulk: int
    dice: random.Random
    phase: str = "before"
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._client = self.server.client()
        self._next = len(self.town.numbers())

    def work(self, stop: threading.Event, quiet_seconds: float, full_at: list[float]) -> None:
        """Rest first, then change and index; a full re-index with many new documents at each of the times.

        ``full_at``: seconds from now. Raises: SoakError.
        """
        started = time.monotonic()
        if stop.wait(quiet_seconds):
            return
        waiting = list(full_at)
        while not stop.is_set():
            if waiting and time.monotonic() - started >= waiting[0]:
                waiting.pop(0)
                self._full()
            elif self.dice.random() < 0.15:
                self._retire()
            else:
                self._change()
            self.phase = "quiet"
            stop.wait(self.dice.uniform(*_PAUSE_SECONDS))

    def _change(self) -> None:
        for _ in range(self.dice.randint(1, 3)):
            kind = self.dice.choice(("added", "edited", "deleted"))
            number = self._next if kind == "added" else self.dice.choice(self.town.alive())
            if kind == "deleted":
                self.town.remove(number, time.monotonic())
            else:
                self._put(number)
            self.counts[kind] += 1
        self.phase = "changing"
        by_command = self.dice.random() < 0.25
        self._timed("by command" if by_command else "by job", self.server.index_by_command if by_command else self._job)
        self.town.tell(time.monotonic())

    def _full(self) -> None:
        for _ in range(self.bulk):
            self._put(self._next)
        self.counts["added"] += self.bulk
        self.phase = "full"
        self._timed("full", lambda: self._job(full=True))
        self.town.tell(time.monotonic())
        self.counts["full"] += 1

    def _put(self, number: int) -> None:
        edition = 0 if number == self._next else (self.town.edition(number) or 0) + 1
        self._next += number == self._next
        self.town.put(number, edition, time.monotonic())

    def _retire(self) -> None:
        number = self.dice.choice(self.town.alive())
        document_id = self._document_id(number)
        if document_id is None:
            return
        self.town.retire(number, time.monotonic())
        status, said = self._client.call("DELETE", f"/v1/documents/{document_id}")
        if status != 204:
            raise SoakError(f"DELETE answered {status}: {said}")
        self.town.tell(time.monotonic(), number)
        self.counts["retired"] += 1

    def _document_id(self, number: int) -> str | None:
        offset: int | None = 0
        while offset is not None:
            _, page = self._client.call("GET", f"/v1/documents?limit=500&offset={offset}")
            for document in page["documents"]:
                if number_of(document["source_path"]) == number:
                    return str(document["id"])
            offset = page["next_offset"]
        return None

    def _job(self, **options: bool) -> None:
        end = time.monotonic() + JOB_SECONDS
        status, job = self._client.call("POST", "/v1/admin/reindex", {"allow_mass_removal": True, **options})
        while status == 409 and time.monotonic() < end:  # the server's own work in the background
            time.sleep(0.5)
            status, job = self._client.call("POST", "/v1/admin/reindex", {"allow_mass_removal": True, **options})
        if status != 202:
            raise SoakError(f"a re-index cannot be started: {status} {job}")
        while job["state"] not in ("succeeded", "failed", "stopped"):
            if time.monotonic() > end:
                raise SoakError(f"a re-index does not end: {job}")
            time.sleep(0.1)
            job = self._client.call("GET", f"/v1/admin/jobs/{job['id']}")[1]
        if job["state"] != "succeeded":
            raise SoakError(f"a re-index ended so: {job}")

    def _timed(self, name: str, work: Any) -> None:
        started = time.monotonic()
        work()
        self.seconds.setdefault(name, []).append(round(time.monotonic() - started, 2))
