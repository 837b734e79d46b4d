"""Keeps texts that the reader is tested on out of its training: documents that repeat one of them are recognised.

A text is compared by its shingles, runs of 20 letters and digits after folding; word order inside a run matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.decoding import decode
from corpus.folding import fold_title
from evals.datasets import Question, read_lines, read_questions

SHINGLE_LENGTH = 20
# A text leaks when more than this share of its shingles is in texts kept for testing.
MAX_SHARED = 0.1

# Of the corpora one document in ten is kept out of training, to measure made questions by.
_HELD_OUT_BELOW = 26

# Sets of which the checking half is kept for testing: folder to its files of questions.
_HALVED: dict[str, tuple[str, ...]] = {
    "news": ("questions.jsonl", "questions_needing_context.jsonl", "events.jsonl"),
    "xquad": ("questions_zh.jsonl", "questions_en.jsonl"),
    "reading/cmrc2018_trial": ("questions.jsonl",),
    "reading/drcd_dev": ("questions.jsonl",),
    "reading/dureader_checklist": ("questions.jsonl",),
}
_TEST_ONLY = ("reading/news_mrc_train", "reading/cjrc_law", "conflict/rgb_zh_fact")

Hashes = NDArray[np.uint64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@dataclass(frozen=True)
class LeakGuard:
    """What is kept for testing. ``shingles``: sorted hashes; ``answering``: ids of corpus documents that answer it."""

    shingles: Hashes
    answering: frozenset[str] = frozenset()

    @classmethod
    def of_texts(cls, texts: Iterable[str], answering: Iterable[str] = ()) -> LeakGuard:
        """A guard of these texts, and of the documents named in ``answering`` whatever their text."""
        hashes = [shingle_hashes(text) for text in texts]
        whole = np.unique(np.concatenate(hashes)) if hashes else np.empty(0, np.uint64)
        return cls(whole, frozenset(answering))

    @classmethod
    def from_shared(cls, shared: Path) -> LeakGuard:
        """A guard of all that is only for testing in the shared data: checking halves, test sets and the seeds.

        Raises: FileNotFoundError: a set is absent.
        """
        return cls.of_texts(_kept_texts(shared), _answering_ids(shared / "data"))

    def leaks(self, text: str, document_id: str = "") -> bool:
        """Whether training on the text would show what is tested. Texts too short for a shingle never leak."""
        return document_id in self.answering or self.shared(text) > MAX_SHARED

    def shared(self, text: str) -> float:
        """Share of the text's shingles that are kept for testing, 0 to 1."""
        hashes = shingle_hashes(text)
        if not hashes.size or not self.shingles.size:
            return 0.0
        places = np.minimum(np.searchsorted(self.shingles, hashes), self._last)
        return float(np.mean(self.shingles[places] == hashes))

    @cached_property
    def _last(self) -> int:
        return len(self.shingles) - 1


def shingle_hashes(text: str) -> Hashes:
    """One 64-bit hash a shingle, in order: uint64, shape (letters and digits - 19,), empty for shorter texts."""
    folded = fold_title(text)
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = len(codes) - SHINGLE_LENGTH + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    hashes = np.zeros(count, np.uint64)
    for start in range(SHINGLE_LENGTH):
        hashes = (hashes ^ codes[start : start + count]) * _FACTOR
        hashes ^= hashes >> _SHIFT
    return hashes


def for_checking(document_id: str) -> bool:
    """Whether a document's questions are of the checking half."""
    return Question(document_id, "", (), (document_id,)).for_checking


def held_out(document_id: str) -> bool:
    """Whether a document of the corpora is kept out of training, whatever questions are made of it."""
    return hashlib.sha256(document_id.encode()).digest()[0] < _HELD_OUT_BELOW


def _kept_texts(shared: Path) -> Iterator[str]:
    for folder in _HALVED:
        for line in read_lines(shared / "data" / folder / "documents.jsonl"):
            if for_checking(line["id"]):
                yield line["text"]
    for folder in _TEST_ONLY:
        for line in read_lines(shared / "data" / folder / "documents.jsonl"):
            yield line["text"]
    for path in sorted((shared / "seeds").iterdir()):
        yield decode(path.read_bytes()).text


def _answering_ids(data: Path) -> Iterator[str]:
    for folder, files in _HALVED.items():
        for file in files:
            for question in read_questions(data / folder / file):
                if question.for_checking:
                    yield from question.contexts
