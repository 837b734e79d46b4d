"""Before a switch: the gate is asked, and the database is on the disk. After it: states and what is not needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval import filling, publishing
from retrieval.errors import SwitchBlockedError
from retrieval.index_protocols import GateVerdict
from retrieval.snapshot import Snapshot, switch
from retrieval.snapshots import list_snapshots
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import Verdict

TEA = "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n"


class Gate:
    """Remembers what it was asked to judge: document and vector counts of both; says what ``judge`` says."""

    def __init__(self, judge: Callable[[Snapshot], str | None] = lambda _: None) -> None:
        self.asked: list[tuple[int | None, int, int]] = []
        self._judge = judge

    def __call__(self, old: Snapshot | None, new: Snapshot) -> GateVerdict:
        before = None if old is None else len(old.document_ids)
        self.asked.append((before, len(new.document_ids), new.manifest.embedded))
        if old is not None:
            old.vectors.search(new.vectors.vectors(new.rows[:1].tolist())[0], 1)
        return Verdict(self._judge(new), {"questions": len(self.asked)})


def telling(name: str, work: Callable[..., Any], told: list[str]) -> Callable[..., Any]:
    """``work``, with its name put down before it is done."""

    def tell_and_do(*arguments: Any) -> Any:
        told.append(name)
        return work(*arguments)

    return tell_and_do


def blocked_ids(library: Library) -> list[str]:
    return [info.id for info in list_snapshots(library.index_dir) if info.blocked is not None]


def test_a_snapshot_is_judged_against_the_one_that_serves(library: Library) -> None:
    gate = Gate()
    first = library.indexer(gate=gate).run(library.sources)
    library.write("cha.txt", TEA)
    second = library.indexer(gate=gate).run(library.sources)
    again = library.indexer(gate=gate).run(library.sources)
    assert gate.asked == [(None, 3, 3), (3, 4, 4)]
    assert (first.gate, second.gate, again.gate) == ({"questions": 1}, {"questions": 2}, None)
    assert json.loads(json.dumps(second.as_json()))["gate"] == {"questions": 2}


def test_a_blocked_switch_leaves_the_old_snapshot_and_keeps_the_new_one(library: Library) -> None:
    before = library.index()
    library.write("cha.txt", TEA)
    with pytest.raises(SwitchBlockedError, match="two answers worse") as blocked:
        library.indexer(gate=Gate(lambda _: "two answers worse")).run(library.sources)
    assert library.current() == before.snapshot
    assert blocked_ids(library) == [blocked.value.candidate]
    assert library.store.state_counts() == {"pending": 1, "indexed": 3, "failed": 0}


def test_a_blocked_snapshot_is_judged_again_but_not_built_again(library: Library) -> None:
    library.index()
    library.write("cha.txt", TEA)
    candidates = []
    for _ in range(2):
        with pytest.raises(SwitchBlockedError) as blocked:
            library.indexer(gate=Gate(lambda _: "worse")).run(library.sources)
        candidates.append(blocked.value.candidate)
    assert candidates[0] == candidates[1]
    report = library.indexer(gate=Gate()).run(library.sources)
    assert report.snapshot == library.current() == candidates[0]
    assert blocked_ids(library) == []


def test_an_early_snapshot_that_would_be_blocked_waits_for_its_vectors(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "LEAST_GROWTH", 40)
    before = library.index()
    library.write_many(120)
    serving: list[str] = []
    gate = Gate(lambda new: None if new.manifest.embedded == len(new.rows) else "words alone answer worse")
    report = library.indexer(gate=gate).run(
        library.sources, progress=lambda progress: serving.append(library.current())
    )
    assert set(serving) == {before.snapshot}
    assert report.snapshot == library.current() != before.snapshot
    assert blocked_ids(library) == []
    assert [embedded for _, _, embedded in gate.asked] == [3, 51, 99, 123]


def test_all_is_on_the_disk_before_the_switch(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(library.store, "make_durable", telling("durable", library.store.make_durable, done))
    monkeypatch.setattr(publishing, "switch", telling("switch", switch, done))
    library.index()
    assert done == ["durable", "switch"]


def test_states_follow_the_documents(library: Library) -> None:
    (library.sources / "bild.png").write_bytes(b"\x89PNG")
    library.write("a.jsonl", '{"id": "zb-1", "text": "甲报说水库蓄水三千万方。"}\nkein JSON\n')
    library.index()
    assert library.store.state_counts() == {"pending": 0, "indexed": 4, "failed": 2}
    (library.sources / "bild.png").unlink()
    (library.sources / "gua.txt").unlink()
    library.index()
    assert library.store.state_counts() == {"pending": 0, "indexed": 3, "failed": 1}
    assert {state.source_path for state in library.store.states("indexed")} == {"a.jsonl", "lu.txt", "xuexiao.txt"}
    [failure] = library.store.states("failed")
    assert failure.source_path == "a.jsonl"
    assert "line 2" in (failure.reason or "")


def test_a_retired_document_has_no_state_and_is_pending_when_it_comes_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.index()
    retired = library.search("凉瓜产值")[0].document
    library.store.retire(retired.id)
    library.index()
    assert library.store.state_counts()["indexed"] == 2
    library.store.restore(retired.id)
    pending: list[int] = []

    def look(index_dir: Path, snapshot_id: str) -> None:
        pending.append(library.store.state_counts()["pending"])
        switch(index_dir, snapshot_id)

    monkeypatch.setattr(publishing, "switch", look)
    library.index()
    assert pending == [1]
    assert library.store.state_counts() == {"pending": 0, "indexed": 3, "failed": 0}


def test_versions_that_no_kept_snapshot_names_are_deleted(library: Library) -> None:
    library.index()
    document_id = library.search("凉瓜产值")[0].document.id
    for year in range(5):
        library.write("gua.txt", f"清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜{700 + year}亩，产值达2亿元。\n")
        library.indexer(kept_snapshots=2).run(library.sources)
    assert len(library.store.find_versions(document_id)) == 2


def test_a_retired_document_is_not_read_again_by_every_run(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.index()
    library.store.retire(library.search("凉瓜产值")[0].document.id)
    for year in range(4):
        library.write("lu.txt", f"东江大桥今日通车\n\n东江大桥全长2.{year}公里。\n")
        library.index()
    stored: list[str] = []
    monkeypatch.setattr(library.store, "remember_file", telling("stored", library.store.remember_file, stored))
    library.index()
    assert stored == []


def test_one_changed_line_costs_one_document(library: Library) -> None:
    lines = [f'{{"id": "d{number}", "text": "第{number}号村庄今年修路{number}公里。"}}' for number in range(80)]
    library.write("alle.jsonl", "\n".join(lines) + "\n")
    library.index()
    library.embedder.embedded.clear()
    lines[40] = '{"id": "d40", "text": "第40号村庄今年修路99公里。"}'
    library.write("alle.jsonl", "\n".join(lines) + "\n")
    report = library.index()
    assert (report.documents.changed, report.documents.unchanged, report.embedded) == (1, 82, 1)
    assert len(library.embedder.embedded) == 1
    assert len(library.store.find_versions("d41")) == 1
    lines.pop(3)
    library.write("alle.jsonl", "\n".join(lines) + "\n")
    dry = library.index(dry_run=True)
    assert (dry.documents.removed, dry.documents.changed, dry.documents.unchanged) == (1, 0, 82)
    assert library.index().documents == dry.documents
    assert len(library.store.find_versions("d41")) == 1
