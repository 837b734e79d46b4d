from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot import app
from bot.access import Role
from bot.app_doctor import examine
from bot.doctor import Finding, Level, data_folder, free_disk, guarded, listening_port, package_origins, python_version
from bot.settings import load_settings
from bot.state.people import Subject
from embeddings.errors import ModelNotAvailableError
from embeddings.prepared import write_manifest
from retrieval.trained_reader import preparing
from tests.bot.llm_server import llm_server


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def examined(data_dir: Path, **settings: str) -> dict[str, Finding]:
    return by_check(examine({"YIJU_DATA_DIR": str(data_dir), **settings}))


def test_old_python_is_broken() -> None:
    assert python_version((3, 10)).level is Level.BROKEN
    assert python_version((3, 11)).level is Level.OK


def test_packages_of_this_program_are_recognised() -> None:
    assert package_origins().level is not Level.BROKEN


def test_package_of_another_distribution_is_broken_and_named(tmp_path: Path) -> None:
    def origin(name: str) -> Path:
        return (tmp_path / "site-packages" / name) if name == "embeddings" else (tmp_path / "yiju" / name)

    finding = package_origins(origin)

    assert finding.level is Level.BROKEN
    assert "embeddings" in finding.found
    assert "pip uninstall embeddings" in (finding.cure or "")
    assert "site-packages" in finding.details["embeddings"]


def test_missing_package_is_broken(tmp_path: Path) -> None:
    finding = package_origins(lambda name: None if name == "corpus" else tmp_path / name)

    assert finding.level is Level.BROKEN
    assert "corpus" in finding.found


@pytest.mark.parametrize(
    ("free", "level"), [(50 * 1024**3, Level.OK), (1024**3, Level.WARNING), (1024**2, Level.BROKEN)]
)
def test_disk_space_is_judged(tmp_path: Path, free: int, level: Level) -> None:
    finding = free_disk(tmp_path / "not" / "yet", free)

    assert finding.level is level
    assert (finding.cure is None) == (level is Level.OK)


def test_data_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert data_folder(tmp_path / "new").level is Level.OK
    assert data_folder(tmp_path / "file").level is Level.BROKEN


def test_taken_port_is_a_warning_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finding = listening_port("127.0.0.1", port)

    assert finding.level is Level.WARNING
    assert "YIJU_HTTP__PORT" in (finding.cure or "")
    assert listening_port("127.0.0.1", port).level is Level.OK
    assert listening_port("no-such-host.invalid", port).level is Level.BROKEN


def test_check_that_fails_is_itself_a_finding() -> None:
    def look() -> Finding:
        raise RuntimeError("坏了")

    assert guarded("某项", look, cure="修好它") == Finding("某项", Level.BROKEN, "坏了", "修好它")


def test_fresh_machine_is_told_to_prepare_and_to_index(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    findings = examined(tmp_path / "data", YIJU_CORPUS_DIR=str(tmp_path / "corpus"))

    assert findings["模型"].level is Level.BROKEN
    assert "yiju prepare" in (findings["模型"].cure or "")
    assert findings["索引"].level is Level.BROKEN
    assert "yiju index" in (findings["索引"].cure or "")
    assert findings["阅读器"].level is Level.WARNING
    assert "yiju prepare" in (findings["阅读器"].cure or "")
    assert findings["语料"].level is Level.WARNING
    assert findings["数据库"].level is Level.WARNING
    assert all(finding.cure for finding in findings.values() if finding.level is not Level.OK)


def test_rules_alone_need_no_preparing(tmp_path: Path) -> None:
    assert examined(tmp_path, YIJU_READER__MODEL="rules")["阅读器"].level is Level.OK


def test_a_prepared_reader_is_named_with_how_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = examined_with_reader(tmp_path, monkeypatch, refused=None)

    assert finding.level is Level.OK
    assert "yiju-reader@1" in finding.found


def test_a_reader_that_was_refused_has_to_be_deleted_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = examined_with_reader(tmp_path, monkeypatch, refused="its int8 graph is too far off")

    assert finding.level is Level.WARNING
    assert "its int8 graph is too far off" in finding.found
    assert f"删除 {tmp_path / 'models' / 'yiju-reader'}" in (finding.cure or "")


def test_a_reader_whose_shipped_file_is_gone_is_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> str:
        raise ModelNotAvailableError("reader.bin is missing")

    monkeypatch.setattr(preparing, "reader_id", gone)

    finding = examined(tmp_path)["阅读器"]

    assert finding.level is Level.WARNING
    assert "重新安装 yiju" in (finding.cure or "")


def examined_with_reader(data_dir: Path, monkeypatch: pytest.MonkeyPatch, *, refused: str | None) -> Finding:
    """What is found where a reader is prepared; its files are of no matter here."""
    manifest = preparing.ReaderManifest(
        model_id="yiju-reader@1",
        source="here",
        made_with={},
        files={},
        graph="g.onnx",
        tokenizer="t.json",
        correlation=0.99,
        same_spans=0.9,
        scores_apart=0.01,
        refused=refused,
    )
    folder = data_dir / "models" / preparing.NAME
    folder.mkdir(parents=True)
    write_manifest(folder, manifest)
    monkeypatch.setattr(preparing, "reader_id", lambda: "yiju-reader@1")
    return examined(data_dir)["阅读器"]


def test_invalid_setting_is_told_with_its_name(tmp_path: Path) -> None:
    findings = examined(tmp_path, YIJU_HTTP__PRT="1")

    assert findings["设置"].level is Level.BROKEN
    assert "YIJU_HTTP__PRT" in findings["设置"].found


def test_secrets_are_masked(tmp_path: Path) -> None:
    findings = examined(
        tmp_path, YIJU_TELEGRAM__TOKEN="12345678:SECRET-abcdefghijklmnop", YIJU_LLM__API_KEY="sk-secret"
    )

    assert "SECRET" not in repr(findings)
    assert "sk-secret" not in repr(findings)


def test_missing_corpus_and_broken_terms_file_are_broken(tmp_path: Path) -> None:
    terms = tmp_path / "terms.yaml"
    terms.write_text("synonyms: [[", encoding="utf-8")

    findings = examined(tmp_path / "data", YIJU_CORPUS_DIR=str(tmp_path / "none"), YIJU_TERMS_FILE=str(terms))

    assert findings["语料"].level is Level.BROKEN
    assert findings["术语文件"].level is Level.BROKEN


def test_open_host_without_key_is_broken(tmp_path: Path) -> None:
    findings = examined(tmp_path, YIJU_HTTP__HOST="0.0.0.0")

    assert findings["密钥"].level is Level.BROKEN
    assert "yiju keys create" in (findings["密钥"].cure or "")


def test_a_language_model_is_tried_and_its_absence_breaks_nothing(tmp_path: Path) -> None:
    with llm_server() as server:
        named = {"YIJU_LLM__BASE_URL": server.url, "YIJU_LLM__MODEL": "qwen", "YIJU_LLM__API_KEY": "sk-secret-1234"}
        server.writes("好")
        answers = examined(tmp_path, **named)["语言模型"]
        server.status = 401
        refused = examined(tmp_path, **named)["语言模型"]

    assert examined(tmp_path)["语言模型"].level is Level.OK
    assert (answers.level, refused.level) == (Level.OK, Level.WARNING)
    assert "YIJU_LLM__API_KEY" in (refused.cure or "")
    assert "sk-secret-1234" not in f"{answers}{refused}"


def test_token_with_an_empty_allowlist_is_a_warning(tmp_path: Path) -> None:
    alone = examined(tmp_path, YIJU_TELEGRAM__TOKEN="12345678:SECRET-abcdefghijklmnop")
    known = examined(tmp_path, YIJU_TELEGRAM__TOKEN="12345678:SECRET-abcdefghijklmnop", YIJU_TELEGRAM__ADMIN_IDS="42")

    assert alone["Telegram"].level is Level.WARNING
    assert known["Telegram"].level is Level.OK


def test_doctor_ends_with_1_when_something_is_broken(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJU_")}

    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor", "--json"],
        env=kept | {"YIJU_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["ok"] is False
    assert {"check", "level", "found", "cure", "details"} == set(told["findings"][0])


@pytest.mark.model
def test_damaged_model_is_named(tmp_path: Path, models_dir: Path) -> None:
    from embeddings.bundled import NAME

    (tmp_path / "models" / NAME).mkdir(parents=True)
    for path in (models_dir / NAME).rglob("*"):
        target = tmp_path / "models" / NAME / path.relative_to(models_dir / NAME)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path.suffix == ".json" and path.name != "manifest.json":
            target.write_text("{}")
        else:
            target.symlink_to(path)

    findings = examined(tmp_path / "data", YIJU_MODELS_DIR=str(tmp_path / "models"))

    assert findings["模型"].level is Level.BROKEN
    assert "yiju prepare" in (findings["模型"].cure or "")


def test_who_was_let_in_counts_and_the_database_is_only_read(tmp_path: Path) -> None:
    environ = {"YIJU_TELEGRAM__TOKEN": "12345678:SECRET-abcdefghijklmnop", "YIJU_DATA_DIR": str(tmp_path / "data")}
    before = examined(tmp_path, **environ)["Telegram"]
    assert not (tmp_path / "data" / "yiju.db").exists()
    settings = load_settings(environ)
    with app.open_people(settings) as people:
        people.approve(33, by="cli")
        user_only = examined(tmp_path, **environ)["Telegram"]
        people.set_role(33, Role.ADMIN, by="cli")
        people.request(Subject(34))
    after = examined(tmp_path, **environ)["Telegram"]

    assert (before.level, user_only.level, after.level) == (Level.WARNING, Level.WARNING, Level.OK)
    assert "没有管理员" in user_only.found
    assert "yiju users approve" in (before.cure or "")
    assert "可以提问的用户与群 1 个，1 个申请等待批准" in after.found
