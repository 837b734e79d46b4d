"""The frames that ``/lang`` chooses from, by the names that people give them."""

from __future__ import annotations

from typing import Final

from bot.answering.language import Language

LANGUAGES: Final[tuple[Language, ...]] = ("zh-Hans", "zh-Hant", "en")

# As each calls itself.
LANGUAGE_NAMES: Final[dict[Language, str]] = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}

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


def language_named(name: str) -> Language | None:
    """The language that somebody asks for by name."""
    return _NAMES.get(name.strip().lower())


def language_of_client(code: str | None) -> Language | None:
    """The frame for the language that a person's Telegram is set to (an IETF tag); None where it does not say."""
    if not code:
        return None
    parts = code.lower().replace("_", "-").split("-")
    if parts[0] != "zh":
        return "en"
    return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "zh-Hans"
