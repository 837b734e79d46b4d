"""The dashboard and the alerts speak of metrics, labels and values that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.meters import CHANNEL_ERRORS, OUTCOMES
from tests.bot.metric_names import metrics_told

BOARD, ALERTS = Path("deploy/grafana/yiju.json"), Path("deploy/prometheus-alerts.yaml")
_NAME = re.compile(r"\b(?:yiju|process)_[a-z_]+")
_SELECTOR = re.compile(r"(\w+)\{([^}]*)\}")
_LABEL = re.compile(r'(\w+)\s*(=~|!=|=)\s*"([^"]*)"')
# What the scraping side adds.
_TARGET = {"instance", "job"}


def board(project_dir: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project_dir / BOARD).read_text(encoding="utf-8"))
    return found


def rules(project_dir: Path) -> list[dict[str, Any]]:
    said = yaml.safe_load((project_dir / ALERTS).read_text(encoding="utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def expressions(project_dir: Path) -> list[str]:
    shown = [target["expr"] for panel in board(project_dir)["panels"] for target in panel.get("targets", ())]
    return shown + [rule["expr"] for rule in rules(project_dir)]


def test_every_metric_that_is_asked_for_is_told(project_dir: Path) -> None:
    asked = {name for each in expressions(project_dir) for name in _NAME.findall(each)}

    assert asked - set(metrics_told()) == set()


def test_every_metric_of_ours_is_on_the_dashboard(project_dir: Path) -> None:
    shown = " ".join(expressions(project_dir))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics_told() if name.startswith("yiju_")}
    assert sorted(name for name in families if name not in shown) == []


def test_labels_that_are_asked_for_are_told(project_dir: Path) -> None:
    told = metrics_told()
    for each in expressions(project_dir):
        for metric, inner in _SELECTOR.findall(each):
            labels = {name for name, _, _ in _LABEL.findall(inner)} - _TARGET
            assert labels <= told.get(metric, set()) | {"le"}, each


def test_values_that_are_asked_for_occur(project_dir: Path) -> None:
    known = {
        "outcome": set(OUTCOMES),
        "channel": {channel for channel, _ in CHANNEL_ERRORS.values()},
        "kind": {kind for _, kind in CHANNEL_ERRORS.values()},
        "reason": {"full", "displaced", "given_up"},
        "stage": {"total"},
        "pool": {"yiju-ask", "yiju-http", "yiju-access", "yiju-telegram"},
    }
    for each in expressions(project_dir):
        for name, _, value in _LABEL.findall(each):
            if name in known and not value.startswith("$"):
                assert set(value.split("|")) <= known[name], each


def test_panels_do_not_overlap_and_have_ids_of_their_own(project_dir: Path) -> None:
    panels = board(project_dir)["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.parametrize("wanted", ["alert", "expr", "labels", "annotations"])
def test_alerts_are_whole(project_dir: Path, wanted: str) -> None:
    assert all(rule.get(wanted) for rule in rules(project_dir))
    assert {rule["labels"]["severity"] for rule in rules(project_dir)} <= {"info", "warning", "critical"}


def test_parentheses_are_closed(project_dir: Path) -> None:
    for each in expressions(project_dir):
        assert all(each.count(opening) == each.count(closing) for opening, closing in ("()", "{}", "[]")), each
