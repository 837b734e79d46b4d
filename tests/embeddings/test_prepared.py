"""Manifests, checks, and publishing in one step."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.errors import ModelDamagedError
from embeddings.prepared import Manifest, check_files, describe_files, publish, read_manifest, write_manifest

MANIFEST = Manifest(
    model_id="tiny@1",
    dim=8,
    max_tokens=64,
    query_prompt="问 ",
    document_prompt="",
    source="a test",
    onnx=None,
    onnx_refused="mean cosine to torch 0.5",
    agreement_mean=0.5,
    agreement_min=0.1,
    made_with={"onnx": "1"},
    files={},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    (path / "1_Pooling").mkdir(parents=True)
    (path / "weights").write_bytes(b"abc")
    (path / "1_Pooling" / "config.json").write_text("{}")
    write_manifest(path, replace(MANIFEST, files=describe_files(path)))
    return path


def test_a_manifest_reads_back_as_written(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest == replace(MANIFEST, files=describe_files(folder))
    assert set(manifest.files) == {"weights", "1_Pooling/config.json"}
    check_files(folder, manifest, by_checksum=manifest.files)


@pytest.mark.parametrize("content", ["", "[]", "null", "{", '{"format": 2}', '{"format": 2, "files": []}', "\ud800"])
def test_a_broken_manifest_is_damage_with_a_cure(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelDamagedError, match="delete the folder"):
        read_manifest(folder)


def test_another_format_names_both(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**content, "format": 99}))
    with pytest.raises(ModelDamagedError, match="format 99, this version reads"):
        read_manifest(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "weights").unlink()
    with pytest.raises(ModelDamagedError, match="weights"):
        check_files(folder, read_manifest(folder))


def test_another_size_names_both(folder: Path) -> None:
    (folder / "weights").write_bytes(b"abcd")
    with pytest.raises(ModelDamagedError, match="4 bytes, expected 3"):
        check_files(folder, read_manifest(folder))


def test_changed_bytes_are_found_only_where_checksums_are_asked_for(folder: Path) -> None:
    (folder / "weights").write_bytes(b"abX")
    manifest = read_manifest(folder)
    check_files(folder, manifest, by_checksum=["1_Pooling/config.json"])
    with pytest.raises(ModelDamagedError, match="SHA-256"):
        check_files(folder, manifest, by_checksum=["weights"])


def test_publishing_replaces_a_folder_and_opens_its_files_to_other_users(folder: Path, tmp_path: Path) -> None:
    staging = tmp_path / ".model.staging-1"
    staging.mkdir()
    (staging / "new").write_text("new")
    (staging / "new").chmod(0o600)
    publish(staging, folder)
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert (folder / "new").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
