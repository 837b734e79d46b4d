"""Lets 200 people ask 2,000 questions in Telegram under its flood limits, and the same over HTTP beside it.

python -m evals.telegram_load [--users 200] [--questions 2000] [--rate RATE] [--models DIR]
                              [--out evals/results/telegram-load.json]

One `yiju serve` answers both; the Bot API server of the tests stands for Telegram. The questions are cut into blocks,
of which one is asked over HTTP and in Telegram by turns, at the same times of the schedule. Without --rate they come
at four tenths of what this machine answers at most, and at five a second at most. Ends with 1 where a question was
lost, answered twice, or answered with what belongs to another.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evals.faults.made_corpus import MadeDocument, write
from evals.run_record import own_command, run_record
from evals.soak.served import Server, serving
from evals.telegram_asking import (
    FIRST_GROUP,
    FIRST_USER,
    MEMBERS,
    Client,
    Outcome,
    Planned,
    ask_http,
    ask_telegram,
    plan,
)
from tests.telegram_server.checks import problems
from tests.telegram_server.client import TelegramServer, running_server

OUT = Path("evals/results/telegram-load.json")
TOKEN = "123456789:AAE-load_TOKEN_nobody_has"
IN_GROUPS = 0.2
_READY_SECONDS = 120.0
# Of what the server answers when asked without a pause: a load under which nobody has to be sent away.
_LOAD, _MAX_RATE = 0.4, 5.0
_PROBES, _PROBERS = 60, 2


def bearable_rate(server: Server) -> float:
    """How many questions a second this machine can be asked for long."""
    planned = plan(users=_PROBES, questions=_PROBES, documents=_PROBES, rate=1, in_groups=0, seed=0)
    started = time.monotonic()
    with ThreadPoolExecutor(_PROBERS) as pool:
        for prober in range(_PROBERS):
            pool.submit(_probe, server.client(), planned[prober::_PROBERS])
    return round(min(_MAX_RATE, _LOAD * _PROBES / (time.monotonic() - started)), 2)


def _probe(client: Client, planned: Sequence[Planned]) -> None:
    for each in planned:
        client.call("POST", "/v1/ask", {"question": each.question})


def load(server: Server, telegram: TelegramServer, planned: Sequence[Planned], blocks: int) -> dict[str, Any]:
    """Ask everything both ways. Returns: the figures, with ``failures``."""
    over_http, in_telegram, for_nobody = list[Outcome](), list[Outcome](), list[dict[str, Any]]()
    telegram.limit_floods({})
    for block in range(blocks):
        part = planned[len(planned) * block // blocks : len(planned) * (block + 1) // blocks]
        for turn in (0, 1):
            if (block + turn) % 2 == 0:
                over_http += ask_http(server.client, part)
            else:
                outcomes, extra = ask_telegram(telegram, part)
                in_telegram += outcomes
                for_nobody += extra
        print(f"block {block + 1} of {blocks}: {len(in_telegram)} questions asked both ways", flush=True)
    answers = {each.planned.question: each.replies[0][1] for each in over_http if each.replies}
    failures = [*wrong_with(in_telegram, answers), *(f"for nobody: {message['text']}" for message in for_nobody)]
    failures += [f"over HTTP: no answer to {each.planned.question}" for each in over_http if not each.replies]
    failures += [each for call in telegram.calls() for each in problems(call)]
    if server.process.poll() is not None:
        failures.append(f"the server ended with {server.process.poll()}")
    return {
        "failures": failures,
        "answered": sum(bool(each.replies) for each in in_telegram),
        "right": sum(each.planned.fact in each.replies[0][1] for each in in_telegram if each.replies),
        "in_groups": sum(each.planned.chat < 0 for each in in_telegram),
        "flood_refusals": telegram.flood_refusals(),
        "latency_ms": latencies(over_http, in_telegram),
    }


def wrong_with(outcomes: Sequence[Outcome], answers: dict[str, str]) -> list[str]:
    """What is wrong with the replies: none, more than one, or not what HTTP answers to that question."""
    found = []
    for each in outcomes:
        where = f"{each.planned.question} in {each.planned.chat}"
        if len(each.replies) != 1:
            found.append(f"{'lost' if not each.replies else 'answered twice'}: {where}")
        for _, text in each.replies:
            if (wanted := answers.get(each.planned.question)) is not None and wanted not in text:
                found.append(f"not the answer to {where}, which is {wanted or 'none'}: {text[:80]}")
    return found


def latencies(over_http: Sequence[Outcome], in_telegram: Sequence[Outcome]) -> dict[str, Any]:
    """p50 and p95 from question to reply of both ways, and the ratios; hasty questions, which the limits of Telegram
    hold back for a second, stand apart.
    """
    figures: dict[str, Any] = {}
    for name, outcomes in (("http", over_http), ("telegram", in_telegram)):
        calm = [each.replies[0][0] for each in outcomes if each.replies and not each.planned.hasty]
        figures[name] = {"p50": percentile(calm, 0.5), "p95": percentile(calm, 0.95)}
    figures["ratio"] = {
        share: round(figures["telegram"][share] / figures["http"][share], 2) if figures["http"][share] else None
        for share in ("p50", "p95")
    }
    hasty = [each for each in in_telegram if each.planned.hasty]
    in_groups = [each for each in in_telegram if each.planned.chat < 0]
    for name, outcomes in (("telegram_hasty", hasty), ("telegram_in_groups", in_groups)):
        seconds = [each.replies[0][0] for each in outcomes if each.replies]
        figures[name] = {"p50": percentile(seconds, 0.5), "p95": percentile(seconds, 0.95)}
    return figures


def percentile(seconds: Sequence[float], share: float) -> float | None:
    """In milliseconds; None of nothing."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1) if ordered else None


def settings(users: int, base_url: str) -> dict[str, str]:
    """What the server is told, beside where its data are."""
    groups = -(-users // MEMBERS)
    allowed = [*range(FIRST_USER, FIRST_USER + users), *range(FIRST_GROUP - groups, FIRST_GROUP + 1)]
    return {
        "YIJU_TELEGRAM__TOKEN": TOKEN,
        "YIJU_TELEGRAM__BASE_URL": base_url,
        "YIJU_TELEGRAM__ALLOWED_IDS": ",".join(map(str, allowed)),
    }


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--rate", type=float, help="questions a second of all users together")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    asked = {name: getattr(options, name) for name in ("users", "questions", "documents")}
    with tempfile.TemporaryDirectory() as place, running_server(TOKEN) as telegram:
        folder = Path(place)
        write(folder / "corpus", [MadeDocument(number) for number in range(options.documents)])
        print(f"indexing {options.documents} documents and starting the server", flush=True)
        told = settings(options.users, telegram.base_url)
        with serving(folder, options.models.resolve(), folder / "corpus", told) as server:
            telegram.say("/help", user=FIRST_USER)
            telegram.expect_message(within=_READY_SECONDS)
            rate = options.rate or bearable_rate(server)
            print(f"{options.questions} questions of {options.users} users, {rate} a second, twice", flush=True)
            planned = plan(**asked, rate=rate, in_groups=IN_GROUPS, seed=options.seed)
            figures = load(server, telegram, planned, options.blocks)
    record = {"run": run_record(own_command())} | asked | {"rate": rate} | figures
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: figures[name] for name in figures if name != "failures"}, ensure_ascii=False, indent=1))
    print("\n".join(figures["failures"][:20]) or "nothing lost, nothing answered twice, none to the wrong chat")
    sys.exit(bool(figures["failures"]))


if __name__ == "__main__":
    main()
