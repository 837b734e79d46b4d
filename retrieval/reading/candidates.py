"""The runs of a sentence that could answer, by the kind of the question, and what speaks for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from retrieval.reading.dates import dates
from retrieval.reading.lists import enumerations
from retrieval.reading.names import Person, named_things, office_in, people
from retrieval.reading.page import Sentence
from retrieval.reading.qualifiers import place_names
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
# Units of things of every sort; others count one sort, and households are not people.
_ANY_THING = frozenset({"个", "项", "处", "种", "件", ""})
_SAME_UNIT = 0.10
_ALIKE_UNIT = 0.05
_SAME_KIND = 0.04
_OTHER_UNIT = -0.12
_WEAK = -0.12
_NO_UNIT_ASKED_AND_DURATION = -0.06
_ASKED_OFFICE = 0.15
_OTHER_OFFICE = -0.10
_NAMED = 0.05
_CLAUSE_ONLY = -0.05
# A clause where a name or a list was asked: only where nothing of that kind is near.
_CLAUSE_INSTEAD = -0.2
_THING_NAMED = 0.15
_ITEMS_NAMED = 0.25
_COUNT_FITS = 0.15
_ASKED_COUNT = re.compile(r"哪([二两三四五六七八九])")
_ASKS_ORDINAL = re.compile(r"第几|几届")
_ASKS_BYLINE = re.compile(r"记者|编辑|作者|通讯员")
_VALUES = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ORDINAL = re.compile(r"第(?:[0-9]+|[一二三四五六七八九十百]+)[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """``spans`` (folded offsets in the sentence) would answer; ``anchor`` is where nearness is measured from.

    ``bonus`` is what speaks for it beside its place. ``is_typed`` says that it is of the kind that was asked, not just
    a clause. ``scope`` is the run of the sentence that speaks of it alone, where that is less than its clause.
    """

    spans: tuple[tuple[int, int], ...]
    anchor: int
    bonus: float
    is_typed: bool
    scope: tuple[int, int] | None = None


def candidates(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    """Every run of the sentence that could answer; [] where it has none of the kind asked."""
    find = _FINDERS.get(form.kind)
    return find(form, sentence) if find else list(_clauses(sentence))


def _quantities(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    if _ASKS_ORDINAL.search(form.text):
        return [Candidate((m.span(),), m.start(), 0.0, is_typed=True) for m in _ORDINAL.finditer(sentence.folded)]
    return [candidate for found in quantities(sentence.folded) if (candidate := _quantity(form, found))]


def _times(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    return [Candidate(((start, end),), start, 0.0, is_typed=True) for start, end in dates(sentence.folded)]


def _persons(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    people_found = people(sentence.folded, wants_byline=_ASKS_BYLINE.search(form.text) is not None)
    persons = [candidate for found in people_found if (candidate := _person(form, found, sentence.folded))]
    return persons + ([] if form.focus else list(_clauses(sentence, _CLAUSE_INSTEAD)))


def _lists(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    lists = [_list(form, sentence.folded, parts) for parts in enumerations(sentence.folded)]
    return lists + list(_clauses(sentence, _CLAUSE_INSTEAD))


def _names(form: QuestionForm, sentence: Sentence) -> list[Candidate]:
    spans = [
        span for span in named_things(sentence.folded, form.focus) if not form.names(sentence.folded[slice(*span)])
    ]
    return [Candidate((span,), span[0], _NAMED, is_typed=True) for span in spans] or list(_clauses(sentence))


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
        if not {form.unit, quantity.unit} & _ANY_THING:
            return None
        bonus += _OTHER_UNIT
    elif form.unit_kind is not None:
        bonus += _SAME_KIND
    elif quantity.kind is UnitKind.DURATION:
        bonus += _NO_UNIT_ASKED_AND_DURATION
    return Candidate(((quantity.start, quantity.end),), quantity.number_start, bonus, True)


def _are_alike(unit: str, other: str) -> bool:
    return any(unit in group.split() and other in group.split() for group in _ALIKE)


def _person(form: QuestionForm, person: Person, text: str) -> Candidate | None:
    """Where an office is asked, its holder and nobody else: not a 副镇长 for a 镇长, not the 书记 of another place."""
    role = office_in(form.focus)
    if not role:
        bonus = _OTHER_OFFICE if form.focus else 0.0
        return Candidate(((person.start, person.end),), person.start, bonus, is_typed=True)
    if role not in person.offices:
        return None
    scope = (person.scope_start, person.end)
    asked_places, places = place_names(form.text), place_names(text[slice(*scope)])
    if asked_places and places and not asked_places & places:
        return None
    return Candidate(((person.start, person.end),), person.start, _ASKED_OFFICE, is_typed=True, scope=scope)


def _list(form: QuestionForm, text: str, parts: tuple[tuple[int, int], ...]) -> Candidate:
    """The thing asked stands right behind (“……等项目”, “……四个关键举措”) or right before an enumeration of it."""
    items = [text[a:b] for a, b in parts]
    count = _ASKED_COUNT.search(form.text)
    bonus = _COUNT_FITS if count and _VALUES.get(count[1]) == len(items) else 0.0
    if form.focus and all(form.focus[:2] in item or form.focus[-2:] in item for item in items):
        return Candidate(parts, parts[0][0], _ITEMS_NAMED + bonus, is_typed=True)
    around = text[max(0, parts[0][0] - 12) : parts[0][0]] + text[parts[-1][1] : parts[-1][1] + 12]
    named = bool(form.focus) and form.focus[-2:] in around
    return Candidate(parts, parts[0][0], (_THING_NAMED if named else 0.0) + bonus, is_typed=True)


def _clauses(sentence: Sentence, bonus: float = _CLAUSE_ONLY) -> Iterator[Candidate]:
    for start, end in sentence.clauses:
        body = re.sub(r"^[\s“”《]+|[\s]+$", "", sentence.folded[start:end])
        if body:
            yield Candidate(((start, end),), start, bonus, is_typed=False)


_FINDERS: dict[AnswerKind, Callable[[QuestionForm, Sentence], list[Candidate]]] = {
    AnswerKind.QUANTITY: _quantities,
    AnswerKind.TIME: _times,
    AnswerKind.PERSON: _persons,
    AnswerKind.LIST: _lists,
    AnswerKind.NAME: _names,
}
