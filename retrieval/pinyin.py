"""Names in pinyin to the Chinese words of a corpus: Duruan to 杜阮, where 杜阮 occurs. Only this module loads pypinyin.

Nothing is indexed for it: the few thousand spellings that a word may stand for are looked up among the indexed bigrams.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import lru_cache

_MAX_SYLLABLES = 5
# Sounds like 嗯 and 呣: written with no vowel, in no name.
_NO_SYLLABLES = frozenset({"n", "m", "ng", "hm", "hng"})
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FFF
# Rare readings bring in words that nobody spells so.
_READINGS = 2


def words_for(latin: str, frequency: Callable[[str], int], limit: int) -> list[tuple[str, int]]:
    """Chinese words of two or more characters spelled ``latin`` (lower case) whose bigrams all occur.

    ``frequency``: in how many passages a bigram occurs. Returns: (word, frequency of its rarest bigram), most frequent
    first, at most ``limit``.
    """
    found: dict[str, int] = {}
    for syllables in segmentations(latin):
        found.update(_words(syllables, frequency))
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def segmentations(latin: str) -> list[tuple[str, ...]]:
    """The ways to cut a word into as few syllables as it has, at least two: jiang-an and jian-gan; xi-an, not xian."""
    word = latin.replace("ü", "v")
    if len(word) < 3 or not word.isascii():
        return []
    ways = [way for way in _cut(word, _MAX_SYLLABLES) if len(way) > 1]
    fewest = min(map(len, ways), default=0)
    return [way for way in ways if len(way) == fewest]


def _cut(word: str, syllables_left: int) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
    elif syllables_left:
        for length in range(min(6, len(word)), 0, -1):
            if word[:length] in _characters():
                yield from ((word[:length], *rest) for rest in _cut(word[length:], syllables_left - 1))


def _words(syllables: tuple[str, ...], frequency: Callable[[str], int]) -> dict[str, int]:
    """Grown one character at a time, keeping only what occurs."""
    table = _characters()
    words = dict.fromkeys(table[syllables[0]], 0)
    for syllable in syllables[1:]:
        grown: dict[str, int] = {}
        for word, count in words.items():
            for character in table[syllable]:
                common = frequency(word[-1] + character)
                if common:
                    grown[word + character] = min(common, count or common)
        words = grown
    return words


@lru_cache(maxsize=1)
def _characters() -> dict[str, list[str]]:
    """Syllable without tone to the common characters (GB 2312) read so."""
    # By name on first use: most questions have no Latin word, and the tables take a quarter of a second.
    pinyin_dict = importlib.import_module("pypinyin.pinyin_dict")
    to_normal = importlib.import_module("pypinyin.contrib.tone_convert").to_normal
    table: dict[str, list[str]] = {}
    for code, readings in pinyin_dict.pinyin_dict.items():
        character = chr(code)
        if not _FIRST_HAN <= code <= _LAST_HAN or not _is_common(character):
            continue
        for syllable in dict.fromkeys(to_normal(reading, v_to_u=False) for reading in readings.split(",")[:_READINGS]):
            table.setdefault(syllable, []).append(character)
    return {syllable: characters for syllable, characters in table.items() if syllable not in _NO_SYLLABLES}


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
