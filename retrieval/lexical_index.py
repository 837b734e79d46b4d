"""BM25 over titles, headings and text by search terms. The only module that loads tantivy.

Terms are made in Python and handed over as tokens, and queries are built term by term: nothing of a question is parsed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from retrieval.pinyin import words_for
from retrieval.terms import TermGroup, passage_terms

_CONTENT, _NAMES, _ROW = "content", "names", "row"
_WRITER_HEAP_BYTES = 64_000_000
# A question of 10,000 characters is searched by its rarest parts.
MAX_GROUPS = 96
# How many Chinese words a word in pinyin may stand for, and how common one must be beside the most common.
_MAX_NAMES, _NAME_SHARE = 4, 0.1


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A question ready for the index. ``coverage`` (0 to 1): how much of it, by idf, occurs in the corpus at all."""

    query: tantivy.Query | None
    coverage: float


class LexicalIndexWriter:
    """Writes a new index into an empty folder; without ``finish`` it holds nothing."""

    def __init__(self, folder: Path) -> None:
        """Raises: OSError: the folder cannot be written."""
        try:
            self._writer = tantivy.Index(_schema(), str(folder)).writer(_WRITER_HEAP_BYTES, 1)
        except ValueError as error:
            raise OSError(str(error)) from error

    def add(self, row: int, title: str, heading: str | None, text: str) -> None:
        """Add a passage. Raises: OSError: the disk is full."""
        names = passage_terms(f"{title}\n{heading or ''}")
        document = tantivy.Document()
        document.add_text(_CONTENT, " ".join((*names, *passage_terms(text))))
        document.add_text(_NAMES, " ".join(names))
        document.add_unsigned(_ROW, row)
        try:
            self._writer.add_document(document)
        except ValueError as error:
            raise OSError(str(error)) from error

    def finish(self) -> None:
        """Make the index complete on disk. Raises: OSError: the disk is full."""
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise OSError(str(error)) from error


class LexicalIndex:
    """An index on disk, for reading; also the ``TermStatistics`` of its corpus. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises: ValueError: the folder holds no index, or a damaged one."""
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()

    @property
    def count(self) -> int:
        """Passages in the index."""
        return int(self._searcher.num_docs)

    def frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        return int(self._searcher.doc_freq(_CONTENT, term))

    def idf(self, term: str) -> float:
        """Inverse document frequency of a folded term: >= 0, highest for a term that does not occur."""
        frequency = self.frequency(term)
        return math.log(1 + (self.count - frequency + 0.5) / (frequency + 0.5))

    def occurs(self, term: str) -> bool:
        """Whether any passage holds the term."""
        return self.frequency(term) > 0

    def prepare(self, groups: Sequence[TermGroup]) -> LexicalQuery:
        """A query for what of a question occurs here; ``query`` is None where nothing does."""
        asked = occurring = 0.0
        found: list[tuple[float, tuple[tuple[str, ...], ...]]] = []
        for group in groups:
            weight = sum(self.idf(term) for term in group.alternatives[0])
            alternatives = self._occurring(group)
            asked += weight
            share = max((self._share(wording) for wording in alternatives), default=0.0)
            occurring += weight * share
            if share:
                found.append((weight, alternatives))
        found.sort(key=lambda pair: -pair[0])
        clauses = [self._clause(alternatives) for _, alternatives in found[:MAX_GROUPS]]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses]) if clauses else None
        return LexicalQuery(query, min(1.0, occurring / asked) if asked else 0.0)

    def search(self, query: LexicalQuery, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their BM25 scores, best first."""
        if query.query is None or limit <= 0:
            return {}
        wanted = query.query
        if excluded:
            banned = tantivy.Query.term_set_query(self._schema, _ROW, sorted(excluded))
            wanted = tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.MustNot, banned)])
        return self._run(wanted, limit)

    def scores(self, query: LexicalQuery, rows: Sequence[int]) -> dict[int, float]:
        """The BM25 score of each of the rows; 0.0 for a row that holds none of the terms."""
        scores = dict.fromkeys(rows, 0.0)
        if query.query is not None and rows:
            among = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, _ROW, list(rows)), 0.0)
            both = [(tantivy.Occur.Must, among), (tantivy.Occur.Must, query.query)]
            scores.update(self._run(tantivy.Query.boolean_query(both), len(rows)))
        return scores

    def _run(self, query: tantivy.Query, limit: int) -> dict[int, float]:
        hits = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values(_ROW, [address for _, address in hits])
        return {int(row): float(score) for row, (score, _) in zip(rows, hits, strict=True) if row is not None}

    def _occurring(self, group: TermGroup) -> tuple[tuple[str, ...], ...]:
        """The group's wordings that occur, with the Chinese words that a word in pinyin may stand for."""
        wordings = list(group.alternatives)
        if group.latin is not None:
            wordings.extend(self._names(group.latin))
        elif len(group.alternatives) == 1 and len(group.alternatives[0]) == 1 and len(group.alternatives[0][0]) == 1:
            wordings.extend(self._words_with(group.alternatives[0][0]))
        return tuple(wording for wording in wordings if self._share(wording))

    def _names(self, latin: str) -> list[tuple[str, ...]]:
        words = words_for(latin, self.frequency, 64)
        # In a title or heading a spelling is a name; elsewhere it may be two halves of other words.
        named = [(word, count) for word, count in words if all(self._in_names(bigram) for bigram in _bigrams(word))]
        best = named or words
        return [_bigrams(word) for word, count in best if count >= best[0][1] * _NAME_SHARE][:_MAX_NAMES]

    def _in_names(self, bigram: str) -> bool:
        return bool(self._searcher.doc_freq(_NAMES, bigram))

    def _words_with(self, character: str) -> Iterable[tuple[str, ...]]:
        """Bigrams that begin with a single character of the question: text is indexed by bigrams only."""
        pairs = self._searcher.terms_with_prefix(_CONTENT, character)
        common = sorted((pair for pair in pairs if pair[0] != character), key=lambda pair: -pair[1])
        return [(term,) for term, _ in common[:MAX_GROUPS]]

    def _share(self, wording: tuple[str, ...]) -> float:
        weights = [(self.idf(term), self.occurs(term)) for term in wording]
        total = sum(weight for weight, _ in weights)
        return sum(weight for weight, occurs in weights if occurs) / total if total else 0.0

    def _clause(self, alternatives: tuple[tuple[str, ...], ...]) -> tantivy.Query:
        wordings = [self._wording(terms) for terms in alternatives]
        return wordings[0] if len(wordings) == 1 else tantivy.Query.disjunction_max_query(wordings)

    def _wording(self, terms: tuple[str, ...]) -> tantivy.Query:
        queries = [tantivy.Query.term_query(self._schema, _CONTENT, term, "freq") for term in terms]
        if len(queries) == 1:
            return queries[0]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _bigrams(word: str) -> tuple[str, ...]:
    return tuple(word[start : start + 2] for start in range(len(word) - 1))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_CONTENT, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(_NAMES, tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field(_ROW, indexed=True, fast=True)
    return builder.build()
