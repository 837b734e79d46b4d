"""How likely words are as an answer by their shape alone: who asks for a name is not answered with three sentences.

The network chooses start and end apart and joins the start of one answer to the end of another; this tells against it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from retrieval.reading.questions import AnswerKind, QuestionForm

_SENTENCE_END = re.compile(r"[。！？!?\n](?=.)", re.DOTALL)
_CLAUSE_END = re.compile(r"[,，;；]")
_AT_THE_END = "。！？!?\n ”"
_WHICH = re.compile(r"哪(?!些|几|怕)|何[人时地处者年]")
# Words that hold the answer and not much more still answer.
_LONGER_TIMES, _LONGER_BY = 3, 8
_NARROW = frozenset({AnswerKind.QUANTITY, AnswerKind.TIME, AnswerKind.PERSON, AnswerKind.NAME})


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells against words: each sentence end and each comma inside, and the logarithm of their length.

    ``overlap``: words that share something with the right ones, or hold them, are worth something too. Where an answer
    to “what” begins and ends is seldom beyond dispute, so the words in which most guesses lie are better than the
    likeliest single guess.
    """

    sentence: float
    clause: float
    length: float
    overlap: bool = False

    def likelihood(self, words: str) -> float:
        """Above 0, 1 for a single character."""
        inside = words.rstrip(_AT_THE_END)
        ends, commas = len(_SENTENCE_END.findall(inside)), len(_CLAUSE_END.findall(inside))
        return math.exp(-self.sentence * ends - self.clause * commas - self.length * math.log(max(len(inside), 1)))

    def worth(self, given: tuple[int, int], right: tuple[int, int]) -> float:
        """What words are worth where others are right, as runs of one text; most for the same run."""
        exact = float(given == right)
        if not self.overlap:
            return exact
        shared = max(0, min(given[1], right[1]) - max(given[0], right[0]))
        lengths = given[1] - given[0], right[1] - right[0]
        holds = shared == lengths[1] and lengths[0] <= _LONGER_TIMES * lengths[1] + _LONGER_BY
        return exact + 2 * shared / max(sum(lengths), 1) + float(holds)


# Chosen among a few values by exact match and F1 on development documents; a wide range does as well.
NARROW = Shape(sentence=4.0, clause=0.4, length=0.3)
WIDE = Shape(sentence=1.0, clause=0.0, length=0.0, overlap=True)
# Of English questions fewer kinds are told, and most of the rest ask for something narrow as well.
FOREIGN = replace(WIDE, overlap=False)


def shape_for(form: QuestionForm) -> Shape:
    """What an answer to the question looks like."""
    if form.kind in _NARROW or (form.kind is AnswerKind.CLAUSE and _WHICH.search(form.text)):
        return NARROW
    return FOREIGN if form.is_foreign else WIDE
