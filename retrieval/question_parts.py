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
# How many words that begin with a character on its own are looked for, and in how many passages they may be together:
# where it begins more it says nothing beside other parts of the question, and reading all of them takes longest.
_MAX_BEGINNINGS, _MOST_BEGUN = 96, 10_000
_PARTICLES = frozenset("的了着过是在和与及或被把")
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

    def starting_with(self, character: str, limit: int) -> Sequence[tuple[str, int]]:
        """Terms that begin so, with their frequencies; the most frequent ones, these first."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the question may be called. Of the asker's ``own`` terms any counts, another wording counts whole.

    ``own`` is () where none of its terms occurs; every wording of ``others`` does, and comes with the factor, <= 1,
    that makes it weigh no more than the asker's own: a rare synonym must not outweigh the word that was asked for.
    """

    own: Wording
    others: tuple[tuple[Wording, float], ...]


@dataclass(frozen=True, slots=True)
class QuestionParts:
    """What to look for, the rarest parts first.

    ``coverage`` (0 to 1): the share of the question, weighed by idf, that occurs in the corpus at all.
    """

    parts: tuple[Part, ...]
    coverage: float


def question_parts(groups: Sequence[TermGroup], corpus: TermLookup) -> QuestionParts:
    """The parts of a question that occur; at most ``MAX_PARTS``."""
    joined = list(_joined(groups, corpus))
    most_begun = _MOST_BEGUN if any(not _is_character(group) for group in joined) else None
    weighed = [_weighed(group, corpus, most_begun) for group in joined]
    found = sorted((each for each in weighed if each.share), key=lambda each: -each.weight)
    return QuestionParts(tuple(each.part for each in found[:MAX_PARTS]), _coverage(weighed))


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A part of the question with its idf and the share of it that occurs."""

    group: TermGroup
    part: Part
    weight: float
    share: float


def _weighed(group: TermGroup, corpus: TermLookup, most_begun: int | None) -> _Weighed:
    own = group.alternatives[0]
    share = _share(own, corpus)
    weight = _weight(own, corpus)
    others = tuple(
        (wording, min(1.0, weight / _weight(wording, corpus)))
        for wording in _other_wordings(group, corpus, most_begun)
        if wording and all(corpus.frequency(term) for term in wording)
    )
    return _Weighed(group, Part(own if share else (), others), weight, 1.0 if others else share)


def _coverage(weighed: Sequence[_Weighed]) -> float:
    """The share of the question's idf that occurs.

    What is absent does not count where that says nothing: a bigram between two words that occur (瓜产) or with a
    particle in it (植了), and a character on its own (亩), since text is indexed by bigrams.
    """
    held = {place for each in weighed if each.share for place in _places(each)}
    counted = [each for each in weighed if each.share or not (_says_nothing(each) or held.issuperset(_places(each)))]
    asked = sum(each.weight for each in counted)
    return min(1.0, sum(each.weight * each.share for each in counted) / asked) if asked else 0.0


def _joined(groups: Sequence[TermGroup], corpus: TermLookup) -> Iterator[TermGroup]:
    """Neighbouring words of pinyin as one where they are a name so (Peng Jiang, Zhu Yuanzhang), else as they are."""
    start = 0
    while start < len(groups):
        for end in range(min(len(groups), start + _MAX_JOINED_WORDS), start + 1, -1):
            words = [group.latin for group in groups[start:end]]
            spelled = [word for word in words if word is not None and is_spelling(word)]
            if len(spelled) == end - start and (names := _names("".join(spelled), corpus)):
                yield TermGroup(tuple(names), None, groups[start].start, groups[end - 1].end)
                start = end
                break
        else:
            yield groups[start]
            start += 1


def _other_wordings(group: TermGroup, corpus: TermLookup, most_begun: int | None) -> Iterable[Wording]:
    own, *others = group.alternatives
    if group.latin is not None:
        return [*others, *_names(group.latin, corpus)]
    if _is_character(group):
        # Text is indexed by bigrams: a character on its own is looked for as the beginning of one.
        begun = [pair for pair in corpus.starting_with(own[0], _MAX_BEGINNINGS) if pair[0] != own[0]]
        if most_begun is None or sum(frequency for _, frequency in begun) <= most_begun:
            return [(term,) for term, _ in begun]
    return others


def _is_character(group: TermGroup) -> bool:
    """Whether it is a character on its own. A digit is a number: 2 is not the beginning of 2023."""
    own = group.alternatives[0]
    alone = group.latin is None and len(group.alternatives) == 1 and len(own) == 1
    return alone and len(own[0]) == 1 and not own[0].isdigit()


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


def _places(each: _Weighed) -> range:
    return range(each.group.start, each.group.end)


def _says_nothing(each: _Weighed) -> bool:
    own = each.group.alternatives[0]
    return len(own) == 1 and (len(own[0]) == 1 or (len(own[0]) == 2 and not _PARTICLES.isdisjoint(own[0])))


def _weight(wording: Wording, corpus: TermLookup) -> float:
    return sum(corpus.idf(term) for term in wording)


def _share(wording: Wording, corpus: TermLookup) -> float:
    """The share of the wording, weighed by idf, that occurs."""
    weights = [(corpus.idf(term), corpus.frequency(term)) for term in wording]
    total = sum(weight for weight, _ in weights)
    return sum(weight for weight, frequency in weights if frequency) / total if total else 0.0
