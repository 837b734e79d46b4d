"""The language of the console's words: simplified Chinese as they are written, traditional and English when asked.

Words stand in templates and code as the simplified text itself; ``english`` has the English beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from starlette.requests import Request

from bot.answering.language import Language
from bot.channels.console.english import ENGLISH
from corpus.folding import to_traditional

COOKIE, QUERY = "yiju_lang", "lang"
LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")
NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}

Words = Callable[..., str]


def chosen_language(request: Request) -> Language:
    """What the address asks for, else what was chosen before, else simplified Chinese."""
    for said in (request.query_params.get(QUERY), request.cookies.get(COOKIE)):
        for language in LANGUAGES:
            if said == language:
                return language
    return "zh-Hans"


def words_in(language: Language) -> Words:
    """Gives a text in that language, with ``{name}`` replaced by what is handed over."""

    def words(text: str, /, **values: object) -> str:
        said = translated(text, language)
        return said.format(**values) if values else said

    return words


@lru_cache(maxsize=4096)
def translated(text: str, language: Language) -> str:
    """A text of ours in that language; as it is where no translation is known."""
    if language == "en":
        return ENGLISH.get(text, text)
    return to_traditional(text) if language == "zh-Hant" else text
