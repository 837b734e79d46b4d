"""Coverage of a question's words."""

from __future__ import annotations

import pytest

from retrieval.reading.overlap import coverage, heaviest_gap, met, question_atoms
from tests.retrieval.reading.helpers import CountedStatistics

STATISTICS = CountedStatistics(["荷塘镇花茶产值", "荷塘镇人口"])


def test_weights_add_up_to_one_and_the_focus_weighs_more() -> None:
    atoms = question_atoms(["荷塘镇", "花茶产值"], "产值", STATISTICS)

    assert sum(atom.weight for atom in atoms) == pytest.approx(1.0)
    weights = {atom.text: atom.weight for atom in atoms}
    assert weights["值"] > weights["花"]


def test_a_question_without_words_has_no_atoms() -> None:
    assert question_atoms([], "", STATISTICS) == ()


def test_a_word_that_is_there_only_in_part_is_not_met_in_full() -> None:
    atoms = question_atoms(["常住人口"], "", STATISTICS)

    assert 0.0 < coverage(atoms, met(atoms, "老年人口")) < 1.0


def test_a_number_is_not_met_inside_a_longer_one() -> None:
    atoms = question_atoms(["5"], "", STATISTICS)

    assert met(atoms, "75") == frozenset()
    assert met(atoms, "共5家") == frozenset({0})


def test_the_heaviest_gap_is_the_missing_word() -> None:
    atoms = question_atoms(["荷塘镇柑橘", "产值"], "", STATISTICS)
    there = met(atoms, "荷塘镇花茶产值")

    missing = sum(atom.weight for atom in atoms if atom.text in "柑橘")
    assert heaviest_gap(atoms, there) == pytest.approx(missing)
