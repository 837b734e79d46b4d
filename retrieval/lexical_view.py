"""The lexical side for somebody from whom some documents are hidden: what is hidden is neither found nor counted.

One thing is the whole corpus's: how much tantivy lets a word weigh in a score. ``docs/visibility.md`` says what that
lets through.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tantivy

from retrieval.lexical_index import LexicalIndex, LexicalQuery
from retrieval.question_parts import Wording

# Passages that can be seen are counted up to here; a word in more of them is common, and its share is good enough.
_COUNTED = 1000
# A word in more passages than this is taken to be a common one: to count would cost more than is learnt.
_COMMON = 50_000
# What may be fetched to be dropped again. tantivy passes over most of the postings of a query that leaves nothing out,
# so a little too much of that is sooner found than just enough of the other.
_MORE, _MOST_DROPPED = 1.5, 1000
_ANY = 64


@dataclass(frozen=True)
class Hidden:
    """What is left out. ``labels``: those of the index whose passages are; ``rows``: tells of each row whether it is.

    ``count``: hidden passages.
    """

    labels: frozenset[str]
    rows: Callable[[Sequence[int]], npt.NDArray[np.bool_]]
    count: int


class LexicalView(LexicalIndex):
    """An index less what is hidden. It shares what ``whole`` has open."""

    def __init__(self, whole: LexicalIndex, hidden: Hidden) -> None:
        self._share(whole)
        self._whole = whole
        self._hidden = hidden
        self._seen_share = self.count / whole.count if whole.count else 1.0
        # What idf is taken of: as if nothing else were there.
        self._written = max(self.count, 1)

    @property
    def count(self) -> int:
        """Passages that can be seen."""
        return self._whole.count - self._hidden.count

    def _counted(self, term: str) -> int:
        whole = self._whole.frequency(term)
        if not whole or whole > _COMMON:
            return round(whole * self._seen_share)
        counted = len(self._seen(self._run(self._unmarked(self._term(term)), min(whole, _COUNTED))))
        return counted if whole <= _COUNTED or counted < _COUNTED else max(counted, round(whole * self._seen_share))

    def occurs_in_names(self, term: str) -> bool:
        """Whether a title or heading that can be seen holds the term."""
        if not self._whole.occurs_in_names(term):
            return False
        return bool(self._seen(self._run(self._unmarked(self._name(term)), _ANY)))

    def together(self, terms: Wording) -> int:
        """In how many passages that can be seen all the terms occur; counted up to a thousand."""
        every = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._term(term)) for term in terms])
        return len(self._seen(self._run(self._unmarked(every), _COUNTED)))

    def _begun_with(self, character: str, limit: int) -> tuple[tuple[str, int], ...]:
        whole = self._whole.starting_with(character, limit)
        counted = ((term, self.frequency(term)) for term, _ in whole)
        return tuple(sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0])))

    def search(self, query: LexicalQuery, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows that can be seen with their BM25 scores, best first."""
        if query.query is None or limit <= 0:
            return {}
        unmarked = self._unmarked(query.query)
        fetched = round(_MORE * limit / max(self._seen_share, 1e-6)) + min(len(excluded), limit)
        plain = fetched <= _MOST_DROPPED or unmarked is query.query
        fetched = min(fetched, _MOST_DROPPED)
        while True:
            found = self._run(query.query if plain else unmarked, fetched)
            kept = {row: score for row, score in self._seen(found).items() if row not in excluded}
            if len(kept) >= limit or len(found) < fetched:
                return dict(itertools.islice(kept.items(), limit))
            if not plain or unmarked is query.query:
                fetched = min(4 * fetched, self._whole.count + 1)
            plain = unmarked is query.query

    def _seen(self, found: dict[int, float]) -> dict[int, float]:
        rows = list(found)
        hidden = self._hidden.rows(rows)
        return {row: found[row] for row, is_hidden in zip(rows, hidden.tolist(), strict=True) if not is_hidden}

    def _unmarked(self, query: tantivy.Query) -> tantivy.Query:
        """The same query less the passages with a hidden label; scores stay as they are."""
        marked = [(tantivy.Occur.MustNot, self._labelled(label)) for label in sorted(self._hidden.labels)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *marked]) if marked else query
