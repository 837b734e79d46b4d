"""What Prometheus is told, and that every metric has a row in the docs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.http_metrics import metrics_text
from bot.errors import NotReadyError
from bot.state.jobs import JobView
from tests.bot.fakes import NOW, FakeAdmin
from tests.bot.http_site import Site, assert_problem
from tests.bot.metric_names import metrics_told


def figures(**changes: Any) -> dict[str, Any]:
    return {**FakeAdmin().status(), **changes}


def told(status: dict[str, Any], *, after: timedelta = timedelta(hours=1)) -> dict[str, float]:
    text = metrics_text(lambda: status, now=lambda: NOW + after).decode()
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_sizes_and_what_waits_are_told() -> None:
    values = told(figures())

    assert values["yiju_ready"] == 1
    assert values["yiju_snapshot_age_seconds"] == 3600
    assert (values["yiju_passages"], values["yiju_passages_embedded"], values["yiju_passages_pending"]) == (40, 10, 30)
    assert (values["yiju_documents_pending"], values["yiju_documents_failed"]) == (2, 1)
    assert (values["yiju_snapshots_blocked"], values["yiju_embedding_paused"]) == (1, 1)
    assert not [name for name in values if name.startswith("yiju_job")]


def test_a_job_is_told_while_it_runs_and_how_it_ended() -> None:
    job = FakeAdmin(started=[(False, False, False, "local")]).job("j1")
    running = told(figures(last_job=job))
    failed = told(figures(last_job=replace(job, state="failed")))
    stopped = told(figures(embedding_job=replace(job, state="failed", stop_asked_by="local")))

    assert running['yiju_job_running{kind="reindex"}'] == 1
    assert running['yiju_job_done_ratio{kind="reindex"}'] == pytest.approx(0.3)
    assert (running['yiju_job_rate{kind="reindex"}'], running['yiju_job_eta_seconds{kind="reindex"}']) == (2.5, 2.8)
    assert failed['yiju_job_failed{kind="reindex"}'] == 1
    assert 'yiju_job_rate{kind="reindex"}' not in failed
    assert stopped['yiju_job_failed{kind="embedding"}'] == 0


def test_a_job_of_unknown_length_has_done_nothing_yet() -> None:
    job = JobView("j", "reindex", "running", 0, 0, None, None, "local", NOW, NOW)

    assert told(figures(last_job=job))['yiju_job_done_ratio{kind="reindex"}'] == 0


def test_without_an_index_or_while_loading_it_is_not_ready() -> None:
    def loading() -> dict[str, Any]:
        raise NotReadyError("正在加载")

    nothing = told(figures(snapshot=None, created_at=None, passages=0, embedded=0))

    assert nothing["yiju_ready"] == 0
    assert "yiju_snapshot_age_seconds" not in nothing
    assert b"yiju_ready 0.0" in metrics_text(loading)


def test_a_clock_that_was_set_back_makes_no_negative_age() -> None:
    assert told(figures(created_at=datetime(2999, 1, 1, tzinfo=UTC)))["yiju_snapshot_age_seconds"] == 0


def test_metrics_are_served_as_text_and_need_a_key_like_the_rest(site: Site) -> None:
    answer = site.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# HELP yiju_passages Passages of the serving snapshot" in answer.text
    foreign = site.client.get("/metrics", headers={"Host": "yiju.example.org"})
    assert_problem(foreign, 403, "local_only")


def test_every_metric_has_a_row_in_the_docs(project_dir: Path) -> None:
    page = (project_dir / "docs" / "http.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(yiju_\w+)", page, re.MULTILINE))
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics_told() if name.startswith("yiju_")}
    assert rows == names
