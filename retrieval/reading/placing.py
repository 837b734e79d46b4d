"""How near a candidate stands to the question's words: in its clause, its sentence, the heading, the passage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.reading.candidates import Candidate
from retrieval.reading.overlap import Atom, coverage, heaviest_gap, met
from retrieval.reading.page import Page, Sentence

# What a word counts by where it stands, seen from the candidate. A-priori values; only their order was checked.
_SAME_CLAUSE = 1.0
_CLAUSE_BEFORE = 0.95
_EARLIER_CLAUSE = 0.7
_LATER_CLAUSE = 0.6
_HEAD = 0.6
_SENTENCE_BEFORE = 0.45
_SAME_PASSAGE = 0.3
_NEARNESS = 0.08
_NEARNESS_CHARS = 8
_RIVAL_BETWEEN = -0.08
_PURITY = 0.1


@dataclass(frozen=True, slots=True)
class PageMatch:
    """Which atoms of a question stand where on a page."""

    page: Page
    atoms: tuple[Atom, ...]
    head: frozenset[int]
    clauses: tuple[tuple[frozenset[int], ...], ...]
    sentences: tuple[frozenset[int], ...]
    passage: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """``score`` 0 to 1: the question's weight as seen from the candidate; the next three are plain coverages.

    ``gap_near`` and ``gap`` are the heaviest missing words: near the sentence, and on the whole page.
    """

    score: float = 0.0
    sentence: float = 0.0
    everywhere: float = 0.0
    focus: float = 0.0
    gap_near: float = 1.0
    gap: float = 1.0


def match_page(page: Page, atoms: tuple[Atom, ...]) -> PageMatch:
    """Find every atom on the page once, so that candidates are placed by looking up."""
    clauses = tuple(tuple(met(atoms, s.folded[a:b]) for a, b in s.clauses) for s in page.sentences)
    sentences = tuple(met(atoms, s.folded) for s in page.sentences)
    passage = frozenset[int]().union(*sentences)
    return PageMatch(page, atoms, met(atoms, page.head), clauses, sentences, passage)


def place(match: PageMatch, sentence: int, candidate: Candidate) -> Place:
    """See the question's words from the candidate."""
    own = match.page.sentences[sentence].clause_of(candidate.anchor)
    own_sentence = match.sentences[sentence]
    total = sum(atom.weight * _location(match, sentence, own, i) for i, atom in enumerate(match.atoms))
    if candidate.scope is not None:
        # What is said of somebody else in the same clause counts no more than the rest of the passage.
        apart = match.clauses[sentence][own] - met(
            match.atoms, match.page.sentences[sentence].folded[slice(*candidate.scope)]
        )
        total -= (_SAME_CLAUSE - _SAME_PASSAGE) * coverage(match.atoms, apart)
    focus = frozenset(i for i, atom in enumerate(match.atoms) if atom.is_focus)
    asked = coverage(match.atoms, focus)
    near = own_sentence | match.head | (match.sentences[sentence - 1] if sentence else frozenset())
    everywhere = match.passage | match.head
    return Place(
        score=total,
        sentence=coverage(match.atoms, own_sentence),
        everywhere=coverage(match.atoms, everywhere),
        focus=coverage(match.atoms, focus & own_sentence) / asked if asked else coverage(match.atoms, own_sentence),
        gap_near=heaviest_gap(match.atoms, near),
        gap=heaviest_gap(match.atoms, everywhere),
    )


def _location(match: PageMatch, sentence: int, own: int, atom: int) -> float:
    best = _SAME_PASSAGE if atom in match.passage else 0.0
    if atom in match.head:
        best = max(best, _HEAD)
    if sentence and atom in match.sentences[sentence - 1]:
        best = max(best, _SENTENCE_BEFORE)
    if atom not in match.sentences[sentence]:
        return best
    for i, clause in enumerate(match.clauses[sentence]):
        if atom in clause:
            best = max(best, _SAME_CLAUSE if i == own else _clause_weight(i - own))
    # Its bigram runs over a comma: it stands in the sentence, though in no clause.
    return max(best, _LATER_CLAUSE)


def _clause_weight(steps: int) -> float:
    if steps > 0:
        return _LATER_CLAUSE
    return _CLAUSE_BEFORE if steps == -1 else _EARLIER_CLAUSE


def nearness(sentence: Sentence, atoms: Sequence[Atom], candidate: Candidate, rivals: Sequence[Candidate]) -> float:
    """A small bonus for standing close to what is asked in words that were asked, a malus for another in between."""
    first, last = candidate.spans[0][0], candidate.spans[-1][1]
    bonus = _PURITY * _purity(sentence, atoms, first)
    ends = [(p, len(t)) for a in atoms if a.is_focus for t in a.terms for p in _occurrences(sentence.folded, t)]
    if not ends:
        return bonus
    position, length = min(ends, key=lambda e: _gap(e[0], e[0] + e[1], first, last))
    gap = _gap(position, position + length, first, last)
    between = any(
        min(position, last) < rival.spans[0][0] < max(position, first)
        for rival in rivals
        if rival is not candidate and rival.bonus >= candidate.bonus
    )
    return bonus + _NEARNESS * math.exp(-gap / _NEARNESS_CHARS) + (_RIVAL_BETWEEN if between else 0.0)


def _purity(sentence: Sentence, atoms: Sequence[Atom], first: int) -> float:
    """The share of the clause before the candidate that was asked: “甲种植面积650亩” rather than “甲乙丙种植面积……”."""
    start = sentence.clauses[sentence.clause_of(first)][0]
    covered = {
        place
        for atom in atoms
        for term in atom.terms
        for position in _occurrences(sentence.folded[start:first], term)
        for place in range(position, position + len(term))
    }
    return len(covered) / max(first - start, 1)


def _occurrences(text: str, term: str) -> list[int]:
    found, start = [], text.find(term)
    while start >= 0:
        found.append(start)
        start = text.find(term, start + 1)
    return found


def _gap(start: int, end: int, first: int, last: int) -> int:
    return max(first - end, start - last, 0)
