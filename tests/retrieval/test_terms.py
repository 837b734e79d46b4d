"""Questions and passages meet in their terms, however they are written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold
from retrieval.errors import TermsFileError
from retrieval.terms import Terms, passage_terms, search_terms, terms_of_folded


def words(terms: Terms, question: str) -> list[tuple[tuple[str, ...], ...]]:
    return [group.alternatives for group in terms.question_groups(question)]


def test_chinese_gives_bigrams_and_latin_whole_words() -> None:
    assert search_terms("北京大学MBA课程") == ["北京", "京大", "大学", "mba", "课程"]


def test_a_lone_character_is_a_term() -> None:
    assert search_terms("粤！") == ["粤"]


def test_traditional_and_full_width_fold() -> None:
    assert search_terms("學校ＡＢＣ") == search_terms("学校abc")


def test_a_character_outside_the_basic_plane_is_chinese() -> None:
    assert search_terms("𠮷野家") == ["𠮷野", "野家"]


@pytest.mark.parametrize("text", ["", " \n", "！？。", "🎉🎊", "_"])
def test_no_letters_no_terms(text: str) -> None:
    assert search_terms(text) == []


def test_number_and_unit_make_a_term() -> None:
    assert {"130000000", "130000000元"} <= set(search_terms("产值一亿三千万元"))


def test_an_apostrophe_does_not_part_a_word() -> None:
    assert search_terms("Xi'an") == search_terms("Xi’an") == ["xian"]


def test_a_passage_has_the_bigrams_across_spaces_too() -> None:
    assert "刘军" in passage_terms("区委书记 刘 军")
    assert "刘军" not in search_terms("刘 军")


@given(st.text(max_size=60))
def test_terms_lie_in_the_text_and_hold_no_space(text: str) -> None:
    for term in terms_of_folded(text):
        assert 0 <= term.start < term.end <= len(text)
        assert term.text and not any(character.isspace() for character in term.text)


@given(st.text(max_size=60) | st.text(alphabet="北京大学 \n一二十百万点年亩多%0123.,abAB’'，", max_size=60))
def test_a_passage_holds_every_term_as_often_as_a_question_of_the_same_words(text: str) -> None:
    extra = Counter(passage_terms(text))
    extra.subtract(search_terms(text))
    assert all(count >= 0 for count in extra.values())
    assert extra.total() == 0 or any(character.isspace() for character in fold(text))


def test_100_000_characters_are_cut_in_time() -> None:
    assert len(search_terms("依据" * 50_000)) == 99_999


def test_a_word_too_long_for_the_index_is_left_out() -> None:
    assert search_terms("a" * 70_000) == []


def test_question_words_are_no_terms() -> None:
    assert words(Terms.of(()), "产值是多少？") == [(("产值",),), (("值是",),)]
    assert words(Terms.of(()), "什么？谁呢？") == []
    assert (("哪吒",),) in words(Terms.of(()), "哪吒的票房")


def test_a_synonym_is_an_alternative_not_an_addition() -> None:
    terms = Terms.of([["苦瓜", "凉瓜"]])
    assert (("苦瓜",), ("凉瓜",)) in words(terms, "苦瓜产值")
    assert (("凉瓜",), ("苦瓜",)) in words(terms, "凉瓜产值")


def test_a_synonym_of_another_length_keeps_its_terms_together() -> None:
    terms = Terms.of([["番茄", "西红柿"]])
    assert (("番茄",), ("西红", "红柿")) in words(terms, "番茄多少钱")


def test_the_longest_synonym_wins() -> None:
    terms = Terms.of([["工信局", "工业和信息化局"], ["工业", "制造业"]])
    assert words(terms, "工业和信息化局")[0][1] == ("工信", "信局")


def test_a_latin_synonym_matches_whole_words_only() -> None:
    terms = Terms.of([["GDP", "生产总值"]])
    assert (("gdp",), ("生产", "产总", "总值")) in words(terms, "广州GDP")
    assert (("gdpr",),) in words(terms, "GDPR")


def test_synonyms_of_traditional_questions_are_found() -> None:
    assert (("凉瓜",), ("苦瓜",)) in words(Terms.of([["苦瓜", "涼瓜"]]), "涼瓜產值")


def test_the_shipped_list_loads() -> None:
    assert (("苦瓜",), ("凉瓜",)) in words(Terms.shipped(), "苦瓜")


def test_shipped_synonyms_are_more_than_a_character_and_do_not_hold_each_other() -> None:
    for word, others in Terms.shipped().synonyms.items():
        assert len(word) > 1
        assert word not in others


def test_a_list_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("synonyms:\n  - [粽子, 裹蒸]\nplaces:\n  - [清溪镇, 青溪]\n", encoding="utf-8")
    assert (("粽子",), ("裹蒸",)) in words(Terms.load(path), "粽子")


@pytest.mark.parametrize(
    "content",
    ["synonyms: [苦瓜]", "- a\n- b", "synonyms: {", "sinonyms:\n - [a, b]", "synonyms:\n - [1, 2]"],
)
def test_a_list_of_another_form_is_refused_with_the_cure(tmp_path: Path, content: str) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TermsFileError, match="YIJU_TERMS_FILE"):
        Terms.load(path)


def test_a_missing_list_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(TermsFileError, match=r"none\.yaml"):
        Terms.load(tmp_path / "none.yaml")


def test_an_empty_list_means_no_synonyms(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("", encoding="utf-8")
    assert words(Terms.load(path), "苦瓜") == [(("苦瓜",),)]
