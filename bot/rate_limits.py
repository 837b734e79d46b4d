"""How often somebody may ask: token buckets in memory, by user and by chat. Pure but for the clock it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

_MAX_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    told: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is allowed; else in how many seconds, and whether they have not been told so yet."""

    wait_seconds: float = 0.0
    first: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may go on."""
        return self.wait_seconds == 0.0


ALLOWED = Verdict()


@dataclass(slots=True)
class RateLimit:
    """``per_minute`` at once and over each minute; 0: no limit. For one thread: an event loop's."""

    per_minute: float
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[Hashable, _Bucket] = field(default_factory=dict)

    def look(self, key: Hashable, cost: float = 1.0) -> Verdict:
        """Whether ``cost`` (at most ``per_minute``) would be allowed now; takes nothing."""
        if not self.per_minute:
            return ALLOWED
        bucket = self._filled(key)
        missing = min(cost, self.per_minute) - bucket.tokens
        # A hair's breadth: what is refilled in parts may not quite add up.
        return ALLOWED if missing <= 1e-9 else Verdict(missing * 60 / self.per_minute, not bucket.told)

    def take(self, key: Hashable, cost: float = 1.0) -> None:
        """Count something that was allowed."""
        if self.per_minute:
            bucket = self._filled(key)
            # Told again only after a rest, not at each token that comes in while somebody goes on and on.
            bucket.told = bucket.told and bucket.tokens < self.per_minute / 2
            bucket.tokens = max(bucket.tokens - cost, 0.0)

    def note_refused(self, key: Hashable) -> None:
        """They were told; until they have rested, further refusals are not the first."""
        if self.per_minute:
            self._filled(key).told = True

    def _filled(self, key: Hashable) -> _Bucket:
        now = self.clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            self._forget_full(now)
            bucket = self._buckets[key] = _Bucket(self.per_minute, now)
        bucket.tokens = self._tokens(bucket, now)
        bucket.at = now
        return bucket

    def _tokens(self, bucket: _Bucket, now: float) -> float:
        return min(bucket.tokens + (now - bucket.at) * self.per_minute / 60, self.per_minute)

    def _forget_full(self, now: float) -> None:
        """A full bucket is as good as none."""
        if len(self._buckets) >= _MAX_BUCKETS:
            kept = {key: each for key, each in self._buckets.items() if self._tokens(each, now) < self.per_minute}
            self._buckets = kept


@dataclass(frozen=True, slots=True)
class RateLimits:
    """A limit for each user and one for each chat."""

    user: RateLimit
    chat: RateLimit

    def admit(self, *, user: Hashable, chat: Hashable, cost: float = 1.0) -> Verdict:
        """Count one request where both limits allow it."""
        refused = self.user.look(user, cost)
        limit, key = self.user, user
        if refused.allowed:
            refused, limit, key = self.chat.look(chat, cost), self.chat, chat
        if not refused.allowed:
            limit.note_refused(key)
            return refused
        self.user.take(user, cost)
        self.chat.take(chat, cost)
        return ALLOWED
