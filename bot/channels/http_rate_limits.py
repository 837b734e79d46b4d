"""How often each asker may come: a layer behind the doors, before any body is read.

Requests under /v1 count, and questions among them once more. This machine without a key is not counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.http_access import Asker
from bot.channels.http_problems import ProblemError, problem
from bot.rate_limits import RateLimit
from bot.settings_limits import LimitSettings

_API = "/v1/"
QUESTIONS = frozenset({"/v1/ask", "/v1/chat/completions"})


@dataclass(frozen=True, slots=True)
class PerMinute:
    """How much is allowed to one asker in a minute; 0: no limit."""

    requests: float = 0
    questions: float = 0


_ENDLESS = PerMinute()


@dataclass(frozen=True, slots=True)
class AskerLimits:
    """By the kind of asker."""

    key: PerMinute = _ENDLESS
    account: PerMinute = _ENDLESS
    guest: PerMinute = _ENDLESS


UNLIMITED = AskerLimits()


def asker_limits(said: LimitSettings) -> AskerLimits:
    """As the settings say."""
    return AskerLimits(
        PerMinute(said.key_requests, said.key_questions),
        PerMinute(said.account_requests, said.account_questions),
        PerMinute(said.guest_requests, said.guest_questions),
    )


@dataclass(slots=True)
class _Buckets:
    requests: RateLimit
    questions: RateLimit


@dataclass(slots=True)
class AskerRates:
    """The buckets of all askers. For one thread: the event loop's."""

    limits: AskerLimits
    _kinds: dict[str, _Buckets] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the buckets."""
        named = {"key": self.limits.key, "user": self.limits.account, "guest": self.limits.guest}
        self._kinds = {
            kind: _Buckets(RateLimit(each.requests), RateLimit(each.questions)) for kind, each in named.items()
        }

    def wait_seconds(self, asker: Asker, path: str) -> float:
        """Count a request: 0.0 where it may go on, else after how many seconds the next may come."""
        kind, _, _ = asker.owner.partition(":")
        buckets = self._kinds.get(kind)
        if buckets is None:
            return 0.0
        # A guest's name is a cookie that can be thrown away; the address cannot.
        who = asker.address or asker.owner if kind == "guest" else asker.owner
        counted = [buckets.requests, *([buckets.questions] if path in QUESTIONS else [])]
        wait = max(bucket.look(who).wait_seconds for bucket in counted)
        if wait == 0.0:
            for bucket in counted:
                bucket.take(who)
        return wait


class RateLimitLayer:
    """Turns away whoever comes too often, with 429 and the seconds to wait."""

    def __init__(self, app: ASGIApp, *, rates: AskerRates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one request."""
        asker = scope.get("state", {}).get("asker") if scope["type"] == "http" else None
        if isinstance(asker, Asker) and scope["path"].startswith(_API):
            wait = self._rates.wait_seconds(asker, scope["path"])
            if wait > 0:
                seconds = max(1, math.ceil(wait))
                detail = f"请求过于频繁，请 {seconds} 秒后再试。"
                headers = {"Retry-After": str(seconds), "Connection": "close"}
                raise ProblemError(problem(429, detail, headers=headers))
        await self._app(scope, receive, send)
