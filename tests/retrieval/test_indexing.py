"""`yiju index`: the index follows the sources, at the cost of what changed, and never loses what serves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpus.errors import SourceNotFoundError
from retrieval.errors import IndexLockedError, MassRemovalError
from retrieval.index_lock import index_lock
from retrieval.index_report import DocumentCounts, IndexProgress
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder


def test_a_first_run_adds_all_and_the_second_finds_nothing_to_do(library: Library) -> None:
    first = library.index()
    again = library.index()
    assert first.documents == DocumentCounts(added=3, changed=0, removed=0, unchanged=0)
    assert first.embedded == first.passages == 3
    assert again.documents == DocumentCounts(added=0, changed=0, removed=0, unchanged=3)
    assert (again.embedded, again.snapshot) == (0, first.snapshot)


def test_the_report_is_the_json_of_the_contract(library: Library) -> None:
    (library.sources / "bild.png").write_bytes(b"\x89PNG")
    report = json.loads(json.dumps(library.index().as_json()))
    assert set(report) == {"snapshot", "documents", "files", "passages", "embedded", "seconds"} | {
        "embedded_share",
        "pending",
        "gate",
        "rate",
        "changes",
        "mass_removal",
    }
    assert (report["embedded_share"], report["pending"], report["gate"]) == (1.0, 0, None)
    assert report["documents"] == {"added": 3, "changed": 0, "removed": 0, "unchanged": 0}
    assert report["files"][1] == {"path": "gua.txt", "documents": 1}
    assert report["files"][0]["documents"] == 0
    assert "not supported" in report["files"][0]["failure"]


def test_a_new_document_is_found_and_alone_embedded(library: Library) -> None:
    library.index()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    report = library.index()
    assert report.documents == DocumentCounts(added=1, changed=0, removed=0, unchanged=3)
    assert report.embedded == 1
    assert library.titles("凤凰山采茶多少斤")[0] == "凤凰山茶园开采"


def test_a_changed_document_answers_with_its_new_text_only(library: Library) -> None:
    library.index()
    library.write("gua.txt", "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜700亩，产值达2亿元。\n")
    report = library.index()
    assert report.documents == DocumentCounts(added=0, changed=1, removed=0, unchanged=2)
    assert report.embedded == 1
    texts = [hit.passage.text for hit in library.search("凉瓜产值")]
    assert any("2亿元" in text for text in texts)
    assert not any("1.3亿元" in text for text in texts)


def test_a_removed_file_never_answers_again(library: Library) -> None:
    library.index()
    (library.sources / "gua.txt").unlink()
    report = library.index()
    assert report.documents == DocumentCounts(added=0, changed=0, removed=1, unchanged=2)
    assert "清溪镇凉瓜丰收" not in library.titles("清溪镇凉瓜产值")
    assert not any("凉瓜" in hit.passage.text for hit in library.search("清溪镇凉瓜产值"))


def test_a_file_that_comes_back_needs_no_embedding(library: Library) -> None:
    library.index()
    text = (library.sources / "gua.txt").read_text(encoding="utf-8")
    (library.sources / "gua.txt").unlink()
    library.index()
    library.write("gua.txt", text)
    report = library.index()
    assert (report.documents.added, report.embedded) == (1, 0)
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"


def test_full_builds_anew_and_still_uses_known_vectors(library: Library) -> None:
    first = library.index()
    report = library.index(full=True)
    assert report.snapshot != first.snapshot
    assert report.documents.unchanged == 3
    assert report.embedded == 0


def test_another_model_embeds_all_again_and_mixes_nothing(library: Library) -> None:
    library.index()
    library.embedder = HashingEmbedder(dim=32, model_id="hashing-32")
    report = library.index()
    assert report.embedded == 3
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"


def test_a_dry_run_counts_and_changes_nothing(library: Library) -> None:
    before = library.index()
    library.write("gua.txt", "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜700亩。\n")
    (library.sources / "lu.txt").unlink()
    report = library.index(dry_run=True)
    assert report.snapshot is None
    assert report.documents == DocumentCounts(added=0, changed=1, removed=1, unchanged=1)
    assert report.embedded == 0
    assert library.current() == before.snapshot
    assert "东江大桥今日通车" in library.titles("东江大桥")


def test_a_dry_run_before_the_first_index_leaves_no_trace(library: Library) -> None:
    assert library.index(dry_run=True).documents.added == 3
    assert not library.index_dir.exists()


def test_a_retired_document_is_out_at_once_and_stays_out(library: Library) -> None:
    library.index()
    retired = library.search("凉瓜产值")[0].document
    library.store.retire(retired.id, "withdrawn")
    assert retired.title not in library.titles("凉瓜产值")
    assert library.index().documents == DocumentCounts(added=0, changed=0, removed=1, unchanged=2)
    assert library.index(full=True).documents.unchanged == 2
    assert retired.title not in library.titles("凉瓜产值")
    library.store.restore(retired.id)
    assert library.index().documents.added == 1
    assert retired.title in library.titles("凉瓜产值")


def test_of_two_files_with_one_document_id_the_first_path_wins(library: Library) -> None:
    library.write("a.jsonl", '{"id": "zb-1", "title": "甲报", "text": "甲报说水库蓄水三千万方。"}\n')
    library.write("b.jsonl", '{"id": "zb-1", "title": "乙报", "text": "乙报说水库蓄水四千万方。"}\n')
    report = library.index()
    assert [(file.path, file.documents) for file in report.files[:2]] == [("a.jsonl", 1), ("b.jsonl", 0)]
    assert report.files[1].failure is not None
    assert "'zb-1'" in report.files[1].failure
    assert "'a.jsonl'" in report.files[1].failure
    assert library.titles("水库蓄水")[0] == "甲报"


def test_uploads_are_sources_too(library: Library, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "tong.txt").write_text("停水通知\n\n周三城南停水八小时。\n", encoding="utf-8")
    report = library.indexer().run(library.sources, uploads)
    assert report.files[0].path == "@uploads/tong.txt"
    assert library.titles("城南停水")[0] == "停水通知"


def test_most_documents_gone_stops_the_run(library: Library) -> None:
    library.write_many(20)
    before = library.index()
    for path in sorted(library.sources.glob("0*.txt"))[:12]:
        path.unlink()
    with pytest.raises(MassRemovalError, match=r"12 of 23 .* yiju index --allow-mass-removal"):
        library.index()
    assert library.current() == before.snapshot
    dry = library.index(dry_run=True)
    assert (dry.documents.removed, dry.mass_removal) == (12, True)
    assert library.index(allow_mass_removal=True).documents.removed == 12


def test_an_empty_corpus_folder_stops_the_run(library: Library) -> None:
    library.write_many(20)
    library.index()
    for path in library.sources.iterdir():
        path.unlink()
    with pytest.raises(MassRemovalError, match="23 of 23"):
        library.index()


def test_half_of_the_documents_may_go(library: Library) -> None:
    library.write_many(21)
    library.index()
    for path in sorted(library.sources.glob("0*.txt"))[:12]:
        path.unlink()
    assert library.index().documents.removed == 12


def test_few_documents_may_all_go_and_nothing_answers(library: Library) -> None:
    library.index()
    for path in library.sources.iterdir():
        path.unlink()
    assert library.index().documents.removed == 3
    assert library.search("凉瓜产值") == []


def test_documents_retired_by_the_dozen_do_not_count_as_lost(library: Library) -> None:
    library.write_many(20)
    library.index()
    for hit in library.search("号简报村庄修路", top_k=40):
        library.store.retire(hit.document.id, "superseded")
    assert library.index().documents.removed == 23


def test_a_corpus_folder_that_is_not_there_is_named_and_the_old_index_stays(library: Library) -> None:
    before = library.index()
    with pytest.raises(SourceNotFoundError, match="nowhere"):
        library.indexer().run(library.folder / "nowhere")
    assert library.current() == before.snapshot


def test_a_second_writer_is_told_who_the_first_is(library: Library) -> None:
    with index_lock(library.index_dir), pytest.raises(IndexLockedError, match=r"process \d+ on .+ since 20"):
        library.index()
    assert library.index().documents.added == 3


def test_passages_are_embedded_with_title_and_heading_in_batches_with_progress(library: Library) -> None:
    library.write_many(10)
    seen: list[IndexProgress] = []
    library.indexer(embedding_batch=4).run(library.sources, progress=seen.append)
    assert library.embedder.batches == [4, 4, 4, 1]
    assert "清溪镇凉瓜丰收\n" in next(text for text in library.embedder.embedded if "650多亩" in text)
    assert list(dict.fromkeys(progress.phase for progress in seen)) == [
        "reading",
        "writing",
        "embedding",
    ]
    for phase in ("reading", "writing", "embedding"):
        last = [progress for progress in seen if progress.phase == phase][-1]
        assert last.done == last.total == 13


def test_only_three_snapshots_are_kept(library: Library) -> None:
    made = [library.index(full=True).snapshot for _ in range(5)]
    kept = sorted(path.name for path in (library.index_dir / "snapshots").iterdir())
    assert kept == made[-3:]


def test_a_damaged_index_is_replaced_by_the_next_run(library: Library) -> None:
    before = library.index()
    (vectors,) = (library.index_dir / "snapshots" / library.current()).glob("vectors/*/raw.f16")
    vectors.write_bytes(vectors.read_bytes()[:-1])
    report = library.index()
    assert report.snapshot != before.snapshot
    assert report.documents.unchanged == 3
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"


def test_a_vector_lost_from_the_cache_comes_from_the_serving_snapshot(library: Library) -> None:
    library.index()
    library.cache.vectors.clear()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    assert library.index().embedded == 1
    library.cache.vectors.clear()
    assert library.index(full=True).embedded == 0


def test_a_vector_that_is_nowhere_is_made_again(library: Library) -> None:
    library.index()
    library.cache.vectors.clear()
    shutil.rmtree(library.index_dir)
    assert library.index().embedded == 3
