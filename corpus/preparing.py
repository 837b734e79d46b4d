"""Articles into documents ready to be stored: identity, title, passages and the hash that tells a change.

Every format ends here, so that ids, hashes and derived titles follow one rule.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.chunking import CHUNKING, passages_of
from corpus.documents import PUBLIC, Document, Passage, PreparedDocument, Section
from corpus.folding import fold_title

_DERIVED_CHARS = 30
_LEAST_DERIVED_CHARS = 8
_SENTENCE_END = re.compile(r"[。！？!?；;]|…|\n")
_CLAUSE_END = re.compile(r"[，,、：:。！？!?；;…\n]")


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a file, cleaned. ``title``: None where none is printed; ``aliases``: titles joined into it."""

    title: str | None
    text: str
    sections: tuple[Section, ...] = ()
    publisher: str | None = None
    published_at: date | None = None
    url: str | None = None
    visibility: str = PUBLIC
    aliases: tuple[str, ...] = ()


def document_ids(path: str, titles: Sequence[str | None]) -> list[str]:
    """Ids of the articles of one file, from its path and their folded titles; an ordinal only where titles repeat."""
    seen: dict[str, int] = {}
    ids: list[str] = []
    for title in titles:
        folded = fold_title(title) if title else ""
        ordinal = seen.get(folded, 0)
        seen[folded] = ordinal + 1
        key = "\x1f".join((path, folded, str(ordinal)) if ordinal else (path, folded))
        ids.append(hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16])
    return ids


def prepare(document: Document, sections: Sequence[Section] = (), *, aliases: Sequence[str] = ()) -> PreparedDocument:
    """The document with its passages and the hash of all that is shown or indexed of both."""
    return prepared_of(document, passages_of(document, sections), aliases)


def prepared_of(document: Document, passages: Sequence[Passage], aliases: Sequence[str]) -> PreparedDocument:
    """The same of passages that are there already."""
    facts = [
        CHUNKING,
        document.title,
        document.text,
        document.publisher,
        document.published_at.isoformat() if document.published_at else None,
        document.url,
        document.source_path,
        document.visibility,
        *aliases,
        *((passage.start, passage.end, passage.heading) for passage in passages),
    ]
    serial = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return PreparedDocument(document, tuple(passages), hashlib.sha256(serial).hexdigest(), tuple(aliases))


def derived_title(text: str) -> str:
    """A title from the first words, up to some 30 characters and at the end of a clause; …… where more follows."""
    lead = text.lstrip()[: _DERIVED_CHARS + 1]
    sentence = _SENTENCE_END.search(lead)
    if sentence is not None and sentence.start() >= _LEAST_DERIVED_CHARS:
        return lead[: sentence.start()].strip()
    if len(lead) <= _DERIVED_CHARS:
        return " ".join(lead.split()).rstrip("，,、：:")
    clauses = [match.start() for match in _CLAUSE_END.finditer(lead[:_DERIVED_CHARS])]
    cut = clauses[-1] if clauses and clauses[-1] >= _LEAST_DERIVED_CHARS else _DERIVED_CHARS
    return " ".join(lead[:cut].split()) + "……"
