"""A question sees one snapshot, is embedded by the model of that snapshot, and makes background work wait."""

from __future__ import annotations

import gc
import logging
import sqlite3
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document, Passage
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from embeddings.errors import ModelDamagedError
from retrieval.errors import NoSnapshotError, SnapshotDamagedError
from retrieval.indexing import Indexer, fit_for
from retrieval.live import LiveIndex
from retrieval.manifest import ModelSource
from retrieval.searching import FOLLOW_SECONDS, LiveSearch, _spread
from retrieval.snapshot import open_current
from retrieval.snapshot_embedders import OpenEmbedder, SnapshotEmbedders
from retrieval.terms import Terms
from retrieval.yielding import QUESTIONS, QuestionClock
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder

OLD, NEW = ModelSource("hashing", "auto"), ModelSource("wider", "torch")


class Models:
    """Opens embedders by name; ``failure`` instead, where there is one."""

    def __init__(self) -> None:
        self.opened: list[ModelSource] = []
        self.failure: Exception | None = None

    def open(self, source: ModelSource) -> HashingEmbedder:
        self.opened.append(source)
        if self.failure is not None:
            raise self.failure
        return HashingEmbedder(64) if source == OLD else HashingEmbedder(96, model_id="wider")


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def searches(library: Library) -> Iterator[Searches]:
    made = Searches(library)
    yield made
    made.close()


class Searches:
    """Searches over the library with embedders of one's choice."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._open: list[LiveIndex] = []

    def __call__(self, own: HashingEmbedder, open_other: OpenEmbedder | None = None) -> LiveSearch:
        embedders = SnapshotEmbedders(own, open_other)
        live = LiveIndex(self._library.index_dir, fit_for(own), prepare=embedders.for_snapshot)
        self._open.append(live)
        return LiveSearch(live, self._library.store, embedders, Terms.shipped())

    def close(self) -> None:
        for live in self._open:
            live.close()


def index(library: Library, embedder: HashingEmbedder, model: ModelSource | None) -> None:
    Indexer(library.store, embedder, library.cache, library.index_dir, model=model).run(library.sources)


def test_a_session_searches_the_serving_snapshot_and_tells_what_is_embedded(
    library: Library, searches: Searches
) -> None:
    library.index()
    search = searches(library.embedder)
    with search.session() as session:
        assert session.snapshot_id == library.current()
        assert session.embedded == 1.0
        assert session.search("凉瓜产值", top_k=1)[0].document.title == "清溪镇凉瓜丰收"
        assert session.statistics.occurs("凉瓜")
    assert len(search.live_versions()) == 3


def test_a_label_that_is_put_on_while_a_question_is_searched_counts_for_it(
    library: Library, searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.index()
    search = searches(library.embedder)
    load = library.store.load_rows

    def labelled_meanwhile(rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        found = load(rows)
        monkeypatch.setattr(library.store, "load_rows", load)
        library.store.hold_label(
            next(document.id for _, document in found.values() if "凉瓜" in document.title), "内部"
        )
        return found

    monkeypatch.setattr(library.store, "load_rows", labelled_meanwhile)
    with search.session() as session:
        assert "清溪镇凉瓜丰收" not in [hit.document.title for hit in session.search("凉瓜产值", top_k=5)]
        assert not session.statistics.occurs("凉瓜")
    with search.session(Clearance(frozenset({"内部"}))) as session:
        assert session.search("凉瓜产值", top_k=1)[0].document.title == "清溪镇凉瓜丰收"
    assert [search.counts(clearance)[0] for clearance in (PUBLIC_ONLY, EVERYTHING)] == [2, 3]


def test_without_an_index_there_is_no_session(library: Library, searches: Searches) -> None:
    with pytest.raises(NoSnapshotError), searches(library.embedder).session():
        pass


def test_work_in_the_background_waits_for_a_session(library: Library, searches: Searches) -> None:
    library.index()
    questions = QuestionClock(library.index_dir / QUESTIONS)
    search = searches(library.embedder)
    with search.session():
        assert not questions.is_quiet()
    assert questions.is_quiet()


def test_a_snapshot_of_another_model_is_searched_with_that_model_until_the_next_one(
    library: Library, searches: Searches, models: Models
) -> None:
    index(library, HashingEmbedder(64), OLD)
    wider = HashingEmbedder(96, model_id="wider")
    search = searches(wider, models.open)
    for _ in range(2):
        with search.session() as session:
            hit = session.search("凉瓜产值", top_k=1)[0]
            assert (session.embedded, hit.dense is not None) == (1.0, True)
    assert models.opened == [OLD]
    index(library, wider, NEW)
    with search.session() as session:
        assert session.search("凉瓜产值", top_k=1)[0].dense is not None
        assert session.snapshot_id == library.current()
    assert models.opened == [OLD]


@pytest.mark.parametrize(
    ("model", "failure", "said"),
    [
        (None, None, "does not say how to open it"),
        (OLD, ModelDamagedError("model.onnx has another checksum"), "another checksum"),
        (NEW, None, "'wider' is now 'wider' (96)"),
    ],
)
def test_where_the_model_cannot_be_had_words_alone_are_searched_and_that_is_said_once(
    library: Library,
    searches: Searches,
    models: Models,
    caplog: pytest.LogCaptureFixture,
    model: ModelSource | None,
    failure: Exception | None,
    said: str,
) -> None:
    index(library, HashingEmbedder(64), model)
    models.failure = failure
    search = searches(HashingEmbedder(32, model_id="new"), models.open)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with search.session() as session:
                hit = session.search("凉瓜产值", top_k=1)[0]
                assert (hit.document.title, hit.dense, session.embedded) == ("清溪镇凉瓜丰收", None, 0.0)
    assert caplog.text.count("by their words alone") == 1
    assert said in caplog.text
    assert len(models.opened) <= 1


def test_nobody_who_opens_models_is_as_a_model_that_cannot_be_had(library: Library, searches: Searches) -> None:
    index(library, HashingEmbedder(64), OLD)
    with searches(HashingEmbedder(32, model_id="new")).session() as session:
        assert session.search("凉瓜产值", top_k=1)[0].dense is None


def test_snapshots_of_one_other_model_share_it_and_it_goes_with_them(library: Library, models: Models) -> None:
    index(library, HashingEmbedder(64), OLD)
    embedders = SnapshotEmbedders(HashingEmbedder(32, model_id="new"), models.open)
    first, second = (open_current(library.index_dir) for _ in range(2))
    other = embedders.for_snapshot(first)
    assert other is not None
    assert embedders.for_snapshot(second) is other
    assert models.opened == [OLD]
    held = weakref.ref(other)
    first.close()
    second.close()
    del other, first, second
    gc.collect()
    assert held() is None


def test_documents_that_are_stored_are_found_so(library: Library, searches: Searches) -> None:
    library.write_many(40)
    library.index()
    searches(library.embedder).check_documents()


def test_a_database_that_lost_documents_of_the_index_is_noticed(library: Library, searches: Searches) -> None:
    library.index()
    search = searches(library.embedder)
    lose_documents(library.folder / "yiju.db", "LIMIT 1")
    with pytest.raises(SnapshotDamagedError, match="lost 1 of 3 documents"):
        search.check_documents()


def test_another_database_in_its_place_is_noticed_without_waiting_long(library: Library, searches: Searches) -> None:
    library.index()
    search = searches(library.embedder)
    library.store.renew_identity()
    started = time.monotonic()
    with pytest.raises(SnapshotDamagedError, match="another database"):
        search.check_documents()
    assert time.monotonic() - started < FOLLOW_SECONDS


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=200), st.integers(2, 20))
def test_a_few_of_many_are_spread_from_the_first_to_the_last(versions: list[int], most: int) -> None:
    versions.sort()
    taken = _spread(versions, most)
    assert len(taken) == len(set(taken)) == min(len(versions), most)
    assert set(taken) <= set(versions)
    assert not versions or (taken[0], taken[-1]) == (versions[0], versions[-1])


def lose_documents(database: Path, which: str = "") -> None:
    """Some, or all, are gone from the database, and what hangs on them."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        chosen = f"SELECT version FROM document_versions ORDER BY version {which}"
        connection.execute(f"DELETE FROM document_versions WHERE version IN ({chosen})")
