"""Many people who ask by a schedule, in Telegram and over HTTP, and what became of each question.

Telegram is the Bot API server of the tests; its clock and that of this process are the machine's monotonic one.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from evals.faults.made_corpus import MadeDocument
from tests.telegram_server.client import TelegramServer

FIRST_USER, FIRST_GROUP = 1_000_001, -1_001_000_000_001
MEMBERS = 5
# A reply that has not come by then is lost.
PATIENCE_SECONDS = 120.0
_HASTY_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Planned:
    """A question: who asks it, where (a negative id: in a group), and how long after the start.

    ``hasty``: the same person asked the one before just now, and does not wait for its answer.
    """

    user: int
    chat: int
    question: str
    fact: str
    at_seconds: float
    hasty: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a question: each reply to it with the seconds it took. Over HTTP a reply is the short answer."""

    planned: Planned
    replies: list[tuple[float, str]] = field(default_factory=list)


class Client(Protocol):
    """One HTTP connection."""

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON."""
        ...


def plan(*, users: int, questions: int, documents: int, rate: float, in_groups: float, seed: int) -> list[Planned]:
    """So many questions by their time, ``rate`` a second together; everybody asks equally often, in changing order.

    ``in_groups`` is the share of users who ask in groups of five. Every twentieth user is hasty every other time.
    """
    chance, planned, latest = random.Random(seed), list[Planned](), dict[int, float]()
    orders = [chance.sample(range(users), users) for _ in range(-(-questions // users))]
    for number in range(questions):
        turn, place = divmod(number, users)
        user = orders[turn][place]
        hasty = user % 20 == 19 and turn % 2 == 1
        latest[user] = latest[user] + _HASTY_SECONDS if hasty else number / rate
        document = MadeDocument((user * 7 + turn * 31) % documents)
        road = (user + turn) % 2 == 0
        planned.append(
            Planned(
                user=FIRST_USER + user,
                chat=FIRST_GROUP - user // MEMBERS if user < users * in_groups else FIRST_USER + user,
                question=f"{document.village}{'新修公路多少公里' if road else '收获稻谷多少吨'}？",
                fact=document.road if road else document.harvest,
                at_seconds=latest[user],
                hasty=hasty,
            )
        )
    return sorted(planned, key=lambda each: each.at_seconds)


def ask_http(client: Callable[[], Client], planned: Sequence[Planned]) -> list[Outcome]:
    """Ask by the schedule, everybody over a connection of their own. A reply is the short answer, "" for none."""
    begin = time.monotonic() - planned[0].at_seconds
    connections = threading.local()

    def ask(each: Planned) -> Outcome:
        outcome = Outcome(each)
        if not hasattr(connections, "client"):
            connections.client = client()
        sent = time.monotonic()
        try:
            body = {"question": each.question, "conversation_id": f"load-{each.chat}"}
            status, answer = connections.client.call("POST", "/v1/ask", body)
        except (OSError, http.client.HTTPException):
            return outcome
        if status == 200:
            outcome.replies.append((time.monotonic() - sent, answer["short_answer"] or ""))
        return outcome

    with ThreadPoolExecutor(len({each.user for each in planned})) as pool:
        asked = []
        for each in planned:
            time.sleep(max(0.0, begin + each.at_seconds - time.monotonic()))
            asked.append(pool.submit(ask, each))
        return [each.result() for each in asked]


def ask_telegram(server: TelegramServer, planned: Sequence[Planned]) -> tuple[list[Outcome], list[dict[str, Any]]]:
    """Write by the schedule, and wait for the replies. Returns: the outcomes, and messages that reply to nothing."""
    begin, first = time.monotonic() - planned[0].at_seconds, server.state()["calls"]
    outcomes, sent = [], list[tuple[float, int, int]]()
    for each in planned:
        time.sleep(max(0.0, begin + each.at_seconds - time.monotonic()))
        text = each.question if each.chat > 0 else f"/ask {each.question}"
        at = time.monotonic()
        message = server.say(text, user=each.user, chat=each.chat)
        sent.append((at, each.chat, message["message_id"]))
        outcomes.append(Outcome(each))
    end = time.monotonic() + PATIENCE_SECONDS
    while len(_delivered(server, first)) < len(planned) and time.monotonic() < end:
        time.sleep(0.2)
    # What comes twice may come late.
    time.sleep(2.0)
    return outcomes, match_replies(_delivered(server, first), outcomes, sent)


def _delivered(server: TelegramServer, first: int) -> list[dict[str, Any]]:
    calls = server.calls_from(first, 0)
    return [call for call in calls if call["ok"] and call["method"] == "sendMessage"]


def match_replies(
    calls: Sequence[dict[str, Any]], outcomes: Sequence[Outcome], sent: Sequence[tuple[float, int, int]]
) -> list[dict[str, Any]]:
    """Give each message to the question that it replies to: in groups it says which, in private they come in order.

    A chat's messages beyond its questions go to the last one, which so has two. Returns: messages for nobody.
    """
    private: dict[int, list[int]] = {}
    by_message: dict[tuple[int, int], int] = {}
    for place, (_, chat, message_id) in enumerate(sent):
        by_message[chat, message_id] = place
        private.setdefault(chat, []).append(place)
    for_nobody = []
    for call in calls:
        message, chat = call["result"], call["chat_id"]
        replied = message.get("reply_to_message", {}).get("message_id")
        waiting = private.get(chat, [])
        if chat < 0:
            found = by_message.get((chat, replied))
        else:
            found = next((each for each in waiting if not outcomes[each].replies), waiting[-1] if waiting else None)
        if found is None:
            for_nobody.append(message)
        else:
            outcomes[found].replies.append((call["at"] - sent[found][0], message["text"]))
    return for_nobody
