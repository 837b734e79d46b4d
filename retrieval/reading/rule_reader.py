"""The rule-based reader: the best supporting sentence by word overlap and meaning, and the short answer in it by kind.

Stands behind the ``Reader`` protocol; it is the fallback, and the test oracle, of a trained reader. It does not rank by
itself what retrieval has not found, and does not decide to refuse: it gives a calibrated probability.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.folding import fold
from retrieval.hits import Hit, Reading, Span, TermStatistics
from retrieval.reading.asking import Asked, agreement_with
from retrieval.reading.candidates import Candidate, candidates
from retrieval.reading.clauses import answering_part
from retrieval.reading.closeness import closeness
from retrieval.reading.confidence import Calibration
from retrieval.reading.page import Page, open_page
from retrieval.reading.placing import PageMatch, Place, match_page, nearness, place
from retrieval.reading.qualifiers import Agreement
from retrieval.reading.questions import QuestionForm, analyse

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosines of a question with sentences, in their order."""
Variants = Callable[[str], Sequence[str]]
"""A folded question in other words of the corpus (苦瓜 → 凉瓜), itself first."""

_HIT_WEIGHT = 0.1
# A word of the question that is nowhere near tells against a candidate beyond its share of the overlap.
_GAP_WEIGHT = 0.3
_CONTRADICTED = 0.3
_FAR = 0.2
_MISSING = 0.2
_NO_CANDIDATE = -0.3
# A question in the document asks; it does not answer.
_ASKS = 0.4
# A page without any words of the kind asked is worth less than one whose words are in doubt.
_NO_WORDS = 0.1
_SIMILAR_SENTENCES = 32
_FOREIGN_HIT_WEIGHT = 0.02
_FOREIGN_UNTYPED = 0.03


@dataclass(frozen=True, slots=True)
class _Choice:
    """A candidate of a page with what speaks for it; None where the best sentence has none."""

    score: float
    sentence: int
    candidate: Candidate | None
    place: Place
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class _Found:
    """The best a page has for one wording of the question."""

    page: Page
    sentence: int
    spans: tuple[Span, ...]
    score: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Examined:
    """A reading and the features behind its probability, by name."""

    reading: Reading
    values: Mapping[str, float]


class RuleReader:
    """Reads passages with word lists and patterns. Thread-safe: it keeps nothing between calls."""

    def __init__(self, *, similarity: Similarity, variants: Variants, calibration: Calibration | None = None) -> None:
        self._similarity = similarity
        self._variants = variants
        self._calibration = calibration or Calibration.load()

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        """One reading a hit, best relevance first. Empty input: []."""
        return [examined.reading for examined in self.examine(question, hits, statistics)]

    def examine(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Examined]:
        """As ``read``, with what each reading's probability was made from."""
        forms = self.forms(question)
        pages = [open_page(hit) for hit in hits]
        if forms[0].is_foreign:
            found = self._read_foreign(question, forms[0], pages)
        else:
            asked = [Asked.of(form, statistics) for form in forms]
            found = [max((_best(each, page) for each in asked), key=lambda f: f.score) for page in pages]
        examined = [Examined(self._reading(f, is_foreign=forms[0].is_foreign), f.values) for f in found]
        return sorted(examined, key=lambda e: -e.reading.relevance)

    def forms(self, question: str) -> list[QuestionForm]:
        """The question taken apart in all its wordings, as it was asked first."""
        wordings = self._variants(fold(question))
        return [replace(analyse(wording), wordings="\n".join(wordings)) for wording in wordings]

    def _read_foreign(self, question: str, form: QuestionForm, pages: Sequence[Page]) -> list[_Found]:
        """No word can be met, so sentences that could answer are compared by meaning, the best pages first."""
        wanted = [(i, j) for i, page in enumerate(pages) for j in _worth_comparing(form, page)][:_SIMILAR_SENTENCES]
        texts = [pages[i].sentences[j].folded for i, j in wanted]
        cosines = self._similarity(question, texts) if texts else ()
        by_page: dict[int, dict[int, float]] = {}
        for (i, j), cosine in zip(wanted, cosines, strict=True):
            by_page.setdefault(i, {})[j] = float(cosine)
        return [_best_foreign(form, page, by_page.get(i, {})) for i, page in enumerate(pages)]

    def _reading(self, found: _Found, *, is_foreign: bool) -> Reading:
        probability = self._calibration.probability(found.values, is_foreign=is_foreign)
        hit = found.page.hit
        if not found.page.sentences:
            return Reading(hit, found.score, Span(hit.passage.start, hit.passage.end), (), 0.0, 1.0)
        if not found.spans:
            probability *= _NO_WORDS
        sentence = found.page.sentences[found.sentence]
        evidence = Span(sentence.start, sentence.end)
        return Reading(hit, found.score, evidence, found.spans, probability, 1.0 - probability)


def _best(asked: Asked, page: Page) -> _Found:
    match = match_page(page, asked.atoms)
    best = _Choice(-math.inf, 0, None, Place(), Agreement())
    for index, sentence in enumerate(page.sentences):
        rivals = candidates(asked.form, sentence)
        asks = _ASKS * sentence.folded.rstrip("”\"' ").endswith("?")
        for candidate in rivals or [Candidate(((0, len(sentence.folded)),), 0, _NO_CANDIDATE, is_typed=False)]:
            seen = place(match, index, candidate)
            kept = agreement_with(asked, page, sentence, candidate)
            score = seen.score + candidate.bonus + nearness(sentence, asked.atoms, candidate, rivals)
            score -= _GAP_WEIGHT * seen.gap_near + asks
            score -= _CONTRADICTED * kept.contradicted + _FAR * kept.far + _MISSING * kept.missing
            if score > best.score:
                best = _Choice(score, index, candidate if rivals else None, seen, kept)
    return _found(asked.form, match, best)


def _found(form: QuestionForm, match: PageMatch, best: _Choice) -> _Found:
    hit, seen, candidate = match.page.hit, best.place, best.candidate
    values = {
        "place": seen.score,
        "sentence": seen.sentence,
        "everywhere": seen.everywhere,
        "focus": seen.focus,
        "gap_near": seen.gap_near,
        "gap": seen.gap,
        "contradicted": best.agreement.contradicted,
        "far": best.agreement.far,
        "missing": best.agreement.missing,
        "typed": float(candidate is not None and candidate.is_typed),
        "bonus": candidate.bonus if candidate else _NO_CANDIDATE,
        "dense": closeness(hit, is_foreign=False),
        "rank": 1.0 / hit.rank,
    }
    spans: tuple[Span, ...] = ()
    if candidate is not None:
        sentence = match.page.sentences[best.sentence]
        parts = candidate.spans if candidate.is_typed else answering_part(form, match.atoms, sentence, candidate)
        spans = tuple(sentence.span(a, b) for a, b in parts)
    return _Found(match.page, best.sentence, spans, best.score + _HIT_WEIGHT / hit.rank, values)


def _worth_comparing(form: QuestionForm, page: Page) -> list[int]:
    """The sentences with words of the kind asked; all of them where none has such words."""
    typed = [j for j, s in enumerate(page.sentences) if any(c.is_typed for c in candidates(form, s))]
    return typed or list(range(len(page.sentences)))


def _best_foreign(form: QuestionForm, page: Page, cosines: Mapping[int, float]) -> _Found:
    hit = page.hit
    if not cosines:
        return _Found(page, 0, (), 0.0, _foreign_values(hit, 0.0, typed=0.0))
    index = max(cosines, key=lambda j: cosines[j])
    sentence = page.sentences[index]
    typed = [c for c in candidates(form, sentence) if c.is_typed]
    best = max(typed, key=lambda c: (c.bonus, -c.anchor), default=None)
    spans = best.spans if best else ((0, len(sentence.folded)),)
    values = _foreign_values(hit, cosines[index], typed=float(best is not None))
    score = cosines[index] + _FOREIGN_HIT_WEIGHT / hit.rank - (0.0 if best else _FOREIGN_UNTYPED)
    return _Found(page, index, tuple(sentence.span(a, b) for a, b in spans), score, values)


def _foreign_values(hit: Hit, cosine: float, *, typed: float) -> dict[str, float]:
    near = closeness(hit, is_foreign=True)
    return {"dense": near, "similarity": cosine, "typed": typed, "rank": 1.0 / hit.rank}
