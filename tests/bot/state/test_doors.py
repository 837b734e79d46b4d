"""Accounts, sessions, keys that end, and the audit's own lock, as the database keeps them."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DatabaseError

from bot.errors import AccountError, KeyRequestError, UnknownAccountError
from bot.state.audit import Deed
from bot.state.store import StateStore
from bot.state.tables import audit
from corpus.database import write
from corpus.errors import StoreError
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, clearance_of
from tests.bot.state.conftest import Clock


def test_a_key_ends_and_keeps_the_doors_locked(state: StateStore, clock: Clock) -> None:
    end = clock.now + timedelta(days=1)
    made = state.keys.create("门户", ["ask"], expires_at=end, clearance=clearance_of(["内部", "机密"]))

    verified = state.keys.verify(made.plain)
    assert verified is not None
    assert (verified.expires_at, verified.clearance.stated()) == (end, ("内部", "机密"))
    clock.turn(days=1)
    assert state.keys.verify(made.plain) is None
    assert state.keys.any_keys()


def test_a_key_that_is_over_already_is_not_made(state: StateStore, clock: Clock) -> None:
    with pytest.raises(KeyRequestError):
        state.keys.create("门户", ["ask"], expires_at=clock.now)


@pytest.mark.parametrize("clearance", [PUBLIC_ONLY, EVERYTHING, clearance_of(["内部"])])
def test_a_clearance_is_kept_as_it_was_stated(state: StateStore, clearance: object) -> None:
    made = state.keys.create("门户", ["ask"], clearance=clearance)  # type: ignore[arg-type]
    account = state.accounts.create("王芳", "user", clearance, by="cli:x")  # type: ignore[arg-type]

    verified = state.keys.verify(made.plain)
    assert verified is not None
    assert verified.clearance == state.accounts.get(account.id).clearance == clearance


@pytest.mark.parametrize("name", ["", "  ", "长" * 65, "<b>", 'a"b', "a\nb", "a/b", "甲,乙"])
def test_names_that_are_of_no_use(state: StateStore, name: str) -> None:
    with pytest.raises(AccountError):
        state.accounts.create(name, "user", PUBLIC_ONLY, by="cli:x")


def test_two_names_that_read_alike_are_one(state: StateStore) -> None:
    state.accounts.create("Wang", "user", PUBLIC_ONLY, by="cli:x")
    with pytest.raises(AccountError):
        state.accounts.create("ｗａｎｇ", "user", PUBLIC_ONLY, by="cli:x")


def test_no_token_stands_in_the_database(state: StateStore, tmp_path: Path, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("reads the file")
    account = state.accounts.create("王芳", "user", PUBLIC_ONLY, by="cli:x")
    tokens = [state.sessions.begin(account.id, address="a", agent="b").token, state.accounts.make_link(account.id)]

    with sqlite3.connect(tmp_path / "yiju.db") as connection:
        dump = "\n".join(connection.iterdump())
    assert all(token not in dump for token in tokens)


def test_a_link_ends_after_a_day_and_with_the_next(state: StateStore, clock: Clock) -> None:
    account = state.accounts.create("王芳", "user", PUBLIC_ONLY, by="cli:x")
    first = state.accounts.make_link(account.id)
    second = state.accounts.make_link(account.id)

    with pytest.raises(UnknownAccountError):
        state.accounts.of_link(first)
    assert state.accounts.of_link(second).id == account.id
    clock.turn(hours=24)
    with pytest.raises(UnknownAccountError):
        state.accounts.use_link(second, "hash")


def test_sessions_are_pruned_when_they_are_long_over(state: StateStore, clock: Clock) -> None:
    account = state.accounts.create("王芳", "user", PUBLIC_ONLY, by="cli:x")
    state.sessions.begin(account.id, address="a", agent="b")
    clock.turn(days=100)
    running = state.sessions.begin(account.id, address="a", agent="b")

    assert state.sessions.prune(clock.now - timedelta(days=30)) == 1
    assert state.sessions.verify(running.token) is not None


def test_the_audit_can_be_added_to_and_not_changed(engine: Engine) -> None:
    state = StateStore(engine)  # with the real clock: entries of today
    state.migrate()
    state.audit.add(Deed("cli:x", "cli", "key_created", "门户"))

    for statement in (update(audit).values(actor="somebody else"), delete(audit)):
        with pytest.raises((StoreError, DatabaseError)):
            write(engine, lambda connection, statement=statement: connection.execute(statement))  # type: ignore[misc]
    assert [entry.deed.actor for entry in state.audit.find()] == ["cli:x"]


def test_the_audit_forgets_what_retention_lets_go(state: StateStore, clock: Clock) -> None:
    state.audit.add(Deed("cli:x", "cli", "key_created", "门户"))  # in the year of the test's clock
    clock.turn(days=2)

    assert state.audit.prune(clock.now) == 1
