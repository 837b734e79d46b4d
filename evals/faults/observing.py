"""What a data folder answers now, looked at through the product's own opening and search, and comparisons of that."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot import app
from evals.faults.counting_embedder import vectors_of
from evals.faults.data_folder import MODEL, DataFolder
from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.indexing import embedded_text
from retrieval.snapshot import Snapshot, open_current
from retrieval.snapshots import verify_snapshot

TOP_K = 5
# What a vector of length 1 may lose by being kept in 16 bits.
FLOAT16_DISTANCE = 2e-3


@dataclass(frozen=True, slots=True)
class Seen:
    """What was there to see. ``answers``: for each question its best passages as (text, document id, score).

    ``wrong``: everything that must never be, in words. ``refused``: why nothing answers.
    """

    snapshot: str | None = None
    refused: str | None = None
    documents: dict[str, str] | None = None
    passages: int = 0
    embedded: int = 0
    answers: list[list[tuple[str, str, float]]] | None = None
    wrong: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Seen:
        answers = content["answers"]
        exact = answers and [[(text, name, score) for text, name, score in hits] for hits in answers]
        return cls(**{**content, "answers": exact, "wrong": tuple(content["wrong"])})


def observe(folder: DataFolder, questions: list[str], model: str = MODEL) -> dict[str, Any]:
    """Open what serves, check every file and vector of it, and ask it the questions."""
    with folder.search("observer", model) as search:
        try:
            with search.session() as session:
                answers = [
                    [(hit.passage.text, hit.document.id, hit.score) for hit in session.search(question, top_k=TOP_K)]
                    for question in questions
                ]
                served = session.snapshot_id
            verify_snapshot(folder.index_dir, served)
            snapshot = open_current(folder.index_dir)
        except NoSnapshotError:
            return Seen().as_json()
        except SnapshotError as error:
            cause = f" ({error.__cause__!r})" if error.__cause__ is not None else ""
            return Seen(refused=f"{type(error).__name__}: {error}{cause}".replace(str(folder.root), "")).as_json()
    with closing(snapshot), app.open_stores(folder.settings) as stores:
        store = stores.documents
        held = {info.version: info for info in store.versions(int(version) for version in snapshot.versions)}
        rows = list(store.passage_rows(held))
        wrong = [] if served == snapshot.id else [f"{served} answers, CURRENT names {snapshot.id}"]
        wrong += _wrong(snapshot, [(row.row, _text(row)) for row in rows], len(held))
        return Seen(
            snapshot.id,
            None,
            {info.document_id: info.content_hash for info in held.values()},
            len(rows),
            snapshot.vectors.count,
            answers,
            tuple(wrong),
        ).as_json()


def _text(row: Any) -> str:
    return embedded_text(row.document_title, row.passage.heading, row.passage.text)


def _wrong(snapshot: Snapshot, rows: list[tuple[int, str]], versions: int) -> list[str]:
    """What contradicts itself: database against snapshot, vectors against texts."""
    wrong = []
    if versions != len(snapshot.versions):
        wrong.append(f"the snapshot names {len(snapshot.versions)} versions, the database holds {versions} of them")
    if sorted(row for row, _ in rows) != snapshot.rows.tolist():
        wrong.append(f"the snapshot holds {len(snapshot.rows)} passages, the database {len(rows)} of its versions")
        return wrong
    missing = set(snapshot.missing_rows().tolist())
    texts = {row: text for row, text in rows if row not in missing}
    stored = snapshot.vectors.vectors(list(texts))
    meant = vectors_of(snapshot.manifest.fit.model_id, list(texts.values()))
    distance = np.abs(stored - meant).max(initial=0.0)
    if distance > FLOAT16_DISTANCE:
        wrong.append(f"a vector is not that of its passage (off by {distance:.3f})")
    return wrong


def same_snapshot(left: Seen, right: Seen) -> str | None:
    """Why two looks at one snapshot differ in anything at all; None where they do not."""
    if left.snapshot != right.snapshot:
        return f"{right.snapshot} serves, not {left.snapshot}"
    if (left.documents, left.embedded, left.refused) != (right.documents, right.embedded, right.refused):
        return f"snapshot {left.snapshot} changed: {_brief(left)} became {_brief(right)}"
    return None if left.answers == right.answers else f"snapshot {left.snapshot} answers otherwise"


def same_corpus(wanted: Seen, found: Seen, *, whole: bool) -> str | None:
    """Why a snapshot does not serve the documents wanted, or answers other passages first; None where it does.

    Ids, rows and, with other segments, scores may differ; while vectors are missing, also which passage of the right
    document is first. ``whole``: every passage must have its vector.
    """
    if found.documents != wanted.documents or found.passages != wanted.passages:
        return f"{_brief(found)} serves where {_brief(wanted)} is meant"
    if whole and found.embedded != wanted.embedded:
        return f"{found.embedded} of {wanted.embedded} passages have a vector"
    same = slice(0 if found.embedded == wanted.embedded else 1, 2)
    for ours, theirs in zip(wanted.answers or [], found.answers or [], strict=True):
        if [hit[same] for hit in ours[:1]] != [hit[same] for hit in theirs[:1]]:
            return f"another passage comes first: {json.dumps([ours[:1], theirs[:1]], ensure_ascii=False)}"
    return None


def _brief(seen: Seen) -> str:
    if seen.documents is None:
        return seen.refused or "nothing"
    return f"{seen.snapshot} ({len(seen.documents)} documents, {seen.passages} passages, {seen.embedded} embedded)"
