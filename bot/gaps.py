"""Questions that found no answer, gathered: the same question in other words is one gap, most wanted first.

By words, not by meaning: what is gathered must be plain to whoever reads the list, and questions about different
years, places or names are different gaps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.folding import fold, fold_title
from retrieval.terms import TermGroup, Terms

# Characters and words that tell little of what is asked for.
_EMPTY = frozenset(
    [
        *"的了是在有和与及之为个名位所总共一吗呢啊叫人字大",
        *("a", "an", "are", "did", "do", "does", "how", "in", "is", "many", "much", "of", "the", "there", "was"),
        *("were", "what", "when", "where", "which", "who"),
    ]
)
_LATIN_OR_NUMBER = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?")
# A question may say a little more than another one for the same: one character in so many, at least one in all.
_MORE = 4
_LEAST_KEYS = 3

Keys = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question of one owner that found no answer, completed where it was a follow-up: how often, and when last."""

    question: str
    owner: str
    times: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class GapCluster:
    """Questions that ask for the same. ``question``: the wording asked most; ``others``: further wordings.

    ``people`` counts owners: keys and chats.
    """

    question: str
    others: tuple[str, ...]
    times: int
    people: int
    asked_at: datetime


@dataclass(slots=True)
class _Wording:
    question: str
    times: int
    owners: set[str]
    asked_at: datetime


def question_keys(terms: Terms) -> Keys:
    """What a question is about, as a set: its characters without those of asking, Latin words and numbers whole.

    Of synonyms one stands for all.
    """

    def keys(question: str) -> frozenset[str]:
        folded = fold(question)
        found: set[str] = set()
        for group in terms.question_groups(question):
            found.update(_parts(_wording_of(group, folded)))
        return frozenset(found - _EMPTY)

    return keys


def _wording_of(group: TermGroup, folded: str) -> str:
    return " ".join(min(group.alternatives)) if len(group.alternatives) > 1 else folded[group.start : group.end]


def _parts(text: str) -> set[str]:
    whole = set(_LATIN_OR_NUMBER.findall(text))
    return whole | {each for each in _LATIN_OR_NUMBER.sub("", text) if each.isalnum()}


def clustered(unanswered: Sequence[Unanswered], keys: Keys) -> list[GapCluster]:
    """Gaps, those asked most first, then the latest."""
    wordings = _wordings(unanswered)
    leaders: list[frozenset[str]] = []
    members: list[list[_Wording]] = []
    by_key: dict[str, list[int]] = defaultdict(list)
    for wording in sorted(wordings, key=lambda each: (-each.times, each.question)):
        own = keys(wording.question)
        place = _place(own, leaders, by_key)
        if place is None:
            place = len(leaders)
            leaders.append(own)
            members.append([])
            for key in own:
                by_key[key].append(place)
        members[place].append(wording)
    clusters = [_cluster(each) for each in members]
    return sorted(clusters, key=lambda each: (-each.times, -each.asked_at.timestamp(), each.question))


def _wordings(unanswered: Sequence[Unanswered]) -> list[_Wording]:
    """Each question once, whoever asked it; those that fold alike are one, as the latest wrote it."""
    found: dict[str, _Wording] = {}
    for each in sorted(unanswered, key=lambda each: each.asked_at, reverse=True):
        folded = fold_title(each.question)
        known = found.get(folded)
        if known is None:
            found[folded] = _Wording(each.question, each.times, {each.owner}, each.asked_at)
        else:
            known.times += each.times
            known.owners.add(each.owner)
    return list(found.values())


def _place(own: frozenset[str], leaders: Sequence[frozenset[str]], by_key: dict[str, list[int]]) -> int | None:
    """The cluster whose leader has most in common; None where none asks for the same."""
    shared: dict[int, int] = defaultdict(int)
    for key in own:
        for place in by_key[key]:
            shared[place] += 1
    alike = [(count, -place) for place, count in shared.items() if ask_the_same(own, leaders[place])]
    return -max(alike)[1] if alike else None


def ask_the_same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one of two questions says all that the other says, and little more. Of numbers they say the same."""
    fewer, more = sorted((one, other), key=len)
    if not fewer <= more or _numbers(fewer) != _numbers(more):
        return False
    allowed = max(1, len(fewer) // _MORE) if len(fewer) >= _LEAST_KEYS else 0
    return len(more) - len(fewer) <= allowed


def _numbers(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if key[0].isdigit())


def _cluster(wordings: Sequence[_Wording]) -> GapCluster:
    owners = {owner for each in wordings for owner in each.owners}
    first, *others = wordings
    times, last = sum(each.times for each in wordings), max(each.asked_at for each in wordings)
    return GapCluster(first.question, tuple(each.question for each in others), times, len(owners), last)
