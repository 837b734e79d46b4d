"""Kills the real ``yiju telegram`` at random points under load and starts it again: nobody may be left without a word.

python -m evals.telegram_kill [--kills 50] [--seed 1] [--models DIR] [--out evals/results/telegram-kill.json]

Every question comes from a person of its own, so that each chat shows what became of one question. Some updates are
handed out twice, and some sends take their time, so that kills fall into them.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.channels.telegram.interruption_phrases import SIMPLIFIED
from bot.state.inbox import BEGUN, DONE, Arrival, Mark
from bot.state.store import StateStore
from corpus.database import open_database
from evals.run_record import own_command, run_record
from tests.telegram_scenarios.program import TOKEN, Program, stop
from tests.telegram_scenarios.questions import EVERY, UNANSWERED
from tests.telegram_server.client import TelegramServer, buttons, running_server

OUT = Path("evals/results/telegram-kill.json")
# Questions that nobody has answered yet: enough that every moment has some in every state.
BACKLOG = 30
FIRST_PERSON = 10_000_000
# One kill of so many falls into the start; the others up to so many seconds after answering has begun.
START_SHARE, UNDER_LOAD_SECONDS = 0.2, 2.5
READY_SECONDS, SETTLE_SECONDS = 120.0, 180.0
QUESTIONS = [*(each.question for each in EVERY), UNANSWERED]
APOLOGY = SIMPLIFIED.answer[:9]


@dataclass
class Replies:
    """What one person got."""

    answers: int = 0
    apologies: list[dict[str, Any]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there was a word at all."""
        return bool(self.answers or self.apologies or self.others)


class People:
    """Asks one question a person, so fast that ``BACKLOG`` are always open, and reads what comes back."""

    def __init__(self, server: TelegramServer, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._seen = 0
        self._lock = threading.Lock()
        self.replies: dict[int, Replies] = {}
        self.repeated = 0
        self.error: BaseException | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def end(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join(60)

    def read(self) -> None:
        """Take note of what was sent since the last time."""
        with self._lock:
            for call in self._server.calls_from(self._seen, 0):
                self._seen = call["number"] + 1
                if call["method"] == "sendMessage" and call["ok"]:
                    self._note(call["result"])

    def open(self) -> list[int]:
        """Who has got no word yet."""
        return [person for person, got in self.replies.items() if not got.any]

    def press_apologies(self) -> None:
        """Whoever got an apology and no answer presses its button; waits until the answers are there."""
        lost = [(person, got) for person, got in self.replies.items() if got.apologies and not got.answers]
        for person, got in lost:
            if buttons(got.apologies[-1]):
                self._server.press(got.apologies[-1], SIMPLIFIED.show_again, user=person)
        end = time.monotonic() + 30
        while time.monotonic() < end and not all(got.answers for _, got in lost):
            time.sleep(0.1)
            self.read()

    def sent(self) -> int:
        """How many messages came."""
        return sum(got.answers + len(got.apologies) + len(got.others) for got in self.replies.values())

    def _note(self, message: dict[str, Any]) -> None:
        got = self.replies.setdefault(message["chat"]["id"], Replies())
        if message["text"].startswith(APOLOGY):
            got.apologies.append(message)
        elif any(button.get("callback_data", "").startswith("u:") for button in buttons(message)):
            got.answers += 1
        else:
            got.others.append(message["text"][:80])

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self.read()
                for _ in range(BACKLOG - len(self.open())):
                    self._ask()
                self._stop.wait(0.05)
        except BaseException as error:  # noqa: BLE001 - the end of a thread: told by the main one
            self.error = error

    def _ask(self) -> None:
        person = FIRST_PERSON + len(self.replies)
        self.replies[person] = Replies()
        update = self._server.say_update(self._chance.choice(QUESTIONS), user=person)
        if self._chance.random() < 0.1:
            self._server.repeat(update["update_id"])
            self.repeated += 1


@dataclass
class Kill:
    """One kill: when, and what the inbox held then."""

    under_load: bool
    seconds: float
    received: int
    begun: int


def kill_once(program: Program, chance: random.Random, ready_seconds: float) -> tuple[Kill, float]:
    """Start the program, kill it at a random point; how long it took to answer, where it came to that."""
    process, started = program.start("telegram"), time.monotonic()
    under_load, logged = chance.random() >= START_SHARE, program.log.stat().st_size
    try:
        if under_load:
            while not _answering(program.log, logged):
                if process.poll() is not None or time.monotonic() - started > READY_SECONDS:
                    raise RuntimeError(f"the program does not answer; see its log: {_tail(program.log)}")
                time.sleep(0.05)
            ready_seconds = time.monotonic() - started
            time.sleep(chance.uniform(0, UNDER_LOAD_SECONDS))
        else:
            time.sleep(chance.uniform(0, ready_seconds))
    finally:
        process.kill()
        process.wait()
    states = _inbox_states(program.data_dir / "yiju.db")
    seconds = round(time.monotonic() - started, 2)
    return Kill(under_load, seconds, states["received"], states[BEGUN]), ready_seconds


def _answering(log: Path, after: int) -> bool:
    """Whether the program has answered anybody since its log had that length; messages may still come of the last."""
    with log.open("rb") as stream:
        stream.seek(after)
        said = stream.read()
    return b"telegram_answered" in said or b"telegram_interrupted" in said


def _inbox_states(database: Path) -> Counter[str]:
    if not database.exists():
        return Counter()
    with closing(sqlite3.connect(database)) as connection:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM inbox GROUP BY state").fetchall()))


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


@contextmanager
def slow_sends(server: TelegramServer) -> Iterator[None]:
    """Half of the messages take a moment to be done, whether or not the bot still waits for it."""
    server.fail("sendMessage", kind="delay", delay_seconds=0.4, share=0.5, count=1_000_000)
    yield
    server.mend()


def settle(program: Program, people: People) -> tuple[float, dict[int, int]]:
    """Start once more and leave it alone until everybody has a word, and nothing more comes.

    Returns: the seconds it took, and how many answers each person had got, before the buttons of apologies are pressed.
    """
    process, started = program.start("telegram"), time.monotonic()
    try:
        quiet_since, sent = time.monotonic(), people.sent()
        while time.monotonic() - started < SETTLE_SECONDS:
            people.read()
            if people.sent() != sent:
                quiet_since, sent = time.monotonic(), people.sent()
            if not people.open() and time.monotonic() - quiet_since > 5:
                break
            time.sleep(0.1)
        seconds = round(quiet_since - started, 2)
        before = {person: got.answers for person, got in people.replies.items()}
        people.press_apologies()
    finally:
        stop(process)
    people.read()
    return seconds, before


def cost(folder: Path, rounds: int = 500) -> dict[str, float]:
    """Milliseconds that the inbox adds to one answer where nothing else writes: its three transactions."""
    engine = open_database(f"sqlite:///{folder / 'cost.db'}")
    state = StateStore(engine)
    state.migrate()
    body = json.dumps({"update_id": 0, "message": {"text": "青石镇苦瓜产值多少？" * 10}})
    taken = []
    for number in range(rounds):
        started = time.perf_counter()
        state.inbox.keep("1", [Arrival(number, number, body)])
        state.inbox.keep("1", [], [Mark(number, BEGUN, "answer")])
        state.inbox.keep("1", [], [Mark(number, DONE)])
        taken.append((time.perf_counter() - started) * 1000)
    engine.dispose()
    taken.sort()
    return {"p50": round(taken[rounds // 2], 2), "p95": round(taken[int(rounds * 0.95)], 2)}


def run(folder: Path, models: Path, kills: int, seed: int) -> dict[str, Any]:
    """The figures, with ``failures``."""
    chance = random.Random(seed)
    with running_server(TOKEN) as server, slow_sends(server):
        program = Program(folder, server.base_url, models, YIJU_TELEGRAM__ACCESS="open")
        program.make_sources()
        indexed = program.run("index", "--json")
        if indexed.returncode != 0:
            raise RuntimeError(indexed.stderr)
        people, done, ready_seconds = People(server, random.Random(seed + 1)), list[Kill](), 10.0
        people.start()
        for number in range(kills):
            kill, ready_seconds = kill_once(program, chance, ready_seconds)
            done.append(kill)
            print(f"kill {number + 1}/{kills}: {kill}; {len(people.replies)} asked", flush=True)
            if people.error is not None:
                raise people.error
        people.end()
        seconds, before = settle(program, people)
        return figures(people, done, before) | {
            "settled_seconds": seconds,
            "inbox_ms_per_answer": cost(folder),
            "log": dict(_warnings(program.log)),
        }


def figures(people: People, kills: list[Kill], before: dict[int, int]) -> dict[str, Any]:
    """What became of the questions. ``before``: answers until the buttons of apologies were pressed."""
    every = list(people.replies.items())
    apologised = [(person, got) for person, got in every if got.apologies]
    lost = [got for person, got in apologised if not before[person]]
    shown_again = [got for got in lost if buttons(got.apologies[-1])]
    counts: dict[str, Any] = {
        "kills": len(kills),
        "kills_under_load": sum(kill.under_load for kill in kills),
        "kills_with_a_reply_on_its_way": sum(kill.begun > 0 for kill in kills),
        "questions": len(every),
        "updates_handed_out_twice": people.repeated,
        "answered_once": sum(before[person] == 1 for person, _ in every),
        "answered_twice": sum(before[person] > 1 for person, _ in every),
        "apologies": len(apologised),
        "apologies_whose_answer_had_arrived": len(apologised) - len(lost),
        "apologies_whose_answer_was_lost": len(lost),
        "lost_answers_shown_again_by_the_button": sum(got.answers == 1 for got in shown_again),
        "apologies_before_there_was_an_answer": len(lost) - len(shown_again),
        "apologised_more_than_once": sum(len(got.apologies) > 1 for _, got in every),
        "left_without_a_word": len(people.open()),
        "other_messages": dict(Counter(text for _, got in every for text in got.others).most_common(10)),
        "waiting_at_kill": {"received": [each.received for each in kills], "begun": [each.begun for each in kills]},
    }
    failures = []
    if counts["left_without_a_word"]:
        failures.append(f"left without a word: {people.open()[:20]}")
    if counts["answered_twice"] > len(kills):
        failures.append(f"answered twice: {counts['answered_twice']} in {len(kills)} kills")
    if counts["lost_answers_shown_again_by_the_button"] < len(shown_again):
        failures.append("the button did not show a lost answer")
    return counts | {"failures": failures}


def _warnings(log: Path) -> list[tuple[str, int]]:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    bad = [line for line in lines if "[error" in line or "[warning" in line or "Traceback" in line]
    events = [line.partition("]")[2].split("  ")[0].strip() or line[:80] for line in bad]
    return Counter(events).most_common(20)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), options.models.resolve(), options.kills, options.seed)
    for name, value in found.items():
        print(f"{name}: {value}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    record = {"run": run_record(own_command())} | found
    options.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.exit(bool(found["failures"]))


if __name__ == "__main__":
    main()
