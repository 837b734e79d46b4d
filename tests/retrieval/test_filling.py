"""A new corpus answers by its words at once; vectors come behind, and can be paused, stopped and resumed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from retrieval import filling, index_lock
from retrieval.errors import NoSnapshotError, SnapshotMismatchError
from retrieval.index_report import IndexProgress
from retrieval.pausing import pause, resume
from retrieval.snapshots import prune
from retrieval.yielding import QuestionClock
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder

# More than are embedded before the first switch.
MANY = 120
ALL = MANY + 3


class StopRequestedError(Exception):
    """Somebody wants the run to end."""


class Listener:
    """Keeps what it hears and does something at one point: where ``when`` says so, once."""

    def __init__(
        self, when: Callable[[IndexProgress], bool] = lambda _: False, act: Callable[[], object] = lambda: None
    ) -> None:
        self.heard: list[IndexProgress] = []
        self._when = when
        self._act = act
        self._done = False

    def __call__(self, progress: IndexProgress) -> None:
        self.heard.append(progress)
        if not self._done and self._when(progress):
            self._done = True
            self._act()

    @property
    def phases(self) -> list[str]:
        return list(dict.fromkeys(progress.phase for progress in self.heard))


def stop() -> None:
    raise StopRequestedError


def filled(count: int) -> Callable[[IndexProgress], bool]:
    return lambda progress: progress.phase == "filling" and progress.done >= count


@pytest.fixture
def corpus(library: Library) -> Library:
    """``ALL`` documents of a passage each, not indexed yet."""
    library.write_many(MANY)
    return library


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots are published after few passages."""
    monkeypatch.setattr(filling, "LEAST_GROWTH", 20)


def test_a_new_corpus_is_found_by_its_words_before_anything_is_embedded(corpus: Library) -> None:
    seen: list[tuple[int, int]] = []
    listener = Listener(filled(0), lambda: seen.append((corpus.embedded(), len(corpus.found_by_words("凉瓜产值")))))
    report = corpus.index(progress=listener)
    assert seen == [(0, 1)]
    assert listener.phases == ["reading", "writing", "filling"]
    assert (report.embedded_share, report.pending, report.embedded) == (1.0, 0, ALL)
    assert corpus.embedded() == ALL


def test_without_embedding_a_run_ends_with_the_words(corpus: Library) -> None:
    report = corpus.index(embed=False)
    assert (report.embedded_share, report.pending, report.embedded) == (0.0, ALL, 0)
    assert report.snapshot == corpus.current()
    assert corpus.embedder.embedded == []
    assert len(corpus.found_by_words("凉瓜产值")) == 1


@pytest.mark.usefixtures("small_steps")
def test_without_filling_a_run_ends_once_the_new_documents_answer(corpus: Library) -> None:
    report = corpus.index(fill=False)
    assert report.snapshot == corpus.current()
    assert report.pending == ALL - report.embedded > 0
    assert len(corpus.found_by_words("凉瓜产值")) == 1
    again = corpus.index(fill=False)
    assert (again.pending, again.embedded, again.snapshot) == (report.pending, 0, report.snapshot)
    assert corpus.indexer().fill().pending == 0


def test_another_model_is_embedded_whole_even_without_filling(corpus: Library) -> None:
    corpus.index()
    report = corpus.indexer(HashingEmbedder(model_id="another")).run(corpus.sources, fill=False)
    assert (report.pending, report.embedded) == (0, ALL)
    assert report.snapshot == corpus.current()


def test_a_later_run_without_changes_goes_on_filling_in(corpus: Library) -> None:
    first = corpus.index(embed=False)
    report = corpus.index()
    assert report.documents.unchanged == ALL
    assert (report.embedded, report.pending) == (ALL, 0)
    assert report.snapshot != first.snapshot


def test_filling_alone_does_not_look_at_the_sources(corpus: Library) -> None:
    corpus.index(embed=False)
    corpus.write("neu.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    report = corpus.indexer().fill()
    assert (report.pending, report.passages, report.files) == (0, ALL, ())
    assert corpus.indexer().fill().embedded == 0


def test_there_is_nothing_to_fill_before_the_first_index_and_for_another_model(corpus: Library) -> None:
    with pytest.raises(NoSnapshotError):
        corpus.indexer().fill()
    corpus.index()
    with pytest.raises(SnapshotMismatchError, match="another"):
        corpus.indexer(HashingEmbedder(model_id="another")).fill()


def test_a_passage_that_was_not_filled_in_yet_is_added_to_and_edited_like_any_other(corpus: Library) -> None:
    corpus.index(embed=False)
    corpus.write("gua.txt", "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜700亩，产值达2亿元。\n")
    report = corpus.index(embed=False)
    assert report.documents.changed == 1
    assert report.pending == ALL
    assert corpus.index().pending == 0


@pytest.mark.usefixtures("small_steps")
def test_snapshots_are_published_further_and_further_apart(corpus: Library) -> None:
    published: list[int] = []
    listener = Listener()

    def hear(progress: IndexProgress) -> None:
        listener(progress)
        if progress.phase == "filling":
            published.append(corpus.embedded())

    corpus.indexer(embedding_batch=5).run(corpus.sources, progress=hear)
    assert list(dict.fromkeys(published)) == [0, 20, 40, 60, 90]
    assert corpus.embedded() == ALL


@pytest.mark.usefixtures("small_steps")
def test_the_steps_of_a_run_do_not_push_older_states_of_the_documents_out(library: Library) -> None:
    before = library.index()
    library.write_many(MANY)
    library.index()
    folders = sorted(path.name for path in (library.index_dir / "snapshots").iterdir())
    assert before.snapshot in folders
    assert len(folders) == 3


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("at", [1, 30, 100])
def test_a_run_that_is_stopped_keeps_what_is_embedded(corpus: Library, at: int) -> None:
    with pytest.raises(StopRequestedError):
        corpus.indexer(embedding_batch=5).run(corpus.sources, progress=Listener(filled(at), stop))
    done = len(corpus.embedder.embedded)
    assert at <= done < ALL
    assert len(corpus.cache.vectors) == done
    report = corpus.index()
    assert (report.embedded, report.pending) == (ALL - done, 0)
    assert len(set(corpus.embedder.embedded)) == len(corpus.embedder.embedded) == ALL
    assert not list((corpus.index_dir / "snapshots").glob(".*"))


def test_a_pause_is_told_and_lasts_until_it_is_ended(corpus: Library) -> None:
    heard: list[str] = []

    def listener(progress: IndexProgress) -> None:
        heard.append(progress.phase)
        if progress.phase == "filling" and "paused" not in heard:
            pause(corpus.index_dir, "cli")
        if heard.count("paused") == 2:
            resume(corpus.index_dir)

    report = corpus.index(progress=listener)
    assert heard.count("paused") == 2
    assert report.pending == 0


def test_a_paused_run_can_be_stopped(corpus: Library) -> None:
    pause(corpus.index_dir, "cli")
    with pytest.raises(StopRequestedError):
        corpus.index(progress=Listener(lambda progress: progress.phase == "paused", stop))
    assert corpus.embedder.embedded == []
    assert len(corpus.found_by_words("凉瓜产值")) == 1


def test_while_paused_a_new_document_answers_at_once_by_its_words(library: Library) -> None:
    library.index()
    pause(library.index_dir, "cli")
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    with pytest.raises(StopRequestedError):
        library.index(progress=Listener(lambda progress: progress.phase == "paused", stop))
    assert library.embedded() == 3
    assert len(library.found_by_words("凤凰山采茶")) == 1
    resume(library.index_dir)
    assert library.index().embedded == 1


def test_the_most_wanted_and_then_the_newest_documents_come_first(library: Library) -> None:
    for path in library.sources.iterdir():
        path.unlink()
    lines = [
        {"id": f"d{day}", "title": f"第{day}日简报", "text": f"第{day}日修路{day}公里。", "published_at": date}
        for day, date in [(1, "2024-01-01"), (2, None), (3, "2026-05-01"), (4, "2025-02-03"), (5, "2020-01-01")]
    ]
    library.write("tag.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    library.index(embed=False)
    asked: list[set[str]] = []

    def priority(ids: Collection[str]) -> Mapping[str, float]:
        asked.append(set(ids))
        return {"d5": 2.0, "d1": 7.0}

    library.indexer(priority=priority).run(library.sources)
    assert asked == [{"d1", "d2", "d3", "d4", "d5"}]
    order = [text.split("\n")[0] for text in library.embedder.embedded]
    assert sorted(order, key=order.index) == ["第1日简报", "第5日简报", "第3日简报", "第4日简报", "第2日简报"]


def test_embedding_waits_for_questions_before_every_batch(corpus: Library) -> None:
    class Questions(QuestionClock):
        waits = 0

        def wait_for_quiet(self, *_: object, **__: object) -> float:
            self.waits += 1
            return 0.0

    clock = Questions(corpus.index_dir / "questions")
    corpus.indexer(clock=clock, embedding_batch=10).run(corpus.sources)
    assert clock.waits >= len(corpus.embedder.batches) >= 13


def test_a_run_that_only_fills_in_makes_way_for_another(corpus: Library) -> None:
    answer: list[tuple[int, int]] = []

    def edit() -> None:
        corpus.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
        other = threading.Thread(target=lambda: answer.append(outcome(corpus)))
        other.start()
        others.append(other)
        while not (corpus.index_dir / index_lock._WANTED).exists():
            pass

    def outcome(library: Library) -> tuple[int, int]:
        report = library.index()
        return report.documents.added, report.pending

    others: list[threading.Thread] = []
    given_away = corpus.index(progress=Listener(filled(1), edit))
    others[0].join()
    assert given_away.pending > 0
    assert 0 < given_away.embedded < ALL
    assert answer == [(1, 0)]
    assert len(set(corpus.embedder.embedded)) == len(corpus.embedder.embedded) == ALL + 1


def test_documents_keep_their_vectors_until_another_model_has_made_all_of_its_own(corpus: Library) -> None:
    before = corpus.index()
    corpus.embedder = HashingEmbedder(dim=32, model_id="hashing-32")
    seen: list[str] = []
    report = corpus.index(progress=Listener(filled(100), lambda: seen.append(corpus.current())))
    assert seen == [before.snapshot]
    assert report.snapshot == corpus.current() != before.snapshot
    assert corpus.embedded() == ALL


def test_another_model_without_embedding_changes_nothing_that_serves(corpus: Library) -> None:
    before = corpus.index()
    corpus.embedder = HashingEmbedder(dim=32, model_id="hashing-32")
    report = corpus.index(embed=False)
    assert report.snapshot == before.snapshot == corpus.current()
    assert (report.pending, report.embedded_share) == (ALL, 0.0)


def test_a_change_of_the_model_that_was_stopped_is_taken_up_where_it_was(corpus: Library) -> None:
    corpus.index()
    corpus.embedder = HashingEmbedder(dim=32, model_id="hashing-32")
    with pytest.raises(StopRequestedError):
        corpus.indexer(embedding_batch=5).run(corpus.sources, progress=Listener(filled(50), stop))
    listener = Listener()
    report = corpus.index(progress=listener)
    assert "writing" not in listener.phases
    assert report.pending == 0
    assert len(corpus.embedder.embedded) == ALL


def test_a_snapshot_that_was_finished_when_the_process_died_is_used(
    corpus: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval import publishing

    def die(index_dir: Path, snapshot_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "switch", die)
        with pytest.raises(KeyboardInterrupt):
            corpus.index()
    listener = Listener()
    assert corpus.index(progress=listener).pending == 0
    assert "writing" not in listener.phases
    prune(corpus.index_dir, 1)
    assert corpus.embedded() == ALL
