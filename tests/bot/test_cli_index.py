"""`yiju index`, `ask` and `eval` as people run them: real processes, real sources, the real model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from retrieval.index_lock import index_lock
from tests.bot.served import SOURCES, environment

pytestmark = pytest.mark.model


@dataclass
class Machine:
    """A data folder and a corpus of its own."""

    folder: Path
    models_dir: Path

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"

    @property
    def index_dir(self) -> Path:
        return self.folder / "data" / "index"

    def write(self, name: str, text: str) -> None:
        self.corpus.mkdir(parents=True, exist_ok=True)
        (self.corpus / name).write_text(text, encoding="utf-8")

    def yiju(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {"YIJU_MODELS_DIR": str(self.models_dir), "YIJU_CORPUS_DIR": str(self.corpus)}
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            env=environment(self.folder / "data", **settings),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def told(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one object on standard output."""
        done = self.yiju(*arguments, "--json")
        assert done.returncode == code, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Machine:
    """Indexed once; tests that change it take a copy."""
    machine = Machine(tmp_path_factory.mktemp("indexed"), models_dir)
    for name, text in SOURCES.items():
        machine.write(name, text)
    report = machine.told("index")
    assert report["documents"] == {"added": 3, "changed": 0, "removed": 0, "unchanged": 0}
    assert {"snapshot", "documents", "files", "passages", "embedded", "seconds"} < set(report)
    assert (report["embedded_share"], report["pending"]) == (1.0, 0)
    return machine


@pytest.fixture
def machine(indexed: Machine, tmp_path: Path) -> Machine:
    shutil.copytree(indexed.folder, tmp_path, dirs_exist_ok=True)
    return Machine(tmp_path, indexed.models_dir)


def test_second_run_finds_all_unchanged_and_embeds_nothing(indexed: Machine) -> None:
    report = indexed.told("index")

    assert report["documents"]["unchanged"] == 3
    assert report["embedded"] == 0


def test_report_for_people_and_progress_on_standard_error(machine: Machine) -> None:
    machine.write("坏.txt", "")
    done = machine.yiju("index", "--full")

    assert done.returncode == 0
    assert "文档：新增 0" in done.stdout
    assert "坏.txt" in done.stdout
    assert "读取文件" in done.stderr
    assert "读取文件" not in done.stdout


def test_dry_run_changes_nothing(machine: Machine) -> None:
    machine.write("南湖.txt", "南湖公园开放\n\n南湖公园占地面积达九百亩，免费开放。\n")

    report = machine.told("index", "--dry-run")

    assert (report["snapshot"], report["documents"]["added"]) == (None, 1)
    assert machine.told("index", "--dry-run")["documents"]["added"] == 1


def test_edited_and_removed_files_are_followed(machine: Machine) -> None:
    (machine.corpus / "东江大桥.txt").unlink()
    machine.write("北京大学.txt", SOURCES["北京大学.txt"].replace("三千多名", "五千多名"))

    report = machine.told("index")
    removed = machine.told("ask", "东江大桥全长多少公里？")
    changed = machine.told("ask", "北京大学有教师多少名？")

    assert report["documents"] == {"added": 0, "changed": 1, "removed": 1, "unchanged": 1}
    assert "东江大桥.txt" not in {citation["source_path"] for citation in removed["citations"]}
    assert "五千多名" in changed["citations"][0]["quote"]


def test_answer_is_the_object_of_the_contract_and_not_finding_is_no_failure(indexed: Machine) -> None:
    found = indexed.told("ask", "清溪镇凉瓜产值多少？")
    again = indexed.told("ask", "种植面积呢？", "--conversation", found["conversation_id"])
    missing = indexed.told("ask", "火星上第一座火车站是谁设计的？")

    assert (found["outcome"], missing["outcome"]) == ("answered", "not_found")
    assert "1.3亿元" in found["short_answer"]
    assert again["conversation_id"] == found["conversation_id"]
    assert list(found) == list(missing)


def test_answer_for_people_shows_text_and_source(indexed: Machine) -> None:
    done = indexed.yiju("ask", "清溪镇凉瓜产值多少？")

    assert done.returncode == 0
    assert "1.3亿元" in done.stdout
    assert "清溪镇凉瓜丰收" in done.stdout
    assert "清溪凉瓜.txt" in done.stdout


@pytest.mark.parametrize("question", ["", "问" * 10_000])
def test_bad_questions_are_wrong_use(indexed: Machine, question: str) -> None:
    assert indexed.told("ask", question, code=2)["error"]["code"] == "invalid_question"


def test_missing_corpus_folder_fails_and_the_old_index_answers(machine: Machine) -> None:
    told = machine.told("index", str(machine.folder / "none"), code=1)

    assert told["error"]["code"] == "source_not_found"
    assert "none" in told["error"]["detail"]
    assert machine.told("ask", "清溪镇凉瓜产值多少？")["outcome"] == "answered"


def test_second_writer_is_refused(machine: Machine) -> None:
    with index_lock(machine.index_dir):
        told = machine.told("index", code=1)

    assert told["error"]["code"] == "index_locked"


def test_mass_removal_stops_unless_it_is_allowed(machine: Machine) -> None:
    for number in range(22):
        machine.write(f"{number}.txt", f"第{number}号简报\n\n编号为{number}的村庄今年修路{number + 3}公里。\n")
    machine.told("index")
    for number in range(22):
        (machine.corpus / f"{number}.txt").unlink()

    refused = machine.told("index", code=1)
    allowed = machine.told("index", "--allow-mass-removal")

    assert refused["error"]["code"] == "mass_removal"
    assert "--allow-mass-removal" in refused["error"]["cure"]
    assert allowed["documents"]["removed"] == 22


def test_damaged_snapshot_is_told_and_cured(machine: Machine) -> None:
    vectors = next(machine.index_dir.glob("snapshots/*/vectors/*/raw.f16"))
    vectors.write_bytes(vectors.read_bytes()[:-1])

    told = machine.told("ask", "清溪镇凉瓜产值多少？", code=1)
    examined = machine.yiju("doctor", "--json")
    cured = machine.told("index", "--full")

    assert told["error"]["code"] == "index_damaged"
    assert "yiju index --full" in told["error"]["cure"]
    assert examined.returncode == 1
    assert cured["embedded"] == 0
    assert machine.told("ask", "清溪镇凉瓜产值多少？")["outcome"] == "answered"


def test_without_embedding_documents_answer_by_their_words(machine: Machine) -> None:
    machine.write("南湖.txt", "南湖公园开放\n\n南湖公园占地面积达九百亩，免费开放。\n")

    report = machine.told("index", "--no-embedding")
    answer = machine.told("ask", "南湖公园占地面积多少亩？")
    later = machine.told("index")

    assert (report["embedded"], report["pending"]) == (0, 1)
    assert "九百亩" in answer["short_answer"]
    assert 0 < answer["index"]["embedded"] < 1
    assert (later["embedded"], later["pending"]) == (1, 0)


def test_healthy_machine_satisfies_the_doctor(indexed: Machine) -> None:
    told = indexed.told("doctor")

    levels = {finding["check"]: finding["level"] for finding in told["findings"]}
    assert told["ok"] is True
    assert {levels[check] for check in ("模型", "数据库", "术语文件", "语料", "索引", "快照", "向量", "文档")} == {"ok"}


def test_evaluation_prints_the_figures_of_the_contract(indexed: Machine, tmp_path: Path) -> None:
    lines = [
        {"id": "1", "question": "清溪镇凉瓜产值多少？", "answers": ["1.3亿元"], "doc": "清溪凉瓜.txt"},
        {"id": "2", "question": "火星上第一座火车站是谁设计的？", "answers": []},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")

    report = indexed.told("eval", str(questions))
    table = indexed.yiju("eval", str(questions), "--limit", "1")

    assert (report["questions"], report["answer_accuracy"], report["refusal_recall"]) == (2, 1.0, 1.0)
    assert "answer_accuracy" in table.stdout
    assert indexed.yiju("eval", str(tmp_path / "none.jsonl")).returncode == 1
