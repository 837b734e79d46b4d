"""Rough English versions of Chinese questions, so that the reader learns English questions over Chinese passages.

Word by word from a dictionary, put into English order by rules; names in pinyin. Not a translation to show anyone.
"""

from __future__ import annotations

import random
import re
from typing import Self

from corpus.folding import simplify_with_offsets
from evals.reader_training.english.dictionary import Dictionary
from evals.reader_training.english.frames import english_question
from evals.reader_training.english.tokens import Token, Tokenizer, spell

# With more words unknown, the question asks for nothing a reader could find.
_MAX_UNKNOWN = 0.4
# Questions in which some words stay Chinese or in pinyin, and how many of their words do.
_MIXED_QUESTIONS = 0.2
_MIXED_WORDS = 0.2
# “in 2024 in the first half of the year”
_PART_OF_YEAR = re.compile(
    r"in (\d{4}),? (?:in )?(the (?:first|second|third|fourth) (?:half|quarter|\d+ months))(?: of the year)?"
)
_FUNCTION_KINDS = frozenset("ekljugxcpfqrh")


class EnglishQuestions:
    """Makes English questions of Chinese ones; the same ``chance`` gives the same question."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._tokenizer = Tokenizer(dictionary)

    @classmethod
    def installed(cls) -> Self:
        """With the dictionaries of the extra ``training``; reading them takes some seconds.

        Raises: ModuleNotFoundError: the extra is not installed.
        """
        return cls(Dictionary.installed())

    def of(self, question_zh: str, chance: random.Random) -> str | None:
        """A rough English version of a question, None where too few of its words are known."""
        tokens = self._tokenizer.split(simplify_with_offsets(question_zh)[0].strip(), chance)
        words = [token for token in tokens if token.kind not in _FUNCTION_KINDS and not token.kind.startswith("w")]
        length = sum(len(token.text) for token in words)
        if not length or sum(len(token.text) for token in words if not token.sure) > _MAX_UNKNOWN * length:
            return None
        for token in words:
            if not token.english:
                token.english = token.text if chance.random() < 0.5 else spell(token.text)
        if chance.random() < _MIXED_QUESTIONS:
            _mix(words, chance)
        said = english_question(tokens, chance)
        return _finished(said, chance) if said else None


def _mix(words: list[Token], chance: random.Random) -> None:
    """Leaves some words as they are or in pinyin."""
    for word in words:
        if word.kind in ("n", "s", "v", "vn", "b") and chance.random() < _MIXED_WORDS:
            word.english = word.noun = word.text if chance.random() < 0.6 else spell(word.text)


def _finished(said: str, chance: random.Random) -> str:
    """With a capital and a question mark, as most people write, or without, as some do."""
    said = _PART_OF_YEAR.sub(r"in \2 of \1", " ".join(said.split()))
    if chance.random() < 0.95:
        said = said[0].upper() + said[1:]
    return said + "?" if chance.random() < 0.9 else said
