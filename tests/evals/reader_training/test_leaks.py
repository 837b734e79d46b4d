"""Documents that repeat what is kept for testing are recognised, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold_title
from evals.reader_training.leaks import SHINGLE_LENGTH, LeakGuard, for_checking, held_out, shingle_hashes

KEPT = "新城区图书馆昨日开馆，馆内藏书三十万册，设有儿童阅览室、古籍修复室和一间可容纳二百人的报告厅。"
OTHER = "市水务局表示，今年汛期全市水库平均蓄水率为百分之六十二，低于常年同期，供水仍有保障，请市民节约用水。"


def test_a_repeated_text_leaks_whatever_its_script_width_and_punctuation() -> None:
    guard = LeakGuard.of_texts([KEPT])
    assert guard.leaks(KEPT)
    assert guard.leaks("新城區圖書館昨日開館 館內藏書三十萬冊 設有兒童閱覽室 古籍修復室和一間可容納二百人的報告廳")
    assert not guard.leaks(OTHER)


def test_a_text_leaks_from_a_tenth_of_its_shingles_on() -> None:
    guard = LeakGuard.of_texts([KEPT])
    assert guard.leaks(OTHER + KEPT)
    assert not guard.leaks("".join(f"第{number}条其他规定另行公布。" for number in range(80)) + KEPT)


def test_documents_known_to_answer_a_kept_question_leak_by_their_id() -> None:
    guard = LeakGuard.of_texts([KEPT], ["news-7"])
    assert guard.leaks(OTHER, "news-7")
    assert not guard.leaks(OTHER, "news-8")


@pytest.mark.parametrize("text", ["", "图", "𠮷" * (SHINGLE_LENGTH - 1), "。，！" * 50])
def test_texts_too_short_for_a_shingle_never_leak(text: str) -> None:
    assert not LeakGuard.of_texts([KEPT]).leaks(text)
    assert not LeakGuard.of_texts([]).leaks(OTHER)


@given(st.text("甲乙丙𠮷a1，", max_size=60))
def test_equal_shingles_and_only_those_have_equal_hashes(text: str) -> None:
    folded = fold_title(text)
    shingles = [folded[start : start + SHINGLE_LENGTH] for start in range(len(folded) - SHINGLE_LENGTH + 1)]
    hashes = shingle_hashes(text).tolist()
    assert len(hashes) == len(shingles)
    assert len(set(zip(shingles, hashes, strict=True))) == len(set(shingles)) == len(set(hashes))


@pytest.mark.shared
@pytest.mark.slow
def test_checking_halves_and_seeds_are_kept_and_training_halves_are_not(shared_dir: Path) -> None:
    guard = LeakGuard.from_shared(shared_dir)
    seed = min((shared_dir / "seeds").iterdir()).read_text(encoding="utf-8")
    assert guard.leaks(seed)
    assert len(guard.answering) > 300
    assert all(for_checking(document_id) for document_id in guard.answering if document_id.startswith("drcd"))


def test_one_corpus_document_in_ten_is_held_out() -> None:
    held = sum(held_out(f"xwlb-{number}") for number in range(3000))
    assert 240 < held < 370
