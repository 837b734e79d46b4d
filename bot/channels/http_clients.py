"""Where a request comes from, by its peer and, where the peer is a trusted proxy, by what that says; and which cookies.

Pure rules over addresses and headers; knows no framework.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.channels.http_access import Arrival, authority, is_loopback_host

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN_ADDRESS = "unknown"


@dataclass(frozen=True, slots=True)
class DoorRules:
    """How the doors are set: whether strangers may ask, whose forwarding headers count, the address readers use.

    ``always_locked``: doors are locked without any key or account, because people sign in by another way.
    """

    guests: bool = False
    public_url: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    always_locked: bool = False


USUAL_RULES = DoorRules()


@dataclass(frozen=True, slots=True)
class Client:
    """The client's address (a /64 network for IPv6) and whether it reached the server by https."""

    address: str
    secure: bool


def client_of(arrival: Arrival, rules: DoorRules) -> Client:
    """Who is at the other end; forwarding headers count only from a trusted proxy."""
    trusted = _is_trusted(arrival.peer, rules)
    address = arrival.peer
    if trusted:
        hops = [hop.strip() for line in arrival.headers.get("x-forwarded-for", ()) for hop in line.split(",")]
        # From the nearest: whatever stands before the last untrusted hop may be made up.
        address = next((hop for hop in reversed(hops) if not _is_trusted(hop, rules)), arrival.peer)
    protocols = [one.strip() for line in arrival.headers.get("x-forwarded-proto", ()) for one in line.split(",")]
    secure = arrival.scheme == "https" or (trusted and protocols[-1:] == ["https"])
    if not secure and rules.public_url is not None and rules.public_url.startswith("https://"):
        # A proxy that is not named as trusted; a cookie marked Secure is the cautious choice for that host.
        secure = _host(arrival) == urlsplit(rules.public_url).hostname
    return Client(_written(address), secure)


def own_origin_fault(arrival: Arrival, rules: DoorRules) -> str | None:
    """Why a page of another site may be behind a request; None where nothing says so."""
    site = arrival.headers.get("sec-fetch-site", ())
    origins = arrival.headers.get("origin", ())
    if any(each == "cross-site" for each in site):
        return "请求来自其他网站的页面。"
    if not origins:
        return None
    hosts = arrival.headers.get("host", ())
    own = {_normal(f"{scheme}://{hosts[0]}") for scheme in ("http", "https")} if len(hosts) == 1 else set()
    if rules.public_url is not None:
        parts = urlsplit(rules.public_url)
        own.add(_normal(f"{parts.scheme}://{parts.netloc}"))
    if len(origins) == 1 and _normal(origins[0]) in own - {None}:
        return None
    return "Origin 头是其他网站的；若经过反向代理，请让它传递 Host 头，或设置 YIJU_HTTP__PUBLIC_URL。"


def strange_host(arrival: Arrival, rules: DoorRules) -> bool:
    """Whether ``Host`` is a name that nobody set: a page elsewhere can make its own name lead here (DNS rebinding)."""
    host = _host(arrival)
    if host is None:
        return True
    if rules.public_url is not None and host == urlsplit(rules.public_url).hostname:
        return False
    return not is_loopback_host(host) and not _is_address(host)


def _host(arrival: Arrival) -> str | None:
    hosts = arrival.headers.get("host", ())
    found = authority(hosts[0]) if len(hosts) == 1 else None
    return None if found is None else found[0]


def _normal(origin: str) -> tuple[str, str, int] | None:
    scheme, _, rest = origin.lower().partition("://")
    found = authority(rest)
    if scheme not in {"http", "https"} or found is None:
        return None
    return scheme, found[0], found[1] or (443 if scheme == "https" else 80)


def _is_trusted(address: str | None, rules: DoorRules) -> bool:
    if not rules.trusted_proxies or address is None:
        return False
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in rules.trusted_proxies)


def _is_address(text: str) -> bool:
    return _parsed(text) is not None


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _written(address: str | None) -> str:
    parsed = None if address is None else _parsed(address)
    if parsed is None:
        return UNKNOWN_ADDRESS
    # Whoever has one IPv6 address has at least the 2**64 of its network.
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def cookie_name(name: str, *, secure: bool) -> str:
    """The cookie's name: over https one that no other host or path can set."""
    return f"__Host-{name}" if secure else name


def cookie_of(headers: Sequence[str], name: str) -> str | None:
    """The value of a cookie; None where it is not there, or there twice: one of the two is somebody else's."""
    pairs = [pair.strip().partition("=") for line in headers for pair in line.split(";")]
    values = [value.strip() for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 and values[0] else None


def set_cookie(name: str, value: str, *, secure: bool, max_age: int) -> str:
    """A ``Set-Cookie`` header for this host alone, out of reach of scripts and of other sites' forms."""
    parts = [f"{cookie_name(name, secure=secure)}={value}", "Path=/", f"Max-Age={max_age}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)
