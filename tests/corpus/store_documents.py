"""Documents of our own for the tests of the store, and a store in a folder of the test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from corpus.database import open_database
from corpus.documents import Document, FileOutcome, Passage, PreparedDocument
from corpus.store import DocumentStore
from tests.databases import database_url

SENTENCES = (
    "今年全镇凉瓜种植面积约五千亩。",
    "北京大学创办于1898年。",
    "全区新建改建学校12所，新增学位1.3万个。",
)


def open_store(folder: Path) -> DocumentStore:
    return open_store_at(database_url(folder))


def open_store_at(url: str) -> DocumentStore:
    store = DocumentStore(open_database(url))
    store.migrate()
    return store


def prepared(
    document_id: str,
    sentences: Sequence[str] = SENTENCES,
    *,
    title: str = "镇里的一年",
    aliases: tuple[str, ...] = (),
    headings: Sequence[str | None] | None = None,
    published_at: date | None = date(2024, 3, 5),
) -> PreparedDocument:
    """A document with one passage a sentence."""
    passages = []
    start = 0
    for ordinal, sentence in enumerate(sentences):
        passage_id = hashlib.sha256(f"{document_id}/{ordinal}/{sentence}".encode()).hexdigest()[:20]
        heading = headings[ordinal] if headings else None
        passages.append(Passage(passage_id, document_id, sentence, start, start + len(sentence), heading))
        start += len(sentence)
    text = "".join(sentences)
    document = Document(document_id, title, text, "本镇公众号", published_at, "https://example.org/1", "镇/年.txt")
    digest = hashlib.sha256(repr((document, passages, aliases)).encode("utf-8", "backslashreplace")).hexdigest()
    return PreparedDocument(document, tuple(passages), digest, aliases)


def outcome(
    *documents: PreparedDocument,
    path: str = "镇/年.txt",
    failures: tuple[str, ...] = (),
    encoding: str | None = "utf-8",
) -> FileOutcome:
    return FileOutcome(path, encoding, documents, failures)


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
