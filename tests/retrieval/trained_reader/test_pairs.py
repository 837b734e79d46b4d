from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.folding import fold, fold_with_offsets, simplify_with_offsets
from embeddings.bundled import prepare_bundled
from retrieval.trained_reader.pairs import (
    PASSAGE_SHARED,
    QUESTION_FOUND,
    QUESTION_MISSING,
    Pair,
    PairEncoder,
    prefix_of,
    words_of,
)

pytestmark = pytest.mark.model
PASSAGE = "荔枝种植面积3000亩，全年产值达1.3亿元，比2023年增长10%。"


@pytest.fixture(scope="module")
def encoder(project_dir: Path) -> PairEncoder:
    folder = project_dir / "data" / "models"
    return PairEncoder(prepare_bundled(folder, progress=print).folder / "tokenizer.json")


def words(pair: Pair, passage: str, kind: int) -> str:
    return "".join(passage[a:b] for (a, b), k in zip(pair.offsets, pair.kinds, strict=True) if k == kind and a >= 0)


def test_a_short_passage_is_one_row_whose_offsets_cover_it(encoder: PairEncoder) -> None:
    (pair,) = encoder.encode("产值多少？", "某镇荔枝", PASSAGE)
    assert len(pair.ids) == len(pair.kinds) == len(pair.offsets) == len(pair)
    assert "".join(PASSAGE[a:b] for a, b in pair.offsets if a >= 0) == PASSAGE
    assert all(offset == (-1, -1) for offset in pair.offsets[: pair.first])


def test_words_of_both_sides_are_marked_and_the_others_are_not(encoder: PairEncoder) -> None:
    (pair,) = encoder.encode("荔枝产值多少？", "", PASSAGE)
    assert words(pair, PASSAGE, PASSAGE_SHARED) == "荔枝产值"
    asked = pair.kinds[: pair.first]
    assert QUESTION_FOUND in asked
    assert QUESTION_MISSING in asked


def test_a_number_counts_only_whole(encoder: PairEncoder) -> None:
    (pair,) = encoder.encode("3000", "", PASSAGE)
    assert words(pair, PASSAGE, PASSAGE_SHARED) == "3000"
    (pair,) = encoder.encode("300", "", PASSAGE)
    assert words(pair, PASSAGE, PASSAGE_SHARED) == ""


def test_what_stands_in_the_title_counts_as_found(encoder: PairEncoder) -> None:
    (missing,) = encoder.encode("荷塘", "", PASSAGE)
    (found,) = encoder.encode("荷塘", "荷塘要闻", PASSAGE)
    assert QUESTION_FOUND not in missing.kinds
    assert QUESTION_MISSING not in found.kinds[2 : found.kinds.index(QUESTION_FOUND) + 1]


def test_traditional_words_meet_simplified_ones_and_offsets_are_the_originals(encoder: PairEncoder) -> None:
    passage = "荔枝種植面積為３０００畝。"
    (pair,) = encoder.encode("种植面积", "", passage)
    assert words(pair, passage, PASSAGE_SHARED) == "種植面積"


def test_a_long_passage_becomes_windows_that_overlap_and_cover_everything(encoder: PairEncoder) -> None:
    passage = "".join(f"第{i}家企业去年产值{i * 37}万元。" for i in range(200))
    pairs = encoder.encode("第7家企业产值多少？", "", passage)
    assert len(pairs) > 2
    assert all(len(pair) <= 320 for pair in pairs)
    covered = {i for pair in pairs for a, b in pair.offsets for i in range(max(a, 0), max(b, 0))}
    assert covered == set(range(len(passage)))
    for before, after in itertools.pairwise(pairs):
        assert after.offsets[after.first][0] < before.offsets[-2][1]


def test_a_very_long_question_leaves_room_for_the_passage(encoder: PairEncoder) -> None:
    (pair,) = encoder.encode("产值" * 1000, "某镇", PASSAGE)
    assert len(pair) < 200


@settings(max_examples=60, deadline=None)
@given(question=st.text(max_size=30), passage=st.text(max_size=120))
def test_any_text_gives_rows_with_offsets_inside_the_passage(encoder: PairEncoder, question: str, passage: str) -> None:
    for pair in encoder.encode(question, "", passage):
        assert all(-1 <= a <= b <= len(passage) for a, b in pair.offsets)
        assert pair.ids[0] == 0
        assert pair.ids[-1] == 2


def test_prefix_joins_what_there_is() -> None:
    assert prefix_of("某镇_荔枝", None, date(2024, 6, 12)) == "2024-06-12 某镇 荔枝"
    assert prefix_of("", "产业", None) == "产业"


def test_words_are_pairs_of_characters_and_whole_numbers() -> None:
    assert words_of("增长10.5%GDP") == {"增长", "10.5", "gdp"}


@given(st.text(max_size=60))
def test_simplified_text_keeps_capitals_and_folds_to_the_same(text: str) -> None:
    simplified, offsets = simplify_with_offsets(text)
    assert len(offsets) == len(simplified) + 1
    assert offsets == sorted(offsets)
    assert fold_with_offsets(text)[0] == fold(text)
