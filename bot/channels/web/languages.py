"""Which frame a page is in: 简体, 繁體 or English as chosen; else Chinese in the script that the browser prefers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from starlette.requests import Request

from bot.answering.language import Language

COOKIE = "yiju_lang"
PARAMETER = "lang"
LANGUAGES: tuple[Language, ...] = get_args(Language)
# A row of words: in 简体, 繁體, English.
Words = Mapping[str, tuple[str, str, str]]
Translate = Callable[..., str]
_TRADITIONAL_PLACES = ("hant", "tw", "hk", "mo")


def chosen_language(request: Request) -> Language | None:
    """What the address asks for; None where it asks for none of ours."""
    return _known(request.query_params.get(PARAMETER))


def language_of(request: Request) -> Language:
    """The frame of this request's page."""
    remembered = chosen_language(request) or _known(request.cookies.get(COOKIE))
    return remembered or accepted_language(request.headers.get("accept-language", ""))


def accepted_language(accepted: str) -> Language:
    """繁體 where an ``Accept-Language`` header prefers it to 简体, else 简体.

    Never English: many a browser in a Chinese office asks for it, set so by whoever installed it.
    """
    weighted: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, rest = part.strip().lower().partition(";")
        weight = _weight(rest)
        script = _script_of_tag(tag.strip())
        if script is not None and weight > 0:
            weighted.append((-weight, place, script))
    return min(weighted)[2] if weighted else "zh-Hans"


def translator(words: Words, language: Language) -> Translate:
    """``t(key, name=value)``: the words of the key in that frame. Raises: KeyError: there is no such key."""
    column = LANGUAGES.index(language)

    def translate(key: str, **fields: object) -> str:
        return words[key][column].format(**fields) if fields else words[key][column]

    return translate


def in_language(words: Words, language: Language) -> dict[str, str]:
    """All words in that frame, for scripts."""
    column = LANGUAGES.index(language)
    return {key: row[column] for key, row in words.items()}


def _known(name: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == name), None)


def _script_of_tag(tag: str) -> Language | None:
    first, *others = tag.split("-")
    if first != "zh":
        return None
    return "zh-Hant" if any(each in _TRADITIONAL_PLACES for each in others) else "zh-Hans"


def _weight(rest: str) -> float:
    name, _, value = rest.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
