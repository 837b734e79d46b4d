"""The rule-based reader: the best supporting sentence by word overlap and meaning, and the short answer in it by kind.

Stands behind the ``Reader`` protocol; it is the fallback, and the test oracle, of a trained reader. It does not rank by
itself what retrieval has not found, and does not decide to refuse: it gives a calibrated probability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.folding import fold
from retrieval.hits import Hit, Reading, Span, TermStatistics
from retrieval.reading.candidates import Candidate, candidates
from retrieval.reading.clauses import answering_part
from retrieval.reading.confidence import Calibration
from retrieval.reading.overlap import Atom, question_atoms
from retrieval.reading.page import Page, open_page
from retrieval.reading.placing import PageMatch, Place, match_page, nearness, place
from retrieval.reading.questions import QuestionForm, analyse

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosines of a question with sentences, in their order."""
Variants = Callable[[str], Sequence[str]]
"""A folded question in other words of the corpus (苦瓜 → 凉瓜), itself first."""

_HIT_WEIGHT = 0.15
# A page without any words of the kind asked is worth less than one whose words are in doubt.
_NO_WORDS = 0.1
_SIMILAR_SENTENCES = 24


@dataclass(frozen=True, slots=True)
class _Found:
    """The best a page has for one wording of the question."""

    page: Page
    sentence: int
    spans: tuple[Span, ...]
    score: float
    values: Mapping[str, float]


class RuleReader:
    """Reads passages with word lists and patterns. Thread-safe: it keeps nothing between calls."""

    def __init__(self, *, similarity: Similarity, variants: Variants, calibration: Calibration | None = None) -> None:
        self._similarity = similarity
        self._variants = variants
        self._calibration = calibration or Calibration.load()

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        """One reading a hit, best relevance first. Empty input: []."""
        forms = [analyse(wording) for wording in self._variants(fold(question))]
        pages = [open_page(hit) for hit in hits]
        if forms[0].is_foreign:
            found = self._read_foreign(question, forms[0], pages)
        else:
            asked = [(form, question_atoms(form.segments, form.focus, statistics)) for form in forms]
            found = [max((_best(form, atoms, page) for form, atoms in asked), key=lambda f: f.score) for page in pages]
        readings = [self._reading(f, is_foreign=forms[0].is_foreign) for f in found]
        return sorted(readings, key=lambda r: -r.relevance)

    def _read_foreign(self, question: str, form: QuestionForm, pages: Sequence[Page]) -> list[_Found]:
        """No word can be met, so sentences are compared by meaning; those of the best pages only, since each costs."""
        texts = [s.folded for page in pages for s in page.sentences][:_SIMILAR_SENTENCES]
        cosines = list(self._similarity(question, texts)) if texts else []
        found = []
        for page in pages:
            own, cosines = cosines[: len(page.sentences)], cosines[len(page.sentences) :]
            found.append(_best_foreign(form, page, own))
        return found

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


def _best(form: QuestionForm, atoms: tuple[Atom, ...], page: Page) -> _Found:
    match = match_page(page, atoms)
    best: tuple[float, int, Candidate | None, Place] = (-1.0, 0, None, Place())
    for index, sentence in enumerate(page.sentences):
        rivals = candidates(form, sentence)
        for candidate in rivals or [Candidate(((0, len(sentence.folded)),), 0, -0.3, is_typed=False)]:
            seen = place(match, index, candidate)
            score = seen.score + candidate.bonus + nearness(sentence, atoms, candidate, rivals)
            if score > best[0]:
                best = (score, index, candidate if rivals else None, seen)
    return _found(form, match, best)


def _found(form: QuestionForm, match: PageMatch, best: tuple[float, int, Candidate | None, Place]) -> _Found:
    score, index, candidate, seen = best
    hit = match.page.hit
    values = {
        "place": seen.score,
        "sentence": seen.sentence,
        "everywhere": seen.everywhere,
        "focus": seen.focus,
        "gap_near": seen.gap_near,
        "gap": seen.gap,
        "typed": float(candidate is not None and candidate.is_typed),
        "bonus": candidate.bonus if candidate else -0.3,
        "dense": hit.dense or 0.0,
        "rank": 1.0 / hit.rank,
    }
    spans: tuple[Span, ...] = ()
    if candidate is not None:
        sentence = match.page.sentences[index]
        parts = candidate.spans if candidate.is_typed else answering_part(form, match.atoms, sentence, candidate)
        spans = tuple(sentence.span(a, b) for a, b in parts)
    return _Found(match.page, index, spans, score + _HIT_WEIGHT / hit.rank, values)


def _best_foreign(form: QuestionForm, page: Page, cosines: Sequence[float]) -> _Found:
    hit = page.hit
    ranked = sorted(range(len(cosines)), key=lambda i: -cosines[i])
    for index in ranked:
        typed = [c for c in candidates(form, page.sentences[index]) if c.is_typed]
        if typed:
            best = max(typed, key=lambda c: (c.bonus, -c.anchor))
            spans = tuple(page.sentences[index].span(a, b) for a, b in best.spans)
            return _Found(
                page, index, spans, cosines[index] + 0.02 / hit.rank, _foreign_values(hit, cosines[index], typed=1.0)
            )
    index = ranked[0] if ranked else 0
    cosine = cosines[index] if ranked else 0.0
    spans = ()
    if page.sentences:
        spans = (page.sentences[index].span(0, len(page.sentences[index].folded)),)
    return _Found(page, index, spans, cosine - 0.05, _foreign_values(hit, cosine, typed=0.0))


def _foreign_values(hit: Hit, cosine: float, *, typed: float) -> dict[str, float]:
    return {"dense": hit.dense or 0.0, "similarity": cosine, "typed": typed, "rank": 1.0 / hit.rank}
