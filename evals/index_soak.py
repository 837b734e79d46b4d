"""Asks a real server from eight clients while documents are added, edited and deleted and two full re-indexes run.

python -m evals.index_soak [--seconds 600] [--models DIR] [--out evals/results/index-soak.json]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from evals.run_record import own_command, run_record
from evals.soak.asking import Asked, ask_until
from evals.soak.changing import Editor
from evals.soak.served import Server, serving
from evals.soak.town import Town

CLIENTS = 8
# Of the whole time: how long nothing changes at first, and when the full re-indexes begin.
QUIET, FULL_AT = 0.15, (0.3, 0.65)
OUT = Path("evals/results/index-soak.json")


def soak(server: Server, town: Town, *, seconds: float, pause_seconds: float, bulk: int, seed: int) -> dict[str, Any]:
    """Let clients ask and the editor change for so long. Returns: the figures, with ``failures``."""
    stop = threading.Event()
    editor = Editor(server, town, bulk, random.Random(seed))
    started = time.monotonic()
    with ThreadPoolExecutor(CLIENTS + 1) as pool:

        def ask(client: int) -> list[Asked]:
            phase = partial(getattr, editor, "phase")
            return ask_until(stop, server.client(), town, phase, seed=seed + client, pause_seconds=pause_seconds)

        clients = [pool.submit(ask, client) for client in range(1, CLIENTS + 1)]
        editing = pool.submit(editor.work, stop, QUIET * seconds, [share * seconds for share in FULL_AT])
        memory = _watch(server, editor, seconds, editing)
        stop.set()
        asked = [each for client in clients for each in client.result()]
    failures = [each.wrong for each in asked if each.wrong is not None]
    if error := editing.exception():
        failures.append(f"the editor: {type(error).__name__}: {error}")
    if server.process.poll() is not None:
        failures.append(f"the server ended with {server.process.poll()}")
    return {
        "seconds": round(time.monotonic() - started),
        "clients": CLIENTS,
        "pause_seconds": pause_seconds,
        "questions": len(asked),
        "failures": failures,
        "changes": dict(editor.counts),
        "index_runs_seconds": editor.seconds,
        "latency_ms": latencies(asked),
        "found": _found(asked),
        "resident_mib": memory,
    }


def latencies(asked: Sequence[Asked]) -> dict[str, Any]:
    """p50 and p95 by what the index was doing, and the ratios to the time before any change."""
    by_phase: dict[str, list[float]] = {}
    for each in asked:
        by_phase.setdefault(each.phase, []).append(each.seconds * 1000)
    figures: dict[str, Any] = {
        phase: {"questions": len(values), "p50": _percentile(values, 0.5), "p95": _percentile(values, 0.95)}
        for phase, values in by_phase.items()
    }
    if "before" in figures:
        for phase in figures.keys() - {"before"}:
            figures[phase] |= {
                f"{name}_ratio": round(figures[phase][name] / figures["before"][name], 2) for name in ("p50", "p95")
            }
    return figures


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def _found(asked: Sequence[Asked]) -> dict[str, int]:
    """Of questions about documents that were there all the time: how many named the right one first."""
    due = [each for each in asked if each.due]
    return {"due": len(due), "first": sum(each.found for each in due)}


def _watch(server: Server, editor: Editor, seconds: float, editing: Future[None]) -> dict[str, float]:
    """The server's memory until the time is up and the full re-indexes are done, or the editor has given up."""
    end = time.monotonic() + seconds
    highest: dict[str, float] = {}
    while not editing.done() and server.process.poll() is None:
        if time.monotonic() >= end and editor.counts["full"] >= len(FULL_AT):
            break
        highest[editor.phase] = max(highest.get(editor.phase, 0.0), round(server.resident_mib()))
        time.sleep(min(0.5, seconds / 10))
    if server.process.poll() is None:
        highest["end"] = round(server.resident_mib())
    return highest


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--documents", type=int, default=120)
    parser.add_argument("--bulk", type=int, help="documents added before each full re-index")
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two questions of a client")
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    bulk = options.bulk if options.bulk is not None else max(5, int(options.seconds / 6))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        town = Town(folder / "corpus", options.documents)
        print(f"indexing {options.documents} documents and starting the server", flush=True)
        with serving(folder, options.models.resolve(), folder / "corpus") as server:
            print(f"{options.seconds:.0f} s of questions from {CLIENTS} clients", flush=True)
            figures = soak(
                server, town, seconds=options.seconds, pause_seconds=options.pause, bulk=bulk, seed=options.seed
            )
        figures["log_errors"] = _errors(folder / "serve.log")
    _show(figures)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    record = {"run": run_record(own_command())} | figures
    options.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(figures["failures"]))


def _errors(log: Path) -> dict[str, int]:
    """What the server logged as an error or a warning, by its text."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    bad = [line for line in lines if "error" in line.lower() or "warning" in line.lower() or "Traceback" in line]
    return dict(Counter(line[:200] for line in bad).most_common(20))


def _show(figures: dict[str, Any]) -> None:
    print(f"{figures['questions']} questions, changes {figures['changes']}")
    print(f"{'phase':<10} {'questions':>9} {'p50 ms':>8} {'p95 ms':>8} {'ratio p50':>9} {'ratio p95':>9}")
    for phase, found in figures["latency_ms"].items():
        ratios = [found.get(f"{name}_ratio", "") for name in ("p50", "p95")]
        print(f"{phase:<10} {found['questions']:>9} {found['p50']:>8} {found['p95']:>8} {ratios[0]:>9} {ratios[1]:>9}")
    print(f"right document first: {figures['found']}; resident MiB: {figures['resident_mib']}")
    print(f"index runs, seconds: {figures['index_runs_seconds']}")
    for failure in figures["failures"]:
        print(f"FAILED: {failure}")


if __name__ == "__main__":
    main()
