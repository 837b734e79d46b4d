"""Names in pinyin to the Chinese words of a corpus: Duruan to 杜阮, where 杜阮 occurs. Only this module loads pypinyin.

Nothing is indexed for it: the few thousand spellings that a word may stand for are looked up among the indexed bigrams.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

_MAX_SYLLABLES, _MAX_SYLLABLE_CHARS = 5, 6
# Words kept from one syllable to the next: in a large corpus yiyiyiyiyi would grow into millions.
_MOST_GROWN = 500
# Sounds like 嗯 and 呣: written with no vowel, in no name.
_NO_SYLLABLES = frozenset({"n", "m", "ng", "hm", "hng"})
# Particles, pronouns and copulas: in no name, but beside everything.
_NO_NAME_CHARACTERS = frozenset("的了是着么们他她它我你您这那哪吗呢吧啊和与及或而且就都也还很不没被把让给从向在")
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF
# Rare readings bring in words that nobody spells so.
_READINGS = 2
_DIAERESIS = "\u0308"
# Common English words that can be cut into syllables of pinyin.
_ENGLISH = """a age along an anode are area band bang base be became become before began begin being bingo came can
case change code come dance data date defence defense die disease do done due dune face fan fame fate
fence fine gale game gang gate gene going gone guide hang he hence here home house huge human ice inside
is lane language late lie like line long longer lose lunge machine made make man mane manner marine
measure medicine men mine minute mode more mouse name nine no none one open or outside pane peninsula
piece pine place police running same science sea season sense she shine side since size so some song take
tale tame tape teacher time tone tube tune use wage wake wane we wide wine woman women you"""
_ENGLISH_WORDS = frozenset(_ENGLISH.split())


def is_spelling(word: str) -> bool:
    """Whether a folded Latin word may be pinyin: it can be cut into syllables and is no common English word."""
    plain = _plain(word)
    return plain not in _ENGLISH_WORDS and next(_cut(plain, _MAX_SYLLABLES), None) is not None


def words_for(latin: str, frequency: Callable[[str], int], limit: int) -> list[tuple[str, int]]:
    """Chinese words of two or more characters spelled ``latin`` (lower case) whose bigrams all occur.

    ``frequency``: in how many passages a bigram occurs. Returns: (word, frequency of its rarest bigram), most frequent
    first, at most ``limit``.
    """
    found: dict[str, int] = {}
    for syllables in segmentations(latin):
        found.update(_words(syllables, frequency))
    return _most_frequent(found, limit)


def segmentations(latin: str) -> list[tuple[str, ...]]:
    """The ways to cut a word into as few syllables as it has, at least two: jiang-an and jian-gan; xi-an, not xian."""
    word = _plain(latin)
    if word in _ENGLISH_WORDS:
        return []
    ways = [way for way in _cut(word, _MAX_SYLLABLES) if len(way) > 1]
    fewest = min(map(len, ways), default=0)
    return [way for way in ways if len(way) == fewest]


def _plain(word: str) -> str:
    """Without tone marks; ü as v."""
    letters = unicodedata.normalize("NFD", word).replace(f"u{_DIAERESIS}", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _cut(word: str, syllables_left: int) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
    elif syllables_left and len(word) <= syllables_left * _MAX_SYLLABLE_CHARS and word.isascii():
        for length in range(min(_MAX_SYLLABLE_CHARS, len(word)), 0, -1):
            if word[:length] in _characters():
                yield from ((word[:length], *rest) for rest in _cut(word[length:], syllables_left - 1))


def _words(syllables: tuple[str, ...], frequency: Callable[[str], int]) -> dict[str, int]:
    """Grown one character at a time, keeping only what occurs, the most frequent first."""
    table = _characters()
    words = dict.fromkeys(table[syllables[0]], 0)
    for syllable in syllables[1:]:
        grown: dict[str, int] = {}
        for word, count in words.items():
            for character in table[syllable]:
                common = frequency(word[-1] + character)
                if common:
                    grown[word + character] = min(common, count or common)
        words = dict(_most_frequent(grown, _MOST_GROWN))
    return words


def _most_frequent(words: dict[str, int], limit: int) -> list[tuple[str, int]]:
    return sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


@lru_cache(maxsize=1)
def _characters() -> dict[str, list[str]]:
    """Syllable without tone to the common characters (GB 2312) read so."""
    # By name on first use: most questions have no Latin word, and the tables take a quarter of a second.
    pinyin_dict = importlib.import_module("pypinyin.pinyin_dict").pinyin_dict
    to_normal = importlib.import_module("pypinyin.contrib.tone_convert").to_normal
    table: dict[str, list[str]] = {}
    for code, readings in pinyin_dict.items():
        character = chr(code)
        if _FIRST_HAN <= code <= _LAST_HAN and _is_common(character):
            for reading in dict.fromkeys(
                to_normal(reading, v_to_u=False) for reading in readings.split(",")[:_READINGS]
            ):
                table.setdefault(reading, []).append(character)
    return {syllable: characters for syllable, characters in table.items() if syllable not in _NO_SYLLABLES}


def _is_common(character: str) -> bool:
    if character in _NO_NAME_CHARACTERS:
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
