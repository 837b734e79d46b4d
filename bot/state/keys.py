"""API keys: shown once when they are made, checked on every request, revoked for good.

The database holds the SHA-256 of a key's secret half. The secret has 256 random bits, so a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, insert, or_, select, update

from bot.errors import KeyRequestError
from bot.state.accounts import kept_clearance
from bot.state.conversations import now_utc
from bot.state.tables import api_keys
from corpus.database import reading, write
from corpus.errors import StoreError
from corpus.visibility import PUBLIC_ONLY, Clearance

SCOPES = ("ask", "documents", "admin")
MAX_NAME_CHARS = 100
_PLAIN = re.compile(r"yj_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
# Not at every request: each note of use is a write.
_NOTE_USE_EVERY = timedelta(minutes=1)
_NO_DIGEST = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key without its secret. ``last_used_at`` is exact to a minute."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None = None
    clearance: Clearance = PUBLIC_ONLY

    def in_force(self, now: datetime) -> bool:
        """Whether it is good for anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. ``plain`` cannot be had again."""

    info: KeyInfo
    plain: str

    def __repr__(self) -> str:
        """Without the secret: it could get into a log."""
        return f"NewKey(info={self.info!r})"


class ApiKeys:
    """The keys in the database. Safe to use from several threads. Every method may raise StoreError.

    ``changes`` counts what this process changed, so that a cache of who may do what can tell.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock
        self.changes = 0

    def create(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        expires_at: datetime | None = None,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> NewKey:
        """Make a key. Raises: KeyRequestError: the name is taken or empty, no such scope, or over already."""
        name, wanted, now = _checked_name(name), _checked_scopes(scopes), self._clock()
        if expires_at is not None and expires_at <= now:
            raise KeyRequestError(
                f"a key that expires at {expires_at:%Y-%m-%d %H:%M} is good for nothing; choose later"
            )
        info = KeyInfo(secrets.token_hex(6), name, wanted, now, None, None, expires_at, clearance)
        secret = secrets.token_urlsafe(32)

        def add(connection: Connection) -> None:
            in_force = select(api_keys.c.id).where(api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
            if (taken := connection.execute(in_force).scalar()) is not None:
                raise KeyRequestError(
                    f"key {taken} is called '{name}' already; choose another name, or run: yiju keys revoke {taken}"
                )
            row: dict[str, object] = {
                "id": info.id,
                "name": name,
                "scopes": ",".join(wanted),
                "created_at": info.created_at,
            }
            row |= {"expires_at": expires_at, "clearance": ",".join(clearance.stated()) or None}
            connection.execute(insert(api_keys).values(**row, digest=_digest(secret)))

        write(self._engine, add)
        self.changes += 1
        return NewKey(info, f"yj_{info.id}_{secret}")

    def list_keys(self) -> list[KeyInfo]:
        """Every key, revoked ones too, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).all()
        return [_info(row) for row in rows]

    def revoke(self, id_or_name: str) -> KeyInfo:
        """Make a key useless from now on. Raises: KeyRequestError: no such key in force."""
        named = or_(api_keys.c.id == id_or_name, api_keys.c.name == id_or_name)
        in_force = api_keys.c.revoked_at.is_(None)

        def end(connection: Connection) -> KeyInfo:
            row = connection.execute(select(api_keys).where(named, in_force).order_by(api_keys.c.created_at)).first()
            if row is None:
                raise KeyRequestError(
                    f"no key '{id_or_name[:MAX_NAME_CHARS]}' is in force; see the ids and names with: yiju keys list"
                )
            connection.execute(update(api_keys).where(api_keys.c.id == row.id).values(revoked_at=self._clock()))
            return _info(connection.execute(select(api_keys).where(api_keys.c.id == row.id)).one())

        revoked = write(self._engine, end)
        self.changes += 1
        return revoked

    def verify(self, plain: str) -> KeyInfo | None:
        """The key that ``plain`` is; None where it is none, was revoked or is over."""
        parts = _PLAIN.fullmatch(plain)
        if parts is None:
            return None
        key_id, secret = parts.groups()
        with reading(self._engine) as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
        # Compared also where there is no such id, so that the time taken does not tell ids.
        matches = hmac.compare_digest(_digest(secret), row.digest if row is not None else _NO_DIGEST)
        if row is None or not matches or not _info(row).in_force(self._clock()):
            return None
        self._note_use(row.id, row.last_used_at)
        return _info(row)

    def any_keys(self) -> bool:
        """Whether there is any key that was not revoked: one that is over keeps the doors locked."""
        query = select(api_keys.c.id).where(api_keys.c.revoked_at.is_(None)).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def _note_use(self, key_id: str, last_used_at: datetime | None) -> None:
        now = self._clock()
        if last_used_at is not None and now - last_used_at < _NOTE_USE_EVERY:
            return
        statement = update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now)
        try:
            write(self._engine, lambda connection: connection.execute(statement))
        except StoreError:
            return  # a full disk must not lock out who has a valid key


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise KeyRequestError(f"a key's name has 1 to {MAX_NAME_CHARS} printable characters, not {name[:20]!r}")
    return name


def _checked_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        given = f"'{unknown[0]}' is not a scope" if unknown else "a key needs a scope"
        raise KeyRequestError(f"{given}; choose from: {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in scopes)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _info(row: Row[tuple[object, ...]]) -> KeyInfo:
    scopes = tuple(row.scopes.split(","))
    return KeyInfo(
        row.id,
        row.name,
        scopes,
        row.created_at,
        row.last_used_at,
        row.revoked_at,
        row.expires_at,
        kept_clearance(row.clearance),
    )
