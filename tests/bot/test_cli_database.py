"""`yiju database copy`: everything arrives, goes on being used, or nothing does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from bot.cli import main
from bot.state.store import StateStore
from corpus import database_transfer
from corpus.database import open_database
from corpus.store import DocumentStore
from tests.bot.index_place import Place
from tests.bot.state.test_answers import answer
from tests.databases import database_url, everything_stored


@pytest.fixture
def filled(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An indexed SQLite installation in which somebody asked, and somebody has a key."""
    monkeypatch.setattr("bot.commands.database.settings_for", lambda: place.settings)
    place.index()
    state = place.stores.state
    conversation = state.conversations.open(None, owner="key:1")
    kept = answer("a1")
    state.answers.save(kept, question="凉瓜\0𠮷产值多少？", owner="key:1")
    state.answers.rate("a1", "key:1", "up")
    state.keys.create("网站", ["ask"])
    assert conversation
    place.stores.documents.retire("旧文")
    return place


@pytest.fixture
def target(tmp_path: Path, backend: str) -> str:
    folder = tmp_path / "target"
    return database_url(folder, empty=True)


def copy(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["database", "copy", *arguments])


def opened(url: str) -> Engine:
    return open_database(url)


def test_everything_arrives_and_goes_on_being_used(filled: Place, target: str) -> None:
    done = copy(target, "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["rows"]
    assert (rows["document_versions"], rows["answers"], rows["api_keys"], rows["retired_documents"]) == (2, 1, 1, 1)
    engine = opened(target)
    assert sorted(everything_stored(engine).splitlines()) == sorted(
        everything_stored(filled.stores.engine).splitlines()
    )
    documents, state = DocumentStore(engine), StateStore(engine)
    assert documents.store_id() == filled.stores.documents.store_id()
    state.answers.save(answer("a2"), question="再问", owner="key:1")  # the counters go on behind what was copied
    assert state.answers.get("a1", "key:1").question == "凉瓜\0𠮷产值多少？"
    engine.dispose()


def test_a_database_in_use_is_left_alone(filled: Place, target: str) -> None:
    engine = opened(target)
    state = StateStore(engine)
    DocumentStore(engine).migrate()
    state.migrate()
    state.keys.create("别人的", ["ask"])
    before = everything_stored(engine)
    done = copy(target)
    assert done.exit_code == 1
    assert "in use already (api_keys have rows)" in done.stderr
    assert everything_stored(engine) == before
    engine.dispose()


def test_what_arrives_otherwise_than_it_was_sent_is_not_kept(
    filled: Place, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = database_transfer._print
    calls = []

    def spoilt(*arguments: object) -> tuple[int, int]:
        calls.append(arguments)
        return (0, len(calls)) if len(calls) == 2 else told(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(database_transfer, "_print", spoilt)
    done = copy(target)
    assert done.exit_code == 1
    assert "differs from what was sent" in done.stderr
    engine = opened(target)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM document_versions")).scalar() == 0
    engine.dispose()


def test_tables_of_others_are_not_left_behind_unsaid(filled: Place, target: str) -> None:
    with filled.stores.engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    done = copy(target)
    assert done.exit_code == 1
    assert "theirs" in done.stderr


def test_the_database_of_the_settings_is_no_target(filled: Place) -> None:
    done = copy(filled.settings.database_url)
    assert done.exit_code == 1
    assert "the database of the settings itself" in done.stderr


def test_the_url_stands_in_a_file_or_on_the_line(filled: Place, target: str, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(target + "\n")
    assert copy().exit_code == copy(target, "--url-file", str(file)).exit_code == 2
    assert copy("--url-file", str(file)).exit_code == 0
