"""ONNX graphs of other models, and the factory that chooses between the backends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings import apart
from embeddings.apart import ConversionFailedError
from embeddings.conversion import convert
from embeddings.embedder import Embedder, Vectors, in_background
from embeddings.errors import ModelDamagedError, ModelNotAvailableError
from embeddings.exported import prepare_onnx
from embeddings.factory import open_embedder
from embeddings.hub import LocatedModel
from embeddings.onnx_runtime import OnnxEmbedder
from embeddings.prepared import read_manifest

TEXTS = ["北京大学创办于1898年。", "苦", "", "凉瓜" * 400, "全县粮食，去年达到？", "𠮷🌧️ＡＢＣ", "苦"]


@pytest.fixture(scope="module")
def exported(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder in which the tiny model has been exported, as float32 and as int8."""
    models_dir = tmp_path_factory.mktemp("models")
    for int8 in (False, True):
        located = LocatedModel(tiny_model, "tiny-model@1")
        prepare_onnx(located, models_dir, int8=int8, progress=lambda message: None)
    return models_dir


@pytest.fixture(scope="module")
def embedder(exported: Path) -> OnnxEmbedder:
    return OnnxEmbedder(exported / "onnx" / "tiny-model@1-float32", threads=2)


@pytest.fixture(scope="module")
def original(tiny_model: Path) -> Embedder:
    return open_embedder(str(tiny_model), "torch", Path("/nonexistent"), threads=2)


def cosines(one: Vectors, other: Vectors) -> Vectors:
    return np.asarray(np.einsum("ij,ij->i", one, other), dtype=np.float32)


def test_float32_is_the_torch_model(embedder: OnnxEmbedder, original: Embedder) -> None:
    assert np.allclose(embedder.encode_queries(TEXTS), original.encode_queries(TEXTS), atol=1e-4)
    assert np.allclose(embedder.encode_documents(TEXTS), original.encode_documents(TEXTS), atol=1e-4)
    assert embedder.dim == original.dim


def test_int8_is_close_to_the_torch_model(exported: Path, original: Embedder) -> None:
    embedder = OnnxEmbedder(exported / "onnx" / "tiny-model@1-int8", threads=2)
    assert cosines(embedder.encode_documents(TEXTS), original.encode_documents(TEXTS)).min() > 0.98


def test_rows_keep_the_order_whatever_the_batches(embedder: OnnxEmbedder) -> None:
    texts = [
        text[:length] for text in ("北京大学创办于", "苦瓜又叫凉瓜。", "1234567") for length in (1, 3, 3, 5, 7)
    ] * 20
    together = embedder.encode_documents(texts)
    alone = np.concatenate([embedder.encode_documents([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_a_question_has_the_same_vector_in_any_company(exported: Path) -> None:
    embedder = OnnxEmbedder(exported / "onnx" / "tiny-model@1-int8", threads=2)
    alone = np.concatenate([embedder.encode_queries([text]) for text in TEXTS])
    assert np.array_equal(embedder.encode_queries(TEXTS), alone)


def test_the_background_gives_the_same_vectors_on_threads_of_its_own(embedder: OnnxEmbedder) -> None:
    background = in_background(embedder)
    assert background is not embedder
    assert (background.dim, background.model_id) == (embedder.dim, embedder.model_id)
    assert np.array_equal(background.encode_documents(TEXTS), embedder.encode_documents(TEXTS))
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    background.encode_documents(TEXTS[:1])
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    if sys.platform == "linux":
        threads = [each for each in threading.enumerate() if each.name.startswith("embedding-background")]
        natives = [each.native_id for each in threads if each.native_id is not None]
        assert natives and {os.getpriority(os.PRIO_PROCESS, each) for each in natives} == {max(10, own)}


def test_an_embedder_that_cannot_step_back_works_as_it_is(original: Embedder) -> None:
    assert in_background(original) is original


def test_no_texts_no_rows(embedder: OnnxEmbedder) -> None:
    vectors = embedder.encode_queries([])
    assert vectors.shape == (0, embedder.dim)
    assert vectors.dtype == np.float32


def test_a_text_beyond_the_limit_is_cut_to_it(embedder: OnnxEmbedder) -> None:
    once, twice = embedder.encode_documents(["凉瓜" * 40, "凉瓜" * 50_000])
    assert np.allclose(once, twice, atol=1e-5)


def test_threads_may_share_an_embedder(embedder: OnnxEmbedder) -> None:
    expected = embedder.encode_queries(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: embedder.encode_queries(TEXTS), range(40)):
            assert np.array_equal(found, expected)


def test_an_export_is_done_once_and_says_what_it_is(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = exported / "onnx" / "tiny-model@1-int8"
    manifest = read_manifest(folder)
    assert (manifest.query_prompt, manifest.document_prompt, manifest.max_tokens) == ("问 ", "文 ", 64)
    assert (manifest.model_id, manifest.dim) == ("tiny-model@1", 32)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "model.onnx", "tokenizer.json"}
    monkeypatch.setattr("embeddings.exported.build", None)
    located = LocatedModel(Path("/gone"), "tiny-model@1")
    assert prepare_onnx(located, exported, int8=True, progress=lambda message: None) == folder


def test_a_model_without_a_fast_tokenizer_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "slow"
    shutil.copytree(tiny_model, copy)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelNotAvailableError, match=r"no tokenizer.json.*backend torch"):
        open_embedder(str(copy), "onnx", tmp_path)


def test_a_graph_that_does_not_agree_is_an_error_where_it_was_asked_for(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise ConversionFailedError("the export ended with code 1: no such operator")

    monkeypatch.setattr("embeddings.preparing.convert", fail)
    with pytest.raises(ModelNotAvailableError, match=r"no such operator.*backend torch"):
        open_embedder(str(tiny_model), "onnx-int8", tmp_path)


def test_a_crash_of_the_export_ends_in_its_last_words(tmp_path: Path) -> None:
    messages: list[str] = []
    with pytest.raises(ConversionFailedError, match=r"ended with code 1: .*no-such-source"):
        convert(tmp_path / "no-such-source", tmp_path / "graph", precision="int8", progress=messages.append)


def test_what_libraries_print_is_not_taken_for_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chatter = (
        'print("Loading weights"); print("[1, 2]"); print("{"); import json\n'
        'print(json.dumps({"progress": "half"}))\n'
        'print(json.dumps({"result": {"agreement": {"mean": 1.0, "minimum": 0.9}, "dim": 8, "max_tokens": 64,'
        '"query_prompt": "", "document_prompt": "", "made_with": {}}}))'
    )
    monkeypatch.setattr(apart, "_START", "import sys; sys.argv.pop(1)\n" + chatter)
    messages: list[str] = []
    conversion_made = convert(tmp_path, tmp_path / "graph", precision="int8", progress=messages.append)
    assert messages == ["half"]
    assert (conversion_made.agreement.mean, conversion_made.dim) == (1.0, 8)


def test_another_backend_is_refused_with_the_list(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailableError, match=r"'gpu'.*auto, onnx-int8, onnx, torch"):
        open_embedder("bundled", "gpu", tmp_path)


def test_auto_is_torch_for_a_plain_folder_and_the_graph_for_a_prepared_one(exported: Path, tiny_model: Path) -> None:
    plain = open_embedder(str(tiny_model), "auto", exported)
    prepared = open_embedder(str(exported / "onnx" / "tiny-model@1-float32"), "auto", Path("/nonexistent"))
    assert type(plain).__name__ == "SentenceTransformerEmbedder"
    assert isinstance(prepared, OnnxEmbedder)
    assert prepared.model_id == "tiny-model@1"


def test_a_graph_that_cannot_be_read_is_damage(exported: Path, tmp_path: Path) -> None:
    copy = tmp_path / "damaged"
    shutil.copytree(exported / "onnx" / "tiny-model@1-float32", copy)
    size = (copy / "model.onnx").stat().st_size
    (copy / "model.onnx").write_bytes(b"\xff" * size)
    with pytest.raises(ModelDamagedError, match="cannot be loaded"):
        OnnxEmbedder(copy)
    (copy / "model.onnx").write_bytes(b"short")
    with pytest.raises(ModelDamagedError, match=f"5 bytes, expected {size}"):
        OnnxEmbedder(copy)


HEAVY = "('torch', 'transformers', 'sentence_transformers', 'onnx', 'onnxruntime.quantization', 'huggingface_hub')"


def run(script: str, *arguments: str, folder: Path) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_serving_a_graph_loads_neither_torch_nor_transformers(exported: Path, project_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from embeddings.factory import open_embedder\n"
        "embedder = open_embedder(sys.argv[1], 'auto', Path('/nonexistent'))\n"
        "embedder.encode_queries(['北京']); embedder.encode_documents(['凉瓜', '苦瓜又叫凉瓜'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    assert run(script, str(exported / "onnx" / "tiny-model@1-int8"), folder=project_dir) == "[]"


def test_importing_the_factory_loads_nothing_heavy(project_dir: Path) -> None:
    script = (
        "import sys; import embeddings.factory, embeddings.cache, embeddings.bundled\n"
        f"print([name for name in ('onnxruntime', 'tokenizers', 'safetensors', *{HEAVY}) if name in sys.modules])"
    )
    assert run(script, folder=project_dir) == "[]"


@pytest.mark.model
def test_the_bundled_model_finds_the_passage_that_answers(models_dir: Path) -> None:
    embedder = open_embedder("bundled", "auto", models_dir, threads=2)
    assert isinstance(embedder, OnnxEmbedder)
    passages = [
        "苦瓜又叫凉瓜，全镇种植五千亩，产值一亿三千万元。",
        "图书馆新馆上周六启用，藏书八十五万册。",
        "大桥全长五十五公里。",
    ]
    questions = ["凉瓜产值有多少？", "新圖書館有多少藏書？", "How long is the bridge?"]
    scores = embedder.encode_queries(questions) @ embedder.encode_documents(passages).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.model
def test_the_bundled_model_never_loads_torch(models_dir: Path, project_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from embeddings.factory import open_embedder\n"
        "embedder = open_embedder('bundled', 'auto', Path(sys.argv[1]))\n"
        "assert embedder.encode_documents(['', '好', '凉瓜' * 50000]).shape == (3, 384)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    assert run(script, str(models_dir), folder=project_dir) == "[]"
    assert read_manifest(models_dir / "multilingual-e5-small").agreement_mean >= 0.99  # type: ignore[operator]
