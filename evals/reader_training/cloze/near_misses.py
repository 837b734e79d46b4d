"""Questions that nearly fit: one name, year or word exchanged so that the document no longer answers them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evals.reader_training.cloze.spans import is_person
from evals.reader_training.cloze.statements import Token, cut
from evals.reader_training.cloze.words import COUNTRIES, OPPOSITES

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d年")
_STOPS = re.compile(
    r"什么时候|什么地方|什么|哪[一个位家里儿些所座年天]?|谁|多少|几|何时|何处|如何|怎样|为什么|请问|的是|是|的|了|在|？"
)
# The question's remaining words found beside the exchanged one, from this share on, may be an answer after all.
_MAX_FOUND = 0.4


@dataclass(slots=True)
class Names:
    """The names, years and countries of a document, by kind."""

    of: dict[str, list[str]] = field(default_factory=dict)

    def add(self, tokens: Sequence[Token]) -> None:
        """Take in the names of a sentence."""
        for token in tokens:
            for kind, text in _kinds(token):
                known = self.of.setdefault(kind, [])
                if text not in known:
                    known.append(text)


def near_miss(question: str, document: str, anchor: tuple[int, int], names: Names, rng: random.Random) -> str | None:
    """The question with something exchanged, None where nothing fits or the document may answer it all the same."""
    words = {token.text for token in cut(question, 0)}
    swaps = [(old, new) for old, new in _swaps(question, names, rng) if old in words or _YEAR.match(old)]
    rng.shuffle(swaps)
    for old, new in swaps:
        changed = question.replace(old, new, 1)
        if not _may_be_answered(changed, new, document, anchor):
            return changed
    return None


def _swaps(question: str, names: Names, rng: random.Random) -> Iterator[tuple[str, str]]:
    for _, known in sorted(names.of.items()):
        for old in known:
            others = [
                other
                for other in known
                if other != old and other not in question and old not in other and other not in old
            ]
            if old in question and others:
                yield old, rng.choice(others)
    years = _YEAR.findall(question)
    for year in years:
        yield year, f"{int(year[:-1]) + rng.choice((-3, -2, -1, 1, 2, 3))}年"
    for old, new in OPPOSITES.items():
        if question.count(old) == 1 and f"副{old}" not in question and not (new.endswith(old)):
            yield old, new


def _kinds(token: Token) -> Iterator[tuple[str, str]]:
    if is_person(token):
        yield "person", token.text
    elif token.text in COUNTRIES:
        yield "country", token.text
    elif token.flag == "ns" and len(token.text) >= 2:
        yield f"place {token.text[-1] if token.text[-1] in '省市县区镇州岛河山' else ''}", token.text
    elif token.flag == "w":
        yield "work", token.text
    elif token.flag == "t" and (year := _YEAR.match(token.text)):
        yield "year", year[0]


def _may_be_answered(question: str, new: str, document: str, anchor: tuple[int, int]) -> bool:
    """Whether the exchanged word stands beside what the rest of the question says, in the anchor or elsewhere."""
    if new in document[anchor[0] : anchor[1]]:
        return True
    rest = _STOPS.sub(" ", question.replace(new, " "))
    pairs = {rest[at : at + 2] for at in range(len(rest) - 1) if " " not in rest[at : at + 2]}
    place = document.find(new)
    while place >= 0 and pairs:
        around = document[max(0, place - 80) : place + 120]
        if sum(pair in around for pair in pairs) > _MAX_FOUND * len(pairs) and not _overlaps(place, anchor):
            return True
        place = document.find(new, place + 1)
    return False


def _overlaps(place: int, anchor: tuple[int, int]) -> bool:
    return anchor[0] <= place < anchor[1]
