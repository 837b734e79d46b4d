"""API keys: shown once, stored as a hash, checked, revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from bot.errors import KeyRequestError
from bot.state.keys import ApiKeys
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock
from tests.databases import everything_stored


def test_a_key_is_good_for_its_scopes(state: StateStore, clock: Clock) -> None:
    made = state.keys.create(" 门户网站 ", ["documents", "ask", "ask"])
    assert made.plain.startswith("yj_")
    assert (made.info.name, made.info.scopes, made.info.created_at) == ("门户网站", ("ask", "documents"), clock.now)
    verified = state.keys.verify(made.plain)
    assert verified is not None
    assert (verified.id, verified.name, verified.scopes) == (made.info.id, "门户网站", ("ask", "documents"))


def test_the_secret_is_nowhere_in_the_database_and_not_shown_again(state: StateStore, engine: Engine) -> None:
    made = state.keys.create("网站", ["ask"])
    secret = made.plain.split("_", 2)[2]
    assert made.info.id in everything_stored(engine)
    assert secret not in everything_stored(engine)
    assert secret not in repr(made)
    assert secret not in repr(state.keys.list_keys())


def test_two_keys_differ(state: StateStore) -> None:
    first, second = state.keys.create("一", ["ask"]), state.keys.create("二", ["admin"])
    assert first.plain != second.plain
    mixed = f"yj_{first.info.id}_{second.plain.split('_', 2)[2]}"
    assert state.keys.verify(mixed) is None


@pytest.mark.parametrize(
    "plain", ["", "yj_", "yj_000000000000_" + "x" * 43, "Bearer x", "yj_" + "é" * 60, "\0", "😀", "x" * 100_000]
)
def test_what_is_no_key_is_none(state: StateStore, plain: str) -> None:
    state.keys.create("网站", ["ask"])
    assert state.keys.verify(plain) is None


def test_a_changed_character_is_noticed(state: StateStore) -> None:
    plain = state.keys.create("网站", ["ask"]).plain
    for place in range(len(plain)):
        other = "b" if plain[place] == "a" else "a"
        assert state.keys.verify(plain[:place] + other + plain[place + 1 :]) is None
    assert state.keys.verify(plain + "a") is None
    assert state.keys.verify(plain) is not None


def test_a_revoked_key_is_good_for_nothing(state: StateStore, clock: Clock) -> None:
    made = state.keys.create("网站", ["ask"])
    clock.turn(days=1)
    assert state.keys.revoke(made.info.id).revoked_at == clock.now
    assert state.keys.verify(made.plain) is None
    assert [key.revoked_at for key in state.keys.list_keys()] == [clock.now]
    with pytest.raises(KeyRequestError, match=r"in force.*yiju keys list"):
        state.keys.revoke(made.info.id)


def test_a_key_can_be_revoked_by_name_and_the_name_used_again(state: StateStore) -> None:
    first = state.keys.create("网站", ["ask"])
    with pytest.raises(KeyRequestError, match=rf"key {first.info.id} is called '网站' already"):
        state.keys.create("网站", ["ask"])
    state.keys.revoke("网站")
    second = state.keys.create("网站", ["ask"])
    assert state.keys.verify(first.plain) is None
    assert state.keys.verify(second.plain) is not None


def test_whether_there_is_any_key_in_force(state: StateStore) -> None:
    assert state.keys.any_keys() is False
    state.keys.create("网站", ["ask"])
    assert state.keys.any_keys() is True
    state.keys.revoke("网站")
    assert state.keys.any_keys() is False


@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [
        ("", ["ask"], "1 to 100 printable"),
        ("  ", ["ask"], "1 to 100 printable"),
        ("长" * 101, ["ask"], "1 to 100 printable"),
        ("一\n二", ["ask"], "1 to 100 printable"),
        ("网站", [], "needs a scope; choose from: ask, documents, admin"),
        ("网站", ["ask", "root"], "'root' is not a scope; choose from: ask, documents, admin"),
        ("网站", ["ask,admin"], "'ask,admin' is not a scope"),
    ],
)
def test_requests_that_make_no_key(state: StateStore, name: str, scopes: list[str], said: str) -> None:
    with pytest.raises(KeyRequestError, match=said):
        state.keys.create(name, scopes)
    assert state.keys.list_keys() == []


def test_use_is_noted_at_most_once_a_minute(state: StateStore, engine: Engine, clock: Clock) -> None:
    plain = state.keys.create("网站", ["ask"]).plain
    updates: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE"):
            updates.append(statement)

    for _ in range(7):
        assert state.keys.verify(plain) is not None
        clock.turn(seconds=20)
    assert len(updates) == 3
    (key,) = state.keys.list_keys()
    assert key.last_used_at is not None
    assert (clock.now - key.last_used_at).total_seconds() <= 60


@pytest.mark.sqlite
def test_a_key_is_good_also_where_nothing_can_be_written(state: StateStore, tmp_path: Path, clock: Clock) -> None:
    from corpus.database import open_database

    plain = state.keys.create("网站", ["ask"]).plain
    read_only = ApiKeys(open_database(f"sqlite:///file:{tmp_path}/yiju.db?mode=ro&uri=true"), clock=clock)
    assert read_only.verify(plain) is not None


SCOPE_SETS = st.lists(st.sampled_from(["ask", "documents", "admin"]), min_size=1)


@given(SCOPE_SETS)
def test_scopes_are_kept_once_and_in_one_order(scopes: list[str]) -> None:
    from bot.state.keys import _checked_scopes

    kept = _checked_scopes(scopes)
    assert set(kept) == set(scopes)
    assert kept == tuple(scope for scope in ("ask", "documents", "admin") if scope in kept)
