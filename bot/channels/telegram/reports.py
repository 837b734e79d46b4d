"""Jobs and status in words for administrators. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.channels.telegram.job_phrases import JobPhrases
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.ports import JobView
from bot.channels.telegram.previews import preview_text
from bot.channels.telegram.text import Run, StyledText, as_mapping, percent, shorten
from bot.indexing_jobs import DRY_RUN

FINISHED = frozenset({"succeeded", "failed"})
_BAR_CHARS = 12
_MAX_FAILURES = 10
_FAILURE_CHARS = 200
_GAP_CHARS = 120
_MAX_CHANGES = 10
_CHANGE_CHARS = 40
# What is worth a line only where there is something to say.
_ONLY_WHERE_THERE = frozenset({"pending_documents", "failed_documents", "blocked", "paused_by", "embedding_job"})


def job_text(job: JobView, phrases: Phrases) -> StyledText:
    """A job as it stands: progress while it runs, the report, what it would do, or the error at the end."""
    dry = job.kind == DRY_RUN
    if job.state == "failed":
        failed = Run(phrases.reindex_failed.format(error=shorten(job.error or "", 1000)))
        return (failed, *_gate(as_mapping((job.report or {}).get("gate")), phrases))
    if job.state == "succeeded":
        report = job.report or {}
        return (*preview_text(report, phrases), *_failures(report, phrases)) if dry else _report_text(report, phrases)
    filled = _BAR_CHARS * job.done // job.total if job.total > 0 else 0
    bar = "▓" * min(filled, _BAR_CHARS) + "░" * (_BAR_CHARS - min(filled, _BAR_CHARS))
    pace = "".join(f"\n{part}" for part in [_pace(as_mapping(job), phrases)] if part)
    heading = phrases.admin.looking if dry else phrases.reindex_running.format(done=job.done, total=job.total)
    return (Run(f"{heading}\n{bar}{pace}"),)


def _pace(job: Mapping[str, Any], phrases: Phrases) -> str:
    """Phase, speed and time left of a job, as far as they are known."""
    words = phrases.jobs
    parts = [words.phases.get(job["phase"], job["phase"])] if job.get("phase") else []
    if job.get("rate"):
        parts.append(words.rate.format(rate=f"{job['rate']:.0f}" if job["rate"] >= 10 else f"{job['rate']:.1f}"))
    if job.get("eta_seconds") is not None:
        parts.append(words.left.format(time=duration(job["eta_seconds"], words)))
    if job.get("paused"):
        parts.append(words.paused)
    return " · ".join(parts)


def duration(seconds: float, words: JobPhrases) -> str:
    """A time in the two largest units that it has."""
    whole = round(seconds)
    if whole < 60:
        return words.seconds.format(seconds=whole)
    if whole < 3600:
        return words.minutes.format(minutes=whole // 60, seconds=whole % 60)
    return words.hours.format(hours=whole // 3600, minutes=whole % 3600 // 60)


def status_text(status: object, phrases: Phrases, *, heading: str) -> StyledText:
    """The figures of ``status`` that have a label, one a line."""
    figures = as_mapping(status)
    lines = [
        f"{label}: {_figure(figures[name], phrases)}"
        for name, label in phrases.status_labels.items()
        if name in figures and not (name in _ONLY_WHERE_THERE and not figures[name])
    ]
    return (Run(heading, bold=True), Run("".join(f"\n{line}" for line in lines)))


def _figure(value: object, phrases: Phrases) -> str:
    if value is None:
        return phrases.never
    if isinstance(value, float):
        return percent(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    job = as_mapping(value)
    if not {"id", "state"} <= job.keys():
        return str(value)
    state = f"{job['id']} {phrases.job_states.get(str(job['state']), job['state'])}"
    pace = _pace(job, phrases) if job["state"] not in FINISHED else ""
    return f"{state} {job['done']}/{job['total']} {pace}".rstrip() if pace else state


def _report_text(report: Mapping[str, Any], phrases: Phrases) -> StyledText:
    documents = as_mapping(report.get("documents"))
    counts = phrases.reindex_counts.format(
        **{name: documents.get(name, 0) for name in ("added", "changed", "removed", "unchanged")},
        passages=report.get("passages", 0),
        embedded=report.get("embedded", 0),
        seconds=round(float(report.get("seconds") or 0), 1),
    )
    share = report.get("embedded_share")
    if share is not None and share < 1:
        counts += f"\n{phrases.jobs.embedded.format(percent=percent(share))}"
    return (
        Run(phrases.reindex_done, bold=True),
        Run(f"\n{counts}"),
        *_gate(as_mapping(report.get("gate")), phrases),
        *_failures(report, phrases),
    )


def _gate(gate: Mapping[str, Any], phrases: Phrases) -> StyledText:
    """What the switch changed: how golden questions fare, and answers that are others now."""
    words, lines = phrases.jobs, []
    accuracy = as_mapping(as_mapping(gate.get("golden")).get("answer_accuracy"))
    if accuracy.get("before") is not None and accuracy.get("after") is not None:
        lines.append(words.golden.format(**{when: percent(share) for when, share in accuracy.items()}))
    changes = [as_mapping(change) for change in gate.get("changes") or ()]
    if changes:
        lines.append(words.changed.format(count=gate.get("changed", len(changes))))
        lines += [f"· {_change(change, words)}" for change in changes[:_MAX_CHANGES]]
        if len(changes) > _MAX_CHANGES:
            lines.append(phrases.reindex_more.format(count=gate.get("changed", len(changes)) - _MAX_CHANGES))
    return (Run("".join(f"\n{line}" for line in ("", *lines))),) if lines else ()


def _change(change: Mapping[str, Any], words: JobPhrases) -> str:
    before, after = (change.get(f"source_{when}") or words.nothing for when in ("before", "after"))
    return words.change.format(
        question=shorten(str(change.get("question")), _GAP_CHARS),
        before=shorten(change.get("before") or words.nothing, _CHANGE_CHARS),
        after=shorten(change.get("after") or words.nothing, _CHANGE_CHARS),
        source=shorten(before if before == after else f"{before} → {after}", _GAP_CHARS),
    )


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
