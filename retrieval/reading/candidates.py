"""The runs of a sentence that could answer, by the kind of the question, and what speaks for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.reading.dates import dates
from retrieval.reading.lists import enumerations
from retrieval.reading.names import named_things, people
from retrieval.reading.page import Sentence
from retrieval.reading.quantities import Quantity, UnitKind, quantities
from retrieval.reading.questions import AnswerKind, QuestionForm

# Units that count the same things: a question in one is answered in another.
_ALIKE = (
    "人 名 位 口",
    "家 个 所 间",
    "个 项 件 宗 起 例",
    "公里 千米 米 里",
    "元 块钱 人民币",
    "辆 台",
    "棵 株",
    "次 人次 场 届",
    "个百分点 百分点 %",
)
_SAME_UNIT = 0.10
_ALIKE_UNIT = 0.05
_SAME_KIND = 0.04
_OTHER_UNIT = -0.12
_WEAK = -0.12
_NO_UNIT_ASKED_AND_DURATION = -0.06
_ASKED_OFFICE = 0.15
_OTHER_OFFICE = -0.10
_CLAUSE_ONLY = -0.05
# A clause where a name or a list was asked: only where nothing of that kind is near.
_CLAUSE_INSTEAD = -0.2
_THING_NAMED = 0.15


@dataclass(frozen=True, slots=True)
class Candidate:
    """``spans`` (folded offsets in the sentence) would answer; ``anchor`` is where nearness is measured from.

    ``bonus`` is what speaks for it beside its place. ``is_typed`` says that it is of the kind that was asked, not just
    a clause.
    """

    spans: tuple[tuple[int, int], ...]
    anchor: int
    bonus: float
    is_typed: bool


def candidates(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    """Every run of the sentence that could answer; [] where it has none of the kind asked."""
    text = sentence.folded
    if form.kind is AnswerKind.QUANTITY:
        return [c for q in quantities(text) if (c := _quantity(form, q))]
    if form.kind is AnswerKind.TIME:
        return [Candidate(((a, b),), a, 0.0, True) for a, b in dates(text)]
    if form.kind is AnswerKind.PERSON:
        asked = re.search("记者|编辑|作者|通讯员", form.text) is not None
        persons = [_person(form, *found) for found in people(text, wants_byline=asked)]
        return persons + ([] if form.focus else list(_clauses(sentence, _CLAUSE_INSTEAD)))
    if form.kind is AnswerKind.LIST:
        return [_list(form, text, parts) for parts in enumerations(text)] + list(_clauses(sentence, _CLAUSE_INSTEAD))
    if form.kind is AnswerKind.NAME:
        things = [
            Candidate(((a, b),), a, 0.05, True) for a, b in named_things(text, form.focus) if text[a:b] not in form.text
        ]
        return things or list(_clauses(sentence))
    return list(_clauses(sentence))


def _quantity(form: QuestionForm, quantity: Quantity) -> Candidate | None:
    bonus = _WEAK if quantity.is_weak else 0.0
    if form.unit_kind is not None and quantity.kind is not form.unit_kind:
        # A bare “1.3亿” may be money; anything with another unit is another thing.
        if quantity.kind is not UnitKind.NONE or form.unit_kind is UnitKind.SHARE:
            return None
        bonus += _OTHER_UNIT
    elif form.unit and quantity.unit == form.unit:
        bonus += _SAME_UNIT
    elif form.unit and _are_alike(form.unit, quantity.unit):
        bonus += _ALIKE_UNIT
    elif form.unit and form.unit_kind is UnitKind.COUNT:
        bonus += _OTHER_UNIT
    elif form.unit_kind is not None:
        bonus += _SAME_KIND
    elif quantity.kind is UnitKind.DURATION:
        bonus += _NO_UNIT_ASKED_AND_DURATION
    return Candidate(((quantity.start, quantity.end),), quantity.number_start, bonus, True)


def _are_alike(unit: str, other: str) -> bool:
    return any(unit in group.split() and other in group.split() for group in _ALIKE)


def _person(form: QuestionForm, start: int, end: int, office: str) -> Candidate:
    bonus = 0.0
    if form.focus and office:
        bonus = _ASKED_OFFICE if form.focus.endswith(office) and not office.startswith("副") else _OTHER_OFFICE
    elif form.focus:
        bonus = _OTHER_OFFICE
    return Candidate(((start, end),), start, bonus, True)


def _list(form: QuestionForm, text: str, parts: tuple[tuple[int, int], ...]) -> Candidate:
    """The thing asked stands right behind (“……等项目”, “……四个关键举措”) or right before an enumeration of it."""
    around = text[max(0, parts[0][0] - 12) : parts[0][0]] + text[parts[-1][1] : parts[-1][1] + 12]
    named = bool(form.focus) and form.focus[-2:] in around
    return Candidate(parts, parts[0][0], _THING_NAMED if named else 0.0, is_typed=True)


def _clauses(sentence: Sentence, bonus: float = _CLAUSE_ONLY) -> Iterator[Candidate]:
    for start, end in sentence.clauses:
        body = re.sub(r"^[\s“”《]+|[\s]+$", "", sentence.folded[start:end])
        if body:
            yield Candidate(((start, end),), start, bonus, is_typed=False)
