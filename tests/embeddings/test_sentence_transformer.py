"""Any sentence-transformers folder through torch, and finding it by name, folder or hub."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

from embeddings import hub
from embeddings.embedder import Vectors
from embeddings.errors import ModelNotAvailableError
from embeddings.hub import identify_folder, locate_model

pytest.importorskip("sentence_transformers")

from embeddings.sentence_transformer import SentenceTransformerEmbedder
from tests.embeddings.tiny_model import PROMPTS, WIDTH, write_tiny_model

TEXTS = ["北京大学创办于1898年。", "苦", "", "凉瓜" * 400, "全县粮食，去年达到？", "𠮷🌧️ＡＢＣ"]


@pytest.fixture(scope="module")
def embedder(tiny_model: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(tiny_model, threads=2)


def quiet(message: str) -> None:
    """Take progress without a word."""


def test_rows_have_length_one_and_the_order_given(embedder: SentenceTransformerEmbedder) -> None:
    vectors = embedder.encode_documents(TEXTS)
    assert vectors.shape == (len(TEXTS), WIDTH) == (len(TEXTS), embedder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.concatenate([embedder.encode_documents([text]) for text in TEXTS])
    assert np.allclose(vectors, alone, atol=1e-4)


def test_no_texts_no_rows(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.encode_queries([]).shape == (0, WIDTH)
    assert embedder.encode_documents([]).shape == (0, WIDTH)


def test_questions_and_passages_carry_the_models_own_prompts(embedder: SentenceTransformerEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    def plain(text: str) -> Vectors:
        return np.asarray(embedder._model.encode([text], normalize_embeddings=True, show_progress_bar=False))

    assert isinstance(embedder._model, SentenceTransformer)
    query, document = embedder.encode_queries(["北京"]), embedder.encode_documents(["北京"])
    assert np.allclose(query, plain(PROMPTS["query"] + "北京"), atol=1e-5)
    assert np.allclose(document, plain(PROMPTS["passage"] + "北京"), atol=1e-5)
    assert not np.allclose(query, document, atol=1e-3)


def test_other_weights_or_prompts_have_another_id(tiny_model: Path, tmp_path: Path) -> None:
    ids = {identify_folder(tiny_model)}
    ids.add(identify_folder(write_tiny_model(tmp_path / "a" / "tiny-model", seed=2)))
    shutil.copytree(tiny_model, tmp_path / "b" / "tiny-model")
    (tmp_path / "b" / "tiny-model" / "config_sentence_transformers.json").write_text('{"prompts": {}}')
    ids.add(identify_folder(tmp_path / "b" / "tiny-model"))
    assert len(ids) == 3
    assert all(name.startswith("tiny-model@") for name in ids)


def test_a_readme_or_a_graph_does_not_change_the_id(tiny_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tiny-model"
    shutil.copytree(tiny_model, copy)
    (copy / "README.md").write_text("说明")
    (copy / "onnx").mkdir()
    (copy / "onnx" / "model.onnx").write_bytes(b"graph")
    (copy / ".cache").mkdir()
    (copy / ".cache" / "note").write_text("x")
    assert identify_folder(copy) == identify_folder(tiny_model)


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json"])
def test_a_folder_without_its_parts_is_explained(tiny_model: Path, tmp_path: Path, missing: str) -> None:
    copy = tmp_path / "broken"
    shutil.copytree(tiny_model, copy)
    (copy / missing).unlink()
    with pytest.raises(ModelNotAvailableError, match=r"broken cannot be loaded.*check that the folder is whole"):
        SentenceTransformerEmbedder(copy)


def test_code_that_comes_with_a_model_is_never_run(tiny_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "with-code"
    shutil.copytree(tiny_model, copy)
    (copy / "custom.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Config: pass\nclass Model: pass\n"
    )
    (copy / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "custom.Config", "AutoModel": "custom.Model"}}'
    )
    with pytest.raises(ModelNotAvailableError):
        SentenceTransformerEmbedder(copy)
    assert not (tmp_path / "ran").exists()


def test_a_folder_is_found_by_path_and_by_name_in_the_models_folder(tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "owner" / "tiny-model")
    by_path = locate_model(str(tiny_model), tmp_path, progress=quiet)
    by_name = locate_model("owner/tiny-model", tmp_path, progress=quiet)
    assert by_path.folder == tiny_model.resolve()
    assert by_name.folder == (tmp_path / "owner" / "tiny-model").resolve()
    assert by_path.model_id == by_name.model_id == identify_folder(tiny_model)


@pytest.mark.parametrize("path", ["/no/such/model", "./no-such-model", "~/no-such-model-at-all"])
def test_a_path_that_does_not_exist_is_not_sought_on_the_hub(tmp_path: Path, path: str) -> None:
    with pytest.raises(ModelNotAvailableError, match="does not exist"):
        locate_model(path, tmp_path, progress=quiet)


def test_an_unreachable_hub_is_a_clear_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(self: object, name: str, *, timeout: float) -> None:
        assert timeout <= 10
        raise httpx.ConnectError("Name or service not known")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    started = time.monotonic()
    with pytest.raises(ModelNotAvailableError) as caught:
        locate_model("owner/not-here", tmp_path, progress=quiet)
    assert time.monotonic() - started < 5
    message = str(caught.value)
    for part in ["owner/not-here", "cannot be reached", "hf download", str(tmp_path / "owner" / "not-here"), "bundled"]:
        assert part in message


def test_offline_mode_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotAvailableError, match="HF_HUB_OFFLINE"):
        locate_model("owner/not-here", tmp_path, progress=quiet)


@pytest.mark.parametrize("name", ["not a name", "a/b/c", "模型", ""])
def test_a_name_that_cannot_be_one_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ModelNotAvailableError):
        locate_model(name, tmp_path, progress=quiet)


def test_a_fetch_that_was_cut_off_is_not_taken_for_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    half = tmp_path / "snapshots" / "0123456789abcdef"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{}")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **options: str(half))
    assert hub._cached("owner/name") is None
    (half / "model.safetensors").write_bytes(b"weights")
    assert hub._cached("owner/name") == half


def test_a_cached_model_is_named_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = tmp_path / "snapshots" / "0123456789abcdef"
    monkeypatch.setattr(hub, "_cached", lambda name: commit)
    assert locate_model("all-tiny", tmp_path, progress=quiet).model_id == "sentence-transformers/all-tiny@0123456789ab"
