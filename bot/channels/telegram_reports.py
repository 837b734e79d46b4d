"""Jobs, status, gaps and uploads in words for administrators. Sends nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.channels.telegram_phrases import Phrases
from bot.channels.telegram_ports import JobView
from bot.channels.telegram_text import Run, StyledText, shorten

FINISHED = frozenset({"succeeded", "failed"})
_BAR_CHARS = 12
_MAX_FAILURES = 10
_FAILURE_CHARS = 200
_GAP_CHARS = 120


def job_text(job: JobView, phrases: Phrases) -> StyledText:
    """A job as it stands: progress while it runs, the report or the error at the end."""
    if job.state == "failed":
        return (Run(phrases.reindex_failed.format(error=shorten(job.error or "", 1000))),)
    if job.state == "succeeded":
        return _report_text(job.report or {}, phrases)
    filled = _BAR_CHARS * job.done // job.total if job.total > 0 else 0
    bar = "▓" * min(filled, _BAR_CHARS) + "░" * (_BAR_CHARS - min(filled, _BAR_CHARS))
    return (Run(f"{phrases.reindex_running.format(done=job.done, total=job.total)}\n{bar}"),)


def status_text(status: object, phrases: Phrases, *, heading: str) -> StyledText:
    """The figures of ``status`` that have a label, one a line."""
    figures = as_mapping(status)
    lines = [
        f"{label}: {_figure(figures[name], phrases)}"
        for name, label in phrases.status_labels.items()
        if name in figures
    ]
    return (Run(heading, bold=True), Run("".join(f"\n{line}" for line in lines)))


def gaps_text(gaps: Sequence[object], phrases: Phrases) -> StyledText:
    """Unanswered questions, one a line; strings, or anything with a ``question``."""
    if not gaps:
        return (Run(phrases.no_gaps),)
    questions = (gap if isinstance(gap, str) else str(as_mapping(gap).get("question", "")) for gap in gaps)
    lines = "".join(f"\n· {shorten(question, _GAP_CHARS)}" for question in questions)
    return (Run(phrases.gaps_heading, bold=True), Run(lines))


def as_mapping(value: object) -> Mapping[str, Any]:
    """Fields by name of a mapping or a dataclass."""
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {}


def _figure(value: object, phrases: Phrases) -> str:
    if value is None:
        return phrases.never
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    job = as_mapping(value)
    if not {"id", "state"} <= job.keys():
        return str(value)
    return f"{job['id']} {phrases.job_states.get(str(job['state']), job['state'])}"


def _report_text(report: Mapping[str, Any], phrases: Phrases) -> StyledText:
    dry = bool(report) and report.get("snapshot") is None
    documents = as_mapping(report.get("documents"))
    counts = phrases.reindex_counts.format(
        **{name: documents.get(name, 0) for name in ("added", "changed", "removed", "unchanged")},
        passages=report.get("passages", 0),
        embedded=report.get("embedded", 0),
        seconds=round(float(report.get("seconds") or 0), 1),
    )
    heading = phrases.reindex_dry_done if dry else phrases.reindex_done
    return (Run(heading, bold=True), Run(f"\n{counts}"), *_failures(report, phrases))


def _failures(report: Mapping[str, Any], phrases: Phrases) -> StyledText:
    failed = [file for file in map(as_mapping, report.get("files") or ()) if file.get("failure")]
    if not failed:
        return ()
    lines = [
        f"· {file.get('path')}: {shorten(str(file['failure']), _FAILURE_CHARS)}" for file in failed[:_MAX_FAILURES]
    ]
    if len(failed) > _MAX_FAILURES:
        lines.append(phrases.reindex_more.format(count=len(failed) - _MAX_FAILURES))
    return (
        Run(f"\n\n{phrases.reindex_failures.format(count=len(failed))}"),
        Run("".join(f"\n{line}" for line in lines)),
    )
