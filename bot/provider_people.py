"""People for whom an OpenID provider vouches: their accounts follow what it says of them at each signing in."""

from __future__ import annotations

import re

from bot.accounts import Accounts
from bot.errors import AccountError
from bot.oidc import Beginning, OidcProvider, Vouched
from bot.sign_in import SignIn
from bot.state.accounts import MAX_NAME_CHARS, Account
from bot.state.sessions import NewSession

_BY = "oidc"
# What a name here may not hold.
_UNFIT = re.compile(r"[<>\"'&\\/,\s]+")


class ProviderPeople:
    """Thread-safe. Every method may raise StoreError."""

    def __init__(self, provider: OidcProvider, accounts: Accounts, sign_in: SignIn, *, sets_clearance: bool) -> None:
        self._provider = provider
        self._accounts = accounts
        self._sign_in = sign_in
        self._sets_clearance = sets_clearance

    def begin_with_provider(self) -> Beginning:
        """Where to send the browser. Raises: SignInError."""
        return self._provider.begin()

    def with_provider(self, code: str, *, nonce: str, verifier: str, address: str, agent: str) -> NewSession:
        """A new session of whomever the provider vouches for. Raises: SignInError."""
        vouched = self._provider.finish(code, nonce=nonce, verifier=verifier)
        return self._sign_in.vouched(self._account(vouched), address=address, agent=agent)

    def _account(self, vouched: Vouched) -> Account:
        records = self._accounts.records
        account = records.of_subject(vouched.subject) or self._made(vouched)
        if account.role != vouched.role:
            account = records.set_role(account.id, vouched.role)
            self._accounts.trail.record(_BY, "account_role_set", f"{account.name}: {vouched.role}")
        if self._sets_clearance and account.clearance != vouched.clearance:
            account = records.set_clearance(account.id, vouched.clearance)
            stated = ",".join(vouched.clearance.stated()) or "public"
            self._accounts.trail.record(_BY, "account_clearance_set", f"{account.name}: {stated}")
        return account

    def _made(self, vouched: Vouched) -> Account:
        """A new account; never one that somebody here made under the same name."""
        printable = "".join(mark for mark in vouched.name if mark.isprintable())
        name = _UNFIT.sub("-", printable).strip("-")[: MAX_NAME_CHARS - 4] or "user"
        records = self._accounts.records
        for number in range(1, 100):
            wanted = name if number == 1 else f"{name}-{number}"
            try:
                made = records.create(wanted, vouched.role, vouched.clearance, by=_BY, subject=vouched.subject)
            except AccountError:
                continue
            self._accounts.trail.record(_BY, "account_created", f"{made.name} ({made.role})")
            return made
        raise AccountError(f"名为 {name} 的账号太多。")
