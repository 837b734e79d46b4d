"""Folding for matching, and the way back from folded text to what was printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold, fold_title, fold_with_offsets


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("", ""),
        ("杜阮鎮涼瓜", "杜阮镇凉瓜"),
        ("ＡＢＣ１２３％", "abc123%"),
        ("产值１.３亿元", "产值1.3亿元"),
        ("𠮷野家", "𠮷野家"),
        ("GDP增长5%👍", "gdp增长5%👍"),
        ("……", "......"),
    ],
)
def test_widths_scripts_and_case_fold_together(printed: str, folded: str) -> None:
    assert fold(printed) == folded


def test_titles_that_differ_in_spacing_marks_and_script_are_equal() -> None:
    assert fold_title("江海區組織旁聽庭審 以“案中人”警醒“身邊人”") == fold_title(
        "江海区组织旁听庭审以“案中人”警醒“身边人”"
    )


def test_offsets_lead_back_to_the_printed_characters() -> None:
    printed = "達１.３億元…㎡"
    folded, offsets = fold_with_offsets(printed)
    assert folded == "达1.3亿元...m2"
    start = folded.index("1.3亿元")
    assert printed[offsets[start] : offsets[start + 5]] == "１.３億元"
    assert offsets[-1] == len(printed)


_TEXT = st.text(alphabet=st.sampled_from("杜阮涼瓜億達１２３ＡＢ…㎡①ｶﾞ½ﷺİΣ𠮷👍e\u0301 \n“”，。x"), max_size=40)


@given(_TEXT)
def test_folding_with_offsets_gives_the_folded_text(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(text) for offset in offsets)


@given(st.text(max_size=60))
def test_any_text_can_be_folded(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert offsets == sorted(offsets)
