"""The figures of rules about words, on what a network could have said of a sentence of ours."""

from __future__ import annotations

from evals.datasets import Question
from evals.reader_spans import Case, closeness, figures
from retrieval.trained_reader.decoding import Decoded, Scored
from retrieval.trained_reader.whole import RULES

PASSAGE = "花茶产值近1.3亿元。户均增收2万元。"


def case(start: int, end: int) -> Case:
    question = Question("q", "花茶产值多少？", ("近1.3亿元",), ("d",))
    return Case("ours", question, PASSAGE, Decoded((Scored(start, end, 0.9),), 5.0, 0.1, 0.0, 0.0))


def test_a_rule_is_worth_what_it_mends() -> None:
    assert closeness(case(5, 9), RULES, by_shape=True) == (1.0, 1.0)
    assert closeness(case(5, 9), (), by_shape=True)[0] == 0.0


def test_figures_are_means_over_sets() -> None:
    assert figures([case(4, 10), case(5, 9)], ()).startswith("ours 50.0/")
    assert figures([case(4, 10), case(5, 9)], RULES).endswith("mean 100.0/100.0")
