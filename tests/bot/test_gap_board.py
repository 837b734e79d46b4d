from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.gap_board import GapBoard, GapRequestError, UnknownGapError
from bot.gaps import GapCluster
from bot.state.gap_marks import DONE, IGNORED, OPEN, GapMarks, wording_key
from bot.state.store import StateStore
from corpus.database import open_database
from tests.bot.fakes import KeptTrail
from tests.databases import database_url

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
WATER = GapCluster("自来水什么时候来？", ("何时来自来水",), 5, 3, NOW - timedelta(hours=1))
ROAD = GapCluster("修路修到什么时候？", (), 2, 1, NOW - timedelta(days=1))


@dataclass
class Desk:
    board: GapBoard
    clusters: list[GapCluster]
    trail: list[tuple[str, str, str]]
    now: list[datetime] = field(default_factory=lambda: [NOW])


@pytest.fixture
def desk(tmp_path: Path, backend: str) -> Iterator[Desk]:
    engine = open_database(database_url(tmp_path))
    StateStore(engine).migrate()
    clusters, now, trail = [WATER, ROAD], [NOW], KeptTrail()
    board = GapBoard(lambda: clusters, GapMarks(engine, clock=lambda: now[0]), trail)
    yield Desk(board, clusters, trail.kept, now)
    engine.dispose()


def test_what_nobody_decided_about_is_to_be_done(desk: Desk) -> None:
    page = desk.board.page(OPEN)

    assert [gap.cluster for gap in page.gaps] == [WATER, ROAD]
    assert page.counts == {OPEN: 2, DONE: 0, IGNORED: 0}
    assert (page.gaps[0].assignee, page.gaps[0].note) == (None, None)


def test_a_decision_holds_for_all_wordings_whoever_leads_them_later(desk: Desk) -> None:
    desk.board.mark(wording_key(WATER.question), state=OPEN, assignee=" 王 科长 ", note="水务局\n要文件", by="local")
    desk.clusters[0] = replace(WATER, question="何时来自来水", others=("自来水什么时候来？",))

    gap = desk.board.get(wording_key("自来水什么时候来？"))

    assert (gap.assignee, gap.note, gap.state) == ("王 科长", "水务局 要文件", OPEN)
    assert desk.trail == [("local", "gap_open", "自来水什么时候来？ → 王 科长")]


def test_what_is_done_comes_back_when_somebody_asks_again_and_what_is_ignored_does_not(desk: Desk) -> None:
    for cluster, state in ((WATER, DONE), (ROAD, IGNORED)):
        desk.board.mark(wording_key(cluster.question), state=state, by="local")
    assert [gap.state for gap in desk.board.gaps()] == [DONE, IGNORED]

    desk.clusters[:] = [replace(each, asked_at=NOW + timedelta(minutes=1)) for each in desk.clusters]

    water, road = desk.board.gaps()
    assert (water.state, water.reopened) == (OPEN, True)
    assert (road.state, road.reopened) == (IGNORED, False)


def test_the_last_decision_counts(desk: Desk) -> None:
    key = wording_key(WATER.question)
    desk.board.mark(key, state=IGNORED, by="local")
    desk.now[0] += timedelta(minutes=1)
    desk.board.mark(key, state=OPEN, by="user:2")

    gap = desk.board.get(key)
    assert gap.state == OPEN
    assert gap.mark is not None
    assert gap.mark.changed_by == "user:2"


def test_pages_hold_one_state_and_one_assignee(desk: Desk) -> None:
    desk.board.mark(wording_key(ROAD.question), state=OPEN, assignee="李", by="local")

    assert [gap.cluster for gap in desk.board.page(OPEN, assignee="李").gaps] == [ROAD]
    assert desk.board.page(OPEN, assignee="张").total == 0
    assert [gap.cluster for gap in desk.board.page(None, offset=1, limit=1).gaps] == [ROAD]


def test_what_makes_no_sense_is_refused_and_not_kept(desk: Desk) -> None:
    key = wording_key(WATER.question)
    with pytest.raises(GapRequestError):
        desk.board.mark(key, state="later", by="local")
    with pytest.raises(GapRequestError):
        desk.board.mark(key, state=DONE, note="字" * 1001, by="local")
    with pytest.raises(UnknownGapError):
        desk.board.mark("nope", state=DONE, by="local")
    assert desk.trail == []
    assert desk.board.get(key).mark is None


@pytest.mark.parametrize("question", ["", "𠮷", "字" * 2000, "a\ud800b", "'; DROP TABLE gap_marks; --"])
def test_any_question_can_be_decided_about(desk: Desk, question: str) -> None:
    desk.clusters[:] = [replace(WATER, question=question)]
    desk.board.mark(wording_key(question), state=DONE, note="\x00\ud800", by="local")
    assert desk.board.get(wording_key(question)).state == DONE
