"""Figures of a load are what its replies say: worked out by hand."""

from __future__ import annotations

import pytest

from evals.faults.made_corpus import MadeDocument
from evals.http_benchmark import failures, is_right, questions
from evals.http_load.asking import LOST, Reply, Target, in_turn
from evals.http_load.figures import percentile_ms, recovery_seconds, summed_up


def reply(status: int, seconds: float = 0.1, *, began: float = 0.0, after: float | None = None) -> Reply:
    return Reply(status, seconds, began, after)


def test_percentiles_are_of_the_nearest_rank() -> None:
    seconds = [n / 1000 for n in range(1, 101)]
    assert [percentile_ms(seconds, share) for share in (0.5, 0.95, 0.99, 1)] == [50.0, 95.0, 99.0, 100.0]
    assert percentile_ms([0.004], 0.99) == 4.0
    assert percentile_ms([], 0.5) is None


def test_what_is_neither_answered_nor_refused_properly_shows() -> None:
    replies = [reply(200), reply(200, 0.3), reply(503, 0.01, after=2), reply(503), reply(429, after=1), reply(LOST)]
    figures = summed_up(replies, seconds=2, right=lambda each: each.seconds < 0.2)

    assert (figures["answered"], figures["right"], figures["refused"], figures["lost"]) == (2, 1, 2, 1)
    assert figures["per_second"] == 1.0
    assert figures["other_statuses"] == {"503": 1}


def test_answers_after_the_time_are_none_of_its_seconds() -> None:
    replies = [reply(200, 1.0, began=5.0), reply(200, 1.5, began=6.0), reply(200, 3.0, began=6.5)]
    figures = summed_up(replies, seconds=4)

    assert (figures["answered"], figures["per_second"]) == (3, 0.5)


def test_recovery_is_when_the_last_late_reply_came() -> None:
    calm = [reply(200, 0.5, began=10.0), reply(503, 0.1, began=10.6, after=1), reply(200, 0.1, began=11.0)]

    assert recovery_seconds(calm, 10.0, 200.0) == pytest.approx(0.7)
    assert recovery_seconds(calm[2:], 10.0, 200.0) == 0.0
    assert recovery_seconds(calm[:2], 10.0, 200.0) is None


def test_a_request_says_its_length_in_bytes() -> None:
    head, _, body = Target(8000, "/v1/ask", "k").request({"question": "问"}).partition(b"\r\n\r\n")

    assert b"Authorization: Bearer k" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.decode() == '{"question": "问"}'


def test_bodies_come_round_again() -> None:
    following = in_turn([1, 2])
    assert [following() for _ in range(5)] == [1, 2, 1, 2, 1]


def test_an_answer_is_right_by_the_facts_of_the_village_it_cites() -> None:
    documents = [MadeDocument(0), MadeDocument(1)]
    first, second = documents
    right = is_right(documents)

    def said(answer: str, passage: str) -> Reply:
        import json

        return Reply(200, 0.1, 0.0, None, json.dumps({"answer": answer, "citations": [{"passage": passage}]}).encode())

    assert right(said(first.road, f"{first.village}今年新修公路"))
    assert not right(said(second.road, f"{first.village}今年新修公路"))
    assert len(questions(documents)) == 4


def test_whatever_must_not_be_is_a_failure() -> None:
    fine = {"lost": 0, "answered": 100, "right": 100, "refused": 0}
    figures = {
        "clients": {"1": fine, "8": {**fine, "lost": 1}},
        "overload": {"during": {**fine, "other_statuses": {"500": 2}}, "after": fine, "recovered_after_seconds": None},
        "fairness": {"greedy": {**fine, "right": 90}, "modest": {**fine, "refused": 3}},
        "stopping": {"lost_of_those_in_flight": 1},
    }
    assert len(failures(figures)) == 6
    healthy = {
        "clients": {"1": fine},
        "overload": {"during": fine, "after": fine, "recovered_after_seconds": 0.0},
        "fairness": {"greedy": fine, "modest": fine},
        "stopping": {"lost_of_those_in_flight": 0},
    }
    assert failures(healthy) == []
