"""Signing in with name and password: slowed down where somebody guesses, silent about what exists, audited."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from bot.audit import Trail
from bot.errors import SignInError, SignInThrottledError, UnknownAccountError
from bot.passwords import Passwords
from bot.rate_limits import ALLOWED, RateLimit, Verdict
from bot.state.accounts import MAX_NAME_CHARS, Account, AccountRecords, folded
from bot.state.sessions import NewSession, Sessions

# One person who mistypes never gets there; who tries a list of passwords does at once.
TRIES_AT_A_NAME_FROM_AN_ADDRESS = 5
TRIES_FROM_AN_ADDRESS = 30
# From many addresses together. Whoever was signed in from theirs before is not held up by it.
TRIES_AT_A_NAME = 60
# Refusals of an address that are written down: who goes on must not fill the audit.
NOTED_REFUSALS = 5
# So many minutes until all of the tries above may be made again.
_REFILL_MINUTES = 15.0
# Where an OpenID provider sends people back to.
CALLBACK_PATH = "/login/oidc/callback"
WRONG = "用户名或密码不对，或账号已停用。"


class Throttle:
    """Counts failed attempts by name and address, in memory. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        slow = lambda: clock() / _REFILL_MINUTES  # noqa: E731 - a minute of RateLimit is a refill of ours
        self._pair = RateLimit(TRIES_AT_A_NAME_FROM_AN_ADDRESS, slow)
        self._address = RateLimit(TRIES_FROM_AN_ADDRESS, slow)
        self._name = RateLimit(TRIES_AT_A_NAME, slow)
        self._refusals = RateLimit(NOTED_REFUSALS, slow)
        self._lock = threading.Lock()

    def take(self, name: str, address: str, *, known: bool) -> Verdict:
        """Count one attempt; refused, it says how long to wait, and whether that is to be written down (``first``).

        ``known``: signed in from there before.
        """
        limits: list[tuple[RateLimit, Hashable]] = [(self._address, address), (self._pair, (name, address))]
        limits += [] if known else [(self._name, name)]
        with self._lock:
            wait = max(limit.look(key).wait_seconds for limit, key in limits)
            if not wait:
                for limit, key in limits:
                    limit.take(key)
                return ALLOWED
            first = self._refusals.look(address).allowed
            self._refusals.take(address)
        return Verdict(wait * _REFILL_MINUTES, first)

    def give_back(self, name: str, address: str) -> None:
        """The attempt succeeded: it does not count."""
        with self._lock:
            for limit, key in ((self._pair, (name, address)), (self._address, address), (self._name, name)):
                limit.take(key, -1.0)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Thread-safe. Every method may raise StoreError."""

    records: AccountRecords
    sessions: Sessions
    passwords: Passwords
    trail: Trail
    throttle: Throttle = field(default_factory=Throttle)

    def with_password(self, name: str, password: str, *, address: str, agent: str) -> NewSession:
        """A new session. Raises: SignInError: name and password do not fit; SignInThrottledError: too many attempts."""
        return self.vouched(self.check(name, password, address=address), address=address, agent=agent)

    def check(self, name: str, password: str, *, address: str) -> Account:
        """Whose name and password these are. Raises: as ``with_password``."""
        key = folded(name[:MAX_NAME_CHARS])
        found = self.records.password_of(name[:MAX_NAME_CHARS])
        known = found is not None and self.sessions.known_address(found[0].id, address)
        verdict = self.throttle.take(key, address, known=known)
        if not verdict.allowed:
            if verdict.first:
                self.trail.record(_stranger(address), "sign_in_throttled", _told(name))
            seconds = int(verdict.wait_seconds) + 1
            raise SignInThrottledError(f"登录尝试太多，请 {seconds} 秒后再试。", retry_after_seconds=seconds)
        account, kept = found or (None, None)
        if not self.passwords.fits(password, kept) or account is None or kept is None:
            self.trail.record(_stranger(address), "sign_in_failed", _told(name))
            raise SignInError(WRONG)
        self.throttle.give_back(key, address)
        if self.passwords.outdated(kept):
            self.records.rehash(account.id, kept, self.passwords.rehashed(password))
        return account

    def vouched(self, account: Account, *, address: str, agent: str) -> NewSession:
        """A new session for somebody who has proved who they are. Raises: SignInError: the account is disabled."""
        try:
            begun = self.sessions.begin(account.id, address=address, agent=agent)
        except UnknownAccountError:
            raise SignInError(WRONG) from None
        self.trail.record(f"user:{account.id}", "signed_in", f"{account.name} {address}")
        return begun

    def out(self, token: str) -> None:
        """End the session of that token."""
        found = self.sessions.verify(token)
        self.sessions.end(token)
        if found is not None:
            self.trail.record(f"user:{found[1].id}", "signed_out", found[1].name)


def _stranger(address: str) -> str:
    return f"stranger:{address}"


def _told(name: str) -> str:
    # People type their password into the field of the name; short and without the rest it is of no use to others.
    name = "".join(mark for mark in name if mark.isprintable())
    return name if len(name) <= 32 else f"{name[:2]}…（{len(name)} 字）"
