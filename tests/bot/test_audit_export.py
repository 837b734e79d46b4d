from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit_export import as_csv, as_jsonl, harmless
from bot.state.audit import Deed
from bot.state.audit_pages import AuditLine

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


def line(detail: str) -> AuditLine:
    return AuditLine(1, AT, Deed("key:1", "http", "question", detail, sources=("d1", "d2"), latency_ms=12.5))


def rows(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_a_spreadsheet_gets_a_heading_and_one_row_a_deed() -> None:
    heading, row = rows("".join(as_csv([line('他说“好”,\n"行"')])))

    assert dict(zip(heading, row, strict=True)) == {
        "id": "1",
        "at": "2026-05-04T10:30:00.000+00:00",
        "actor": "key:1",
        "channel": "http",
        "action": "question",
        "detail": '他说“好”,\n"行"',
        "place": "",
        "outcome": "",
        "sources": "d1 d2",
        "answer_id": "",
        "latency_ms": "12.5",
    }


@pytest.mark.parametrize(
    "detail",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1", "　=cmd|' /C calc'!A0", "|x", "%0A"],
)
def test_no_text_is_calculated(detail: str) -> None:
    cell = rows("".join(as_csv([line(detail)])))[1][5]
    assert cell == f"'{detail}"


@pytest.mark.parametrize("detail", ["", "产值多少？", "1+1=2", "a@b.cn", "2026-05-04", "'=1"])
def test_other_text_stays_as_it_is(detail: str) -> None:
    assert harmless(detail) == detail


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_any_text_comes_back_and_none_begins_as_a_formula(detail: str) -> None:
    cell = rows("".join(as_csv([line(detail)])))[1][5]
    assert cell in (detail, f"'{detail}")
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_programs_get_every_text_as_it_was_kept() -> None:
    (text,) = as_jsonl([line("=1+1\n\u2028")])

    assert text.endswith("\n")
    kept = json.loads(text)
    assert (kept["detail"], kept["sources"], kept["latency_ms"]) == ("=1+1\n\u2028", ["d1", "d2"], 12.5)
