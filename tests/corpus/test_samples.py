"""The shipped samples are read whole, and hold what the first question of a new user asks for."""

from __future__ import annotations

from corpus.intake import list_sources, read_source
from corpus.samples import samples_dir


def test_every_sample_is_read_without_a_failure() -> None:
    outcomes = [read_source(source) for source in list_sources(samples_dir(), None)]
    assert [failure for outcome in outcomes for failure in outcome.failures] == []
    assert sum(len(outcome.documents) for outcome in outcomes) == 13


def test_the_first_question_is_answered_by_a_passage() -> None:
    passages = [
        passage.text
        for source in list_sources(samples_dir(), None)
        for prepared in read_source(source).documents
        for passage in prepared.passages
    ]
    assert any("凉瓜" in text and "1.3亿元" in text for text in passages)


def test_most_samples_are_dated_and_signed() -> None:
    documents = [
        prepared.document for source in list_sources(samples_dir(), None) for prepared in read_source(source).documents
    ]
    assert sum(document.published_at is not None for document in documents) >= 10
    assert sum(document.publisher is not None for document in documents) >= 10
