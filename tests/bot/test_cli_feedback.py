"""`yiju feedback` over a real database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.answers import Outcome
from bot.cli import main
from bot.feedback import MISSED, OUTDATED
from bot.state.store import StateStore
from corpus.database import open_database
from tests.bot.index_place import Place
from tests.bot.state.test_answers import answer


@pytest.fixture(autouse=True)
def rated(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place with three ratings, the last one up."""
    monkeypatch.setattr("bot.commands.feedback.settings_for", lambda: place.settings)
    engine = open_database(place.settings.database_url)
    state = StateStore(engine)
    state.migrate()
    for answer_id, outcome, rating, reason, comment in (
        ("a1", Outcome.ANSWERED, "down", OUTDATED, "今年是1.5亿元"),
        ("a2", Outcome.NOT_FOUND, "down", MISSED, None),
        ("a3", Outcome.ANSWERED, "up", None, None),
    ):
        state.answers.save(answer(answer_id, outcome), question=f"问题{answer_id}", owner="telegram:22")
        state.answers.rate(answer_id, "telegram:22", rating, reason=reason, comment=comment)
    engine.dispose()


def yiju(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["feedback", *arguments])


def test_bad_answers_are_listed_for_people(place: Place) -> None:
    done = yiju()
    assert done.exit_code == 0, done.output
    assert "👍 1  👎 2（资料里其实有 1，已过时 1）" in done.stdout
    assert "问题a1\n    约1.3亿元；出处：镇里的一年；原因：已过时；意见：今年是1.5亿元" in done.stdout
    assert "问题a2\n    没有找到；原因：资料里其实有" in done.stdout
    assert "问题a3" not in done.stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), {"a1", "a2"}), (("--rating", "up"), {"a3"}), (("--rating", "all"), {"a1", "a2", "a3"})],
)
def test_they_are_listed_for_programs(place: Place, options: tuple[str, ...], expected: set[str]) -> None:
    said: dict[str, Any] = json.loads(yiju("--json", *options).stdout)
    assert {each["answer_id"] for each in said["answers"]} == expected
    assert (said["days"], said["up"], said["down"], said["reasons"]) == (30, 1, 2, {OUTDATED: 1, MISSED: 1})


def test_so_many_are_listed_at_most(place: Place) -> None:
    assert len(json.loads(yiju("--json", "--rating", "all", "--limit", "2").stdout)["answers"]) == 2
