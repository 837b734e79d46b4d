"""Users and groups that asked for access or were given it, and the codes that strangers ask with.

Keeps rows and the order of states; who may decide, and what the settings say, is for ``bot.people``.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from bot.errors import AlreadyDecidedError, PairingClosedError, PairingLimitError, UnknownPersonError
from bot.state.clearances import Clearances
from bot.state.conversations import now_utc
from bot.state.pruning import delete_before
from bot.state.tables import pairing_codes, people
from corpus.database import reading, write

PENDING, APPROVED, REJECTED, REMOVED = "pending", "approved", "rejected", "removed"
STATES = (PENDING, APPROVED, REJECTED, REMOVED)
USER, ADMIN = "user", "admin"
CODE_LIFETIME = timedelta(hours=1)
# A stranger who asks again and again, and many strangers at once, must not fill the table or tire administrators.
MAX_CODES_A_DAY = 5
MAX_OPEN_CODES = 100
MAX_NAME_CHARS = 64
# Without letters and digits that are mistaken for each other. The first is a letter, so no code reads as an id.
_LETTERS, _SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_CHARS = 6


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks: a user (id above zero) or a group, as they call themselves."""

    telegram_id: int
    name: str = ""
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user or a group.

    ``told``: the standing that was last told, to administrators while it is pending, else to the person or group.
    """

    telegram_id: int
    name: str
    username: str | None
    role: str
    state: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    told: str | None = None

    @property
    def is_group(self) -> bool:
        """Whether it is a group, whose members may then ask in it."""
        return self.telegram_id < 0

    @property
    def standing(self) -> str:
        """State, and role where that matters."""
        return f"{self.state}:{self.role}" if self.state == APPROVED else self.state


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that is good until ``expires_at``. ``first``: the first of this subject for a day."""

    code: str
    expires_at: datetime
    first: bool


def clean_name(name: str) -> str:
    """A name in one line, without characters that turn or hide the text around it, at most 64 code points."""
    shown = (" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join("".join(shown).split())[:MAX_NAME_CHARS].strip()


def read_code(text: str) -> str | None:
    """The code that somebody wrote, whatever its case, width and dashes; None where it cannot be one."""
    signs = re.sub(r"[\s\-‐–—_]", "", unicodedata.normalize("NFKC", text[: 8 * _CODE_CHARS]).upper())
    fits = len(signs) == _CODE_CHARS and set(signs) <= set(_SIGNS) and signs[0] in _LETTERS
    return signs if fits else None


def new_code() -> str:
    """A code that is easy to read out."""
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_SIGNS) for _ in range(_CODE_CHARS - 1))


class PeopleRecords:
    """The people in the database. Safe to use from several threads and processes. Every method may raise StoreError."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = now_utc,
        code: Callable[[], str] = new_code,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._code = code
        self.clearances = Clearances(engine)

    def everyone(self) -> list[Person]:
        """Every person and group, in no particular order."""
        with reading(self._engine) as connection:
            return [_person(row) for row in connection.execute(select(people))]

    def fingerprint(self) -> tuple[int, int]:
        """Another value once anybody was added or changed; cheap where ``everyone`` is not."""
        query = select(func.count(), func.coalesce(func.sum(people.c.changes), 0)).select_from(people)
        with reading(self._engine) as connection:
            count, changes = connection.execute(query).one()
        return int(count), int(changes)

    def get(self, telegram_id: int) -> Person:
        """One of them. Raises: UnknownPersonError."""
        with reading(self._engine) as connection:
            return _get(connection, telegram_id)

    def of_code(self, code: str) -> Person:
        """Whose code this is. Raises: UnknownPersonError: nobody's, or it is over."""
        query = select(pairing_codes).where(pairing_codes.c.code == code)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
            if row is None or (row.used_at is None and row.expires_at <= self._clock()):
                raise UnknownPersonError(f"没有配对码 {code}，或已经过期；请对方再给机器人发一次 /start。")
            return _get(connection, row.telegram_id)

    def request(self, subject: Subject) -> Pairing:
        """A code for who asks, the same one while it is good.

        Raises: PairingClosedError: somebody decided about them already; PairingLimitError: too many codes.
        """

        def ask(connection: Connection) -> Pairing:
            row = connection.execute(select(people).where(people.c.telegram_id == subject.telegram_id)).first()
            if row is not None and row.state != PENDING:
                raise PairingClosedError(f"{subject.telegram_id} 的申请已有结果：{row.state}。", state=row.state)
            now = self._clock()
            mine = pairing_codes.c.telegram_id == subject.telegram_id
            good = select(pairing_codes).where(
                mine, pairing_codes.c.expires_at > now, pairing_codes.c.used_at.is_(None)
            )
            if (known := connection.execute(good).first()) is not None:
                return Pairing(known.code, known.expires_at, first=False)
            made_today = self._check_limits(connection, subject, now)
            values = {"name": clean_name(subject.name), "username": subject.username, "requested_at": now}
            if not made_today:
                values["told"] = None
            if row is None:
                added = {"telegram_id": subject.telegram_id, "role": USER, "state": PENDING, "changes": 0}
                connection.execute(insert(people).values(**values, **added))
            else:
                named = people.c.telegram_id == subject.telegram_id
                connection.execute(update(people).where(named).values(changes=people.c.changes + 1, **values))
            return self._add_code(connection, subject.telegram_id, now, first=made_today == 0)

        return write(self._engine, ask)

    def _check_limits(self, connection: Connection, subject: Subject, now: datetime) -> int:
        """How many codes were made for the subject within a day. Raises: PairingLimitError."""
        counted = select(func.count()).select_from(pairing_codes)
        mine = pairing_codes.c.telegram_id == subject.telegram_id
        made_today = connection.execute(
            counted.where(mine, pairing_codes.c.created_at > now - timedelta(days=1))
        ).scalar_one()
        still_open = connection.execute(
            counted.where(pairing_codes.c.expires_at > now, pairing_codes.c.used_at.is_(None))
        ).scalar_one()
        if made_today >= MAX_CODES_A_DAY or still_open >= MAX_OPEN_CODES:
            raise PairingLimitError(
                f"申请太多：一天之内 {made_today} 次（上限 {MAX_CODES_A_DAY}），待处理 {still_open} 个"
                f"（上限 {MAX_OPEN_CODES}）；请稍后再试。"
            )
        return int(made_today)

    def _add_code(self, connection: Connection, telegram_id: int, now: datetime, *, first: bool) -> Pairing:
        code = self._code()
        while connection.execute(select(pairing_codes.c.code).where(pairing_codes.c.code == code)).first() is not None:
            code = self._code()
        expires_at = now + CODE_LIFETIME
        row = {"code": code, "telegram_id": telegram_id, "created_at": now, "expires_at": expires_at}
        connection.execute(insert(pairing_codes).values(row))
        return Pairing(code, expires_at, first=first)

    def decide(self, telegram_id: int, state: str, *, by: str, of: tuple[str, ...] = STATES) -> Person:
        """Approve, reject or remove, as an ordinary user; their codes are used up.

        Raises: UnknownPersonError; AlreadyDecidedError: the state is that already, or none ``of`` these.
        """

        def change(connection: Connection) -> Person:
            before = _get(connection, telegram_id)
            if before.state == state or before.state not in of:
                raise _decided(before)
            values = {"state": state, "role": USER, "decided_by": by, "decided_at": self._clock()}
            return self._changed(connection, telegram_id, values)

        return write(self._engine, change)

    def admit(self, subject: Subject, *, by: str) -> Person:
        """Approve somebody who need not have asked. Raises: AlreadyDecidedError: they are approved already."""

        def change(connection: Connection) -> Person:
            row = connection.execute(select(people).where(people.c.telegram_id == subject.telegram_id)).first()
            now = self._clock()
            if row is None:
                named = {"name": clean_name(subject.name), "username": subject.username, "role": USER}
                added = {"telegram_id": subject.telegram_id, "state": PENDING, "requested_at": now, "changes": 0}
                connection.execute(insert(people).values(**named, **added))
            elif row.state == APPROVED:
                raise _decided(_person(row))
            values = {"state": APPROVED, "role": USER, "decided_by": by, "decided_at": now}
            return self._changed(connection, subject.telegram_id, values)

        return write(self._engine, change)

    def set_role(self, telegram_id: int, role: str, *, by: str) -> Person:
        """Make a user an administrator or the reverse. Raises: UnknownPersonError; AlreadyDecidedError: not approved,
        or of that role already.
        """

        def change(connection: Connection) -> Person:
            before = _get(connection, telegram_id)
            if before.state != APPROVED or before.role == role:
                raise _decided(before)
            values = {"role": role, "decided_by": by, "decided_at": self._clock()}
            return self._changed(connection, telegram_id, values)

        return write(self._engine, change)

    def note_told(self, telegram_id: int, standing: str) -> None:
        """Remember what they were told about their standing."""
        self._update(telegram_id, {"told": standing})

    def rename(self, subject: Subject) -> None:
        """Remember how they call themselves now."""
        self._update(subject.telegram_id, {"name": clean_name(subject.name), "username": subject.username})

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group the id that Telegram gave it; what was known under the new id goes."""

        def change(connection: Connection) -> None:
            row = connection.execute(select(people).where(people.c.telegram_id == old_id)).first()
            if row is not None:
                connection.execute(delete(people).where(people.c.telegram_id.in_((old_id, new_id))))
                moved = {**row._mapping, "telegram_id": new_id, "changes": row.changes + 1}
                connection.execute(insert(people).values(moved))

        write(self._engine, change)

    def prune(self, before: datetime) -> int:
        """Delete codes and unanswered requests from before that moment; how many."""
        codes = delete_before(self._engine, pairing_codes, pairing_codes.c.expires_at, before)
        waiting = people.c.state == PENDING
        return codes + delete_before(self._engine, people, people.c.requested_at, before, waiting)

    def _update(self, telegram_id: int, values: dict[str, object]) -> None:
        named = people.c.telegram_id == telegram_id
        statement = update(people).where(named).values(changes=people.c.changes + 1, **values)
        write(self._engine, lambda connection: connection.execute(statement))

    def _changed(self, connection: Connection, telegram_id: int, values: dict[str, object]) -> Person:
        named = people.c.telegram_id == telegram_id
        connection.execute(update(people).where(named).values(changes=people.c.changes + 1, **values))
        unused = (pairing_codes.c.telegram_id == telegram_id) & pairing_codes.c.used_at.is_(None)
        connection.execute(update(pairing_codes).where(unused).values(used_at=self._clock()))
        return _get(connection, telegram_id)


def _get(connection: Connection, telegram_id: int) -> Person:
    row = connection.execute(select(people).where(people.c.telegram_id == telegram_id)).first()
    if row is None:
        raise UnknownPersonError(f"没有用户或群 {telegram_id}；用 yiju users list 查看。")
    return _person(row)


def _decided(person: Person) -> AlreadyDecidedError:
    by = f"，由 {person.decided_by} 决定" if person.decided_by else ""
    return AlreadyDecidedError(f"{person.telegram_id} 现为 {person.standing}{by}，没有改动。")


def _person(row: Row[tuple[object, ...]]) -> Person:
    fields = dict(row._mapping)
    del fields["changes"]
    return Person(**fields)
