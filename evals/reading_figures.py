"""What a reading is worth, and sums over readings: closeness to references, refusal, reliability. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.answers import Answer, Outcome
from bot.evaluation.folding import fold, occurs
from bot.evaluation.judging import DocumentNames, Judgement, judge
from bot.evaluation.metrics import area_under_roc, mean
from bot.evaluation.questions import Question as KnownQuestion
from evals.datasets import Question
from retrieval.hits import Reading

BINS = 10


@dataclass(frozen=True, slots=True)
class Read:
    """The reading that would be answered with, judged. ``answerable``: the answer was there to be read.

    ``confidence`` is 0 where nothing was there to read; ``has_words``: without any, nothing is answered. ``right``: the
    words are, as in ``answer_accuracy``; ``supported``: the sentence they stand in holds a reference.
    """

    answerable: bool
    confidence: float
    has_words: bool
    supported: bool
    right: bool
    exact: bool
    f1: float

    def answered(self, threshold: float) -> bool:
        return self.has_words and self.confidence >= threshold


def read_as(question: Question, readings: Sequence[Reading], *, answerable: bool = True) -> Read:
    """Judge the best of the readings by the rules of `yiju eval`, whatever its probability."""
    best = readings[0] if readings else None
    words = answer_words(best) if best else ""
    judged = judgement(question, words)
    answerable = answerable and bool(question.answers)
    return Read(
        answerable=answerable,
        confidence=best.answer_score if best else 0.0,
        has_words=bool(words),
        supported=answerable and best is not None and holds_answer(evidence(best), question.answers),
        right=answerable and judged.right,
        exact=bool(judged.exact_match),
        f1=judged.f1 or 0.0,
    )


def evidence(reading: Reading) -> str:
    """The words of the supporting sentence."""
    return reading.hit.document.text[reading.evidence.start : reading.evidence.end]


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether an answer stands in the text, both folded."""
    folded = fold(text)
    return any(occurs(fold(answer), folded) for answer in answers)


def answer_words(reading: Reading) -> str:
    """The spans' own words, several joined as in a short answer."""
    text = reading.hit.document.text
    return "、".join(dict.fromkeys(text[span.start : span.end].strip() for span in reading.answer_spans))


def judgement(question: Question, words: str) -> Judgement:
    """Exact match and F1 as in CMRC 2018 and ``right`` as in ``answer_accuracy``, of a short answer."""
    answer = Answer(
        answer_id="",
        conversation_id="",
        outcome=Outcome.ANSWERED,
        text=words,
        short_answer=words,
        confidence=0.0,
        citations=(),
        suggestions=(),
        snapshot=None,
        latency_ms=0.0,
    )
    return judge(known(question), answer, names=_unnamed, latency_ms=0.0, in_dialogue=False)


def known(question: Question) -> KnownQuestion:
    """The question as an evaluation knows it."""
    contexts = frozenset(question.contexts)
    return KnownQuestion(question.id, question.text, answers=question.answers, context_ids=contexts)


def closeness(reads: Sequence[Read]) -> dict[str, Any]:
    """Exact match, F1 and answer accuracy over answerable questions."""
    return {
        "questions": len(reads),
        "em": rounded(mean(read.exact for read in reads)),
        "f1": rounded(mean(read.f1 for read in reads)),
        "right": rounded(mean(read.right for read in reads)),
    }


def refusal(reads: Sequence[Read], threshold: float) -> dict[str, Any]:
    """How well the probability tells answerable from unanswerable, and what the threshold makes of it.

    Precision depends on how many of each kind there are; both counts stand beside it.
    """
    there = [read for read in reads if read.answerable]
    absent = [read for read in reads if not read.answerable]
    refused = [read for read in reads if not read.answered(threshold)]
    answered = [read for read in reads if read.answered(threshold)]
    return {
        "answerable": len(there),
        "unanswerable": len(absent),
        "auroc": rounded(area_under_roc([sureness(read) for read in there], [sureness(read) for read in absent])),
        "refusal_precision": rounded(mean(not read.answerable for read in refused)),
        "refusal_recall": rounded(mean(not read.answered(threshold) for read in absent)),
        "answered_of_answerable": rounded(mean(read.answered(threshold) for read in there)),
        "right_of_answered": rounded(mean(read.right for read in answered)),
    }


def sureness(read: Read) -> float:
    """What the decision to answer rests on: no probability helps a reading without words."""
    return read.confidence if read.has_words else 0.0


def reliability(reads: Sequence[Read]) -> dict[str, Any]:
    """For ten bins of the probability: the readings, their mean probability, the shares that are supported and right.

    The expected calibration error is the bins' distance between probability and share, weighed by their readings.
    """
    bins: list[list[Read]] = [[] for _ in range(BINS)]
    for read in reads:
        bins[min(int(sureness(read) * BINS), BINS - 1)].append(read)
    rows = [
        {
            "from": number / BINS,
            "readings": len(own),
            "confidence": rounded(mean(sureness(read) for read in own)),
            "supported": rounded(mean(read.supported for read in own)),
            "right": rounded(mean(read.right for read in own)),
        }
        for number, own in enumerate(bins)
    ]
    return {
        "readings": len(reads),
        "ece_supported": calibration_error(bins, [read.supported for own in bins for read in own]),
        "ece_right": calibration_error(bins, [read.right for own in bins for read in own]),
        "bins": rows,
    }


def calibration_error(bins: Sequence[Sequence[Read]], came_true: Sequence[bool]) -> float | None:
    """Over all bins, how far the mean probability is from the share that came true; the latter in the bins' order."""
    outcomes = iter(came_true)
    error = 0.0
    for own in bins:
        error += abs(sum(sureness(read) for read in own) - sum(next(outcomes) for _ in own))
    return rounded(error / len(came_true)) if came_true else None


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _unnamed(document_id: str) -> DocumentNames:
    return DocumentNames(frozenset({document_id}), frozenset())
