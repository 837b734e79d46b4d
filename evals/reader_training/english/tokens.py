"""A Chinese question into words with their English: dates and numbers by form, names by pinyin, the rest by the dictionary."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pypinyin

from evals.reader_training.english.dictionary import MAX_WORD, Dictionary
from evals.reader_training.english.numbers import NUMBER, english_number
from evals.reader_training.english.word_list import PLACE_ENDINGS, SURNAMES

_MARKS = re.compile(r"[\s《》〈〉「」『』“”‘’\"'（）()\[\]【】·•・，,。；;：:？?！!…—~～、/]+")
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+\-&'_%°#]*(?: [A-Za-z][A-Za-z0-9.+\-&'_]*)*")
_HAN = re.compile(r"[㐀-鿿]")
_DOT = re.compile(r"[㐀-鿿]{1,8}(?:[·•・][㐀-鿿]{1,8})+")
_TITLE_MARKS = {"《": "》", "“": "”", "「": "」", "『": "』", "‘": "’"}
_FUNCTION_KINDS = frozenset("eljgukhpcr")
# Kinds whose single characters may be part of a name nobody listed.
_OPEN_KINDS = frozenset({"n", "s", "b", "v", "vn", "d"})


@dataclass(slots=True)
class Token:
    """A word of the question. ``kind`` is of ``word_list``, with m: number, x: mark, s: name; ``known``: it has English."""

    text: str
    kind: str
    english: str
    known: bool = True


class Tokenizer:
    """Splits questions and gives each word one of its English words."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def split(self, text: str, chance: random.Random) -> list[Token]:
        """The words of a folded question in their order."""
        tokens: list[Token] = []
        place = 0
        while place < len(text):
            found = self._formed(text, place, tokens, chance)
            if found:
                place = found
                continue
            end = place + 1
            while (
                end < len(text) and _HAN.match(text[end]) and not NUMBER.match(text, end) and not _DOT.match(text, end)
            ):
                end += 1
            tokens += self._words(text[place:end], chance)
            place = end
        return tokens

    def _formed(self, text: str, place: int, tokens: list[Token], chance: random.Random) -> int:
        """Adds what is known by its form at a place, and gives where it ends; 0 where nothing is."""
        number = NUMBER.match(text, place)
        if number:
            kind, english = english_number(number, chance)
            tokens.append(Token(number.group(), kind, english))
            return number.end()
        dotted = _DOT.match(text, place)
        if dotted and dotted.group().count("·") + dotted.group().count("•") + dotted.group().count("・") >= 1:
            return self._dotted(text, place, tokens)
        latin = _LATIN.match(text, place)
        if latin:
            tokens.append(Token(latin.group(), "s", latin.group()))
            return latin.end()
        mark = _MARKS.match(text, place)
        if mark:
            tokens.append(
                Token(mark.group(), "c" if mark.group() == "、" else "x", "and" if mark.group() == "、" else "")
            )
            return mark.end()
        if not _HAN.match(text, place):
            tokens.append(Token(text[place], "x", ""))
            return place + 1
        return 0

    def _dotted(self, text: str, place: int, tokens: list[Token]) -> int:
        """Foreign names are written with dots; the words before and after them are found in the dictionary's way."""
        run = re.compile(r"[㐀-鿿·•・]+").match(text, place)
        assert run is not None
        parts = re.split("[·•・]", run.group())
        before = self._best(parts[0])
        after = self._best(parts[-1])
        known = [self._dictionary.look_up(word) for word in before]
        first = before[-1] if known[-1].kind == "s" or len(before) == 1 else "".join(_trailing_name(before))
        lead = parts[0][: len(parts[0]) - len(first)]
        last = after[0] if len(after[0]) > 1 else parts[-1][: _leading_name(after, self._dictionary)]
        spelt = " ".join(spell(part) for part in (first, *parts[1:-1], last))
        tokens += [self._token(word, random.Random(0)) for word in (self._best(lead) if lead else ())]
        tokens.append(Token("·".join((first, *parts[1:-1], last)), "s", spelt))
        return run.start() + len("·".join(parts)) - len(parts[-1]) + len(last)

    def _words(self, text: str, chance: random.Random) -> list[Token]:
        return self._names([self._token(word, chance) for word in self._best(text)])

    def _token(self, text: str, chance: random.Random) -> Token:
        word = self._dictionary.look_up(text)
        glosses = word.glosses
        if glosses:
            # Earlier glosses are the commoner ones.
            english = glosses[min(int(chance.random() ** 1.7 * len(glosses)), len(glosses) - 1)]
            return Token(text, word.kind, english)
        if word.kind in "uleqjg":
            return Token(text, word.kind, "")
        return Token(text, word.kind, spell(text) if word.kind == "s" else "", known=word.kind == "s")

    def _names(self, words: list[Token]) -> list[Token]:
        """Joins what can only be a name: a surname with what follows, single characters before 镇, 区 and the like."""
        joined: list[Token] = []
        place = 0
        while place < len(words):
            end = self._name_end(words, place)
            if end > place + 1 or (end and not words[place].known):
                joined.append(_name([word.text for word in words[place:end]]))
                place = end
            else:
                word = words[place]
                joined.append(
                    word
                    if word.kind != "s" or word.known and word.english.isascii() and " " in word.english
                    else _known_name(word)
                )
                place += 1
        return joined

    def _name_end(self, words: list[Token], place: int) -> int:
        """Where a name that begins at a place ends, 0 where none does."""
        first = words[place]
        if first.kind in _FUNCTION_KINDS or first.kind.startswith("w"):
            return 0
        single = [_may_spell(word) for word in words[place : place + 4]]
        run = next((at for at, good in enumerate(single) if not good), len(single))
        following = words[place + run] if place + run < len(words) else None
        if run and following is not None and following.text in PLACE_ENDINGS and (run > 1 or first.kind == "s"):
            return place + run + 1
        if run == 1 and first.kind == "s" and following is not None and following.text in PLACE_ENDINGS:
            return place + 2
        if first.text in SURNAMES and 2 <= run <= 3:
            return place + run
        if run >= 2 and any(word.kind == "s" or not word.known for word in words[place : place + run]):
            return place + run
        return place + 1 if not first.known else 0

    def _best(self, text: str) -> list[str]:
        """The words of a run of characters that are most frequent together."""
        costs, unknown = self._dictionary.costs, self._dictionary.unknown_cost
        best = [0.0] * (len(text) + 1)
        back = [0] * (len(text) + 1)
        for end in range(1, len(text) + 1):
            best[end] = 1e9
            for start in range(max(0, end - MAX_WORD), end):
                cost = costs.get(text[start:end])
                if cost is None:
                    if end - start > 1:
                        continue
                    cost = unknown
                if best[start] + cost < best[end]:
                    best[end], back[end] = best[start] + cost, start
        words: list[str] = []
        end = len(text)
        while end:
            words.append(text[back[end] : end])
            end = back[end]
        return words[::-1]


def spell(text: str) -> str:
    """A name in pinyin, joined, with one capital: Duruan."""
    return "".join(pypinyin.lazy_pinyin(text)).replace("ü", "v").capitalize()


def _may_spell(word: Token) -> bool:
    return (
        len(word.text) == 1
        and word.kind in _OPEN_KINDS
        and word.text not in PLACE_ENDINGS
        and bool(_HAN.match(word.text))
    )


def _name(parts: list[str]) -> Token:
    text = "".join(parts)
    if parts[-1] in PLACE_ENDINGS and len(parts) > 1:
        return Token(text, "s", f"{spell(''.join(parts[:-1]))} {PLACE_ENDINGS[parts[-1]]}")
    if parts[0] in SURNAMES and 2 <= len(text) <= 3:
        return Token(text, "s", f"{spell(text[0])} {spell(text[1:])}")
    return Token(text, "s", spell(text))


def _known_name(word: Token) -> Token:
    """A listed name: the dictionary's English for it, else its stem in pinyin and its ending in English."""
    if word.english and word.english != spell(word.text):
        return word
    for ending, english in PLACE_ENDINGS.items():
        stem = word.text.removesuffix(ending)
        if stem != word.text and len(stem) >= 2 and ending not in "人队国语":
            return Token(word.text, "s", f"{spell(stem)} {english}")
    if word.text[0] in SURNAMES and 2 <= len(word.text) <= 3:
        return Token(word.text, "s", f"{spell(word.text[0])} {spell(word.text[1:])}")
    return Token(word.text, "s", spell(word.text))


def _trailing_name(words: list[str]) -> list[str]:
    """Single characters at the end, which a foreign name before a dot falls into."""
    name: list[str] = []
    for word in reversed(words):
        if len(word) > 1 and name:
            break
        name.insert(0, word)
    return name


def _leading_name(words: list[str], dictionary: Dictionary) -> int:
    length = 0
    for word in words:
        if length and (len(word) > 1 or dictionary.look_up(word).kind in _FUNCTION_KINDS):
            break
        length += len(word)
    return length
