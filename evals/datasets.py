"""Reads the shared data sets: documents and questions as JSON Lines, and which half of a set a question is in."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# A question whose split key hashes to this first byte or more is for checking, never for fitting.
_CHECKING_FROM = 128
# A fifth of the other half is kept out of the network's training too, to fit on it what comes after the network.
_DEVELOPMENT_FROM = 204


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set. ``contexts``: ids of the documents that answer it; ``answers`` is () for unanswerable."""

    id: str
    text: str
    answers: tuple[str, ...]
    contexts: tuple[str, ...]

    @property
    def for_checking(self) -> bool:
        """Whether it is of the checking half; the other half is for training, fitting and calibration."""
        return self._digest()[0] >= _CHECKING_FROM

    @property
    def for_development(self) -> bool:
        """Whether it is of the fifth of the training half that the reader's network never saw."""
        return not self.for_checking and self._digest()[1] >= _DEVELOPMENT_FROM

    def _digest(self) -> bytes:
        key = self.contexts[0] if self.contexts else self.id
        return hashlib.sha256(key.encode()).digest()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, packed (``.gz``, ``.xz``) or not."""
    with _open(path) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_questions(path: Path) -> list[Question]:
    """The questions of a file in their order."""
    return [
        Question(line["id"], line["question"], tuple(line.get("answers") or ()), _contexts(line))
        for line in read_lines(path)
    ]


def _contexts(line: dict[str, Any]) -> tuple[str, ...]:
    ids = [line.get("context_id"), *(line.get("alt_context_ids") or ())]
    return tuple(dict.fromkeys(document_id for document_id in ids if document_id))


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")
