"""Which frame a chat gets: the script of the question decides unless ``/lang`` chose one."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["zh-Hans", "zh-Hant", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh-Hans", "zh-Hant", "en")

# What people type after /lang.
_NAMES: Final[dict[str, Language]] = {
    "简": "zh-Hans",
    "簡": "zh-Hans",
    "简体": "zh-Hans",
    "簡體": "zh-Hans",
    "zh-hans": "zh-Hans",
    "zh": "zh-Hans",
    "cn": "zh-Hans",
    "繁": "zh-Hant",
    "繁体": "zh-Hant",
    "繁體": "zh-Hant",
    "zh-hant": "zh-Hant",
    "tw": "zh-Hant",
    "hk": "zh-Hant",
    "en": "en",
    "english": "en",
    "英": "en",
    "英文": "en",
}

# Frequent in questions and written only so in Traditional script.
_TRADITIONAL = frozenset(
    "麼嗎幾個這誰為與產業國區鎮縣歲萬億點時間裡裏問題會數額總價種積單開關應當發讓對書長門東車過還進說請"
)


def language_named(name: str) -> Language | None:
    """The language that somebody asks for by name."""
    return _NAMES.get(name.strip().lower())


def question_language(question: str) -> Language:
    """The script of a question: English where it has no Chinese character but has letters."""
    if any(character in _TRADITIONAL for character in question):
        return "zh-Hant"
    has_chinese = any("\u3400" <= character <= "\u9fff" or character > "\U0001ffff" for character in question)
    has_latin = any(character.isascii() and character.isalpha() for character in question)
    return "en" if has_latin and not has_chinese else "zh-Hans"
