"""Accounts of people at the web: made, changed, ended; for the command line and the console alike, each act audited."""

from __future__ import annotations

from dataclasses import dataclass

from bot.audit import Trail
from bot.errors import AccountError
from bot.passwords import Passwords
from bot.state.accounts import ADMIN, EDITOR, USER, Account, AccountRecords
from bot.state.sessions import Session, Sessions
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance

SCOPES_OF_ROLE = {USER: ("ask",), EDITOR: ("ask", "documents"), ADMIN: ("ask", "documents", "admin")}


def clearance_in_force(account: Account) -> Clearance:
    """What an account may see: an administrator everything, since they can change any label."""
    return EVERYTHING if account.role == ADMIN else account.clearance


@dataclass(frozen=True, slots=True)
class Accounts:
    """Thread-safe. ``by`` is an actor of the audit (``cli:NAME``, ``user:ID``). Every method may raise StoreError."""

    records: AccountRecords
    sessions: Sessions
    passwords: Passwords
    trail: Trail

    def create(
        self, name: str, role: str = USER, clearance: Clearance = PUBLIC_ONLY, *, by: str, password: str | None = None
    ) -> Account:
        """Make an account; without a password it waits for a link. Raises: AccountError."""
        hashed = None if password is None else self.passwords.hashed(password, name=name)
        account = self.records.create(name, role, clearance, by=by)
        self.trail.record(by, "account_created", f"{account.name} ({account.role})")
        return account if hashed is None else self.records.set_password(account.id, hashed)

    def everyone(self) -> list[Account]:
        """All accounts, by name."""
        return self.records.everyone()

    def account(self, id_or_name: str) -> Account:
        """One account. Raises: UnknownAccountError."""
        return self.records.get(id_or_name)

    def any_accounts(self) -> bool:
        """Whether there is any account."""
        return self.records.any_accounts()

    def set_password(self, id_or_name: str, password: str, *, by: str) -> Account:
        """Give a password; the account is signed out everywhere. Raises: AccountError."""
        account = self.records.get(id_or_name)
        changed = self.records.set_password(account.id, self.passwords.hashed(password, name=account.name))
        self._ended(by, "account_password_set", changed)
        return changed

    def make_link(self, id_or_name: str, *, by: str) -> str:
        """A token of a link by which its holder sets the password once. Raises: AccountError."""
        account = self.records.get(id_or_name)
        token = self.records.make_link(account.id)
        self.trail.record(by, "account_link_made", account.name)
        return token

    def of_link(self, token: str) -> Account:
        """Whose password a link sets. Raises: UnknownAccountError."""
        return self.records.of_link(token)

    def use_link(self, token: str, password: str) -> Account:
        """Set the password by a link. Raises: AccountError: the password; UnknownAccountError: the link is over."""
        account = self.records.of_link(token)
        changed = self.records.use_link(token, self.passwords.hashed(password, name=account.name))
        self._ended(f"user:{account.id}", "account_password_set", changed)
        return changed

    def set_role(self, id_or_name: str, role: str, *, by: str) -> Account:
        """Give another role, in force within a second. Raises: AccountError: also where none would administer."""
        account = self.records.get(id_or_name)
        if role != ADMIN:
            self._leaves_an_administrator(account)
        changed = self.records.set_role(account.id, role)
        self.trail.record(by, "account_role_set", f"{account.name}: {account.role} → {changed.role}")
        return changed

    def set_clearance(self, id_or_name: str, clearance: Clearance, *, by: str) -> Account:
        """Say what it may see beside public documents, in force within a second. Raises: UnknownAccountError."""
        account = self.records.get(id_or_name)
        changed = self.records.set_clearance(account.id, clearance)
        stated = ",".join(clearance.stated()) or "public"
        self.trail.record(by, "account_clearance_set", f"{account.name}: {stated}")
        return changed

    def disable(self, id_or_name: str, *, by: str) -> Account:
        """Turn whoever has it away, at once. Raises: AccountError: also where no administrator would be left."""
        account = self.records.get(id_or_name)
        self._leaves_an_administrator(account)
        changed = self.records.set_disabled(account.id, disabled=True)
        self._ended(by, "account_disabled", changed)
        return changed

    def enable(self, id_or_name: str, *, by: str) -> Account:
        """Let them in again. Raises: UnknownAccountError."""
        changed = self.records.set_disabled(self.records.get(id_or_name).id, disabled=False)
        self.trail.record(by, "account_enabled", changed.name)
        return changed

    def running_sessions(self, id_or_name: str | None = None) -> list[Session]:
        """Who is signed in, of one account or of all. Raises: UnknownAccountError."""
        return self.sessions.running(None if id_or_name is None else self.records.get(id_or_name).id)

    def end_session(self, session_id: str, *, by: str) -> Session:
        """End one session. Raises: UnknownAccountError."""
        ended = self.sessions.end_one(session_id)
        self.trail.record(by, "session_ended", f"{self.records.get(ended.account_id).name} {session_id}")
        return ended

    def end_sessions(self, id_or_name: str, *, by: str) -> int:
        """Sign an account out everywhere; how many sessions ran. Raises: UnknownAccountError."""
        account = self.records.get(id_or_name)
        count = self.sessions.end_all(account.id)
        self.trail.record(by, "sessions_ended", f"{account.name}: {count}")
        return count

    def _ended(self, by: str, action: str, account: Account) -> None:
        # The store ended them in the same transaction; whoever remembers sessions must hear of it.
        self.sessions.changes += 1
        self.trail.record(by, action, account.name)

    def _leaves_an_administrator(self, account: Account) -> None:
        if account.role != ADMIN or account.disabled_at is not None:
            return
        others = (each for each in self.records.everyone() if each.id != account.id)
        if not any(each.role == ADMIN and each.disabled_at is None for each in others):
            raise AccountError(f"{account.name} 是唯一的管理员；先设另一个：yiju accounts role NAME admin")
