"""The documents that general questions are made from: training halves of open sets, and a spread over the corpora."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.datasets import read_lines
from evals.reader_training.leaks import LeakGuard, for_checking, held_out

_MIN_TEXT = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents are, how many of them are taken (None: all), and how many questions of one.

    ``halved``: only the training half may be read. ``titled``: a title names what the whole text is about.
    """

    name: str
    path: str
    documents: int | None
    questions: int
    halved: bool = False
    titled: bool = False


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document as its set gives it."""

    source: Source
    id: str
    title: str
    text: str
    published_at: str


SOURCES = (
    Source("cmrc2018_trial", "reading/cmrc2018_trial/documents.jsonl", None, 8, halved=True, titled=True),
    Source("drcd_dev", "reading/drcd_dev/documents.jsonl", None, 8, halved=True, titled=True),
    Source("xquad", "xquad/documents.jsonl", None, 8, halved=True),
    Source("news", "news/documents.jsonl", None, 8, halved=True),
    Source("cctv_2022_2026", "corpora/cctv_2022_2026.jsonl.xz", 9000, 3),
    Source("news_2023", "corpora/news_2023.jsonl.xz", 9000, 3),
    Source("laws", "corpora/laws.jsonl.xz", 2200, 3),
)


def read_source(source: Source, data: Path, guard: LeakGuard, seed: int) -> Iterator[SourceDocument]:
    """The documents of a source that may be trained on, in the order of the file."""
    rng = random.Random(f"{seed} {source.name}")
    lines = [line for line in read_lines(data / source.path) if not (source.halved and for_checking(line["id"]))]
    lines = [line for line in lines if len(line["text"]) >= _MIN_TEXT and (source.halved or not held_out(line["id"]))]
    if source.documents is not None and source.documents < len(lines):
        lines = [lines[index] for index in sorted(rng.sample(range(len(lines)), source.documents))]
    for line in lines:
        if not guard.leaks(line["text"], line["id"]):
            yield SourceDocument(
                source, line["id"], line.get("title") or "", line["text"], line.get("published_at") or ""
            )


def topic(document: SourceDocument) -> str:
    """What a titled document is about, without what the title has in brackets; "" where the title is no such name."""
    if not document.source.titled:
        return ""
    name = re.sub(r"\s*[（(].*?[）)]", "", document.title).replace("_", " ").strip()
    return name if 2 <= len(name) <= 14 else ""
