"""What a question was answered from which passages, so that no switch has the same passages read again.

Kept as one file of digests; it holds no question. Whatever is wrong with the file, the passages are read again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.answers import Outcome
from retrieval.durable import write_atomically
from retrieval.hits import Hit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """What a question got: how it ended, its short answer, and the document of its first citation."""

    outcome: Outcome
    short_answer: str | None = None
    document_id: str | None = None
    source: str | None = None


class GateMemory:
    """Answers by question and passages. ``reader`` names whatever reads: another one starts with nothing."""

    def __init__(self, path: Path | None, reader: str) -> None:
        self._path = path
        self._reader = reader
        self._known = _read(path)
        self._used: dict[str, Given] = {}

    def find(self, question: str, hits: Sequence[Hit]) -> Given | None:
        """What these very passages in this order answered, if they were read before."""
        key = self._key(question, hits)
        found = self._used.get(key) or self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def keep(self, question: str, hits: Sequence[Hit], given: Given) -> None:
        """Remember an answer."""
        self._used[self._key(question, hits)] = given

    def save(self) -> None:
        """Write what was used since the start, and nothing older. A disk that refuses costs later readings only."""
        if self._path is None or self._used == self._known:
            return
        kept = {key: asdict(given) for key, given in self._used.items()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
        except OSError as error:
            _log.warning("answers of the switch gate were not kept: %s", error)

    def _key(self, question: str, hits: Sequence[Hit]) -> str:
        digest = hashlib.sha256(f"{self._reader}\0{question}\0".encode("utf-8", "replace"))
        for hit in hits:
            shown = (hit.document.id, hit.document.title, hit.document.published_at, hit.passage.heading)
            digest.update(f"{shown}\0{hit.passage.text}\0".encode("utf-8", "replace"))
        return digest.hexdigest()


def _read(path: Path | None) -> dict[str, Given]:
    if path is None:
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {key: Given(**{**fields, "outcome": Outcome(fields["outcome"])}) for key, fields in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("answers that the switch gate kept cannot be read, all is read again: %s", error)
        return {}
