"""Labels hold by document in every snapshot: an older one opens nothing that was closed since."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.documents import PUBLIC, PreparedDocument
from corpus.store import DocumentStore
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from tests.corpus.store_documents import open_store, outcome, prepared

pytestmark = pytest.mark.usefixtures("backend")
INNER, PARTY = Clearance(frozenset({"内部"})), Clearance(frozenset({"党组"}))


@pytest.fixture
def store(tmp_path: Path, backend: str) -> DocumentStore:
    return open_store(tmp_path)


def labelled(document_id: str, label: str, *, aliases: tuple[str, ...] = ()) -> PreparedDocument:
    made = prepared(document_id, aliases=aliases)
    document = replace(made.document, visibility=label)
    return replace(made, document=document, content_hash=f"{label}{made.content_hash}"[:64])


def stored(store: DocumentStore, *documents: PreparedDocument) -> list[int]:
    """Versions in the order of the documents."""
    marks = hashlib.sha256("-".join(each.content_hash for each in documents).encode()).hexdigest()
    remembered = store.remember_file(marks, outcome(*documents))
    return list(remembered.versions)


def hidden(store: DocumentStore, versions: Sequence[int], clearance: Clearance) -> list[bool]:
    found = store.hidden_versions(clearance)
    return [version in found for version in versions]


def test_a_version_is_hidden_from_who_is_not_cleared_for_its_label(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    versions = stored(store, labelled("a", PUBLIC), labelled("b", "内部"), labelled("c", "党组"))
    assert hidden(store, versions, PUBLIC_ONLY) == [False, True, True]
    assert hidden(store, versions, INNER) == [False, False, True]
    assert hidden(store, versions, EVERYTHING) == [False, False, False]
    assert store.labels() == {"内部", "党组"}
    assert [store.hides("b", label, INNER) for label in (PUBLIC, "内部", "党组")] == [False, False, True]


def test_a_label_that_was_added_holds_for_older_versions_too(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    (old,) = stored(store, labelled("a", PUBLIC))
    store.hold_labels([old])
    (new,) = stored(store, labelled("a", "内部"))
    assert hidden(store, [old, new], PUBLIC_ONLY) == [False, True]
    store.hold_labels([new])
    assert hidden(store, [old, new], PUBLIC_ONLY) == [True, True]
    assert store.hides("a", PUBLIC, PUBLIC_ONLY)
    assert store.labels_of(["a", "b"]) == {"内部"}


def test_a_label_that_was_taken_away_opens_the_new_version_alone(store: DocumentStore) -> None:
    (old,) = stored(store, labelled("a", "内部"))
    store.hold_labels([old])
    (new,) = stored(store, labelled("a", PUBLIC))
    store.hold_labels([new])
    assert store.held_labels() == {}
    assert hidden(store, [old, new], PUBLIC_ONLY) == [True, False]


def test_who_may_see_one_of_two_labels_sees_neither_version(store: DocumentStore) -> None:
    (old,) = stored(store, labelled("a", "党组"))
    (new,) = stored(store, labelled("a", "内部"))
    store.hold_labels([new])
    assert hidden(store, [old, new], INNER) == [True, False]
    assert hidden(store, [old, new], PARTY) == [True, True]


def test_what_left_the_sources_keeps_its_label(store: DocumentStore) -> None:
    first = stored(store, labelled("a", "内部"), labelled("b", PUBLIC))
    store.hold_labels(first)
    store.hold_labels(first[1:])
    assert store.held_labels() == {"a": "内部"}


def test_an_alias_has_the_label_of_what_it_was_joined_to(store: DocumentStore) -> None:
    alone = stored(store, labelled("b", PUBLIC))
    store.hold_labels(alone)
    joined = stored(store, labelled("a", "内部", aliases=("b",)))
    store.hold_labels(joined)
    assert store.held_labels() == {"a": "内部", "b": "内部"}
    assert hidden(store, alone, PUBLIC_ONLY) == [True]
    store.hold_labels(stored(store, labelled("a", PUBLIC, aliases=("b",))))
    assert store.held_labels() == {}


def test_the_state_of_labels_is_named_and_only_changes_count(store: DocumentStore) -> None:
    versions = stored(store, labelled("a", "内部"))
    before = store.identity()
    store.hold_labels(versions)
    changed = store.identity()
    store.hold_labels(versions)
    assert (changed[0], changed[1], store.identity()) == (before[0], before[1] + 1, changed)
    assert changed[0] == store.store_id()


def test_a_label_can_be_put_on_one_document_at_once(store: DocumentStore) -> None:
    (version,) = stored(store, labelled("a", PUBLIC))
    store.hold_label("a", "内部")
    assert hidden(store, [version], PUBLIC_ONLY) == [True]
    store.hold_label("a", PUBLIC)
    assert hidden(store, [version], PUBLIC_ONLY) == [False]


def test_many_labels_are_held_in_one_go(store: DocumentStore) -> None:
    documents = [labelled(f"d{number}", ("内部", PUBLIC, "党组")[number % 3]) for number in range(2100)]
    versions = stored(store, *documents)
    store.hold_labels(versions)
    assert len(store.held_labels()) == 1400
    assert len(store.hidden_versions(INNER)) == 700
