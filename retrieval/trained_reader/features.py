"""What speaks for and against a trained reading, by name: the network's scores, the search's, and the rules' doubts.

The rules look at the network's words as they look at their own: is the year that was asked near them, or another one?
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.folding import fold
from retrieval.hits import Hit, Span
from retrieval.numerals import numbers
from retrieval.reading.asking import Asked, agreement_with
from retrieval.reading.candidates import Candidate, candidates
from retrieval.reading.closeness import closeness
from retrieval.reading.page import Page
from retrieval.reading.placing import PageMatch, Place, match_page, place
from retrieval.reading.qualifiers import Agreement
from retrieval.reading.questions import AnswerKind, QuestionForm
from retrieval.reading.sameness import same_answer
from retrieval.trained_reader.decoding import Chosen, Decoded

OF_THE_NETWORK = ("relevance", "answerability", "margin", "span", "length")
OF_THE_SEARCH = ("fused", "fused_gap", "dense", "rank")
OF_THE_RULES = (
    "place",
    "sentence",
    "everywhere",
    "focus",
    "gap_near",
    "gap",
    "contradicted",
    "far",
    "missing",
    "fits",
    "agrees",
    "rule",
)
# How a reading stands among those of the other passages.
AMONG_OTHERS = ("lead", "support")
FEATURES = (*OF_THE_NETWORK, *OF_THE_SEARCH, "numbers", *OF_THE_RULES, *AMONG_OTHERS)
FOREIGN_FEATURES = (*OF_THE_NETWORK, *OF_THE_SEARCH, "numbers", *AMONG_OTHERS)

_FAR_MARGIN = 20.0
_LEAST_SPAN = 1e-3
_MOST_LEAD = 6.0
_MOST_SUPPORT = 2
_TYPED = frozenset({AnswerKind.QUANTITY, AnswerKind.TIME, AnswerKind.PERSON, AnswerKind.LIST, AnswerKind.NAME})
_UNSURE_FIT = 0.5


@dataclass(frozen=True, slots=True)
class RuleView:
    """What the rules found in the same passage: their words and the log odds that they answer."""

    spans: tuple[Span, ...]
    log_odds: float


@dataclass(frozen=True, slots=True)
class Rival:
    """A reading as others of its question see it."""

    document_id: str
    words: tuple[str, ...]
    score: float
    is_answer: bool


def network_values(decoded: Decoded, chosen: Chosen | None) -> dict[str, float]:
    """The network's own features; a passage without words has the lowest."""
    margin = max(-_FAR_MARGIN, min(_FAR_MARGIN, decoded.margin))
    return {
        "relevance": decoded.relevance,
        "answerability": decoded.answerability,
        "margin": margin,
        "span": math.log(max(chosen.probability if chosen else 0.0, _LEAST_SPAN)),
        "length": math.log1p(chosen.end - chosen.start if chosen else 0),
    }


def search_values(hit: Hit, best_score: float, *, is_foreign: bool) -> dict[str, float]:
    """What the search thinks of the passage; ``best_score`` is its best one's."""
    return {
        "fused": hit.score,
        "fused_gap": best_score - hit.score,
        "dense": closeness(hit, is_foreign=is_foreign),
        "rank": 1.0 / hit.rank,
    }


def missing_numbers(question: str, page: Page) -> float:
    """1.0 where the question has a number of two digits or more that neither passage nor heads nor date have."""
    asked = {number.term for number in numbers(fold(question)) if sum(c.isdigit() for c in number.term) > 1}
    if not asked:
        return 0.0
    published = page.hit.document.published_at
    said = {number.term for number in numbers(f"{page.head}\n{page.folded}")}
    said |= {str(published.year)} if published else set()
    return float(bool(asked - said))


def best_wording(asked: Sequence[Asked], page: Page) -> tuple[Asked, PageMatch]:
    """The wording of which the page has most, the asker's own where they do not differ."""
    matches = [(each, match_page(page, each.atoms)) for each in asked]
    return max(matches, key=lambda pair: _met_weight(pair[1]))


def rule_values(
    asked: Asked, match: PageMatch, spans: Sequence[Span], evidence: int, rules: RuleView | None
) -> dict[str, float]:
    """How the network's words look to the rules. ``evidence`` is the index of their first sentence."""
    page = match.page
    seen, kept, fits = Place(), Agreement(), 0.0
    if spans and page.sentences:
        sentence = page.sentences[evidence]
        low, high = _folded_run(page, evidence, spans[0])
        candidate = Candidate(((low, high),), low, 0.0, is_typed=True)
        seen = place(match, evidence, candidate)
        kept = agreement_with(asked, page, sentence, candidate)
        fits = _fits(asked.form, page, evidence, (low, high))
    return {
        "place": seen.score,
        "sentence": seen.sentence,
        "everywhere": seen.everywhere,
        "focus": seen.focus,
        "gap_near": seen.gap_near,
        "gap": seen.gap,
        "contradicted": kept.contradicted,
        "far": kept.far,
        "missing": kept.missing,
        "fits": fits,
        "agrees": _overlap(spans, rules.spans) if rules else 0.0,
        "rule": max(-6.0, min(6.0, rules.log_odds)) if rules else 0.0,
    }


def among_others(rivals: Sequence[Rival], *, only: int | None = None) -> list[dict[str, float]]:
    """``lead`` over the best reading with another answer, and how many other documents ``support`` the answer.

    Of each in their order, or of the one at the position ``only``.
    """
    found = []
    for index, own in enumerate(rivals):
        if only is not None and index != only:
            continue
        others = [rival for i, rival in enumerate(rivals) if i != index]
        same = [own.is_answer and rival.is_answer and same_answer(own.words, rival.words) for rival in others]
        against = [rival.score for rival, agrees in zip(others, same, strict=True) if not agrees]
        lead = own.score - max(against) if against else _MOST_LEAD
        agreeing = {rival.document_id for rival, agrees in zip(others, same, strict=True) if agrees} - {own.document_id}
        found.append(
            {
                "lead": max(-_MOST_LEAD, min(_MOST_LEAD, lead)),
                "support": float(min(len(agreeing), _MOST_SUPPORT)),
            }
        )
    return found


def log_odds(probability: float) -> float:
    """The logit of a probability, finite."""
    kept = max(1e-6, min(1.0 - 1e-6, probability))
    return math.log(kept / (1.0 - kept))


def complete(values: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Exactly the named features, 0 where there is none."""
    return {name: float(values.get(name, 0.0)) for name in names}


def _met_weight(match: PageMatch) -> float:
    return sum(match.atoms[i].weight for i in match.passage | match.head)


def _folded_run(page: Page, index: int, span: Span) -> tuple[int, int]:
    """The span in its folded sentence, as far as it lies in it."""
    sentence = page.sentences[index]
    low = next((i for i, at in enumerate(sentence.offsets) if sentence.start + at >= span.start), 0)
    ends = (i for i, at in enumerate(sentence.offsets) if sentence.start + at >= span.end)
    high = next(ends, len(sentence.folded))
    low = min(low, max(len(sentence.folded) - 1, 0))
    return low, max(min(high, len(sentence.folded)), low)


def _fits(form: QuestionForm, page: Page, index: int, run: tuple[int, int]) -> float:
    """Whether the words are of the kind that was asked, as far as the rules can tell kinds."""
    if form.kind not in _TYPED:
        return _UNSURE_FIT
    typed = (c for c in candidates(form, page.sentences[index]) if c.is_typed)
    return float(any(low < run[1] and run[0] < high for c in typed for low, high in c.spans))


def _overlap(spans: Sequence[Span], others: Sequence[Span]) -> float:
    """Shared characters over all characters of both."""
    one = {p for span in spans for p in range(span.start, span.end)}
    other = {p for span in others for p in range(span.start, span.end)}
    return len(one & other) / len(one | other) if one and other else 0.0
