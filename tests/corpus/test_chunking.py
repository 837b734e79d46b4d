"""Documents into passages."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.chunking import passages_of
from corpus.documents import Document, Passage, Section


def document(text: str) -> Document:
    return Document("d1", "杜阮凉瓜", text, None, None, None, "a.txt")


def passages(text: str, *sections: Section, max_chars: int = 300) -> tuple[Passage, ...]:
    return passages_of(document(text), sections, max_chars=max_chars)


def test_an_empty_document_has_no_passages() -> None:
    assert passages("") == ()
    assert passages(" \n ") == ()


def test_a_short_document_is_one_passage() -> None:
    (passage,) = passages("北京大学创办于1898年。")
    assert (passage.text, passage.start, passage.end, passage.heading) == ("北京大学创办于1898年。", 0, 13, None)


def test_passages_end_at_sentence_ends() -> None:
    text = "凉瓜种植面积650多亩。" * 60
    found = passages(text)
    assert all(passage.text.endswith("。") for passage in found)
    assert all(200 <= len(passage.text) <= 300 for passage in found[:-1])


def test_a_heading_starts_a_passage_and_is_not_part_of_it() -> None:
    text = "总的情况很好。\n杜阮镇党委\n做大凉瓜产业\n种植面积650亩。"
    first, second = passages(text, Section(8, "杜阮镇党委 做大凉瓜产业"))
    assert (first.text, first.heading) == ("总的情况很好。", None)
    assert (second.text, second.heading) == ("种植面积650亩。", "杜阮镇党委 做大凉瓜产业")


def test_a_heading_with_nothing_under_it_is_kept_as_a_passage() -> None:
    (passage,) = passages("附则", Section(0, "附则"))
    assert passage.text == "附则"


def test_a_parent_heading_without_text_gives_no_passage_of_its_own() -> None:
    (passage,) = passages("产业\n凉瓜\n面积650亩。", Section(0, "产业"), Section(3, "产业 凉瓜"))
    assert (passage.text, passage.heading) == ("面积650亩。", "产业 凉瓜")


def test_a_tiny_last_passage_joins_the_one_before_but_not_over_a_heading() -> None:
    text = "凉" * 290 + "。\n完了。"
    assert len(passages(text)) == 1
    assert len(passages(text, Section(292, "末"))) == 2


def test_a_sentence_too_long_is_cut_at_semicolons_first() -> None:
    clause = "要落实高考期间的供电保障，完善消防和医护预案；"
    found = passages(clause * 30)
    assert all(passage.text.endswith("；") for passage in found)


def test_equal_passages_of_a_document_have_different_ids_that_repeat_on_every_run() -> None:
    text = ("同样的一段话。" * 40 + "\n") * 3
    ids = [passage.id for passage in passages(text)]
    assert len(set(ids)) == len(ids)
    assert ids == [passage.id for passage in passages(text)]
    assert all(re.fullmatch(r"[0-9a-f]{20}", identifier) for identifier in ids)


def test_a_number_is_not_parted_from_its_unit_even_without_any_mark() -> None:
    text = "产值达12345万元收入650多亩" * 40
    for passage in passages(text, max_chars=50)[:-1]:
        assert not re.search(r"[0-9万多]$", passage.text), passage.text


def test_a_hundred_thousand_characters_without_marks_are_cut_hard() -> None:
    found = passages("瓜" * 100_000)
    assert max(len(passage.text) for passage in found) <= 360
    assert "".join(passage.text for passage in found) == "瓜" * 100_000


_TEXT = st.lists(
    st.sampled_from(
        ["杜阮", "1.3亿元", "，", "。", "；", "“", "”", "\n", "abc", "650", "𠮷", "👨‍👩‍👧", " ", "（", "）", "万"]
    ),
    max_size=120,
).map("".join)


@given(_TEXT, st.integers(min_value=10, max_value=60))
def test_offsets_fit_and_all_body_text_is_covered(text: str, max_chars: int) -> None:
    found = passages(text, max_chars=max_chars)
    assert all(text[passage.start : passage.end] == passage.text for passage in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert "".join("".join(passage.text for passage in found).split()) == "".join(text.split())
    assert all(len(passage.text) <= max_chars + 61 for passage in found)
