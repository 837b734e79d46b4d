"""What readers think of answers, for those who look after the corpus: the same for every channel.

A rating is given with ``QAService.feedback``; a reason may be any text, these are the ones that buttons offer.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers import Outcome
from bot.state.ratings import RatedAnswer, Ratings

WRONG_ANSWER, WRONG_SOURCE, INCOMPLETE, OUTDATED, MISSED, OTHER = (
    *("wrong_answer", "wrong_source", "incomplete", "outdated"),
    *("missed", "other"),
)
REASONS = (WRONG_ANSWER, WRONG_SOURCE, INCOMPLETE, OUTDATED, MISSED, OTHER)
DAYS, LATEST = 30, 10


@dataclass(frozen=True, slots=True)
class Overview:
    """The ratings of the last ``days``, the reasons of those that are down, and the latest answers rated so."""

    days: int
    up: int
    down: int
    reasons: dict[str, int]
    answers: list[RatedAnswer]


class Feedback:
    """Synchronous and thread-safe. Every method may raise StoreError."""

    def __init__(self, ratings: Ratings) -> None:
        self._ratings = ratings

    def overview(self, *, days: int = DAYS, limit: int = LATEST, rating: str | None = "down") -> Overview:
        """How many ratings say what, and the latest of one kind (None: of both)."""
        counts = self._ratings.counts(days=days)
        down = {reason: count for (said, reason), count in counts.items() if said == "down"}
        return Overview(
            days=days,
            up=sum(count for (said, _), count in counts.items() if said == "up"),
            down=sum(down.values()),
            reasons={reason: count for reason, count in down.items() if reason is not None},
            answers=self._ratings.latest(limit, rating=rating),
        )

    def comment(self, owner: str, comment: str) -> bool:
        """Add the owner's own words to their latest rating; False where they have rated nothing."""
        return self._ratings.comment(owner, comment)


def reasons_for(outcome: Outcome) -> tuple[str, ...]:
    """Why such an answer may be bad: what was not found can only have been missed."""
    if outcome is Outcome.NOT_FOUND:
        return (MISSED, OTHER)
    return (WRONG_ANSWER, WRONG_SOURCE, INCOMPLETE, OUTDATED, OTHER)
