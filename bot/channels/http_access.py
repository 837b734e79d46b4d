"""What the rules of access look at and give: paths and their scopes, addresses of this machine, who asks.

Pure rules over addresses and headers; knows no framework and no database. ``http_doors`` applies them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from corpus.visibility import PUBLIC_ONLY, Clearance

ASK, DOCUMENTS, ADMIN = "ask", "documents", "admin"
SCOPES = (ASK, DOCUMENTS, ADMIN)
LOCAL_OWNER = "local"
# What a path may need instead of a scope. OPEN: nothing, from anywhere, also before there is any key: health says
# nothing about the corpus. ASSET: nothing once the doors are locked; nobody's data. PAGE: the same, and the page is
# told who asks. ANYBODY: a key, an account or a guest; HOLDER: a key or an account; METER: a
# key, or an account that may administer: figures tell the size of what has labels too.
OPEN, ASSET, PAGE, ANYBODY, HOLDER, METER = "open", "asset", "page", "anybody", "holder", "meter"
_EXACT = {
    "/livez": OPEN,
    "/readyz": OPEN,
    "/": PAGE,
    "/login": PAGE,
    "/logout": PAGE,
    "/account": HOLDER,
    "/metrics": METER,
    # Who keeps documents alone is led on to them.
    "/admin": DOCUMENTS,
    "/openapi.json": ASSET,
    "/docs": ASSET,
    "/favicon.ico": ASSET,
    "/robots.txt": ASSET,
    "/v1/me": ANYBODY,
    "/v1/me/sessions": HOLDER,
}
# The first that fits counts; what fits none needs a key or an account.
_UNDER = (
    ("/static/", ASSET),
    ("/docs/", ASSET),
    ("/login/", PAGE),
    ("/account/", HOLDER),
    ("/v1/me/", HOLDER),
    ("/v1/documents", DOCUMENTS),
    ("/v1/uploads", DOCUMENTS),
    ("/v1/admin", ADMIN),
    ("/v1/", ASK),
    ("/p/", ASK),
    ("/admin/documents", DOCUMENTS),
    ("/admin/upload", DOCUMENTS),
    ("/admin", ADMIN),
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Any of these says that the request came through a proxy, so a loopback peer proves nothing.
_FORWARDING = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"}
)
_FORWARDING_PREFIXES = ("x-forwarded", "x-original-")


class Rights(Protocol):
    """What a key or an account allows."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def scopes(self) -> Sequence[str]:
        """What it may be used for."""
        ...

    @property
    def clearance(self) -> Clearance:
        """What it may see."""
        ...


class Key(Rights, Protocol):
    """A valid key."""

    @property
    def id(self) -> str:
        """Names the key without revealing it."""
        ...


class KeyRing(Protocol):
    """The keys in force."""

    @property
    def changes(self) -> int:
        """Another number after any change that this process made."""
        ...

    def any_keys(self) -> bool:
        """Whether there is any key, so that the doors are locked."""
        ...

    def verify(self, plain: str) -> Key | None:
        """The key of this secret; None where there is no such key, it was revoked or is over."""
        ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent a request: conversations and answers belong to ``owner``; ``clearance``: which documents they may see.

    ``name``: what people call the key or account. ``csrf_token``: what a form of a signed-in browser must carry; None
    where no cookie vouches for the asker. ``address``: where the request came from, a /64 network for IPv6.
    """

    owner: str
    scopes: tuple[str, ...]
    clearance: Clearance = PUBLIC_ONLY
    name: str = ""
    csrf_token: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the rules look at. ``headers`` holds lower-case names, each with all its values."""

    path: str
    peer: str | None
    headers: Mapping[str, Sequence[str]]
    method: str = "GET"
    scheme: str = "http"

    @property
    def changes_something(self) -> bool:
        """Whether its method may have an effect."""
        return self.method not in _SAFE_METHODS


def scope_of(path: str) -> str:
    """What a path needs: ``OPEN``, ``ASSET``, ``PAGE``, ``ANYBODY``, ``HOLDER``, ``METER`` or a scope."""
    exact = _EXACT.get(path)
    return exact or next((need for prefix, need in _UNDER if path.startswith(prefix)), HOLDER)


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
