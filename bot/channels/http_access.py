"""Who may do what over HTTP: keys with scopes, or, while there is no key at all, this machine alone.

Pure rules over addresses and headers; knows no framework and no database.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.channels.http_problems import ProblemError, problem
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance

ASK, DOCUMENTS, ADMIN = "ask", "documents", "admin"
SCOPES = (ASK, DOCUMENTS, ADMIN)
LOCAL_OWNER = "local"
# Reachable without key and from anywhere: health says nothing about the corpus.
OPEN_PATHS = frozenset({"/livez", "/readyz"})
# A static page without data: with keys in use it is open, so that a person can be told how to go on.
PUBLIC_PAGES = frozenset({"/"})
# Files that pages load: the same for everyone.
OPEN_PREFIXES = ("/static/",)
_SCOPE_OF_PREFIX = (("/v1/documents", DOCUMENTS), ("/v1/admin", ADMIN), ("/v1", ASK), ("/p/", ASK))
# Any of these says that the request came through a proxy, so a loopback peer proves nothing.
_FORWARDING = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"}
)
_FORWARDING_PREFIXES = ("x-forwarded", "x-original-")


class Key(Protocol):
    """What a valid key allows."""

    @property
    def id(self) -> str:
        """Names the key without revealing it."""
        ...

    @property
    def scopes(self) -> Sequence[str]:
        """What it may be used for."""
        ...


class KeyRing(Protocol):
    """The keys in force."""

    def any_keys(self) -> bool:
        """Whether any key is in force."""
        ...

    def verify(self, plain: str) -> Key | None:
        """The key of this secret; None where there is no such key, or it was revoked."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent a request: conversations and answers belong to ``owner``; ``clearance``: which documents they may see.

    ``name``: what people call the key or account. ``csrf_token``: what a form of a signed-in browser must carry; None
    where no cookie vouches for the asker.
    """

    owner: str
    scopes: tuple[str, ...]
    clearance: Clearance = PUBLIC_ONLY
    name: str = ""
    csrf_token: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the rules look at. ``headers`` holds lower-case names, each with all its values."""

    path: str
    peer: str | None
    headers: Mapping[str, Sequence[str]]


def scope_of(path: str) -> str | None:
    """The scope a path needs; None for paths that need none."""
    return next((scope for prefix, scope in _SCOPE_OF_PREFIX if path.startswith(prefix)), None)


def is_loopback_address(address: str | None) -> bool:
    """Whether a peer address is of this machine (127.0.0.0/8, ::1, and the former written as IPv6)."""
    if address is None:
        return False
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def is_loopback_host(host: str) -> bool:
    """Whether a host name, without port and brackets, can only mean this machine."""
    return host.lower() == "localhost" or is_loopback_address(host)


def authority(value: str) -> tuple[str, int | None] | None:
    """Host and port of a ``Host`` header; None where it is not well formed."""
    if not value or value != value.strip() or any(mark in value for mark in "/@?#\\ ,"):
        return None
    try:
        parts = urlsplit(f"//{value}")
        return (parts.hostname, parts.port) if parts.hostname else None
    except ValueError:
        return None


def local_fault(arrival: Arrival) -> str | None:
    """Why a request does not count as one of this machine; None where it does."""
    if not is_loopback_address(arrival.peer):
        return "请求来自另一台机器。"
    forwarding = sorted(name for name in arrival.headers if _is_forwarding(name))
    if forwarding:
        return f"请求带有转发头 {forwarding[0]}，说明经过了代理。"
    hosts = arrival.headers.get("host", ())
    host = authority(hosts[0]) if len(hosts) == 1 else None
    if host is None or not is_loopback_host(host[0]):
        return "Host 头不是本机地址（localhost、127.0.0.1 或 [::1]）。"
    return _origin_fault(arrival.headers.get("origin", ()), host[1])


def _is_forwarding(name: str) -> bool:
    return name in _FORWARDING or name.startswith(_FORWARDING_PREFIXES)


def _origin_fault(origins: Sequence[str], port: int | None) -> str | None:
    """Origins of this machine and port are our own pages; any other page in the browser is foreign."""
    if not origins:
        return None
    fault = "Origin 头是其他网站的。"
    if len(origins) > 1 or not origins[0].startswith(("http://", "https://")):
        return fault
    scheme, _, rest = origins[0].partition("://")
    origin = authority(rest)
    usual_port = 443 if scheme == "https" else 80
    if origin is None or not is_loopback_host(origin[0]) or (origin[1] or usual_port) != (port or usual_port):
        return fault
    return None


def asker_of(arrival: Arrival, keys: KeyRing) -> Asker | None:
    """Who sent this request; None for paths open to all.

    Raises: ProblemError: 401 no valid key, 403 not allowed with it, or not from this machine while there is no key.
    """
    if arrival.path in OPEN_PATHS or arrival.path.startswith(OPEN_PREFIXES):
        return None
    if not keys.any_keys():
        fault = local_fault(arrival)
        if fault is None:
            return Asker(LOCAL_OWNER, SCOPES, EVERYTHING)
        cure = "没有任何密钥时只回答本机的请求；请先建密钥：yiju keys create NAME --scope ask"
        raise ProblemError(problem(403, f"{fault}{cure}", code="local_only"))
    if arrival.path in PUBLIC_PAGES:
        return None
    return _key_holder(arrival, keys)


def _key_holder(arrival: Arrival, keys: KeyRing) -> Asker:
    values = arrival.headers.get("authorization", ())
    scheme, _, secret = values[0].strip().partition(" ") if len(values) == 1 else ("", "", "")
    key = keys.verify(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
    if key is None:
        detail = "请在 Authorization 头中给出有效密钥：Bearer KEY。" if not values else "密钥无效或已撤销。"
        raise ProblemError(problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="yiju"'}))
    needed = scope_of(arrival.path)
    if needed is not None and needed not in key.scopes:
        detail = f"这个密钥没有 {needed} 权限（现有：{'、'.join(key.scopes) or '无'}）。"
        raise ProblemError(problem(403, detail, code="scope"))
    return Asker(f"key:{key.id}", tuple(key.scopes))
