"""Where sentences end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\u3000\n", []),
        ("瓜", ["瓜"]),
        ("𠮷。👍！", ["𠮷。", "👍！"]),
        ("产值达1.3亿元。同比增长15.9%。", ["产值达1.3亿元。", "同比增长15.9%。"]),
        ("没有标点的一行\n另一行", ["没有标点的一行", "另一行"]),
        ("他去了吗?去了!", ["他去了吗?", "去了!"]),
        ("等了很久……终于来了。", ["等了很久……", "终于来了。"]),
        ("买了米、面、油等……，都是好的。", ["买了米、面、油等……，都是好的。"]),
        ("（见第三条。）此外不变。", ["（见第三条。）", "此外不变。"]),
        ("网址是http://a.cn/?b=1。完", ["网址是http://a.cn/?b=1。", "完"]),
    ],
)
def test_sentences_end_at_final_marks(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_quotation_is_not_cut_inside() -> None:
    assert sentences("“天冷了。多穿点！”她说，随后走了。") == ["“天冷了。多穿点！”她说，随后走了。"]


def test_the_speaker_stays_with_the_words_however_long_the_title_of_the_office() -> None:
    text = "“今年还发展了2名党员。”河西电器有限公司党支部书记梁小云说，队伍壮大了。明年再看。"
    assert sentences(text) == [text.removesuffix("明年再看。"), "明年再看。"]


def test_a_finished_quotation_ends_the_sentence() -> None:
    assert sentences("他答：“不去。”大家散了。") == ["他答：“不去。”", "大家散了。"]


def test_an_unclosed_quotation_does_not_swallow_the_rest() -> None:
    assert sentences("他说：“好。我们走。") == ["他说：“好。", "我们走。"]


def test_english_full_stops_end_sentences_but_not_abbreviations_or_numbers() -> None:
    assert sentences("The city has 3.5 million people. U.S. firms came later.") == [
        "The city has 3.5 million people.",
        "U.S. firms came later.",
    ]


def test_a_long_text_without_marks_is_one_sentence() -> None:
    assert sentence_spans("瓜" * 100_000) == [(0, 100_000)]


@given(st.text(alphabet=st.sampled_from("瓜a1.3亿“”‘’（）。！？!?…，\n \u3000"), max_size=80))
def test_spans_are_in_order_and_hold_all_that_is_not_blank(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
