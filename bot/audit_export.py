"""The audit as a file: CSV for spreadsheets, JSON Lines for programs. Streams; nothing is held whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from bot.state.audit_pages import AuditLine

CSV, JSONL = "csv", "jsonl"
_COLUMNS = (
    "id",
    "at",
    "actor",
    "channel",
    "action",
    "detail",
    "place",
    "outcome",
    "sources",
    "answer_id",
    "latency_ms",
)
# A spreadsheet takes a cell that begins so for a formula, full-width signs too, and white space before it is no guard.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")
_BYTE_ORDER_MARK = "\ufeff"


def as_csv(lines: Iterable[AuditLine]) -> Iterator[str]:
    """Text of a CSV file with a heading, piece by piece; begins with a byte order mark, which Excel needs for UTF-8.

    A text that a spreadsheet would take for a formula begins with an apostrophe instead.
    """
    yield _BYTE_ORDER_MARK + _row(_COLUMNS)
    for line in lines:
        values = _values(line)
        yield _row([harmless(each) if isinstance(each, str) else "" if each is None else str(each) for each in values])


def as_jsonl(lines: Iterable[AuditLine]) -> Iterator[str]:
    """One JSON object a line, as it was kept."""
    for line in lines:
        values = dict(zip(_COLUMNS, _values(line), strict=True)) | {"sources": list(line.deed.sources)}
        yield json.dumps(values, ensure_ascii=False) + "\n"


def harmless(cell: str) -> str:
    """The text of a cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.lstrip(" \u3000\u00a0").startswith(_FORMULA) or cell.startswith(("\t", "\r")) else cell


def _values(line: AuditLine) -> list[str | int | float | None]:
    deed = line.deed
    return [
        line.id,
        line.at.isoformat(timespec="milliseconds"),
        deed.actor,
        deed.channel,
        deed.action,
        deed.detail,
        deed.place,
        deed.outcome,
        " ".join(deed.sources),
        deed.answer_id,
        deed.latency_ms,
    ]


def _row(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
