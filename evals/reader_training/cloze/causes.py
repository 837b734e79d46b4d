"""Reasons, purposes and means that a neighbouring clause gives for a statement."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.reader_training.cloze import phrasing
from evals.reader_training.cloze.statements import Statement, Token, clauses, text_of
from evals.reader_training.cloze.words import word_set

_REASONS = word_set("由于 因为 因 鉴于")
_PURPOSES = word_set("为了 为")
_PURPOSES_AFTER = word_set("以便 为了 以期 旨在")
_SO = word_set("因此 因而 所以 于是 故 为此")
_MEANS = word_set("通过 依托 借助 利用")


@dataclass(frozen=True, slots=True)
class Cause:
    """Code points ``start`` to ``end`` of the document say why, what for or how."""

    kind: str
    start: int
    end: int

    def ask(self, statement: Statement, subject: str, rng: random.Random) -> str:
        """A question of this kind for what the statement says."""
        if self.kind == "manner":
            return phrasing.ask_manner(statement, subject, rng)
        return phrasing.ask_reason(statement, subject, self.kind == "purpose", rng)


def causes(tokens: Sequence[Token], statement: Statement) -> Iterator[Cause]:
    """What the clauses beside the statement's own give for it."""
    parts = list(clauses(tokens))
    own = parts[statement.clause]
    before = parts[statement.clause - 1] if statement.clause else ()
    after = parts[statement.clause + 1] if statement.clause + 1 < len(parts) else ()
    last = statement.clause + 1 == len(parts) or parts[statement.clause + 1][:1] == ()
    if before and before[0].text in _REASONS and _long_enough(before[1:]):
        yield Cause("reason", before[1].start, before[-1].end)
    elif before and before[0].text in _PURPOSES and len(before) > 2 and before[1].flag == "v" and not statement.carried:
        yield Cause("purpose", before[0].start if before[0].text == "为了" else before[1].start, before[-1].end)
    elif own and own[0].text in _SO and _long_enough(before) and statement.clause == 1:
        yield Cause("reason", before[0].start, before[-1].end)
    elif before and before[0].text in _MEANS and _long_enough(before[1:]) and not statement.carried:
        yield Cause("manner", before[0].start, before[-1].end)
    if after and after[0].text in _PURPOSES_AFTER and _long_enough(after[1:]) and after[1].flag == "v" and not last:
        start = after[0].start if after[0].text == "为了" else after[1].start
        yield Cause("purpose", start, after[-1].end)


def _long_enough(clause: Sequence[Token]) -> bool:
    return 4 <= len(text_of(clause)) <= 40 and clause[-1].flag not in ("uj", "c", "p")
