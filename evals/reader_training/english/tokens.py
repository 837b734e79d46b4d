"""A Chinese question into words with their English: numbers by form, names by pinyin, the rest by the dictionary."""

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
_DOTTED = re.compile(r"[㐀-鿿]+(?:[·•・][㐀-鿿]+)+")
_TITLE = re.compile(r"《([^《》]{1,40})》|“([^“”]{1,40})”|「([^「」]{1,40})」|『([^『』]{1,40})』|\"([^\"]{1,40})\"")
_PERSON = re.compile(
    rf"(?:请问|问一下|请问一下|我想知道|您好)?[，,]?(?P<name>[{SURNAMES}][㐀-鿿]{{1,2}}?)"
    r"(?=是谁|是什么职务|是什么人|是何|担任|现任|任|在哪里任职|在哪里工作|出生|毕业|的职务|的职位|的身份|的丈夫|的儿子|的代表作|的妻子|的父亲|获得|何时|什么时候|哪年)"
)
# Characters that foreign names are written with.
_FOREIGN = frozenset(
    "阿埃艾安奥巴贝本比宾波伯博布查达丹德登迪蒂丁杜多恩尔法菲费弗福夫盖冈戈格古哈海汉赫霍基吉加贾杰金卡凯坎考科克肯库拉莱兰朗劳勒雷里利莉林卢鲁"
    "路伦罗洛马玛迈曼芒梅门蒙米密莫姆穆娜纳奈南尼诺努欧帕佩彭皮珀普奇齐乔切琴让热日荣萨塞桑瑟莎沙珊舍圣施史什斯思苏索所塔泰坦汤特腾提廷图托瓦万威韦"
    "维温翁沃乌武西希锡夏香谢辛雄修逊雅亚扬耶叶伊因英尤于约泽扎詹兹佐"
)
_SPACED = re.compile(r"(?<=[㐀-鿿]) +(?=\d)|(?<=\d) +(?=[㐀-鿿])")
_MAX_PERSON = 3
_FUNCTION_KINDS = frozenset("eljgukhpcrqf")


@dataclass(slots=True)
class Token:
    """A word of the question. ``kind``: of ``words.txt``, or m: number, x: mark. ``sure``: its English is reliable."""

    text: str
    kind: str
    english: str
    sure: bool = True
    # What it is called as a verb and as a noun, "" if it is only one of them.
    verb: str = ""
    noun: str = ""


class Tokenizer:
    """Splits questions and gives each word one of its English words."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def split(self, text: str, chance: random.Random) -> list[Token]:
        """The words of a folded question in their order."""
        text = _SPACED.sub("", text)
        tokens: list[Token] = []
        person = _PERSON.match(text)
        place = 0
        if person and person["name"] not in self._dictionary.costs:
            tokens.append(_known_name(Token(person["name"], "s", "")))
            place = person.end()
        while place < len(text):
            found = self._formed(text, place, tokens, chance)
            if not found:
                found = place + 1
                while found < len(text) and _HAN.match(text[found]) and not NUMBER.match(text, found):
                    found += 1
                tokens += self._words(text[place:found], chance)
            place = found
        return tokens

    def _formed(self, text: str, place: int, tokens: list[Token], chance: random.Random) -> int:
        """Adds what is known by its form at a place, and gives where it ends; 0 where nothing is."""
        match = NUMBER.match(text, place)
        if match:
            tokens.append(Token(match.group(), *english_number(match, chance)))
        elif match := _TITLE.match(text, place):
            inside = next(group for group in match.groups() if group)
            tokens.append(self._title(inside, chance))
        elif match := _DOTTED.match(text, place):
            return self._dotted(match, tokens, chance)
        elif match := _LATIN.match(text, place):
            tokens.append(Token(match.group(), "s", match.group()))
        elif match := _MARKS.match(text, place):
            tokens.append(Token(match.group(), "c", "and") if match.group() == "、" else Token(match.group(), "x", ""))
        elif not _HAN.match(text, place):
            tokens.append(Token(text[place], "x", ""))
            return place + 1
        return match.end() if match else 0

    def _title(self, text: str, chance: random.Random) -> Token:
        """What stands in marks is one name, translated word by word or spelt."""
        words = [word.noun or word.english for word in self.split(text, chance) if word.kind not in "lu"]
        said = " ".join(word[:1].upper() + word[1:] for word in words if word)
        way = chance.random()
        if way < 0.3 or not said:
            said = spell(text)
        return Token(text, "s", f'"{said}"' if way > 0.65 else said)

    def _dotted(self, match: re.Match[str], tokens: list[Token], chance: random.Random) -> int:
        """Foreign names are written with dots; where they begin and end, the words around them tell."""
        parts = re.split("[·•・]", match.group())
        lead, first = self._before_dot(parts[0])
        last = self._after_dot(parts[-1])
        tokens += self._words(lead, chance) if lead else []
        names = (first, *parts[1:-1], last)
        tokens.append(Token("·".join(names), "s", " ".join(spell(name) for name in names)))
        return match.end() - len(parts[-1]) + len(last)

    def _before_dot(self, text: str) -> tuple[str, str]:
        """What precedes the name, and its first part."""
        words = self._best(text)
        at = len(words) - 1
        while at and len(words[at]) == 1 and len(words[at - 1]) == 1 and not self._is_function(words[at - 1]):
            at -= 1
        return "".join(words[:at]), "".join(words[at:])

    def _after_dot(self, text: str) -> str:
        """The last part of the name, without what follows it."""
        words = self._best(text)
        if self._dictionary.look_up(words[0]).kind == "s" and len(words[0]) > 1:
            return words[0]
        at = 1
        while at < len(words) and len(words[at]) == 1 and not self._is_function(words[at]):
            at += 1
        return "".join(words[:at])

    def _is_function(self, word: str) -> bool:
        kind = self._dictionary.look_up(word).kind
        return kind in _FUNCTION_KINDS or kind == "v" or kind.startswith("w")

    def _words(self, text: str, chance: random.Random) -> list[Token]:
        words = self._best(text)
        if words[-1] == "为什么" and len(words) > 1:
            # At the end it asks what became of something, not why.
            words[-1:] = ["为", "什么"]
        return self._names([self._token(word, chance) for word in words])

    def _token(self, text: str, chance: random.Random) -> Token:
        word = self._dictionary.look_up(text)
        if not word.glosses:
            nameless = word.kind == "s" or word.kind in _FUNCTION_KINDS or word.kind == "u"
            return Token(text, word.kind, "", sure=nameless)
        # One number for all, so that the same chance gives the same words whatever they are used as.
        draw = chance.random() ** 3
        said, verb, noun = (_pick(glosses, draw) for glosses in (word.glosses, word.verbs, word.nouns))
        return Token(text, word.kind, said, word.sure, verb, noun)

    def _names(self, words: list[Token]) -> list[Token]:
        """Joins what can only be a name: a surname with what follows, single characters before 镇, 区 and the like."""
        joined: list[Token] = []
        place = 0
        while place < len(words):
            end = self._name_end(words, place)
            if end:
                joined.append(_name([word.text for word in words[place:end]]))
                place = end
            else:
                word = words[place]
                joined.append(_known_name(word) if word.kind == "s" else word)
                place += 1
        return joined

    def _name_end(self, words: list[Token], place: int) -> int:
        """Where a name that begins at a place ends, 0 where none does."""
        first = words[place]
        run = 0
        while place + run < len(words) and run < 5 and _may_spell(words[place + run]):
            run += 1
        following = words[place + run].text if place + run < len(words) else ""
        foreign = place
        while foreign < len(words) and _foreign(words[foreign]):
            foreign += 1
        if foreign - place > 1 and sum(len(word.text) for word in words[place:foreign]) > 2:
            return foreign
        short = first.kind == "s" and len(first.text) == 2 and not first.english
        if short and place + 1 < len(words) and words[place + 1].text in PLACE_ENDINGS:
            return place + 2
        if following in PLACE_ENDINGS and run and (run > 1 or first.kind == "s"):
            return place + run + 1
        if first.text in SURNAMES and 2 <= run <= 3:
            return place + run
        odd = [word for word in words[place : place + run] if word.kind == "s" or not word.english]
        if run > 1 and (odd or run > 3):
            return place + run
        return place + 1 if run and odd else 0

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


def _pick(glosses: tuple[str, ...], draw: float) -> str:
    """Earlier glosses are the commoner ones and taken more often."""
    return glosses[int(draw * len(glosses))] if glosses else ""


def _may_spell(word: Token) -> bool:
    """Whether a single character may be part of a name that nobody listed."""
    open_word = word.kind in ("n", "s", "b", "v", "vn", "d") and not (word.sure and word.english and word.kind != "s")
    return len(word.text) == 1 and open_word and word.text not in PLACE_ENDINGS


def _foreign(word: Token) -> bool:
    listed = len(word.text) > 1 and word.kind != "s"
    return not listed and all(character in _FOREIGN for character in word.text)


def _name(parts: list[str]) -> Token:
    text = "".join(parts)
    if parts[-1] in PLACE_ENDINGS and len(parts) > 1:
        return Token(text, "s", f"{spell(''.join(parts[:-1]))} {PLACE_ENDINGS[parts[-1]]}")
    person = parts[0] in SURNAMES and len(text) <= _MAX_PERSON
    return Token(text, "s", _spelt_person(text), sure=person or all(character in _FOREIGN for character in text))


def _known_name(word: Token) -> Token:
    """A listed name: the dictionary's English for it, else its stem in pinyin and its ending in English."""
    if word.english and word.english.isascii():
        # The dictionary's “Pengjiang district of Jiangmen” was cut to its first word.
        ending = PLACE_ENDINGS[word.text[-1]] if word.text[-1] in "区县镇乡" and " " not in word.english else ""
        word.english = f"{word.english} {ending}".strip()
        return word
    for ending, english in PLACE_ENDINGS.items():
        stem = word.text.removesuffix(ending)
        if stem != word.text and len(stem) >= 2 and ending not in "人队国语":
            return Token(word.text, "s", f"{spell(stem)} {english}")
    return Token(word.text, "s", _spelt_person(word.text))


def _spelt_person(text: str) -> str:
    if text[0] in SURNAMES and 2 <= len(text) <= 3:
        return f"{spell(text[0])} {spell(text[1:])}"
    return spell(text)
