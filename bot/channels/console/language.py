"""The language of the console's words: simplified Chinese as they are written, traditional and English when asked.

Words stand in templates and code as the simplified text itself; ``english.yaml`` has the English beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from bot.answering.language import Language
from corpus.folding import to_traditional

NAMES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}

Words = Callable[..., str]


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
        return english().get(text, text)
    return to_traditional(text) if language == "zh-Hant" else text


@lru_cache(maxsize=1)
def english() -> Mapping[str, str]:
    """English by simplified text."""
    table: dict[str, str] = yaml.safe_load((Path(__file__).parent / "english.yaml").read_text(encoding="utf-8"))
    return table
