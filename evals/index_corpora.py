"""The texts of the index benchmark: real documents in a fixed order, cut into short windows, and real questions.

The documents of the retrieval benchmark's sets stand first, as the product cuts them; then the corpora's, mixed, in
windows of 150 characters of which each begins 75 after the one before. So every size is a beginning of one list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document, Passage, PreparedDocument
from corpus.intake import SourceFile, read_source
from corpus.preparing import derived_title
from corpus.textforms import stored_form
from evals.datasets import Question, read_lines, read_questions
from retrieval.indexing import embedded_text

CORPORA = ("cctv_2022_2026", "government_reports", "laws", "news_2023")
WINDOW_CHARS, STRIDE_CHARS = 150, 75
# What is left of a document after its last window makes another one only from here on.
_LEAST_CHARS = 60
QUESTION_SETS = (
    ("news/documents.jsonl", "news/questions.jsonl"),
    ("xquad/documents.jsonl", "xquad/questions_zh.jsonl"),
    ("reading/cmrc2018_trial/documents.jsonl", "reading/cmrc2018_trial/questions.jsonl"),
)
# Their documents alone: questions in Traditional characters, or such as presuppose their document.
OTHER_SETS = tuple(f"reading/{name}/documents.jsonl" for name in ("drcd_dev", "news_mrc_train", "dureader_checklist"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A real question with the documents that answer it, as the benchmark names them."""

    text: str
    contexts: tuple[str, ...]


def benchmark_documents(shared: Path) -> Iterator[PreparedDocument]:
    """Every document with its passages: those of the sets first, then the corpora's."""
    for documents in (*(documents for documents, _ in QUESTION_SETS), *OTHER_SETS):
        yield from _set_documents(shared / "data" / documents)
    yield from corpora_documents(shared)


def corpora_documents(shared: Path) -> Iterator[PreparedDocument]:
    """The corpora's documents in windows, all corpora mixed, in an order that is always the same."""
    lines = [
        (line["id"], line.get("title") or "", line["text"])
        for name in CORPORA
        for line in read_lines(shared / "data" / "corpora" / f"{name}.jsonl.xz")
    ]
    lines.sort(key=lambda line: hashlib.sha256(line[0].encode()).digest())
    for document_id, title, text in lines:
        stored = stored_form(text)
        if stored.strip():
            yield _windowed(f"corpora/{document_id}", " ".join(stored_form(title).split()), stored)


def windows(length: int) -> Iterator[tuple[int, int]]:
    """Start and end of each window over a text of ``length`` characters; one that is short is a window itself."""
    start = 0
    while start == 0 or length - start >= _LEAST_CHARS:
        yield start, min(length, start + WINDOW_CHARS)
        if start + WINDOW_CHARS >= length:
            return
        start += STRIDE_CHARS


def passage_text(document: Document, passage: Passage) -> str:
    """What is embedded of a passage."""
    return embedded_text(document.title, passage.heading, passage.text)


def questions(shared: Path, most_a_set: int) -> list[Asked]:
    """Questions that name their document, spread evenly over each set."""
    asked = []
    for documents, path in QUESTION_SETS:
        every = [question for question in read_questions(shared / "data" / path) if question.contexts]
        asked += [_asked(question, documents) for question in _spread(every, most_a_set)]
    return asked


def _asked(question: Question, documents: str) -> Asked:
    return Asked(question.text, tuple(f"{_set_name(documents)}/{context}" for context in question.contexts))


def _spread(every: Sequence[Question], most: int) -> list[Question]:
    step = max(1.0, len(every) / most)
    return [every[int(place * step)] for place in range(min(most, len(every)))]


def _set_documents(path: Path) -> Iterator[PreparedDocument]:
    name = _set_name(str(path))
    for each in read_source(SourceFile(f"{name}.jsonl", path)).documents:
        document_id = f"{name}/{each.document.id}"
        yield _prepared(
            _renamed(each.document, document_id),
            [(passage.start, passage.end, passage.heading) for passage in each.passages],
        )


def _set_name(documents: str) -> str:
    return Path(documents).parent.name


def _renamed(document: Document, document_id: str) -> Document:
    return Document(
        document_id,
        document.title,
        document.text,
        document.publisher,
        document.published_at,
        document.url,
        document.source_path,
    )


def _windowed(document_id: str, title: str, text: str) -> PreparedDocument:
    document = Document(document_id, title or derived_title(text), text, None, None, None, "corpora.jsonl")
    return _prepared(document, [(start, end, None) for start, end in windows(len(text))])


def _prepared(document: Document, places: Sequence[tuple[int, int, str | None]]) -> PreparedDocument:
    passages = tuple(
        Passage(_short_hash(f"{document.id}/{start}"), document.id, document.text[start:end], start, end, heading)
        for start, end, heading in places
    )
    digest = hashlib.sha256(f"{document.title}\x1f{document.text}\x1f{len(passages)}".encode()).hexdigest()
    return PreparedDocument(document, passages, digest)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
