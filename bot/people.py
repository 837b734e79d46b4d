"""Who may use the bot: asked, approved, removed; for Telegram, the command line and the web console alike.

What the settings say wins and cannot be changed here. Says nothing to anybody; channels do.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.access import Access, Role
from bot.audit import Trail
from bot.errors import SetBySettingsError, UnknownPersonError
from bot.state import people as records
from bot.state.people import APPROVED, PENDING, REJECTED, REMOVED, Pairing, PeopleRecords, Person, Subject, read_code
from corpus.documents import PUBLIC
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance

# What another process changed is seen at least this often; before somebody is refused it is looked at once more.
REFRESH_SECONDS = 2.0
_FRESH_SECONDS = 0.5
# Telegram's ids have at most 52 significant bits.
_ID = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_ORDER = (PENDING, APPROVED, REJECTED, REMOVED)


@dataclass(frozen=True, slots=True)
class Member:
    """A user or group as it is listed. ``record`` is None for those whom the settings alone name.

    ``clearance``: what they were given to see; an administrator sees everything in a private chat without.
    """

    telegram_id: int
    role: Role
    by_settings: bool
    record: Person | None = None
    clearance: Clearance = PUBLIC_ONLY

    @property
    def is_group(self) -> bool:
        """Whether it is a group."""
        return self.telegram_id < 0

    @property
    def state(self) -> str:
        """The state in force: the settings approve whom they name."""
        return APPROVED if self.by_settings or self.record is None else self.record.state

    @property
    def name(self) -> str:
        """What they call themselves; "" where that is not known."""
        return self.record.name if self.record is not None else ""


class People:
    """Thread-safe. ``role`` and ``admins`` look at memory alone; the other methods use the database: StoreError."""

    def __init__(
        self, store: PeopleRecords, access: Access, trail: Trail, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._access = access
        self._trail = trail
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[int, Person] = MappingProxyType({})
        self._cleared: Mapping[int, Clearance] = MappingProxyType({})
        self._fingerprint: tuple[tuple[int, int], tuple[int, int]] | None = None
        self._read_at = float("-inf")

    @property
    def open_to_all(self) -> bool:
        """Whether everybody may ask who was not removed."""
        return self._access.open_to_all

    def role(self, *, user_id: int | None, chat_id: int) -> Role:
        """The role of a user (None: unknown, such as an anonymous sender) in a chat.

        A person who was removed has none in any group either; whom the settings name cannot be removed.
        """
        own = Role.STRANGER if user_id is None else self._own_role(user_id)
        if own is Role.STRANGER and user_id is not None and self._is(user_id, REMOVED):
            return own
        let_in = Role.USER if self._is(chat_id, APPROVED) else Role.STRANGER
        return max(own, let_in, self._access.role(user_id=None, chat_id=chat_id))

    def clearance(self, chat_id: int) -> Clearance:
        """What may be seen in a chat: by its person where it is private, by each of its members where it is a group.

        Administrators see everything in their private chat, and in a group what the group may see.
        """
        is_private = chat_id > 0
        role = self.role(user_id=chat_id if is_private else None, chat_id=chat_id)
        if role is Role.STRANGER:
            return PUBLIC_ONLY
        return EVERYTHING if is_private and role is Role.ADMIN else self._cleared.get(chat_id, PUBLIC_ONLY)

    def admins(self) -> frozenset[int]:
        """The users who administer now."""
        approved = {each.telegram_id for each in self._known.values() if _role_of(each) is Role.ADMIN}
        return self._access.admin_ids | approved

    def known(self) -> list[Person]:
        """Those who asked or were let in, as memory has them."""
        return list(self._known.values())

    def refresh(self, *, older_than_seconds: float = 0) -> None:
        """Learn what other processes changed; nothing is read where that was done so lately."""
        with self._lock:
            if self._clock() - self._read_at < older_than_seconds:
                return
            fingerprint = self._store.fingerprint(), self._store.clearances.fingerprint()
            if fingerprint != self._fingerprint:
                self._known = MappingProxyType({each.telegram_id: each for each in self._store.everyone()})
                self._cleared = MappingProxyType(self._store.clearances.everyone())
                self._fingerprint = fingerprint
            self._read_at = self._clock()

    def look_again(self) -> None:
        """Learn of changes before somebody is refused; many strangers at once cost no more than one."""
        self.refresh(older_than_seconds=_FRESH_SECONDS)

    def request(self, subject: Subject, *, by: int | None = None) -> Pairing:
        """A code for who asks for access: the same one while it is good. ``by``: who asks for a group.

        Raises: PairingClosedError: turned down or removed before; PairingLimitError.
        """
        pairing = self._store.request(subject)
        if pairing.first:
            self._trail.record(f"telegram:{by or subject.telegram_id}", "access_requested", _named(subject))
            self.refresh()
        return pairing

    def id_of(self, code_or_id: str) -> int:
        """Whose pairing code or id this is, known or not.

        Raises: UnknownPersonError: it is neither, or the code is nobody's.
        """
        code = read_code(code_or_id)
        if code is not None:
            return self._store.of_code(code).telegram_id
        if _ID.fullmatch(code_or_id.strip()) is None or not int(code_or_id):
            raise UnknownPersonError(f"{code_or_id[:80]!r} 既不是配对码，也不是用户或群的编号。")
        return int(code_or_id)

    def get(self, telegram_id: int) -> Member:
        """A user or group by id. Raises: UnknownPersonError."""
        self.refresh()
        if telegram_id not in self._known and not self._by_settings(telegram_id):
            raise UnknownPersonError(f"没有用户或群 {telegram_id}；用 yiju users list 查看。")
        return self._member(telegram_id)

    def everyone(self) -> list[Member]:
        """All: those who wait first, then administrators, users, groups; those turned down or removed last."""
        self.refresh()
        ids = set(self._known) | self._access.admin_ids | self._access.allowed_ids
        return sorted((self._member(each) for each in ids), key=_rank)

    def approve(self, telegram_id: int, *, by: str, waiting_only: bool = False) -> Member:
        """Let a user or group in. ``waiting_only``: nobody who was turned down or removed meanwhile.

        Raises: UnknownPersonError, AlreadyDecidedError, SetBySettingsError.
        """
        self._changeable(telegram_id)
        if waiting_only:
            person = self._store.decide(telegram_id, APPROVED, by=by, of=(PENDING,))
        else:
            person = self._store.admit(Subject(telegram_id), by=by)
        return self._done(person, "access_approved", by)

    def reject(self, telegram_id: int, *, by: str) -> Member:
        """Turn down who waits. Raises: UnknownPersonError, AlreadyDecidedError, SetBySettingsError."""
        self._changeable(telegram_id)
        person = self._store.decide(telegram_id, REJECTED, by=by, of=(PENDING,))
        return self._done(person, "access_rejected", by)

    def remove(self, telegram_id: int, *, by: str) -> Member:
        """Take access away, in groups too. Raises: UnknownPersonError, AlreadyDecidedError, SetBySettingsError."""
        self._changeable(telegram_id)
        removed = self._store.decide(telegram_id, REMOVED, by=by)
        # Let in again they would see what they saw, and nobody would think of it.
        self._store.clearances.put(telegram_id, PUBLIC_ONLY)
        return self._done(removed, "access_removed", by)

    def set_role(self, telegram_id: int, role: Role, *, by: str) -> Member:
        """Make an approved user an administrator, or the reverse.

        Raises: UnknownPersonError: also for groups; AlreadyDecidedError, SetBySettingsError.
        """
        self._changeable(telegram_id)
        if telegram_id < 0:
            raise UnknownPersonError(f"{telegram_id} 是群；只有用户可以是管理员。")
        wanted = records.ADMIN if role is Role.ADMIN else records.USER
        return self._done(self._store.set_role(telegram_id, wanted, by=by), f"made_{wanted}", by)

    def set_clearance(self, telegram_id: int, clearance: Clearance, *, by: str) -> Member:
        """Let a user or group see documents with these labels beside public ones, and no others.

        Raises: UnknownPersonError: also for those who are not let in.
        """
        member = self.get(telegram_id)
        if member.state != APPROVED:
            raise UnknownPersonError(f"{telegram_id} 还没有使用权限，不能看更多资料；先批准：yiju users approve")
        self._store.clearances.put(telegram_id, clearance)
        said = ", ".join(clearance.stated()) or PUBLIC
        self._trail.record(by, "clearance_set", f"{telegram_id} {member.name}".rstrip() + f": {said}")
        self.refresh()
        return self._member(telegram_id)

    def untold(self) -> list[Person]:
        """Those whose standing is another than was last told: to administrators while it is pending, else to them."""
        return [each for each in self._known.values() if each.told != each.standing]

    def note_told(self, person: Person) -> None:
        """They know now how they stand."""
        self._store.note_told(person.telegram_id, person.standing)
        self.refresh()

    def met(self, subject: Subject) -> bool:
        """Whether somebody known calls themselves by another name than is remembered; looks at memory alone."""
        known = self._known.get(subject.telegram_id)
        return known is not None and (known.name, known.username) != (
            records.clean_name(subject.name),
            subject.username,
        )

    def rename(self, subject: Subject) -> None:
        """Remember how they call themselves now."""
        self._store.rename(subject)
        self.refresh()

    def move(self, old_id: int, new_id: int) -> None:
        """A group has got another id."""
        self._store.move(old_id, new_id)
        self._store.clearances.move(old_id, new_id)
        self.refresh()

    def _own_role(self, subject_id: int) -> Role:
        known = self._known.get(subject_id)
        return max(self._access.own_role(subject_id), Role.STRANGER if known is None else _role_of(known))

    def _is(self, telegram_id: int, state: str) -> bool:
        known = self._known.get(telegram_id)
        return known is not None and known.state == state

    def _by_settings(self, telegram_id: int) -> bool:
        return self._access.own_role(telegram_id) is not Role.STRANGER

    def _member(self, telegram_id: int) -> Member:
        own = self._own_role(telegram_id)
        known, cleared = self._known.get(telegram_id), self._cleared.get(telegram_id, PUBLIC_ONLY)
        return Member(telegram_id, own, self._by_settings(telegram_id), known, cleared)

    def _changeable(self, telegram_id: int) -> None:
        if self._by_settings(telegram_id):
            name = "YIJU_TELEGRAM__ADMIN_IDS" if telegram_id in self._access.admin_ids else "YIJU_TELEGRAM__ALLOWED_IDS"
            raise SetBySettingsError(f"{telegram_id} 写在设置 {name} 里；请改设置后重新启动。")

    def _done(self, person: Person, action: str, by: str) -> Member:
        self._trail.record(by, action, _named(Subject(person.telegram_id, person.name, person.username)))
        self.refresh()
        return self._member(person.telegram_id)


def _role_of(person: Person) -> Role:
    if person.state != APPROVED:
        return Role.STRANGER
    return Role.ADMIN if person.role == records.ADMIN else Role.USER


def _named(subject: Subject) -> str:
    return f"{subject.telegram_id} {records.clean_name(subject.name)}".rstrip()


def _rank(member: Member) -> tuple[int, int, bool, str, int]:
    return _ORDER.index(member.state), -member.role, member.is_group, member.name, member.telegram_id
