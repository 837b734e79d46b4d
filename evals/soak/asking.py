"""One client that asks all the time, and what is wrong with an answer."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evals.faults.made_corpus import MadeDocument
from evals.soak.served import Client
from evals.soak.town import ROAD, Town, number_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back. ``phase``: what the index was doing when it was sent.

    ``due``: the document was there all the time, so it had to be found; ``found``: it is the first source.
    """

    phase: str
    seconds: float
    due: bool
    found: bool
    wrong: str | None = None


def ask_until(
    stop: threading.Event, client: Client, town: Town, phase: Callable[[], str], *, seed: int, pause_seconds: float
) -> list[Asked]:
    """Ask about documents by chance, a pause of that mean length between, until it is time to stop."""
    dice = random.Random(seed)
    asked = []
    while not stop.wait(dice.expovariate(1 / pause_seconds)):
        number = dice.choice(town.numbers())
        document = MadeDocument(number)
        question = (
            f"{document.village}{ROAD}多少公里？" if dice.random() < 0.7 else f"{document.village}收获稻谷多少吨？"
        )
        asked.append(_ask(client, town, number, question, phase()))
    return asked


def _ask(client: Client, town: Town, number: int, question: str, phase: str) -> Asked:
    sent = time.monotonic()
    try:
        status, answer = client.call("POST", "/v1/ask", {"question": question})
    except (OSError, http.client.HTTPException) as error:
        return Asked(phase, time.monotonic() - sent, False, False, f"no answer: {type(error).__name__}: {error}")
    answered = time.monotonic()
    if status != 200:
        return Asked(phase, answered - sent, False, False, f"status {status}: {answer}")
    sources = [number_of(citation["source_path"]) for citation in answer["citations"]]
    return Asked(
        phase,
        answered - sent,
        None not in town.possible(number, sent, answered),
        sources[:1] == [number],
        wrong_with(answer, town, sent, answered),
    )


def wrong_with(answer: dict[str, Any], town: Town, sent: float, answered: float) -> str | None:
    """Why an answer may not be given: it cites what is gone, or what was edited away; None where it may."""
    for citation in answer["citations"]:
        number = number_of(citation["source_path"])
        editions = town.possible(number, sent, answered)
        if editions == {None}:
            return f"document {number} is gone and answers: {citation['quote']}"
        roads = [MadeDocument(number, edition).road for edition in editions if edition is not None]
        if ROAD in citation["quote"] and not any(road in citation["passage"] for road in roads):
            return f"document {number} says {roads}, the answer cites {citation['quote']}"
    return None
