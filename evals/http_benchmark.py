"""How many questions a second the server answers over HTTP, how it bears more than that, and what its layers cost.

A real `yiju serve` over made documents, asked with a key by 1, 8, 32 and 128 clients who each wait for their answer,
and in turn with it a bare FastAPI application over the same service (`evals/http_load/bare.py`). Then three times the
questions it can answer, and how soon it is itself again; an asker who floods beside one who does not; and a stop while
many ask. Fails where a request was lost, a refusal said no time to come back, or an answer was wrong.

python -m evals.http_benchmark [--seconds 15] [--documents 200] [--out evals/results/http-load.json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.faults.made_corpus import MadeDocument, write
from evals.http_load.asking import Reply, Target, closed_loop, in_turn, open_loop
from evals.http_load.figures import recovery_seconds, summed_up
from evals.run_record import own_command, run_record
from evals.soak.served import Server, SoakError, free_port, serving

CLIENTS = (1, 8, 32, 128)
OUT = Path("evals/results/http-load.json")
_READY_SECONDS = 120.0
# Of an answer to be itself again after too much: so many times the usual p95 of one client.
_CALM_TIMES = 2.0
# Roads' numbers depend on the document; the answer has to hold its own.
# Of one key: what the machine can do is to be measured, not what one asker may.
_SETTINGS = {"YIJU_LOG_LEVEL": "warning", "YIJU_LIMITS__KEY_REQUESTS": "0", "YIJU_LIMITS__KEY_QUESTIONS": "0"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of whom."""

    ask: Target
    other: Target
    bare: Target
    constant: Target
    questions: Sequence[object]
    seconds: float


def questions(documents: Sequence[MadeDocument]) -> list[object]:
    """Two of each document, those of one document far from each other."""
    road = [{"question": f"{each.village}新修公路多少公里？"} for each in documents]
    return [*road, *({"question": f"{each.village}收获稻谷多少吨？"} for each in documents)]


def is_right(documents: Sequence[MadeDocument]) -> Any:
    """Whether an answer holds a fact of the village that it speaks of."""
    facts = {each.village: (each.road, each.harvest) for each in documents}

    def right(reply: Reply) -> bool:
        said = json.loads(reply.body)
        quoted = "".join(each["passage"] for each in said["citations"])
        return any(fact in said["answer"] for village, known in facts.items() if village in quoted for fact in known)

    return right


def levels(asked: Asked, server: Server, clients: Sequence[int], right: Any) -> dict[str, Any]:
    """By the number of clients: ours, the bare route over the same service, their ratio, memory."""
    found = {}
    for count in clients:
        ours = _ask(asked, asked.ask, count)
        bare = _ask(asked, asked.bare, count)
        figures = summed_up(ours, seconds=asked.seconds, right=right)
        held = summed_up(bare, seconds=asked.seconds, right=right)
        figures["bare"] = {name: held[name] for name in ("per_second", "p50_ms", "p95_ms", "p99_ms", "lost")}
        figures["ratio_to_bare"] = round(figures["per_second"] / max(held["per_second"], 0.1), 3)
        figures["resident_mib"] = round(server.resident_mib())
        found[str(count)] = figures
        print(f"{count} clients: {json.dumps(figures, ensure_ascii=False)}", flush=True)
    return found


def framework(asked: Asked) -> dict[str, Any]:
    """What one request costs without any question: a constant of FastAPI's, and small talk of ours."""
    found = {}
    for name, target, body in (
        ("bare_constant", asked.constant, {"question": "x"}),
        ("small_talk", asked.ask, {"question": "你好"}),
    ):
        for count in (1, 8):
            replies = asyncio.run(closed_loop(target, in_turn([body]), clients=count, seconds=min(5.0, asked.seconds)))
            figures = summed_up(replies, seconds=min(5.0, asked.seconds))
            found[f"{name}_{count}"] = {key: figures[key] for key in ("per_second", "p50_ms", "p95_ms", "lost")}
    print(f"framework: {json.dumps(found)}", flush=True)
    return found


def overload(asked: Asked, usual: dict[str, Any], capacity: float, right: Any) -> dict[str, Any]:
    """Three times what it can answer by the clock, nobody coming back when told to; then one calm client at once."""
    rate = capacity * 3
    flood = asyncio.run(open_loop(asked.ask, in_turn(asked.questions), rate=rate, seconds=asked.seconds))
    ended = time.monotonic()
    calm = _ask(asked, asked.ask, 1, seconds=min(10.0, asked.seconds), patient=False)
    bound = _CALM_TIMES * usual["p95_ms"]
    told = {
        "asked_per_second": round(rate, 1),
        "during": summed_up(
            flood, seconds=max(each.began + each.seconds for each in flood) - flood[0].began, right=right
        ),
        "after": summed_up(calm, seconds=min(10.0, asked.seconds), right=right),
        "calm_bound_ms": round(bound, 1),
        "recovered_after_seconds": recovery_seconds(calm, ended, bound),
    }
    told["share_of_capacity"] = round(told["during"]["per_second"] / capacity, 3)
    print(f"overload: {json.dumps(told)}", flush=True)
    return told


def fairness(asked: Asked, right: Any) -> dict[str, Any]:
    """64 impatient clients of one key beside a single client of another."""

    async def both() -> tuple[list[Reply], list[Reply]]:
        greedy = closed_loop(asked.ask, in_turn(asked.questions), clients=64, seconds=asked.seconds, patient=False)
        modest = closed_loop(asked.other, in_turn(asked.questions[7:]), clients=1, seconds=asked.seconds, patient=False)
        return await asyncio.gather(greedy, modest)

    greedy, modest = asyncio.run(both())
    told = {
        "greedy": summed_up(greedy, seconds=asked.seconds, right=right),
        "modest": summed_up(modest, seconds=asked.seconds, right=right),
    }
    print(f"fairness: {json.dumps(told)}", flush=True)
    return told


def stopping(asked: Asked, server: Server) -> dict[str, Any]:
    """Told to stop while 32 clients ask: whoever had sent a request gets a response."""

    async def ask_and_stop() -> tuple[list[Reply], float, float]:
        asking = asyncio.ensure_future(
            closed_loop(asked.ask, in_turn(asked.questions), clients=32, seconds=4.0, patient=False)
        )
        await asyncio.sleep(1.5)
        at = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        ended = await asyncio.to_thread(server.process.wait, 60)
        gone = time.monotonic()
        assert ended == 0, ended
        return await asking, at, gone

    replies, at, gone = asyncio.run(ask_and_stop())
    before = [each for each in replies if each.began < at]
    told = {
        "in_flight": sum(each.began < at < each.began + each.seconds for each in replies),
        "lost_of_those_in_flight": sum(each.status == 0 for each in before),
        "answered_after": sum(each.status == 200 and each.began + each.seconds > at for each in replies),
        "seconds_to_the_end": round(gone - at, 2),
    }
    print(f"stopping: {json.dumps(told)}", flush=True)
    return told


def _ask(
    asked: Asked, target: Target, clients: int, *, seconds: float | None = None, patient: bool = True
) -> list[Reply]:
    lasting = asked.seconds if seconds is None else seconds
    return asyncio.run(closed_loop(target, in_turn(asked.questions), clients=clients, seconds=lasting, patient=patient))


@contextmanager
def bare_server(server: Server) -> Iterator[int]:
    """The bare application over the same index, in a process of its own; its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.http_load.bare", str(port)],
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _READY_SECONDS
        while not _is_ready(port):
            if process.poll() is not None or time.monotonic() > end:
                raise SoakError("the bare server is not ready")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def new_key(server: Server, name: str) -> str:
    """A key that may ask. Raises: SoakError."""
    command = [sys.executable, "-m", "bot.cli", "keys", "create", name, "--scope", "ask", "--json"]
    ended = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=False, timeout=60)
    if ended.returncode:
        raise SoakError(f"no key could be made: {ended.stderr[-1000:]}")
    return str(json.loads(ended.stdout)["key"])


def failures(figures: dict[str, Any]) -> list[str]:
    """What must not be."""
    parts = {f"{count} clients": level for count, level in figures["clients"].items()}
    parts |= {f"overload, {name}": figures["overload"][name] for name in ("during", "after")}
    parts |= {f"fairness, {name}": figures["fairness"][name] for name in ("greedy", "modest")}
    found = [f"{name}: {part['lost']} requests were lost" for name, part in parts.items() if part["lost"]]
    found += [f"{name}: {part['other_statuses']}" for name, part in parts.items() if "other_statuses" in part]
    found += [
        f"{name}: {part['answered'] - part['right']} answers were wrong"
        for name, part in parts.items()
        if part["right"] < 0.98 * part["answered"]
    ]
    if figures["overload"]["recovered_after_seconds"] is None:
        found.append("it did not recover after the overload")
    if figures["fairness"]["modest"]["refused"]:
        found.append(f"the modest asker was refused {figures['fairness']['modest']['refused']} times")
    if figures["stopping"]["lost_of_those_in_flight"]:
        found.append(f"stopping lost {figures['stopping']['lost_of_those_in_flight']} requests")
    return found


def measure(folder: Path, models: Path, *, documents: int, seconds: float, clients: Sequence[int]) -> dict[str, Any]:
    """Everything, over an index of its own."""
    made = [MadeDocument(number) for number in range(documents)]
    write(folder / "corpus", made)
    right = is_right(made)
    with serving(folder, models, folder / "corpus", _SETTINGS) as server:
        with bare_server(server) as port:
            keys = [new_key(server, name) for name in ("bench", "bench-2")]
            ask, other = (Target(server.port, "/v1/ask", key) for key in keys)
            asked = Asked(ask, other, Target(port, "/v1/ask"), Target(port, "/constant"), questions(made), seconds)
            for target in (asked.ask, asked.bare):
                _ask(asked, target, 4, seconds=min(3.0, seconds))
            figures: dict[str, Any] = {"clients": levels(asked, server, clients, right), "framework": framework(asked)}
        capacity = max(level["per_second"] for level in figures["clients"].values())
        figures["overload"] = overload(asked, figures["clients"][str(clients[0])], capacity, right)
        figures["fairness"] = fairness(asked, right)
        figures["peak_mib"] = round(_peak_mib(server))
        figures["stopping"] = stopping(asked, server)
    return figures | {"failures": failures(figures)}


def _peak_mib(server: Server) -> float:
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Measure, print, write; ends with 1 where something must not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(
            Path(place),
            options.models.resolve(),
            documents=options.documents,
            seconds=options.seconds,
            clients=options.clients,
        )
    record = {"run": run_record(own_command()), "documents": options.documents, "seconds": options.seconds} | figures
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print("\n".join(figures["failures"]) or "nothing lost, nothing wrong")
    sys.exit(bool(figures["failures"]))


if __name__ == "__main__":
    main()
