"""What of a question occurs in a corpus, and under which names."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from retrieval.question_parts import MAX_PARTS, Part, QuestionParts, Wording, question_parts
from retrieval.terms import Terms


class Corpus:
    """Terms with their frequencies; ``idf`` is 10 less the frequency, so that sums can be done by hand."""

    def __init__(self, frequencies: dict[str, int], names: Iterable[str] = ()) -> None:
        self._frequencies = frequencies
        self._names = set(names)

    def frequency(self, term: str) -> int:
        return self._frequencies.get(term, 0)

    def idf(self, term: str) -> float:
        return 10.0 - self.frequency(term)

    def occurs_in_names(self, term: str) -> bool:
        return term in self._names

    def together(self, terms: Wording) -> int:
        return min(self.frequency(term) for term in terms)

    def starting_with(self, character: str, limit: int) -> list[tuple[str, int]]:
        found = [pair for pair in self._frequencies.items() if pair[0].startswith(character)]
        return sorted(found, key=lambda pair: -pair[1])[:limit]


def parts(question: str, corpus: Corpus, synonyms: Iterable[list[str]] = ()) -> QuestionParts:
    return question_parts(Terms.of(synonyms).question_groups(question), corpus)


def test_parts_that_occur_come_rarest_first() -> None:
    found = parts("凉瓜产值", Corpus({"凉瓜": 2, "产值": 1}))
    assert [part.own for part in found.parts] == [("产值",), ("凉瓜",)]


def test_a_synonym_weighs_as_much_as_the_word_asked_for() -> None:
    found = parts("苦瓜", Corpus({"苦瓜": 5, "凉瓜": 1}), [["苦瓜", "凉瓜"]])
    assert found.parts[0].others == ((("凉瓜",), 5 / 9),)


def test_a_synonym_alone_covers_the_question() -> None:
    found = parts("苦瓜", Corpus({"凉瓜": 1}), [["苦瓜", "凉瓜"]])
    assert (found.parts[0].own, found.coverage) == ((), 1.0)


def test_a_synonym_of_which_a_part_is_missing_does_not_count() -> None:
    assert parts("番茄", Corpus({"西红": 1}), [["番茄", "西红柿"]]).parts == ()


def test_words_apart_are_joined_to_a_name() -> None:
    found = parts("Peng Jiang 产值", Corpus({"蓬江": 3, "产值": 1}))
    assert [part.own for part in found.parts] == [("产值",), ("蓬江",)]
    assert found.coverage == 1


def test_of_several_names_those_in_titles_are_taken() -> None:
    found = parts("shishi", Corpus({"实施": 9, "石狮": 2}, names=["石狮"]))
    assert [wording for wording, _ in found.parts[0].others] == [("石狮",)]


def test_what_is_absent_between_known_words_or_is_a_particle_does_not_count() -> None:
    assert parts("凉瓜种植了多少亩", Corpus({"凉瓜": 1, "种植": 1})).coverage == 1
    assert parts("凉瓜价格", Corpus({"凉瓜": 1})).coverage == pytest.approx(9 / (9 + 10 + 10))


def test_an_english_question_covers_little() -> None:
    assert parts("What is the name of the machine?", Corpus({"那么": 3, "马车": 1})).coverage == 0


@pytest.mark.parametrize("question", ["", "？", "多少"])
def test_a_question_without_terms_covers_nothing(question: str) -> None:
    assert parts(question, Corpus({"凉瓜": 1})) == QuestionParts((), 0.0)


def test_of_a_long_question_the_rarest_parts_are_kept() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(500))
    frequencies = {text[start : start + 2]: 1 + start % 9 for start in range(499)}
    found = parts(text, Corpus(frequencies))
    assert len(found.parts) == MAX_PARTS
    assert {frequencies[part.own[0]] for part in found.parts} <= {1, 2}


def test_a_character_on_its_own_is_the_beginning_of_words() -> None:
    found = parts("级", Corpus({"级": 1, "级别": 3, "级配": 2, "等级": 5}))
    assert [wording for wording, _ in found.parts[0].others] == [("级别",), ("级配",)]


def test_a_character_that_begins_too_much_says_nothing_beside_other_parts() -> None:
    common = Corpus({"级": 1, "级别": 9000, "级配": 2000, "大桥": 1})
    assert [part.others for part in parts("大桥 级", common).parts] == [(), ()]
    assert len(parts("级", common).parts[0].others) == 2
    rare = Corpus({"级": 1, "级别": 900, "级配": 200, "大桥": 1})
    assert sorted(len(part.others) for part in parts("大桥 级", rare).parts) == [0, 2]


def test_a_digit_is_no_beginning() -> None:
    assert parts("2", Corpus({"2": 1, "2023": 1, "20个": 1})).parts == (Part(("2",), ()),)
