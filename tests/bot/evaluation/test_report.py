from __future__ import annotations

import json
from dataclasses import replace

from bot.evaluation.report import as_report, render_table
from tests.bot.evaluation.test_metrics import RIGHT, UNANSWERABLE_REFUSED, WRONG

# The keys of the contract, in its order.
KEYS = [
    "questions",
    "answerable",
    "unanswerable",
    "hit@1",
    "hit@5",
    "mrr@10",
    "exact_match",
    "f1",
    "answer_accuracy",
    "citation_accuracy",
    "citations_mean",
    "refusal_precision",
    "refusal_recall",
    "refusal_auroc",
    "turn_accuracy",
    "latency_ms",
    "by_type",
]


def test_the_report_has_exactly_the_keys_of_the_contract() -> None:
    report = as_report([RIGHT, UNANSWERABLE_REFUSED])
    assert list(report) == KEYS
    assert report["latency_ms"] == {"p50": 10.0, "p95": 10.0}


def test_each_type_has_the_same_figures() -> None:
    by_type = as_report([RIGHT, UNANSWERABLE_REFUSED])["by_type"]
    assert isinstance(by_type, dict)
    assert list(by_type) == ["figure", "unanswerable"]
    assert list(by_type["figure"]) == KEYS[:-1]


def test_the_report_is_json_with_null_where_nothing_can_be_counted() -> None:
    report = json.loads(json.dumps(as_report([UNANSWERABLE_REFUSED])))
    assert report["hit@1"] is None
    assert report["refusal_auroc"] is None
    assert report["by_type"]["unanswerable"]["refusal_recall"] == 1


def test_the_table_shows_every_figure_and_a_row_for_each_type() -> None:
    table = render_table(as_report([RIGHT, replace(WRONG, type="数字"), UNANSWERABLE_REFUSED]))
    lines = table.splitlines()
    for key in KEYS[:-1]:
        assert any(line.startswith(f"{key} ") for line in lines), key
    assert any(line.startswith("turn_accuracy") and line.endswith(" -") for line in lines)
    assert [line.split()[0] for line in lines[-3:]] == ["figure", "unanswerable", "数字"]


def test_the_table_of_nothing_is_no_trouble() -> None:
    assert "questions" in render_table(as_report([]))
