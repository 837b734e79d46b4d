"""Who sent a request and whether they may: by key, by session, as a guest, or as this machine while no door is locked.

Pure but for the rings it asks; what they said is remembered for a second, so that most requests ask no database.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.channels.http_access import (
    ADMIN,
    ANYBODY,
    ASK,
    ASSET,
    HOLDER,
    LOCAL_OWNER,
    METER,
    OPEN,
    PAGE,
    SCOPES,
    Arrival,
    Asker,
    KeyRing,
    Rights,
    local_fault,
    scope_of,
)
from bot.channels.http_clients import (
    USUAL_RULES,
    Client,
    DoorRules,
    cookie_name,
    cookie_of,
    own_origin_fault,
    strange_host,
)
from bot.channels.http_problems import ProblemError, problem
from corpus.visibility import EVERYTHING, PUBLIC_ONLY

SESSION_COOKIE, GUEST_COOKIE = "yiju_session", "yiju_guest"
REMEMBERED_SECONDS = 1.0
_MAX_REMEMBERED = 4096
_BEARER, _SESSION, _NOTHING = "bearer", "session", "nothing"


class Holder(Rights, Protocol):
    """Whoever is signed in."""

    @property
    def owner(self) -> str:
        """``user:ID``."""
        ...


class SessionRing(Protocol):
    """Who is signed in."""

    @property
    def changes(self) -> int:
        """Another number after any change that this process made."""
        ...

    def any_accounts(self) -> bool:
        """Whether there is any account, so that the doors are locked."""
        ...

    def verify(self, token: str) -> Holder | None:
        """Whose session this token is; None where it is none, or over."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request shows of itself. ``secret`` is None where it is written in no way that is understood."""

    kind: str
    secret: str | None = None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Credential({self.kind})"


@dataclass(frozen=True, slots=True)
class Known:
    """What the rings say: whether the doors are locked, and who holds the credential."""

    locked: bool
    holder: Asker | None


class Doors:
    """Thread-safe. Methods that ask the database may raise StoreError."""

    def __init__(
        self,
        keys: KeyRing,
        sessions: SessionRing | None = None,
        rules: DoorRules = USUAL_RULES,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rules = rules
        self._keys = keys
        self._sessions = sessions
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, int, Known]] = {}
        self._lock = threading.Lock()

    def credential(self, arrival: Arrival, client: Client) -> Credential:
        """What the request shows: a key before a session."""
        values = arrival.headers.get("authorization", ())
        if values:
            scheme, _, secret = values[0].strip().partition(" ") if len(values) == 1 else ("", "", "")
            return Credential(_BEARER, secret.strip() or None if scheme.lower() == "bearer" else None)
        name = cookie_name(SESSION_COOKIE, secure=client.secure)
        token = cookie_of(arrival.headers.get("cookie", ()), name)
        return Credential(_NOTHING) if token is None else Credential(_SESSION, token)

    def remembered(self, credential: Credential) -> Known | None:
        """What was found a moment ago; None where it has to be looked up."""
        found = self._remembered.get(_digest(credential))
        if found is None or found[0] <= self._clock() or found[1] != self._changes():
            return None
        return found[2]

    def look_up(self, credential: Credential) -> Known:
        """Ask the rings."""
        changes = self._changes()
        known = Known(self._locked(), self._holder(credential))
        with self._lock:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[_digest(credential)] = (self._clock() + REMEMBERED_SECONDS, changes, known)
        return known

    def admit(self, arrival: Arrival, client: Client, credential: Credential, known: Known) -> Asker | None:
        """Who asks; None where nobody need be known. ``GUEST`` is given its owner by whoever has its cookie.

        Raises: ProblemError: 401 no valid key or session, 403 not allowed with it, or not from this machine while
        there is neither.
        """
        need = scope_of(arrival.path)
        if need == OPEN:
            return None
        if not known.locked:
            return replace(_this_machine(arrival), address=client.address)
        if need == ASSET:
            return None
        if known.holder is not None:
            if credential.kind == _SESSION:
                self._check_origin(arrival)
            _may(known.holder, need)
            return replace(known.holder, address=client.address)
        return self._stranger(arrival, client, credential, need)

    def _stranger(self, arrival: Arrival, client: Client, credential: Credential, need: str) -> Asker | None:
        if credential.kind != _BEARER:
            self._check_origin(arrival)
        welcome = self.rules.guests and credential.kind != _BEARER and need in {PAGE, ANYBODY, ASK}
        if welcome and not strange_host(arrival, self.rules):
            return replace(GUEST, address=client.address)
        if need == PAGE:
            return None
        if welcome:
            raise ProblemError(problem(403, _STRANGE_HOST, code="host"))
        detail = {
            _BEARER: "密钥无效、已过期或已撤销。",
            _SESSION: "登录已过期，请重新登录。",
            _NOTHING: "请登录，或在 Authorization 头中给出有效密钥：Bearer KEY。",
        }[credential.kind]
        raise ProblemError(problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="yiju"'}))

    def _check_origin(self, arrival: Arrival) -> None:
        """What a browser does by itself, with its cookies, must come from a page of ours."""
        fault = own_origin_fault(arrival, self.rules) if arrival.changes_something else None
        if fault is not None:
            raise ProblemError(problem(403, fault, code="origin"))

    def _locked(self) -> bool:
        sessions = self._sessions
        return self.rules.always_locked or self._keys.any_keys() or (sessions is not None and sessions.any_accounts())

    def _holder(self, credential: Credential) -> Asker | None:
        if credential.secret is None:
            return None
        if credential.kind == _BEARER:
            key = self._keys.verify(credential.secret)
            if key is None:
                return None
            clearance = EVERYTHING if "admin" in key.scopes else key.clearance
            return Asker(f"key:{key.id}", tuple(key.scopes), clearance, key.name)
        holder = None if self._sessions is None else self._sessions.verify(credential.secret)
        if holder is None:
            return None
        token = csrf_token_of(credential.secret)
        return Asker(holder.owner, tuple(holder.scopes), holder.clearance, holder.name, token)

    def _changes(self) -> int:
        return self._keys.changes + (0 if self._sessions is None else self._sessions.changes)


GUEST = Asker("guest:", (ASK,), PUBLIC_ONLY, "访客")
_STRANGE_HOST = "Host 头不是设置中的地址；请设置 YIJU_HTTP__PUBLIC_URL 为读者使用的网址。"


def csrf_token_of(cookie: str) -> str:
    """What a form must carry beside a cookie: only who can read our pages knows it."""
    return hmac.digest(cookie.encode("utf-8", "surrogateescape"), b"csrf", "sha256").hex()


def guest_of(guest: Asker, cookie: str) -> Asker:
    """The guest who has this cookie; their name in logs and the audit does not tell it."""
    return replace(guest, owner=f"guest:{hashlib.sha256(cookie.encode('utf-8', 'replace')).hexdigest()[:24]}")


def _this_machine(arrival: Arrival) -> Asker:
    fault = local_fault(arrival)
    if fault is None:
        return Asker(LOCAL_OWNER, SCOPES, EVERYTHING)
    cure = (
        "没有任何密钥与账号时只回答本机的请求；请先建密钥或账号："
        "yiju keys create NAME --scope ask，或 yiju accounts create NAME --role admin"
    )
    raise ProblemError(problem(403, f"{fault}{cure}", code="local_only"))


def _may(asker: Asker, need: str) -> None:
    if need in {PAGE, ANYBODY, HOLDER} or need in asker.scopes:
        return
    if need == METER:
        if asker.csrf_token is None or ADMIN in asker.scopes:
            return
        need = ADMIN
    has = "、".join(asker.scopes) or "无"
    raise ProblemError(problem(403, f"没有 {need} 权限（现有：{has}）。", code="scope"))


def _digest(credential: Credential) -> bytes:
    return hashlib.sha256(f"{credential.kind} {credential.secret}".encode("utf-8", "surrogatepass")).digest()
