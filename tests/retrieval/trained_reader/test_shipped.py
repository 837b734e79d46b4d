"""The trained reader as it is shipped: small, of this encoder, and able to read."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from embeddings.bundled import MODEL_ID
from retrieval.trained_reader.pairs import PairEncoder
from retrieval.trained_reader.preparing import prepare_reader
from retrieval.trained_reader.session import ReaderSession
from retrieval.trained_reader.weights import SHIPPED, digest_of

# Read at import: the tests' top conftest takes the YIJU_* settings of the developer away later.
_MODELS_DIR = Path(os.environ.get("YIJU_TEST_MODELS_DIR", Path(__file__).parents[3] / "data" / "models"))
_PASSAGE = "北京大学创办于1898年，初名京师大学堂。1912年改为现名，首任校长是严复。"


def test_the_shipped_file_is_small_and_of_this_encoder() -> None:
    assert SHIPPED.stat().st_size < 25_000_000
    assert len(digest_of(SHIPPED, base_id=MODEL_ID)) == 64


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "answer"),
    [("北京大学创办于哪一年？", "1898"), ("北京大学的首任校长是谁？", "严复"), ("京师大学堂哪年改为现名？", "1912")],
)
def test_the_prepared_reader_reads(question: str, answer: str) -> None:
    prepared = prepare_reader(_MODELS_DIR, progress=lambda message: None)
    (row,) = PairEncoder(prepared.tokenizer).encode(question, "", _PASSAGE)
    (output,) = ReaderSession(prepared.graph, 1).run([row])
    first = row.first + int(np.argmax(output.starts[row.first : -1]))
    last = first + int(np.argmax(output.ends[first:-1]))
    assert answer in _PASSAGE[row.offsets[first][0] : row.offsets[last][1]]
    assert prepared.manifest.correlation > 0.95
