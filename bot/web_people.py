"""What people do at the web's door: sign in and out, set a password by a link, look after their own sessions."""

from __future__ import annotations

from dataclasses import dataclass

from bot.accounts import SCOPES_OF_ROLE, Accounts, clearance_in_force
from bot.errors import SignInError, UnknownAccountError
from bot.sign_in import SignIn
from bot.state.accounts import Account
from bot.state.sessions import NewSession, Session
from corpus.visibility import Clearance

OWNER_PREFIX = "user:"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whoever a session belongs to, as the doors see them."""

    owner: str
    name: str
    scopes: tuple[str, ...]
    clearance: Clearance


class WebPeople:
    """Thread-safe. Every method may raise StoreError."""

    def __init__(self, accounts: Accounts, sign_in: SignIn) -> None:
        self._accounts = accounts
        self._sign_in = sign_in

    @property
    def changes(self) -> int:
        """Another number after any change that this process made to accounts or sessions."""
        return self._accounts.records.changes + self._accounts.sessions.changes

    def any_accounts(self) -> bool:
        """Whether there is any account."""
        return self._accounts.any_accounts()

    def verify(self, token: str) -> SignedIn | None:
        """Whose session this is; None where it is none, or over."""
        found = self._accounts.sessions.verify(token)
        if found is None:
            return None
        account = found[1]
        owner = f"{OWNER_PREFIX}{account.id}"
        return SignedIn(owner, account.name, SCOPES_OF_ROLE[account.role], clearance_in_force(account))

    def with_password(self, name: str, password: str, *, address: str, agent: str) -> NewSession:
        """A new session. Raises: SignInError, SignInThrottledError."""
        return self._sign_in.with_password(name, password, address=address, agent=agent)

    def vouched(self, account: Account, *, address: str, agent: str) -> NewSession:
        """A new session for somebody whom a provider vouches for. Raises: SignInError."""
        return self._sign_in.vouched(account, address=address, agent=agent)

    def out(self, token: str) -> None:
        """End the session of that token."""
        self._sign_in.out(token)

    def of_link(self, token: str) -> Account:
        """Whose password a link sets. Raises: UnknownAccountError."""
        return self._accounts.of_link(token)

    def use_link(self, token: str, password: str) -> Account:
        """Set a password by a link. Raises: AccountError, UnknownAccountError."""
        return self._accounts.use_link(token, password)

    def own_sessions(self, owner: str) -> list[Session]:
        """Where the owner is signed in. Raises: UnknownAccountError."""
        return self._accounts.running_sessions(_id(owner))

    def end_own(self, owner: str, session_id: str) -> None:
        """Sign the owner out there. Raises: UnknownAccountError: no such session of theirs."""
        if session_id not in {session.id for session in self.own_sessions(owner)}:
            raise UnknownAccountError(f"没有进行中的会话 {session_id[:40]!r}。")
        self._accounts.end_session(session_id, by=owner)

    def change_password(self, owner: str, old: str, new: str, *, address: str) -> None:
        """Change the owner's password, which signs them out everywhere.

        Raises: SignInError: the old one is wrong; SignInThrottledError; AccountError: the new one will not do.
        """
        account = self._accounts.account(_id(owner))
        if not account.has_password:
            raise SignInError("这个账号由统一身份认证登录，没有密码。")
        self._sign_in.check(account.name, old, address=address)
        self._accounts.set_password(account.id, new, by=owner)


def _id(owner: str) -> str:
    prefix, _, account_id = owner.partition(":")
    if f"{prefix}:" != OWNER_PREFIX:
        raise UnknownAccountError("没有登录账号。")
    return account_id
