"""English questions about the figures and offices of Chinese documents: names in pinyin as officials write them."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from pathlib import Path

import yaml
from pypinyin import lazy_pinyin

from evals.reader_training.making.drafts import Draft
from evals.reader_training.making.subjects import KNOWN_GROUPS

_SUFFIXES = {
    "省": "Province",
    "市": "City",
    "县": "County",
    "区": "District",
    "镇": "Town",
    "乡": "Township",
    "村": "Village",
    "州": "Prefecture",
}
# Kinds of areas, not names: 吉林展区, 大连城区.
_NO_TOWN = re.compile(r"(?:[展园景社城山地校厂小灾库港]区|城市|农村|乡村|村镇)$")
_PLACE = re.compile(r"(?:[\u4e00-\u9fff]{2,4}?[省市县区镇乡村州])+")
_TIME = re.compile(r"(?P<until>截至)?(?P<year>\d{4})年(?P<rest>.*)")
_RESTS = {
    "": "in {y}",
    "上半年": "in the first half of {y}",
    "下半年": "in the second half of {y}",
    "一季度": "in the first quarter of {y}",
    "第一季度": "in the first quarter of {y}",
    "前三季度": "in the first three quarters of {y}",
    "全年": "in {y}",
    "底": "at the end of {y}",
    "末": "at the end of {y}",
}
_MONTHS_WORDS = "January February March April May June July August September October November December"
_MONTHS = _MONTHS_WORDS.split()
_LEVEL = (
    "What was the {c} of {s}{t}?",
    "How much was the {c} of {s}{t}?",
    "What is {s}'s {c}{t}?",
    "What did {s}'s {c} reach{t}?",
)
_GROWTH = (
    "By how much did the {c} of {s} grow{t}?",
    "How much did {s}'s {c} increase{t}?",
    "What was the growth rate of {s}'s {c}{t}?",
)
_FALL = ("By how much did the {c} of {s} fall{t}?", "How much did {s}'s {c} decrease{t}?")
_WHO = ("Who is the {r} of {s}?", "What is the name of the {r} of {s}?", "Who serves as {r} of {s}?")
_OFFICE = ("What position does {p} hold?", "What is {p}'s position?", "Who is {p}?", "What post does {p} hold?")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    """Chinese to English: indicators, roles, places."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("english.yaml").read_text("utf-8"))
    return loaded


def in_english(draft: Draft, chance: random.Random) -> str | None:
    """The draft asked in English, or None where its words are in no list here."""
    if draft.english in ("level", "growth", "rise", "fall"):
        return _figure(draft, chance)
    if draft.english == "who":
        return _who(draft, chance)
    if draft.english == "office" and re.fullmatch(r"[\u4e00-\u9fff]{2,3}", draft.core):
        return chance.choice(_OFFICE).format(p=person(draft.core))
    return None


def _figure(draft: Draft, chance: random.Random) -> str | None:
    where, indicator = draft.scope, draft.core
    if indicator not in _words()["indicators"]:
        place, indicator = _place_before(indicator)
        where = place or where
        if indicator not in _words()["indicators"]:
            return None
    time = _time(draft.time) if draft.time else ""
    if time is None:
        return None
    forms = {"level": _LEVEL, "growth": _GROWTH, "rise": _GROWTH[:2], "fall": _FALL}[draft.english]
    name = place_name(where) if where else "China"
    if name is None or (not where and "政府工作报告" not in draft.time and draft.scope != "我国"):
        return None
    return chance.choice(forms).format(c=_words()["indicators"][indicator], s=name, t=time and " " + time)


def _place_before(words: str) -> tuple[str, str]:
    """The place that words begin with, "" where none does, and the rest."""
    for place in sorted((*_words()["places"], *KNOWN_GROUPS[0], *KNOWN_GROUPS[1]), key=len, reverse=True):
        if words.startswith(place) and words[len(place) :].removeprefix("的") in _words()["indicators"]:
            return place, words[len(place) :].removeprefix("的")
    match = _PLACE.match(words)
    return (match[0], words[match.end() :].removeprefix("的")) if match else ("", words)


def _who(draft: Draft, chance: random.Random) -> str | None:
    for role in sorted(_words()["roles"], key=len, reverse=True):
        if draft.core.endswith(role):
            body = draft.core.removesuffix(role)
            body += {
                "省委": "省",
                "市委": "市",
                "县委": "县",
                "区委": "区",
                "省长": "",
                "市长": "市",
                "县长": "县",
                "区长": "区",
                "镇长": "镇",
            }.get(role[:2], "")
            body = re.sub(r"(省|市|县|区|镇)\1$", r"\1", body)
            name = place_name(body)
            return chance.choice(_WHO).format(r=_words()["roles"][role], s=name) if name else None
    return None


def place_name(name: str) -> str | None:
    """A place in English: Duruan Town, Pengjiang District; None for what is no plain place."""
    if name in _words()["places"]:
        return _words()["places"][name]
    if name in KNOWN_GROUPS[0] or name in KNOWN_GROUPS[1]:
        return _joined(name)
    parts = re.findall(r"[\u4e00-\u9fff]{1,4}?[省市县区镇乡村州]", name)
    if not parts or "".join(parts) != name or any(len(part) < 2 or _NO_TOWN.search(part) for part in parts):
        return None
    return ", ".join(f"{_joined(part[:-1])} {_SUFFIXES[part[-1]]}" for part in reversed(parts))


def person(name: str) -> str:
    """A person's name in pinyin: Zhang Weiguo."""
    return f"{_joined(name[0])} {_joined(name[1:])}"


@lru_cache(maxsize=4096)
def _joined(name: str) -> str:
    return "".join(lazy_pinyin(name)).capitalize()


def _time(time: str) -> str | None:
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    rest = match["rest"]
    if rest in _RESTS:
        return _RESTS[rest].format(y=match["year"])
    if month := re.fullmatch(r"(\d{1,2})月(?:份)?", rest):
        return f"in {_MONTHS[int(month[1]) - 1]} {match['year']}" if 1 <= int(month[1]) <= 12 else None
    if months := re.fullmatch(r"(\d{1,2})[—\-－至到](\d{1,2})月(?:份)?", rest):
        first, last = int(months[1]), int(months[2])
        return f"from {_MONTHS[first - 1]} to {_MONTHS[last - 1]} {match['year']}" if 1 <= first < last <= 12 else None
    return f"according to the {match['year']} government work report" if rest == "政府工作报告中" else None
