"""How much of a question's words stands in a piece of text, weighted by how rare the words are.

Characters are covered through their bigrams, so that “常住人口” is not met in full by a text that has 人口 alone.
Works on folded text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.hits import TermStatistics

_TOKEN = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?|[^\W\d_]", re.UNICODE)
# Words that say how something is asked, not what: their absence from a passage says little.
_LIGHT_WORDS = re.compile(
    "现有|共有|目前|现在|今年|去年|一年|每年|年度|全年|多个|一共|进行|实现|达到|具体|主要|相关|提供|开展|情况|数量|名称|总共"
    "|以来|过去|期间|当前"
)
_LIGHT = 0.3
_FOCUS = 1.5


@dataclass(frozen=True, slots=True)
class Atom:
    """One character or one Latin or digit token of a question. It is met where one of ``terms`` stands.

    ``segment`` numbers the run of the question's words that it is of.
    """

    text: str
    terms: tuple[str, ...]
    weight: float
    is_focus: bool
    segment: int


def question_atoms(segments: Sequence[str], focus: str, statistics: TermStatistics) -> tuple[Atom, ...]:
    """The question's words as atoms with weights that add up to 1; () where it has none."""
    atoms: list[Atom] = []
    for number, segment in enumerate(segments):
        light = _light_positions(segment)
        tokens = list(_TOKEN.finditer(segment))
        for position, match in enumerate(tokens):
            terms = _terms(tokens, position)
            weight = max(statistics.idf(term) for term in terms) or 0.1
            in_focus = bool(focus) and focus in segment and match.start() >= segment.rfind(focus)
            in_focus = in_focus and match.start() < segment.rfind(focus) + len(focus)
            factor = _LIGHT if match.start() in light else (_FOCUS if in_focus else 1.0)
            atoms.append(Atom(match.group(), terms, weight * factor, in_focus, number))
    total = sum(atom.weight for atom in atoms)
    return tuple(replace(a, weight=a.weight / total) for a in atoms) if total else ()


def _terms(tokens: Sequence[re.Match[str]], position: int) -> tuple[str, ...]:
    token = tokens[position].group()
    if not _is_han(token):
        return (token,)
    pairs = []
    if position and tokens[position - 1].end() == tokens[position].start() and _is_han(tokens[position - 1].group()):
        pairs.append(tokens[position - 1].group() + token)
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    if following and following.start() == tokens[position].end() and _is_han(following.group()):
        pairs.append(token + following.group())
    return tuple(pairs) or (token,)


def _is_han(token: str) -> bool:
    return len(token) == 1 and not token.isascii()


def _light_positions(segment: str) -> set[int]:
    return {position for match in _LIGHT_WORDS.finditer(segment) for position in range(*match.span())}


def met(atoms: Sequence[Atom], text: str) -> frozenset[int]:
    """The positions of the atoms that stand in folded ``text``."""
    return frozenset(i for i, atom in enumerate(atoms) if any(_stands(term, text) for term in atom.terms))


def _stands(term: str, text: str) -> bool:
    if not term.isascii():
        return term in text
    return re.search(rf"(?<![a-z0-9.]){re.escape(term)}(?![a-z0-9])", text) is not None


def coverage(atoms: Sequence[Atom], positions: frozenset[int]) -> float:
    """The share of the question's weight that ``positions`` hold: 0 to 1."""
    return sum(atoms[i].weight for i in positions)


def heaviest_gap(atoms: Sequence[Atom], positions: frozenset[int]) -> float:
    """The weight of the heaviest run of neighbouring atoms that ``positions`` lack: one missing word weighs as one."""
    heaviest = run = 0.0
    for i, atom in enumerate(atoms):
        broken = i in positions or (i and atoms[i - 1].segment != atom.segment)
        run = (0.0 if broken else run) + (0.0 if i in positions else atom.weight)
        heaviest = max(heaviest, run)
    return heaviest
