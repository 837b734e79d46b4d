"""The audit in the database: what is kept, found and pruned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.state import pruning
from bot.state.audit import MAX_DETAIL_CHARS, Deed
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

ASKED = Deed(
    actor="telegram:22",
    channel="telegram",
    action="question",
    detail="青石镇苦瓜产值多少？",
    place="telegram:-1001:5",
    outcome="answered",
    sources=("d1", "文档/二"),
    answer_id="a1",
    latency_ms=12.5,
)


def test_a_deed_comes_back_as_it_was(state: StateStore, clock: Clock) -> None:
    state.audit.add(ASKED)
    (entry,) = state.audit.find()
    assert (entry.at, entry.deed) == (clock.now, ASKED)


def test_deeds_are_found_by_time_actor_and_action_latest_first(state: StateStore, clock: Clock) -> None:
    for number in range(6):
        state.audit.add(
            Deed(f"telegram:{number % 2}", "telegram", ("question", "reindex")[number % 3 == 0], f"{number}")
        )
        clock.turn(hours=1)

    def found(**wanted: object) -> list[str]:
        return [entry.deed.detail for entry in state.audit.find(**wanted)]  # type: ignore[arg-type]

    assert found() == ["5", "4", "3", "2", "1", "0"]
    assert found(limit=2) == ["5", "4"]
    assert found(since=clock.now - timedelta(hours=2)) == ["5", "4"]
    assert found(actors=("telegram:1", "nobody")) == ["5", "3", "1"]
    assert found(action="reindex") == ["3", "0"]
    assert found(actors=("telegram:1",), action="reindex") == ["3"]


@pytest.mark.parametrize("text", ["", "a\x00b", "\ud800", "𠮷" * 10_000])
def test_any_text_can_be_kept(state: StateStore, text: str) -> None:
    state.audit.add(Deed("local", "http", "question", text))
    (entry,) = state.audit.find()
    assert len(entry.deed.detail) == min(len(text), MAX_DETAIL_CHARS)
    assert "\x00" not in entry.deed.detail


def test_old_deeds_are_pruned_in_batches(state: StateStore, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH_ROWS", 3)
    for number in range(10):
        state.audit.add(Deed("local", "http", "question", f"{number}"))
        clock.turn(days=1)
    assert state.audit.prune(clock.now - timedelta(days=3)) == 7
    assert [entry.deed.detail for entry in state.audit.find()] == ["9", "8", "7"]
    assert state.audit.prune(clock.now - timedelta(days=3)) == 0
