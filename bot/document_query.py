"""What is looked for in a list of documents, and in which order it comes. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

# As they were stored; the newest publication first; what fits the words best first.
Order = Literal["stored", "newest", "best"]
# How many numbers say where a document stands in each order.
MARK_SIZES: dict[Order, int] = {"stored": 1, "newest": 2, "best": 3}
Mark = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """Every condition has to hold; none of them: all documents.

    ``words``: title, publisher, file or id hold all of them, in either script; ``publisher``: exactly this one;
    ``published_from``, ``published_to``: days, both included, without documents of no date.
    """

    words: str = ""
    retired: bool = False
    publisher: str | None = None
    visibility: str | None = None
    published_from: date | None = None
    published_to: date | None = None
    order: Order | None = None

    @property
    def sorted_by(self) -> Order:
        """The order: what was asked for; else the best first where there are words, else as stored."""
        if self.order == "best" and not self.words.strip():
            return "stored"
        return self.order or ("best" if self.words.strip() else "stored")

    @property
    def takes_all(self) -> bool:
        """Whether nothing but the list itself decides, so that no names need be read."""
        named = (self.publisher, self.visibility, self.published_from, self.published_to)
        return not self.words.strip() and not any(named) and self.sorted_by == "stored"
