"""An evaluation as the contract's JSON object, and as a table for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from bot.evaluation.judging import Judgement
from bot.evaluation.metrics import Metrics, measure, measure_by_type

_TABLE_COLUMNS = ("questions", "hit@1", "mrr@10", "f1", "answer_accuracy", "citation_accuracy", "refusal_recall")


def as_report(judgements: Sequence[Judgement]) -> dict[str, object]:
    """The report of the contract; ``by_type`` holds the same figures for each type."""
    by_type = {name: _figures(metrics) for name, metrics in measure_by_type(judgements).items()}
    return {**_figures(measure(judgements)), "by_type": by_type}


def render_table(report: Mapping[str, object]) -> str:
    """The report for people: every figure on a line of its own, then a row for each type."""
    lines = [f"{name:<18} {_shown(value)}" for name, value in report.items() if name != "by_type"]
    by_type = report["by_type"]
    if isinstance(by_type, Mapping) and by_type:
        rows = [("type", *_TABLE_COLUMNS)]
        rows += [(name, *(_shown(figures[column]) for column in _TABLE_COLUMNS)) for name, figures in by_type.items()]
        widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines += ["", *("  ".join(map(_padded, row, widths)).rstrip() for row in rows)]
    return "\n".join(lines)


def _figures(metrics: Metrics) -> dict[str, object]:
    return {
        "questions": metrics.questions,
        "answerable": metrics.answerable,
        "unanswerable": metrics.unanswerable,
        "hit@1": metrics.hit_at_1,
        "hit@5": metrics.hit_at_5,
        "mrr@10": metrics.mrr_at_10,
        "exact_match": metrics.exact_match,
        "f1": metrics.f1,
        "answer_accuracy": metrics.answer_accuracy,
        "citation_accuracy": metrics.citation_accuracy,
        "citations_mean": metrics.citations_mean,
        "refusal_precision": metrics.refusal_precision,
        "refusal_recall": metrics.refusal_recall,
        "refusal_auroc": metrics.refusal_auroc,
        "turn_accuracy": metrics.turn_accuracy,
        "latency_ms": {"p50": _tenths(metrics.latency_ms_p50), "p95": _tenths(metrics.latency_ms_p95)},
    }


def _tenths(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return "  ".join(f"{name} {_shown(part)}" for name, part in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    """Columns in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
