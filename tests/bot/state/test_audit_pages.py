from __future__ import annotations

from datetime import timedelta

import pytest

from bot.state.audit import QUESTION, Deed
from bot.state.audit_pages import AuditFilter, AuditPages
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

DEEDS = (
    Deed("key:1", "http", QUESTION, "清溪镇凉瓜产值多少？", "key:1", "answered", ("d1", "d2"), "a1", 12.5),
    Deed("telegram:7", "telegram", "document_retired", "d1"),
    Deed("telegram:7", "telegram", QUESTION, "50%的人怎么了_", "telegram:7", "failed: BusyError"),
    Deed("local", "http", "reindex_started", "job_1"),
)


@pytest.fixture
def pages(state: StateStore, clock: Clock) -> AuditPages:
    """Four deeds, an hour apart."""
    for deed in DEEDS:
        state.audit.add(deed)
        clock.turn(hours=1)
    return state.audit_pages


def test_the_latest_come_first_page_by_page(pages: AuditPages) -> None:
    first = pages.page(AuditFilter(), limit=3)
    rest = pages.page(AuditFilter(), before=first[-1].id, limit=3)

    assert [line.deed for line in (*first, *rest)] == list(reversed(DEEDS))


def test_an_export_has_all_in_their_order_however_many(pages: AuditPages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.state.audit_pages._BATCH", 2)
    assert [line.deed for line in pages.all(AuditFilter())] == list(DEEDS)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (AuditFilter(), [0, 1, 2, 3]),
        (AuditFilter(actor="telegram:7"), [1, 2]),
        (AuditFilter(channel="http"), [0, 3]),
        (AuditFilter(action=QUESTION), [0, 2]),
        (AuditFilter(outcome="failed"), [2]),
        (AuditFilter(words="凉瓜"), [0]),
        (AuditFilter(words="JOB"), [3]),
        (AuditFilter(words="TELEGRAM:7"), [1, 2]),
        (AuditFilter(words="50%"), [2]),
        (AuditFilter(words="%"), [2]),
        (AuditFilter(words="_"), [2, 3]),
        (AuditFilter(words="' OR 1=1 --"), []),
        (AuditFilter(actor="telegram:7", action=QUESTION), [2]),
    ],
)
def test_a_filter_leaves_in_what_it_says(pages: AuditPages, chosen: AuditFilter, expected: list[int]) -> None:
    assert [line.deed for line in pages.all(chosen)] == [DEEDS[place] for place in expected]
    assert pages.count(chosen) == len(expected)


def test_a_time_takes_in_its_beginning_and_leaves_out_its_end(pages: AuditPages) -> None:
    moments = [line.at for line in pages.all(AuditFilter())]

    chosen = AuditFilter(since=moments[1], until=moments[3])

    assert [line.at for line in pages.all(chosen)] == moments[1:3]
    assert pages.count(AuditFilter(since=moments[3] + timedelta(seconds=1))) == 0


def test_the_names_of_a_form_are_those_that_occur(pages: AuditPages) -> None:
    assert pages.names() == (["document_retired", QUESTION, "reindex_started"], ["http", "telegram"])
