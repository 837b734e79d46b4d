"""BM25 over titles, headings and text by search terms. Only this module loads tantivy.

Terms are made in Python and handed over as tokens, and queries are built term by term: nothing of a question is parsed.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import tantivy

from corpus.documents import PUBLIC
from retrieval.question_parts import Part, Wording, question_parts
from retrieval.terms import TermGroup, passage_terms

_CONTENT, _NAMES, _ROW = "content", "names", "row"
_META = "meta.json"
# Terms are letters and digits. Among the names, as every index made before there were labels has that field.
_MARK = "label:"
# Taken only as it fills. The more it holds, the fewer parts a large index is left with, and each costs every question.
_WRITER_HEAP_BYTES = 192_000_000
_COUNTED_TOGETHER = 1000
# A document of more passages that was taken out may still count for a word of its own.
_COUNTED_ANEW = 64
# Fetched at first beyond what is asked for, where rows are to be left out.
_MORE_THAN_ASKED = 32
_FREQUENCIES_KNOWN, _BEGINNINGS_KNOWN = 50_000, 500
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A question ready for the index. ``query`` is None where nothing of it occurs; ``coverage``: see QuestionParts."""

    query: tantivy.Query | None
    coverage: float


class LexicalIndexWriter:
    """Writes a new index into an empty folder, or changes into one that is there; without ``finish`` nothing changes.

    No file is ever written to again: a change adds files and replaces ``meta.json``. So an index whose files are linked
    elsewhere stays there as it was.
    """

    def __init__(self, folder: Path) -> None:
        """Raises: OSError: the folder cannot be written."""
        try:
            self._open(tantivy.Index(_schema(), str(folder), reuse=False))
        except ValueError as error:
            raise OSError(str(error)) from error

    @classmethod
    def extend(cls, folder: Path) -> LexicalIndexWriter:
        """A writer that changes the index in ``folder``.

        Raises: ValueError: the folder holds no index, or a damaged one. OSError: it cannot be written.
        """
        index = tantivy.Index.open(str(folder))
        writer = cls.__new__(cls)
        try:
            writer._open(index)
        except ValueError as error:
            raise OSError(str(error)) from error
        return writer

    def _open(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._writer = index.writer(_WRITER_HEAP_BYTES, 1)

    def add(self, row: int, title: str, heading: str | None, text: str, *, label: str = PUBLIC) -> None:
        """Add a passage of a document with this label. Raises: OSError: the disk is full."""
        names = passage_terms(f"{title}\n{heading or ''}")
        document = tantivy.Document()
        document.add_text(_CONTENT, " ".join((*names, *passage_terms(text))))
        document.add_text(_NAMES, " ".join((*names, *((label_mark(label),) if label != PUBLIC else ()))))
        document.add_unsigned(_ROW, row)
        try:
            self._writer.add_document(document)
        except ValueError as error:
            raise OSError(str(error)) from error

    def remove(self, rows: Sequence[int]) -> None:
        """Take passages out, those added before included; a row that is not there is no error. Raises: OSError."""
        if not rows:
            return
        try:
            self._writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, _ROW, list(rows)))
        except ValueError as error:
            raise OSError(str(error)) from error

    def finish(self) -> None:
        """Make the change complete on disk, small segments folded; the last call. Raises: OSError: the disk is full."""
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as error:
            raise OSError(str(error)) from error


class LexicalIndex:
    """An index on disk, for reading; also the ``TermStatistics`` of its corpus. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises: ValueError: the folder holds no index, or a damaged one."""
        try:
            self._searcher, self._schema = _opened(folder)
        except ValueError:
            # tantivy takes a lock file even to read: on a read-only volume it reads through links in a folder that can
            # be written. What it has open stays open when they go.
            # It may make its lock file once more while the folder is being removed, which then stays behind.
            with TemporaryDirectory(prefix="yiju-lexical-", ignore_cleanup_errors=True) as writable:
                for path in folder.iterdir():
                    if not is_lock(path):
                        Path(writable, path.name).symlink_to(path.resolve())
                self._searcher, self._schema = _opened(Path(writable))
        self._written = _written_passages(folder)
        self._begin_counting()

    def _share(self, whole: LexicalIndex) -> None:
        """Become another reader of what ``whole`` has open, with counts of its own."""
        self._searcher, self._schema, self._written = whole._searcher, whole._schema, whole._written
        self._begin_counting()

    def _begin_counting(self) -> None:
        # An index does not change, so what was counted stays true.
        self._frequencies: dict[str, int] = {}
        self._beginnings: dict[tuple[str, int], tuple[tuple[str, int], ...]] = {}

    @property
    def count(self) -> int:
        """Passages in the index."""
        return int(self._searcher.num_docs)

    @property
    def segments(self) -> int:
        """In how many parts it is; a search goes through each."""
        return int(self._searcher.num_segments)

    @property
    def removed_share(self) -> float:
        """The share (0 to 1) of what it holds on disk that was taken out and not folded yet."""
        return 1 - self.count / self._written if self._written else 0.0

    def frequency(self, term: str) -> int:
        """In how many passages a term occurs.

        What was taken out and is not folded yet does not count for a rare term, and does for the others: a word that is
        gone must not seem to occur, and one of many must not cost a search.
        """
        known = self._frequencies.get(term)
        if known is None:
            known = self._counted(term)
            _remember(self._frequencies, term, known, most=_FREQUENCIES_KNOWN)
        return known

    def _counted(self, term: str) -> int:
        found = int(self._searcher.doc_freq(_CONTENT, term))
        if 0 < found <= min(_COUNTED_ANEW, self._written - self.count):
            return len(self._searcher.search(self._term(term), found, count=False).hits)
        return found

    def idf(self, term: str) -> float:
        """Inverse document frequency of a folded term: >= 0, highest for a term that does not occur."""
        frequency = self.frequency(term)
        return math.log(1 + (self._written - frequency + 0.5) / (frequency + 0.5))

    def occurs(self, term: str) -> bool:
        """Whether any passage holds the term."""
        return self.frequency(term) > 0

    def occurs_in_names(self, term: str) -> bool:
        """Whether a title or heading holds the term."""
        return bool(self._searcher.doc_freq(_NAMES, term))

    def together(self, terms: Wording) -> int:
        """In how many passages all the terms occur; counted up to a thousand."""
        every = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._term(term)) for term in terms])
        return len(self._searcher.search(every, _COUNTED_TOGETHER, count=False).hits)

    def starting_with(self, character: str, limit: int) -> Sequence[tuple[str, int]]:
        """Terms that begin so, with their frequencies; the most frequent ones, these first."""
        known = self._beginnings.get((character, limit))
        if known is None:
            known = self._begun_with(character, limit)
            _remember(self._beginnings, (character, limit), known, most=_BEGINNINGS_KNOWN)
        return known

    def _begun_with(self, character: str, limit: int) -> tuple[tuple[str, int], ...]:
        found = self._searcher.terms_with_prefix(_CONTENT, character)
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit])

    def prepare(self, groups: Sequence[TermGroup]) -> LexicalQuery:
        """A query for what of a question occurs here."""
        found = question_parts(groups, self)
        clauses = [(tantivy.Occur.Should, self._any_of(part)) for part in found.parts]
        return LexicalQuery(tantivy.Query.boolean_query(clauses) if clauses else None, found.coverage)

    def search(self, query: LexicalQuery, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their BM25 scores, best first."""
        if query.query is None or limit <= 0:
            return {}
        # Rows are left out here and not by the query: tantivy passes over most of a question's postings only where the
        # query has nothing but terms to add up.
        most = limit + len(excluded)
        fetched = min(most, limit + _MORE_THAN_ASKED)
        while True:
            found = self._run(query.query, fetched)
            kept = {row: score for row, score in found.items() if row not in excluded}
            if len(kept) >= limit or len(found) < fetched or fetched == most:
                return dict(itertools.islice(kept.items(), limit))
            fetched = min(most, 4 * fetched)

    def scores(self, query: LexicalQuery, rows: Sequence[int]) -> dict[int, float]:
        """The BM25 score of each of the rows; 0.0 for a row that holds none of the terms."""
        scores = dict.fromkeys(rows, 0.0)
        if query.query is not None and rows:
            # Not a set of terms, which tantivy looks for among all the rows there are: several times slower.
            among = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._row(row)) for row in scores])
            silent = tantivy.Query.const_score_query(among, 0.0)
            both = [(tantivy.Occur.Must, silent), (tantivy.Occur.Must, query.query)]
            scores.update(self._run(tantivy.Query.boolean_query(both), len(scores)))
        return scores

    def _run(self, query: tantivy.Query, limit: int) -> dict[int, float]:
        hits = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values(_ROW, [address for _, address in hits])
        return {int(row): float(score) for row, (score, _) in zip(rows, hits, strict=True) if row is not None}

    def _any_of(self, part: Part) -> tantivy.Query:
        """Scores as the best of the wordings."""
        queries = [
            tantivy.Query.boost_query(self._wording(wording, tantivy.Occur.Must), factor)
            for wording, factor in part.others
        ]
        if part.own:
            queries.append(self._wording(part.own, tantivy.Occur.Should))
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)

    def _wording(self, terms: Wording, occur: tantivy.Occur) -> tantivy.Query:
        if len(terms) == 1:
            return self._term(terms[0])
        return tantivy.Query.boolean_query([(occur, self._term(term)) for term in terms])

    def _row(self, row: int) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, _ROW, row, "basic")

    def _term(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, _CONTENT, term, "freq")

    def _name(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, _NAMES, term, "basic")

    def _labelled(self, label: str) -> tantivy.Query:
        return self._name(label_mark(label))


def label_mark(label: str) -> str:
    """What stands among the names of a passage whose document has this label; no term of a text looks so."""
    return f"{_MARK}{label}"


def is_lock(path: Path) -> bool:
    """Whether a file of an index is a lock: of this folder alone, never to be linked or summed."""
    return path.name.startswith(".tantivy-")


def _opened(folder: Path) -> tuple[tantivy.Searcher, tantivy.Schema]:
    index = tantivy.Index.open(str(folder))
    # A snapshot never changes: no thread has to look for commits.
    index.config_reader("manual")
    return index.searcher(), index.schema


def _written_passages(folder: Path) -> int:
    """How many passages the files of an index hold, those that were taken out included."""
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    return sum(int(segment["max_doc"]) for segment in meta["segments"])


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value, *, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_CONTENT, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(_NAMES, tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field(_ROW, indexed=True, fast=True)
    return builder.build()
