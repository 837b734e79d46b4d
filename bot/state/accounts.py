"""Accounts of people who sign in at the web, as they are kept; passwords arrive and leave as hashes."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, delete, insert, or_, select, update

from bot.errors import AccountError, UnknownAccountError
from bot.state.conversations import now_utc
from bot.state.tables import accounts, password_links, sessions
from corpus.database import reading, write
from corpus.visibility import Clearance, clearance_of

USER, EDITOR, ADMIN = "user", "editor", "admin"
ROLES = (USER, EDITOR, ADMIN)
MAX_NAME_CHARS = 64
LINK_HOURS = 24


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its password. ``subject``: set where an OpenID provider vouches for it."""

    id: str
    name: str
    role: str
    clearance: Clearance
    has_password: bool
    subject: str | None
    created_at: datetime
    created_by: str
    password_at: datetime | None
    last_sign_in_at: datetime | None
    disabled_at: datetime | None

    def stated(self) -> dict[str, object]:
        """What channels tell of it, by name; ``provider``: whether one vouches for it, not which."""
        told = {name: value for name, value in asdict(self).items() if name not in ("subject", "clearance")}
        return told | {"clearance": list(self.clearance.stated()), "provider": self.subject is not None}


class AccountRecords:
    """The accounts in the database. Thread-safe. Every method may raise StoreError.

    ``changes`` counts what this process changed, so that a cache of who may do what can tell.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock
        self.changes = 0

    def create(self, name: str, role: str, clearance: Clearance, *, by: str, subject: str | None = None) -> Account:
        """Make an account that has no password yet. Raises: AccountError: the name is taken or of no use."""
        name = checked_name(name)
        row = {
            "id": secrets.token_hex(6),
            "name": name,
            "folded": folded(name),
            "role": checked_role(role),
            "clearance": ",".join(clearance.stated()),
            "subject": subject,
            "created_at": self._clock(),
            "created_by": by,
        }

        def add(connection: Connection) -> Account:
            taken = connection.execute(select(accounts.c.id).where(accounts.c.folded == row["folded"])).first()
            if taken is not None:
                raise AccountError(f"已有名为 {name} 的账号；换一个名字，或改它：yiju accounts list")
            connection.execute(insert(accounts).values(**row))
            return account_of(connection.execute(select(accounts).where(accounts.c.id == row["id"])).one())

        return self._changed(add)

    def everyone(self) -> list[Account]:
        """All accounts, by name."""
        with reading(self._engine) as connection:
            return [account_of(row) for row in connection.execute(select(accounts).order_by(accounts.c.folded))]

    def any_accounts(self) -> bool:
        """Whether there is any account, disabled ones too."""
        with reading(self._engine) as connection:
            return connection.execute(select(accounts.c.id).limit(1)).first() is not None

    def get(self, id_or_name: str) -> Account:
        """One account. Raises: UnknownAccountError."""
        with reading(self._engine) as connection:
            return account_of(_named(connection, id_or_name))

    def of_subject(self, subject: str) -> Account | None:
        """The account that an OpenID provider vouches for by that subject."""
        with reading(self._engine) as connection:
            row = connection.execute(select(accounts).where(accounts.c.subject == subject)).first()
        return None if row is None else account_of(row)

    def password_of(self, name: str) -> tuple[Account, str] | None:
        """An account with the hash of its password; None: no such name, no password, or it is disabled."""
        with reading(self._engine) as connection:
            row = connection.execute(select(accounts).where(accounts.c.folded == folded(name))).first()
        if row is None or row.password is None or row.disabled_at is not None:
            return None
        return account_of(row), row.password

    def set_role(self, account_id: str, role: str) -> Account:
        """Give another role."""
        return self._set(account_id, role=checked_role(role))

    def set_clearance(self, account_id: str, clearance: Clearance) -> Account:
        """Give another clearance."""
        return self._set(account_id, clearance=",".join(clearance.stated()))

    def set_disabled(self, account_id: str, disabled: bool) -> Account:
        """Turn away whoever has the account, or let them in again; disabling ends all sessions."""
        now = self._clock()

        def change(connection: Connection) -> Account:
            row = _named(connection, account_id)
            moment = (row.disabled_at or now) if disabled else None
            connection.execute(update(accounts).where(accounts.c.id == row.id).values(disabled_at=moment))
            if disabled:
                _end_sessions(connection, row.id, now)
                connection.execute(delete(password_links).where(password_links.c.account == row.id))
            return account_of(_named(connection, row.id))

        return self._changed(change)

    def set_password(self, account_id: str, hashed: str) -> Account:
        """Keep the hash of a new password; every session and link of the account ends."""
        return self._changed(lambda connection: self._keep_password(connection, account_id, hashed))

    def rehash(self, account_id: str, old: str, hashed: str) -> None:
        """Keep the same password under newer parameters; nothing where it was changed meanwhile."""
        same = (accounts.c.id == account_id, accounts.c.password == old)
        write(self._engine, lambda each: each.execute(update(accounts).where(*same).values(password=hashed)))

    def make_link(self, account_id: str) -> str:
        """A token with which the password can be set once within a day; earlier links end."""
        token, now = secrets.token_urlsafe(32), self._clock()

        def add(connection: Connection) -> None:
            row = _named(connection, account_id)
            if row.disabled_at is not None:
                raise AccountError(f"账号 {row.name} 已停用；先启用：yiju accounts enable {row.name}")
            connection.execute(delete(password_links).where(password_links.c.account == row.id))
            values = {"account": row.id, "created_at": now, "expires_at": now + timedelta(hours=LINK_HOURS)}
            connection.execute(insert(password_links).values(digest=digest_of(token), **values))

        write(self._engine, add)
        return token

    def of_link(self, token: str) -> Account:
        """Whose password a link sets. Raises: UnknownAccountError: used, over, or never made."""
        with reading(self._engine) as connection:
            return account_of(_linked(connection, token, self._clock()))

    def use_link(self, token: str, hashed: str) -> Account:
        """Set the password by a link, which is used up. Raises: UnknownAccountError."""
        now = self._clock()

        def change(connection: Connection) -> Account:
            row = _linked(connection, token, now)
            used = connection.execute(delete(password_links).where(password_links.c.digest == digest_of(token)))
            if used.rowcount != 1:  # somebody was quicker
                raise UnknownAccountError(_LINK_OVER)
            return self._keep_password(connection, row.id, hashed)

        return self._changed(change)

    def _keep_password(self, connection: Connection, account_id: str, hashed: str) -> Account:
        row, now = _named(connection, account_id), self._clock()
        changed = {"password": hashed, "password_at": now}
        connection.execute(update(accounts).where(accounts.c.id == row.id).values(**changed))
        connection.execute(delete(password_links).where(password_links.c.account == row.id))
        _end_sessions(connection, row.id, now)
        return account_of(_named(connection, row.id))

    def _set(self, account_id: str, **values: object) -> Account:
        def change(connection: Connection) -> Account:
            row = _named(connection, account_id)
            connection.execute(update(accounts).where(accounts.c.id == row.id).values(**values))
            return account_of(_named(connection, row.id))

        return self._changed(change)

    def _changed(self, work: Callable[[Connection], Account]) -> Account:
        account = write(self._engine, work)
        self.changes += 1
        return account


_LINK_OVER = "这个链接已经用过、过期或不存在；请管理员重新生成：yiju accounts link NAME"


def folded(name: str) -> str:
    """A name as it is compared: width, case and white space at its ends do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def checked_name(name: str) -> str:
    """A name as it is kept. Raises: AccountError."""
    name = unicodedata.normalize("NFKC", name).strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable() or any(mark in name for mark in "<>\"'&\\/,"):
        raise AccountError(f"账号名应为 1 到 {MAX_NAME_CHARS} 个可显示的字符，不含引号、尖括号、斜线和逗号。")
    return name


def checked_role(role: str) -> str:
    """A role there is. Raises: AccountError."""
    if role not in ROLES:
        raise AccountError(f"没有角色 {role[:20]!r}；应为 {'、'.join(ROLES)} 之一。")
    return role


def digest_of(token: str) -> str:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _named(connection: Connection, id_or_name: str) -> Row[tuple[object, ...]]:
    either = or_(accounts.c.id == id_or_name, accounts.c.folded == folded(id_or_name))
    # An id before a name that looks like one.
    rows = sorted(connection.execute(select(accounts).where(either)), key=lambda row: row.id != id_or_name)
    if not rows:
        raise UnknownAccountError(f"没有账号 {id_or_name[:MAX_NAME_CHARS]!r}；查看：yiju accounts list")
    return rows[0]


def _linked(connection: Connection, token: str, now: datetime) -> Row[tuple[object, ...]]:
    fits = (password_links.c.digest == digest_of(token), password_links.c.expires_at > now)
    query = select(accounts).join(password_links, password_links.c.account == accounts.c.id)
    row = connection.execute(query.where(*fits, accounts.c.disabled_at.is_(None))).first()
    if row is None:
        raise UnknownAccountError(_LINK_OVER)
    return row


def _end_sessions(connection: Connection, account_id: str, now: datetime) -> None:
    running = (sessions.c.account == account_id, sessions.c.ended_at.is_(None))
    connection.execute(update(sessions).where(*running).values(ended_at=now))


def account_of(row: Row[tuple[object, ...]]) -> Account:
    """An account of a row of its table."""
    return Account(
        id=row.id,
        name=row.name,
        role=row.role,
        clearance=kept_clearance(row.clearance),
        has_password=row.password is not None,
        subject=row.subject,
        created_at=row.created_at,
        created_by=row.created_by,
        password_at=row.password_at,
        last_sign_in_at=row.last_sign_in_at,
        disabled_at=row.disabled_at,
    )


def kept_clearance(stated: str | None) -> Clearance:
    """A clearance as a column keeps it."""
    return clearance_of(stated.split(",")) if stated else Clearance()
