"""Latin spellings find the Chinese words of the corpus, and English words find none."""

from __future__ import annotations

import pytest

from retrieval.pinyin import is_spelling, segmentations, words_for

FREQUENCIES = {"清溪": 12, "青西": 1, "朱元": 3, "元璋": 3, "西安": 7, "绿村": 2}


def lookup(bigram: str) -> int:
    return FREQUENCIES.get(bigram, 0)


@pytest.mark.parametrize(
    ("spelling", "word"),
    [
        ("qingxi", "清溪"),
        ("zhuyuanzhang", "朱元璋"),
        ("xian", "西安"),
        ("lvcun", "绿村"),
        ("lücun", "绿村"),
        ("qīngxī", "清溪"),
    ],
)
def test_a_spelling_finds_the_most_frequent_word(spelling: str, word: str) -> None:
    assert words_for(spelling, lookup, 5)[0][0] == word


def test_several_words_of_one_spelling_come_most_frequent_first() -> None:
    assert words_for("qingxi", lookup, 5) == [("清溪", 12), ("青西", 1)]


def test_syllables_of_many_characters_cost_a_bounded_number_of_look_ups() -> None:
    looked_up = 0

    def everything_occurs(bigram: str) -> int:
        nonlocal looked_up
        looked_up += 1
        return 9 if bigram in {"依依", "一衣"} else 1

    words = words_for("yiyiyiyiyi", everything_occurs, 5)

    assert len(words) == 5
    assert words[0][0] == "依依依依依"
    assert looked_up < 500_000


def test_a_word_that_does_not_occur_is_not_found() -> None:
    assert words_for("duruan", lookup, 5) == []


def test_both_ways_to_cut_are_tried() -> None:
    assert set(segmentations("jiangan")) == {("jiang", "an"), ("jian", "gan")}


@pytest.mark.parametrize("word", ["", "a", "name", "women", "language", "the", "what", "zzz", "covid", "x" * 10_000])
def test_what_is_no_spelling_is_left_alone(word: str) -> None:
    assert segmentations(word) == []


def test_a_single_syllable_is_a_spelling_but_no_name() -> None:
    assert is_spelling("peng")
    assert segmentations("peng") == []
    assert not is_spelling("bridge")
