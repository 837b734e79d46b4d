"""Sentences cut into tokens with their places in the document, and clauses into statements with a subject.

Word classes are jieba's, names in marks, dates and quantities are kept whole. A statement that names no subject takes
that of the clause before it; pronouns are left to the caller.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jieba
import opencc
from jieba import posseg

from evals.reader_training.cloze.words import CONNECTIVES, MEASURES, PRONOUNS, word_set

_SENTENCE = re.compile(r"[^。！？!?\n]+")
_ENDS = frozenset("，；：,;:—…")
_NUMBER = r"(?:\d[\d,，.．]*(?:\.\d+)?|[一二三四五六七八九十百千两][一二三四五六七八九十百千万亿零两]*)"
_UNIT = "|".join(sorted(MEASURES, key=lambda unit: (-len(unit), unit)))
_SCALE = r"(?:[多余来几]?[百千万亿]{1,3})?[多余]?"
_SPECIAL = re.compile(
    r"(?P<work>《[^《》]{1,40}》)"
    r"|(?P<quote>[“「『][^“”「」『』，。；！？]{1,20}[”」』])"
    r"|(?P<paren>[（(〔\[][^（）()〔〕\[\]]*[)）〕\]])"
    r"|(?P<date>(?:公元前?\d{1,4}|\d{3,4})年(?:\d{1,2}月(?:份|\d{1,2}[日号])?)?(?:(?:春|夏|秋|冬)(?:季|天)?|[年初末底]|上半年|下半年)?"
    r"(?![\d多间级以代])|\d{1,2}月\d{1,2}[日号](?:上午|下午|晚上?|凌晨|早上)?|(?:公元前?)?\d{1,2}世纪(?:初期?|末期?|中叶|后期|前期)?(?:\d0年代)?|\d{4}年代)"
    rf"|(?P<quantity>(?<![第\d.．])(?:大?约|近|超过|逾|至少|最多|不足|将近|不到|多达|高达)?{_NUMBER}{_SCALE}(?:[%％‰]|(?:{_UNIT}))(?:以上|以下|左右|以内)?)"
    r"|(?P<percent>百分之[一二三四五六七八九十百点零]+|[一二三四五六七八九]分之[一二三四五六七八九])"
    r"|(?P<latin>[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9 .\-&'’]*[A-Za-zÀ-ɏ0-9])"
)
_FLAGS = {"work": "w", "quote": "q", "paren": "paren", "date": "t", "quantity": "mq", "percent": "mq", "latin": "eng"}
_TIME_WORDS = re.compile(
    r"^(?:同年|当年|次年|翌年|当天|当日|去年|今年|昨日|今日|早年|晚年|当晚|日前|近年|年初|年底|\d{1,2}[日月号])"
)
# Tags that can stand in a noun phrase, besides the names this module makes itself.
NOUNS = frozenset(
    [
        "n",
        "nr",
        "ns",
        "nt",
        "nz",
        "nrt",
        "nrfg",
        "ng",
        "nl",
        "an",
        "vn",
        "l",
        "j",
        "i",
        "s",
        "eng",
        "w",
        "q",
        "mq",
        "nw",
    ]
)
_NOUN_PARTS = NOUNS | frozenset(["m", "a", "b", "ag", "uj", "f", "k", "ad", "r", "c", "x", "h", "zg"])
_SAYING = tuple(
    word_set("""
    说 称 道 指出 表示 强调 认为 显示 介绍 透露 要求 提出 报道 宣布
    看来 坦言 建议 获悉 了解到 规定 呼吁 看到 通报 消息
    """)
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is put into a question: Simplified, with its class, and its place in the document."""

    text: str
    flag: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause that says something. ``time``: what dates it, in front; ``carried``: the subject is an earlier clause's;
    ``clause``: the number of its own.
    """

    time: tuple[Token, ...]
    subject: tuple[Token, ...]
    predicate: tuple[Token, ...]
    carried: bool = False
    clause: int = 0

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Subject and predicate in their order."""
        return self.subject + self.predicate


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence of a text, Simplified, and where it begins. Those that change their length are left out."""
    for match in _SENTENCE.finditer(text):
        simple = to_simplified(match[0])
        if len(simple) == len(match[0]) and 8 <= len(simple) <= 220 and _balanced(simple):
            yield match.start(), simple


def to_simplified(text: str) -> str:
    """The text in Simplified characters, capitals and widths as they are."""
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """The text as it is written in Taiwan."""
    return str(_converter("s2tw").convert(text))


def cut(sentence: str, offset: int) -> list[Token]:
    """The tokens of a sentence that begins at ``offset``; what stands in brackets is kept as one token ``paren``."""
    tokens: list[Token] = []
    position = 0
    for match in _SPECIAL.finditer(sentence):
        tokens += _words(sentence[position : match.start()], offset + position)
        kind = str(match.lastgroup)
        tokens.append(Token(match[0], _FLAGS[kind], offset + match.start(), offset + match.end()))
        position = match.end()
    tokens += _words(sentence[position:], offset + position)
    return _join_foreign_names(tokens)


def statements(tokens: Sequence[Token]) -> Iterator[Statement]:
    """The statements of a sentence whose subject is known."""
    subject: tuple[Token, ...] = ()
    time: tuple[Token, ...] = ()
    for index, clause in enumerate(clauses(tokens)):
        words = _without_lead(clause)
        own_time, words = _leading_time(words)
        if own_time:
            time = own_time
        if not words:
            continue
        length = _subject_length(words)
        if words[-1].text.endswith(_SAYING):
            # What is said has a subject of its own.
            subject = ()
        elif length:
            subject = words[:length]
            yield Statement(time, subject, words[length:], clause=index)
        elif subject and words[0].flag[0] in "vpd" and words[0].text not in PRONOUNS:
            yield Statement(time, subject, words, carried=True, clause=index)
        else:
            subject = ()


def text_of(tokens: Sequence[Token]) -> str:
    """The words in a row; Latin words keep a space between them."""
    pieces: list[str] = []
    for token in tokens:
        if token.flag == "paren":
            continue
        if pieces and pieces[-1][-1:].isascii() and pieces[-1][-1:].isalnum() and token.text[:1].isascii():
            pieces.append(" ")
        pieces.append(token.text)
    return "".join(pieces)


def _words(text: str, offset: int) -> list[Token]:
    if not text:
        return []
    tokens: list[Token] = []
    for pair in _tagger().cut(text):
        if not pair.word.isspace():
            tokens.append(Token(pair.word, pair.flag, offset, offset + len(pair.word)))
        offset += len(pair.word)
    return tokens


def _join_foreign_names(tokens: list[Token]) -> list[Token]:
    """Names with a dot in them as one token; the part after the last dot may be cut in two."""
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.text[:1] in "·•‧・" and joined and position + 1 < len(tokens) and _is_name_part(joined[-1]):
            end = position + 2
            while (
                end < len(tokens)
                and len(tokens[end - 1].text) == 1
                and tokens[end].flag in ("nr", "ns", "ng", "nrt", "zg")
            ):
                end += 1
            name = joined.pop()
            parts = [name, *tokens[position:end]]
            joined.append(Token("".join(part.text for part in parts), "nrt", name.start, parts[-1].end))
            position = end
        else:
            joined.append(token)
            position += 1
    return joined


def _is_name_part(token: Token) -> bool:
    return token.flag[0] in "nzxjagvibm" and token.flag not in ("w", "mq")


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """The parts of a sentence between commas and the like."""
    clause: list[Token] = []
    for token in tokens:
        if token.text[:1] in _ENDS and token.flag == "x":
            yield tuple(clause)
            clause = []
        else:
            clause.append(token)
    yield tuple(clause)


def _without_lead(clause: tuple[Token, ...]) -> tuple[Token, ...]:
    while clause and (
        clause[0].text in CONNECTIVES or (clause[0].flag in ("x", "paren", "y", "e") and not clause[0].text.isalnum())
    ):
        clause = clause[1:]
    return clause


def _leading_time(words: tuple[Token, ...]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """A date in front, also after 在, 于 or 自, and the rest."""
    start = 1 if words and words[0].text in ("在", "于", "自", "从", "到", "直到", "截至", "至") else 0
    if len(words) > start and (words[start].flag == "t" or _TIME_WORDS.match(words[start].text)):
        end = start + 1
        while end < len(words) and words[end].flag in ("t", "f", "paren"):
            end += 1
        return words[:end], words[end:]
    return (), words


def _subject_length(words: tuple[Token, ...]) -> int:
    """How many tokens in front are the subject, 0 where there is none that can be trusted."""
    length = 0
    for token in words:
        if (
            (token.flag[0] in "vpd" and token.flag != "vn")
            or token.flag == "ad"
            or token.text in ("将", "把", "被", "由", "是", "为")
        ):
            break
        if token.flag not in _NOUN_PARTS and token.flag != "paren" and token.text not in "、":
            return 0
        length += 1
    subject = words[:length]
    if not subject or length == len(words) or subject[0].flag in ("uj", "c", "k", "f") or subject[0].text in "、":
        return 0
    if subject[-1].flag not in NOUNS | {"paren", "r", "f"} or sum(len(token.text) for token in subject) > 30:
        return 0
    return length


def _balanced(sentence: str) -> bool:
    return all(
        sentence.count(left) == sentence.count(right) for left, right in ("“”", "「」", "《》", "（）", "()", "『』")
    )


@lru_cache(maxsize=2)
def _converter(name: str) -> Any:
    return opencc.OpenCC(name)


@lru_cache(maxsize=1)
def _tagger() -> Any:
    # jieba logs how long its dictionary took; that is nobody's business here.
    jieba.setLogLevel(logging.WARNING)
    return posseg.POSTokenizer(jieba.Tokenizer())
