"""What a question insists on beside its subject: the year, the phase or ordinal, the place. A near miss differs in one.

Works on folded text. A qualifier is met, contradicted by another value of the same kind, or missing; it never looks at
what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from retrieval.numerals import chinese_value

_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:年|-|/)")
_RELATIVE = re.compile(r"今年|去年|前年|明年|上年|本年")
_NUMERAL = r"[0-9]+|[一二三四五六七八九十百]+"
# “第一个” and “第一次” say when, not which.
_ORDINAL = re.compile(rf"第(?P<number>{_NUMERAL})(?P<thing>(?![个次位名])[\u4e00-\u9fff]{{1,3}})")
_PHASE = re.compile(r"(?P<number>[一二三四五六]|首)(?=期(?!间|限|望|待|货|末|初|盼))")
_PLACE = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,4}?)(?P<level>省|市|新区|区|县|镇|乡|街道|村|社区)(?![政委内里外民级域容场长书干])"
)
_PLACE_OF_BODY = re.compile(r"([\u4e00-\u9fff]{2})(?:省|市|区|县|镇|乡|村|街道)(?!长)")
# Who asks for the second phase asks for nothing that a text without phases could answer.
_ONE_OF_SEVERAL = frozenset({"phase", "ordinal"})
_ALIKE = {"本年": "今年", "上年": "去年", "首": "1"}
# What stands before a name of a place without being part of it.
_COMMON_NOUN = re.compile(
    r"(?:园|小|景|城|校|厂|山|灾|地|辖|片|街|矿|库|战|牧|林|专|分|特|老|新|全|市|县|镇|本|该)区$"
    r"|(?:超|城|都|股|楼|上|夜|集)市$|(?:乡|农|全)村$"
)
_NOT_A_NAME = re.compile(r"[的是在和与对了有由到从向去来把被年月日几哪多少每各该本这那全个家座]")


@dataclass(frozen=True, slots=True)
class Qualifier:
    """``kind`` names what is insisted on, such as a year; ``thing`` is what an ordinal counts."""

    kind: str
    value: str
    thing: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far an amount or name in a document keeps to a question's qualifiers; each 1.0 where it is so of any.

    ``contradicted``: another value of the kind is nearer, or a phase or ordinal is not spoken of at all.
    ``far``: met, but not before or beside it. ``missing``: a year not on the page, a place not in the document.
    """

    contradicted: float = 0.0
    far: float = 0.0
    missing: float = 0.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a candidate, folded: ``before`` it in its sentence, up to the end of its ``clause``, title and
    heading (``head``), the whole ``page`` with both, and the ``document`` where that has to be looked at.
    """

    before: str
    clause: str
    head: str
    page: str
    document: Callable[[], str]
    published_at: date | None


@lru_cache(maxsize=1024)
def qualifiers(text: str) -> tuple[Qualifier, ...]:
    """Everything that a folded text insists on, each once, in no order that matters."""
    found = [Qualifier("year", match[1]) for match in _YEAR.finditer(text)]
    found += [Qualifier("relative", _ALIKE.get(match.group(), match.group())) for match in _RELATIVE.finditer(text)]
    found += [Qualifier("ordinal", _number(m["number"]), m["thing"]) for m in _ORDINAL.finditer(text)]
    found += [Qualifier("phase", _number(match["number"])) for match in _PHASE.finditer(text)]
    places = [_place_name(m["name"]) for m in _PLACE.finditer(text) if not _COMMON_NOUN.search(m.group())]
    found += [Qualifier("place", name) for name in places if name]
    return tuple(dict.fromkeys(found))


def agreement(asked: Sequence[Qualifier], around: Surroundings) -> Agreement:
    """Compare what a question insists on with what stands around a candidate."""
    if not asked:
        return Agreement()
    contradicted = far = missing = False
    for qualifier in asked:
        said = _nearest(qualifier, around)
        if said == qualifier.value or _in_publication_year(qualifier, around):
            continue
        if said is not None:
            contradicted = True
        elif _is_said(qualifier, around):
            far = True
        elif qualifier.kind in _ONE_OF_SEVERAL:
            contradicted = True
        elif qualifier.kind != "relative":
            missing = True
    return Agreement(float(contradicted), float(far), float(missing))


def _nearest(qualifier: Qualifier, around: Surroundings) -> str | None:
    """The last value of the kind before the candidate, else in the heads; a place only where it is the one asked."""
    if qualifier.kind == "place":
        return qualifier.value if qualifier.value in around.clause or qualifier.value in around.head else None
    for text in (around.before, around.head):
        said = [q for q in qualifiers(text) if q.kind == qualifier.kind and _same_thing(q, qualifier)]
        if said:
            return said[-1].value
    return None


def _is_said(qualifier: Qualifier, around: Surroundings) -> bool:
    """Whether the page, for a place the document, speaks of it at all: few passages repeat whose report they are of."""
    if qualifier.kind == "place":
        return qualifier.value in around.page or qualifier.value in around.document()
    said = (q for q in qualifiers(around.page) if q.kind == qualifier.kind and _same_thing(q, qualifier))
    return any(q.value == qualifier.value for q in said)


def _in_publication_year(qualifier: Qualifier, around: Surroundings) -> bool:
    """A document speaks of its own year where it names none."""
    if qualifier.kind != "year" or around.published_at is None:
        return False
    return str(around.published_at.year) == qualifier.value and _nearest(qualifier, around) is None


def _same_thing(one: Qualifier, other: Qualifier) -> bool:
    shorter = min(len(one.thing), len(other.thing))
    return one.thing[:shorter] == other.thing[:shorter]


def _number(numeral: str) -> str:
    if numeral in _ALIKE:
        return _ALIKE[numeral]
    value = int(numeral) if numeral.isdigit() else chinese_value(numeral)
    return numeral if value is None else str(int(value))


def _place_name(name: str) -> str:
    """The last two characters of the name, which tell it from others; "" where too little is left to be one.

    What stands before a name is not parted from it by any mark: “年底青蒲区” is 青蒲.
    """
    kept = _NOT_A_NAME.split(name)[-1]
    return kept[-2:] if len(kept) >= 2 else ""


def place_names(text: str) -> frozenset[str]:
    """The names of the places whose bodies a text speaks of, without their level: “镜湖区委书记” speaks of 镜湖."""
    return frozenset(match[1] for match in _PLACE_OF_BODY.finditer(text) if not _COMMON_NOUN.search(match.group()))
