"""What may not be seen is left out before ranking: neither found nor counted, and what is left is ranked exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import PUBLIC
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from retrieval import lexical_view
from retrieval.snapshot import Snapshot, switch
from retrieval.snapshot_views import SnapshotViews, View
from retrieval.snapshot_writer import IndexedPassage
from retrieval.terms import Terms
from tests.retrieval.made_snapshots import FIT, PLACES, STORE, Made, Shelf

LABELS = (PUBLIC, "内部", "党组")
QUESTIONS = ("清溪镇修路多少公里？", "黄江镇", "第3号简报", "修路", "樟木头镇第12号", "简报第一次公布")
TERMS = Terms.shipped()


@dataclass
class FakeLabels:
    """Labels of documents by number, as they were indexed and as they hold since."""

    own: Mapping[int, str]
    held: Mapping[int, str]

    def labels(self) -> frozenset[str]:
        return frozenset((*self.own.values(), *self.held.values())) - {PUBLIC}

    def hidden_versions(self, clearance: Clearance) -> frozenset[int]:
        return frozenset(
            Made(number).version.version
            for number, label in self.own.items()
            if not (clearance.allows(label) and clearance.allows(self.held.get(number, PUBLIC)))
        )


def built(folder: Path, own: Mapping[int, str]) -> Snapshot:
    shelf = Shelf(folder)
    with shelf.writer() as writer:
        for number, label in own.items():
            made = Made(number)
            passages = [IndexedPassage(*_fields(passage), label) for passage in made.indexed]
            writer.add([made.version], passages)
            shelf.embed(writer, [made])
        switch(folder, writer.finish())
    return shelf.open()


def _fields(passage: IndexedPassage) -> tuple[int, str, str, str | None, str]:
    return passage.row, passage.document_id, passage.title, passage.heading, passage.text


def seen_rows(labels: FakeLabels, clearance: Clearance) -> set[int]:
    hidden = labels.hidden_versions(clearance)
    return {row for number in labels.own for row in Made(number).rows if Made(number).version.version not in hidden}


def ranked(scores: Mapping[int, float], rows: set[int], limit: int) -> list[tuple[int, float]]:
    """The oracle: everything is scored, then what may not be seen is struck out."""
    return sorted(((row, score) for row, score in scores.items() if row in rows), key=lambda pair: -pair[1])[:limit]


@st.composite
def labellings(draw: st.DrawFn) -> FakeLabels:
    numbers = range(draw(st.integers(1, 24)))
    own = {number: draw(st.sampled_from(LABELS)) for number in numbers}
    held = {number: draw(st.sampled_from(LABELS)) for number in numbers if draw(st.integers(0, 5)) == 0}
    return FakeLabels(own, held)


CLEARANCES = st.sets(st.sampled_from(LABELS[1:])).map(lambda labels: Clearance(frozenset(labels)))


@settings(max_examples=15)
@given(labels=labellings(), clearance=CLEARANCES, limit=st.integers(1, 12))
def test_a_view_ranks_what_may_be_seen_as_if_nothing_else_were_struck_from_a_whole_ranking(
    labels: FakeLabels, clearance: Clearance, limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with closing(built(tmp_path_factory.mktemp("index"), labels.own)) as snapshot:
        view = SnapshotViews(labels).view(snapshot, clearance, (STORE, 1))
        rows = seen_rows(labels, clearance)
        assert view.lexical.count == len(rows)
        assert view.documents == len({row // 2000 for row in rows})
        embedder = Shelf(Path()).embedder
        for question in QUESTIONS:
            query = view.lexical.prepare(TERMS.question_groups(question))
            everything = snapshot.lexical.search(query, 1000)
            found = list(view.lexical.search(query, limit).items())
            expected = ranked(everything, rows, limit)
            assert [score for _, score in found] == pytest.approx([score for _, score in expected])
            assert {row for row, _ in found} <= rows
            vector = embedder.encode_queries([question])[0]
            near = view.vectors.search(vector, limit)
            nearest = ranked(snapshot.vectors.search(vector, 1000), rows, limit)
            assert list(near.values()) == pytest.approx([score for _, score in nearest])
            assert near.keys() <= rows
            assert view.vectors.scores(vector, snapshot.rows.tolist()).keys() == rows


@settings(max_examples=15)
@given(labels=labellings(), clearance=CLEARANCES)
def test_words_are_counted_as_in_an_index_of_what_may_be_seen_alone(
    labels: FakeLabels, clearance: Clearance, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hidden = labels.hidden_versions(clearance)
    alone = {number: label for number, label in labels.own.items() if Made(number).version.version not in hidden}
    with (
        closing(built(tmp_path_factory.mktemp("whole"), labels.own)) as whole,
        closing(built(tmp_path_factory.mktemp("alone"), alone)) as other,
    ):
        view = SnapshotViews(labels).view(whole, clearance, (STORE, 1)).lexical
        for question in (*QUESTIONS, *PLACES, "河源"):
            groups = TERMS.question_groups(question)
            assert view.prepare(groups).coverage == pytest.approx(other.lexical.prepare(groups).coverage)
        for term in ("清溪", "修路", "黄江", "简报", "7号", "河源", "公里"):
            assert view.frequency(term) == other.lexical.frequency(term)
            assert view.occurs(term) == other.lexical.occurs(term)
            assert view.occurs_in_names(term) == other.lexical.occurs_in_names(term)
            assert view.together(("修路", term)) == other.lexical.together(("修路", term))
            if alone:
                assert view.idf(term) == pytest.approx(other.lexical.idf(term))
        begun = dict(view.starting_with("修", 96))
        assert begun == dict(other.lexical.starting_with("修", 96))


MANY = {number: "内部" if number % 40 else PUBLIC for number in range(400)}


@pytest.fixture(scope="module")
def mostly_hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with closing(built(tmp_path_factory.mktemp("many"), MANY)) as snapshot:
        yield snapshot


@pytest.mark.parametrize("held", [{}, dict.fromkeys(MANY, "党组")], ids=["as indexed", "since"])
def test_the_few_that_may_be_seen_are_found_behind_many_better_ones(
    mostly_hidden: Snapshot, held: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical_view, "_MOST_DROPPED", 8)
    own = MANY if not held else dict.fromkeys(MANY, PUBLIC)
    labels = FakeLabels(own, {number: label for number, label in held.items() if number % 40})
    view = SnapshotViews(labels).view(mostly_hidden, PUBLIC_ONLY, (STORE, 1))
    query = view.lexical.prepare(TERMS.question_groups("修路多少公里"))
    seen = {row for number in range(0, 400, 40) for row in Made(number).rows}
    assert view.lexical.search(query, 100).keys() == seen
    assert len(view.lexical.search(query, 7)) == 7
    assert view.lexical.search(query, 100, excluded=sorted(seen)[:15]).keys() == set(sorted(seen)[15:])


def snapshots_views(labels: FakeLabels, snapshot: Snapshot, clearance: Clearance, state: int = 1) -> View:
    return SnapshotViews(labels).view(snapshot, clearance, (STORE, state))


def test_where_nothing_is_hidden_the_snapshot_itself_is_searched(mostly_hidden: Snapshot) -> None:
    public = FakeLabels(dict.fromkeys(MANY, PUBLIC), {})
    inner = FakeLabels(MANY, {})
    for labels, clearance in (
        (public, PUBLIC_ONLY),
        (inner, EVERYTHING),
        (inner, Clearance(frozenset({"内部"}))),
    ):
        view = snapshots_views(labels, mostly_hidden, clearance)
        assert view.lexical is mostly_hidden.lexical
        assert view.vectors is mostly_hidden.vectors


def test_who_sees_the_same_shares_a_view_until_a_label_changes(mostly_hidden: Snapshot) -> None:
    labels = FakeLabels(MANY, {})
    views = SnapshotViews(labels)
    first = views.view(mostly_hidden, PUBLIC_ONLY, (STORE, 1))
    assert views.view(mostly_hidden, Clearance(frozenset({"别的"})), (STORE, 1)) is first
    labels.held = {0: "党组"}
    later = views.view(mostly_hidden, PUBLIC_ONLY, (STORE, 2))
    assert (first.documents, later.documents) == (10, 9)


def test_a_label_is_no_word_that_can_be_asked_for(mostly_hidden: Snapshot) -> None:
    for question in ("label:内部", "内部", "label"):
        groups = TERMS.question_groups(question)
        assert mostly_hidden.lexical.prepare(groups).query is None


def test_vectors_that_are_hidden_are_not_given_away_by_row(mostly_hidden: Snapshot) -> None:
    view = snapshots_views(FakeLabels(MANY, {}), mostly_hidden, PUBLIC_ONLY)
    row = Made(1).rows[0]
    assert mostly_hidden.vectors.holds(np.array([row]))[0]
    assert not view.vectors.holds(np.array([row]))[0]
    with pytest.raises(KeyError):
        view.vectors.vectors([row])


def test_the_manifest_of_labelled_documents_is_that_of_any(mostly_hidden: Snapshot) -> None:
    assert (mostly_hidden.manifest.fit, mostly_hidden.manifest.documents) == (FIT, len(MANY))
