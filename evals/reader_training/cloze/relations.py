"""Questions for common relations, asked in words that the sentence does not use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.reader_training.cloze.relation_patterns import ADVERB, RELATIONS, Relation
from evals.reader_training.cloze.spans import is_person
from evals.reader_training.cloze.statements import Statement, Token

_COMPILED = tuple((relation, re.compile(f"^{ADVERB}(?:{relation.pattern})")) for relation in RELATIONS)
_MIN_SUBJECT = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """Tokens ``start`` to ``end`` of a statement answer ``questions``, all of which are complete."""

    kind: str
    start: int
    end: int
    questions: tuple[str, ...]


def relations(subject: str, statement: Statement) -> Iterator[Asked]:
    """The relations that the statement says of its subject, which questions call ``subject``."""
    predicate, first = statement.predicate, len(statement.subject)
    text, owners = "", []
    for position, token in enumerate(predicate):
        if token.flag != "paren":
            text += token.text
            owners += [position] * len(token.text)
    for relation, pattern in _COMPILED:
        match = pattern.match(text) if _may_hold(relation, subject, statement) else None
        if match is None:
            continue
        low, high = match.span("a")
        start, end = owners[low], owners[high - 1] + 1
        whole = (low == 0 or owners[low - 1] != start) and (high == len(text) or owners[high] != end - 1)
        if whole and _fits(predicate[start:end], relation):
            questions = tuple(question.format(s=subject) for question in relation.questions)
            yield Asked(relation.kind, first + start, first + end, questions)


def _may_hold(relation: Relation, subject: str, statement: Statement) -> bool:
    if (statement.carried and not relation.carried) or (relation.vague and len(subject) < _MIN_SUBJECT):
        return False
    return not relation.of_person or is_person(statement.subject[-1])


def _fits(answer: Sequence[Token], relation: Relation) -> bool:
    if answer[-1].flag in ("uj", "p", "c", "d", "ul") or answer[0].flag in ("uj", "ul", "c"):
        return False
    if any(token.flag == "r" for token in answer):
        return False
    if relation.by_person:
        return len(answer) == 1 and is_person(answer[0])
    return relation.clause or _is_noun(answer)


def _is_noun(answer: Sequence[Token]) -> bool:
    """Whether no verb stands in the answer but before a 的."""
    last = max((position for position, token in enumerate(answer) if token.flag == "uj"), default=-1)
    return all(
        token.flag[0] not in "vpd" or token.flag == "vn" or position < last for position, token in enumerate(answer)
    )
