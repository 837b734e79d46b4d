"""A question's terms against a corpus: what of it occurs there and under which wordings, and how much that is.

Knows no index, only how often terms occur; ``lexical_index`` turns the parts into a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.pinyin import is_spelling, words_for
from retrieval.terms import TermGroup

# A question of 10,000 characters is searched by its rarest parts.
MAX_PARTS = 96
# How many Chinese words a word in pinyin may stand for, and how common one must be beside the most common.
_MAX_NAMES, _NAME_SHARE = 4, 0.1
_SPELLINGS_LOOKED_AT = 32
_MAX_JOINED_WORDS = 4
Wording = tuple[str, ...]


class TermLookup(Protocol):
    """What a corpus knows of its terms."""

    def idf(self, term: str) -> float:
        """Inverse document frequency."""
        ...

    def frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        ...

    def occurs_in_names(self, term: str) -> bool:
        """Whether a title or heading holds the term."""
        ...

    def together(self, terms: Wording) -> int:
        """In how many passages all the terms occur."""
        ...

    def starting_with(self, character: str) -> Iterable[tuple[str, int]]:
        """Terms that begin so, with their frequencies."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionParts:
    """What to look for: each part in its wordings, any of which will do; the rarest parts first.

    ``coverage`` (0 to 1): the share of the question, weighed by idf, that occurs in the corpus at all.
    """

    parts: tuple[tuple[Wording, ...], ...]
    coverage: float


def question_parts(groups: Sequence[TermGroup], corpus: TermLookup) -> QuestionParts:
    """The parts of a question that occur; at most ``MAX_PARTS``."""
    asked = occurring = 0.0
    found: list[tuple[float, tuple[Wording, ...]]] = []
    for group in _joined(groups, corpus):
        weight = sum(corpus.idf(term) for term in group.alternatives[0])
        wordings = _wordings(group, corpus)
        shares = {wording: share for wording in wordings if (share := _share(wording, corpus))}
        asked += weight
        occurring += weight * max(shares.values(), default=0.0)
        if shares:
            found.append((weight, tuple(shares)))
    found.sort(key=lambda pair: -pair[0])
    coverage = min(1.0, occurring / asked) if asked else 0.0
    return QuestionParts(tuple(wordings for _, wordings in found[:MAX_PARTS]), coverage)


def _joined(groups: Sequence[TermGroup], corpus: TermLookup) -> Iterator[TermGroup]:
    """Neighbouring words of pinyin as one where they are a name so (Peng Jiang, Zhu Yuanzhang), else as they are."""
    start = 0
    while start < len(groups):
        for end in range(min(len(groups), start + _MAX_JOINED_WORDS), start + 1, -1):
            words = [group.latin for group in groups[start:end]]
            spelled = [word for word in words if word is not None and is_spelling(word)]
            if len(spelled) == end - start and (names := _names("".join(spelled), corpus)):
                yield TermGroup(tuple(names))
                start = end
                break
        else:
            yield groups[start]
            start += 1


def _wordings(group: TermGroup, corpus: TermLookup) -> Iterable[Wording]:
    wordings = list(group.alternatives)
    first = wordings[0]
    if group.latin is not None:
        wordings.extend(_names(group.latin, corpus))
    elif len(wordings) == 1 and len(first) == 1 and len(first[0]) == 1:
        # Text is indexed by bigrams: a character on its own is looked for as the beginning of one.
        bigrams = sorted(corpus.starting_with(first[0]), key=lambda pair: -pair[1])
        wordings.extend((term,) for term, _ in bigrams[:MAX_PARTS] if term != first[0])
    return wordings


def _names(latin: str, corpus: TermLookup) -> list[Wording]:
    """Chinese names spelled so, as bigrams; the most common first."""
    words = words_for(latin, corpus.frequency, _SPELLINGS_LOOKED_AT)
    counted = [(_bigrams(word), count) for word, count in words]
    if counted and len(counted[0][0]) > 1:  # bigrams that occur may never stand together
        counted = [(wording, count) for wording, _ in counted if (count := corpus.together(wording))]
        counted.sort(key=lambda pair: -pair[1])
    # In a title or heading a spelling is a name; elsewhere it may be two halves of other words.
    named = [pair for pair in counted if all(corpus.occurs_in_names(bigram) for bigram in pair[0])]
    best = named or counted
    return [wording for wording, count in best if count >= best[0][1] * _NAME_SHARE][:_MAX_NAMES]


def _bigrams(word: str) -> Wording:
    return tuple(word[start : start + 2] for start in range(len(word) - 1))


def _share(wording: Wording, corpus: TermLookup) -> float:
    """The share of the wording, weighed by idf, that occurs."""
    weights = [(corpus.idf(term), corpus.frequency(term)) for term in wording]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, frequency in weights if frequency) / total if total else 0.0
