"""One answer judged against what is known of its question: pure functions, no totals.

All comparisons are of folded texts, and lengths count folded characters on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.answers import Answer, Citation, Outcome
from bot.evaluation.folding import Folded, fold, occurs
from bot.evaluation.questions import Question

RANKING_DEPTH = 10

# A short answer may be three times as long as the references it holds, and this many characters more.
_LENGTH_FACTOR = 3
_LENGTH_ALLOWANCE = 8


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """Everything a document goes by: its own id, the ids of near-duplicates joined to it, and their source paths."""

    ids: frozenset[str]
    source_paths: frozenset[str]


NamesOf = Callable[[str], DocumentNames]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one question.

    ``hit_rank`` counts from 1 and is None where the first ten passages hold no hit. None elsewhere: does not apply to
    this question, so it does not count in that figure.
    """

    type: str | None
    in_dialogue: bool
    answerable: bool
    outcome: Outcome
    confidence: float
    latency_ms: float
    citations: int
    right: bool
    ranked: bool
    hit_rank: int | None
    exact_match: bool | None
    f1: float | None
    citation_right: bool | None


def judge(question: Question, answer: Answer, *, names: NamesOf, latency_ms: float, in_dialogue: bool) -> Judgement:
    """Judge one answer. ``right`` is that of ``answer_accuracy``; without an answer in the corpus, a refusal is."""
    ranked = question.answerable and question.names_document
    exact_match, f1 = _closeness(question, answer) if question.answerable else (None, None)
    return Judgement(
        type=question.type,
        in_dialogue=in_dialogue,
        answerable=question.answerable,
        outcome=answer.outcome,
        confidence=answer.confidence,
        latency_ms=latency_ms,
        citations=len(answer.citations),
        right=is_right(question, answer),
        ranked=ranked,
        hit_rank=_hit_rank(question, answer, names) if ranked else None,
        exact_match=exact_match,
        f1=f1,
        citation_right=_citation_right(question, answer, names),
    )


def is_right(question: Question, answer: Answer) -> bool:
    """Whether the short answer holds what is asked for and not much else; a refusal where the corpus does not say."""
    if not question.answerable:
        return answer.outcome is Outcome.NOT_FOUND
    given = _given(answer)
    held = _held_length(question, given)
    return held is not None and len(given) <= _LENGTH_FACTOR * held + _LENGTH_ALLOWANCE


def longest_common_run(first: str, second: str) -> int:
    """Length of the longest common substring (not subsequence), as CMRC 2018's find_lcs counts it."""
    longest = 0
    previous = [0] * (len(second) + 1)
    for left in first:
        current = [0] * (len(second) + 1)
        for column, right in enumerate(second, start=1):
            if left == right:
                current[column] = previous[column - 1] + 1
                longest = max(longest, current[column])
        previous = current
    return longest


def _given(answer: Answer) -> Folded:
    """The folded short answer; empty for a refusal, which is wrong wherever there is an answer."""
    if answer.outcome is Outcome.NOT_FOUND or answer.short_answer is None:
        return Folded("")
    return fold(answer.short_answer)


def _held_length(question: Question, given: Folded) -> int | None:
    """Characters of the references that ``given`` holds; None where it holds too few of them.

    Alternatives name the same thing, so the longest one counts; of a list, all count.
    """
    lengths = [len(reference) for reference in map(fold, question.answers) if occurs(reference, given)]
    needed = [fold(reference) for reference in question.answers_all]
    if needed and all(occurs(reference, given) for reference in needed):
        lengths.append(sum(len(reference) for reference in needed))
    return max(lengths, default=None)


def _closeness(question: Question, answer: Answer) -> tuple[bool, float]:
    """Exact match and F1 by characters against the best alternative; a list is one alternative, in its order.

    As in CMRC 2018: letter case does not count, and what both share is their longest common substring.
    """
    given = _given(answer).lower()
    alternatives = [fold(reference).lower() for reference in question.answers]
    if question.answers_all:
        alternatives.append(fold("、".join(question.answers_all)).lower())
    exact = bool(given) and given in alternatives
    return exact, max(_character_f1(reference, given) for reference in alternatives)


def _character_f1(reference: str, given: str) -> float:
    shared = longest_common_run(reference, given)
    # 2PR / (P + R) with P = shared / len(given) and R = shared / len(reference)
    return 2 * shared / (len(reference) + len(given)) if shared else 0.0


def _hit_rank(question: Question, answer: Answer, names: NamesOf) -> int | None:
    distinct = list(dict.fromkeys(answer.ranking))
    for rank, (document_id, _passage_id) in enumerate(distinct[:RANKING_DEPTH], start=1):
        if _is_right_document(question, names(document_id)):
            return rank
    return None


def _is_right_document(question: Question, document: DocumentNames) -> bool:
    return not question.context_ids.isdisjoint(document.ids) or question.doc in _file_names(document.source_paths)


def _file_names(source_paths: Iterable[str]) -> set[str]:
    return {PurePosixPath(path).name for path in source_paths}


def _citation_right(question: Question, answer: Answer, names: NamesOf) -> bool | None:
    """Whether the first citation is of the right document and holds the evidence; none at all is wrong."""
    if not question.answerable or not (question.names_document or question.evidence):
        return None
    if not answer.citations or answer.outcome is Outcome.NOT_FOUND:
        return False
    first = answer.citations[0]
    if question.names_document and not _is_right_document(question, _names_of_citation(first, names)):
        return False
    return question.evidence is None or fold(question.evidence) in fold(first.passage)


def _names_of_citation(citation: Citation, names: NamesOf) -> DocumentNames:
    known = names(citation.document_id)
    return DocumentNames(known.ids, known.source_paths | {citation.source_path})
