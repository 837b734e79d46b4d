"""Who is signed in: random tokens, hashed at rest, over after a time unused, after a time at all, or when ended."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, insert, select, update

from bot.errors import UnknownAccountError
from bot.state.accounts import Account, account_of, digest_of
from bot.state.conversations import now_utc
from bot.state.pruning import delete_before
from bot.state.tables import accounts, sessions
from corpus.database import reading, write
from corpus.errors import StoreError

TOKEN_CHARS = 43
# Not at every request: each note is a write.
_NOTE_USE_EVERY = timedelta(minutes=1)
_MAX_AGENT_CHARS = 200


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: ``idle`` after its last use, ``total`` after signing in."""

    idle: timedelta = timedelta(hours=12)
    total: timedelta = timedelta(days=7)


USUAL_LIMITS = SessionLimits()


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its token. ``last_seen_at`` is exact to a minute."""

    id: str
    account_id: str
    address: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that just began. ``token`` cannot be had again."""

    session: Session
    account: Account
    token: str

    def __repr__(self) -> str:
        """Without the token: it could get into a log."""
        return f"NewSession(session={self.session!r})"


class Sessions:
    """The sessions in the database. Thread-safe. Every method may raise StoreError.

    ``changes`` counts what this process ended, so that a cache of who is signed in can tell.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        limits: SessionLimits = USUAL_LIMITS,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self.limits = limits
        self.changes = 0

    def begin(self, account_id: str, *, address: str, agent: str) -> NewSession:
        """Sign in. Raises: UnknownAccountError: no such account, or it is disabled."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        row = {
            "id": secrets.token_hex(6),
            "account": account_id,
            "digest": digest_of(token),
            "address": address[:64],
            "agent": _printable(agent),
            "created_at": now,
            "last_seen_at": now,
            "expires_at": now + self.limits.total,
        }

        def add(connection: Connection) -> tuple[Session, Account]:
            usable = (accounts.c.id == account_id, accounts.c.disabled_at.is_(None))
            signed_in = connection.execute(update(accounts).where(*usable).values(last_sign_in_at=now))
            if signed_in.rowcount != 1:
                raise UnknownAccountError("账号不存在或已停用。")
            connection.execute(insert(sessions).values(**row))
            owner = connection.execute(select(accounts).where(accounts.c.id == account_id)).one()
            return _session(connection.execute(select(sessions).where(sessions.c.id == row["id"])).one()), account_of(
                owner
            )

        return NewSession(*write(self._engine, add), token)

    def verify(self, token: str) -> tuple[Session, Account] | None:
        """The session of this token with its account; None where there is none, or it is over."""
        if len(token) != TOKEN_CHARS:
            return None
        now = self._clock()
        found = select(sessions).where(sessions.c.digest == digest_of(token), *self._running(now))
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
            owner = None if row is None else connection.execute(_usable(row.account)).first()
        if row is None or owner is None:
            return None
        self._note_use(row.id, row.last_seen_at, now)
        return _session(row), account_of(owner)

    def end(self, token: str) -> None:
        """Sign out."""
        self._end(sessions.c.digest == digest_of(token))

    def end_one(self, session_id: str) -> Session:
        """End a session by its id. Raises: UnknownAccountError: none of that id is running."""
        with reading(self._engine) as connection:
            running = self._running(self._clock())
            row = connection.execute(select(sessions).where(sessions.c.id == session_id, *running)).first()
        if row is None:
            raise UnknownAccountError(f"没有进行中的会话 {session_id[:40]!r}。")
        self._end(sessions.c.id == session_id)
        return _session(row)

    def end_all(self, account_id: str) -> int:
        """End every session of an account; how many ran."""
        return self._end(sessions.c.account == account_id)

    def running(self, account_id: str | None = None) -> list[Session]:
        """The sessions that run, of one account or of all, latest use first."""
        query = select(sessions).where(*self._running(self._clock())).order_by(sessions.c.last_seen_at.desc())
        if account_id is not None:
            query = query.where(sessions.c.account == account_id)
        with reading(self._engine) as connection:
            return [_session(row) for row in connection.execute(query)]

    def known_address(self, account_id: str, address: str) -> bool:
        """Whether the account was ever signed in from there, as far as sessions are kept."""
        query = select(sessions.c.id).where(sessions.c.account == account_id, sessions.c.address == address).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def prune(self, before: datetime) -> int:
        """Delete the sessions that were over before that moment; how many."""
        return delete_before(self._engine, sessions, sessions.c.expires_at, before)

    def _running(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        return (
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            sessions.c.last_seen_at > now - self.limits.idle,
        )

    def _end(self, which: ColumnElement[bool]) -> int:
        statement = update(sessions).where(which, sessions.c.ended_at.is_(None))
        ended = write(
            self._engine, lambda connection: connection.execute(statement.values(ended_at=self._clock())).rowcount
        )
        self.changes += 1
        return ended

    def _note_use(self, session_id: str, last_seen_at: datetime, now: datetime) -> None:
        if now - last_seen_at < _NOTE_USE_EVERY:
            return
        statement = update(sessions).where(sessions.c.id == session_id).values(last_seen_at=now)
        try:
            write(self._engine, lambda connection: connection.execute(statement))
        except StoreError:
            return  # a full disk must not sign everybody out


def _usable(account_id: str) -> Select[Any]:
    return select(accounts).where(accounts.c.id == account_id, accounts.c.disabled_at.is_(None))


def _printable(agent: str) -> str:
    return "".join(mark for mark in agent[:_MAX_AGENT_CHARS] if mark.isprintable())


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(row.id, row.account, row.address, row.agent, row.created_at, row.last_seen_at, row.expires_at)
