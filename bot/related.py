"""Questions that the documents answer near an answer: its passage's other figures, asked for in its own words.

A figure's clause becomes a question by putting 多少 for its number (“占地200多亩” → “占地多少亩？”). It is offered only
after it has been asked and got that very figure from that very document, so nothing is offered in vain.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.answering.followups import completed
from bot.answers import Answer, Outcome
from bot.passage_view import PassageView
from corpus.errors import DocumentNotFoundError
from corpus.folding import fold_with_offsets
from corpus.sentences import sentence_spans
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.reading.quantities import Quantity, quantities

MOST_RELATED = 3
# Each one is searched and read like a question of somebody; what a passage has is found with few.
_MOST_TRIED = 8
_MOST_REMEMBERED = 2000
_CLAUSE_CHARS = range(8, 41)
_HAN = re.compile(r"[\u3400-\u9fff]")
_CLAUSE_END = re.compile(r"[，。！？；：,;!?:\n]")
# Words at a sentence's start that say nothing of what it is about.
_LEAD = re.compile(
    r"^(?:其中|目前|据悉|据了解|同时|此外|另外|截至目前|近年来|如今|现在)[，,]?|^[\s　“”‘’（）()、·•▲■●◆]+"
)
# What begins so is not understood alone.
_REFERS_BACK = re.compile(
    r"^(?:其|该|此|这|那|他|她|它|并|以及|而|也|还|又|且|则|就|均|都|达|超|约|为|占|共|仅|近|比|较|同比|增长|增加|下降|每)"
)
_NO_AMOUNT = frozenset("年月日号%‰期届")
# What the rules for follow-ups would complete from another question does not stand alone.
_ANY_QUESTION = "青石镇苦瓜产值多少？"
_SAID = re.compile(r"[“”‘’「」『』]|说|表示|介绍|告诉")


# Of a snapshot, the first cited passage, and what whoever asked may see.
_Key = tuple[str, str, Clearance]


class Asked(Protocol):
    """Answers without remembering, and shows passages."""

    def preview(self, question: str, *, clearance: Clearance) -> Answer:
        """The answer to a question that stands alone."""
        ...

    def passage(self, passage_id: str, *, clearance: Clearance) -> PassageView:
        """A passage with its neighbours. Raises: DocumentNotFoundError."""
        ...


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """A question for a figure that stands at ``[start:end]`` of a document's text (code points)."""

    text: str
    start: int
    end: int


class RelatedQuestions:
    """Finds questions near answers and remembers them for each passage of a snapshot. Thread-safe.

    ``wait`` returns when people's questions leave time for others.
    """

    def __init__(
        self, asked: Asked, *, wait: Callable[[], object] = lambda: None, most_remembered: int = _MOST_REMEMBERED
    ) -> None:
        self._asked = asked
        self._wait = wait
        self._most_remembered = most_remembered
        self._lock = threading.Lock()
        self._found: OrderedDict[_Key, tuple[FigureQuestion, ...]] = OrderedDict()

    def known(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY) -> tuple[str, ...] | None:
        """The questions near an answer where they have been looked for before, else None. Takes no time."""
        key = _key(answer, clearance)
        if key is None:
            return ()
        with self._lock:
            found = self._found.get(key)
            if found is None:
                return None
            self._found.move_to_end(key)
        return _beside(answer, found)

    def find(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY, *, behind: bool = False) -> tuple[str, ...]:
        """The questions near an answer, nearest first: () where there are none. Takes as long as several questions.

        ``behind``: nobody waits for it, so each step waits for people's questions.
        """
        key, known = _key(answer, clearance), self.known(answer, clearance)
        if key is None or known is not None:
            return known or ()
        found = self._look(answer, clearance, self._wait if behind else lambda: None)
        with self._lock:
            self._found[key] = found
            if len(self._found) > self._most_remembered:
                self._found.popitem(last=False)
        return _beside(answer, found)

    def _look(self, answer: Answer, clearance: Clearance, wait: Callable[[], object]) -> tuple[FigureQuestion, ...]:
        cited = answer.citations[0]
        try:
            view = self._asked.passage(cited.passage_id, clearance=clearance)
        except DocumentNotFoundError:
            return ()
        around = [passage for passage in (view.previous, view.passage, view.next) if passage is not None]
        start, end = min(p.start for p in around), max(p.end for p in around)
        near = sorted(
            figure_questions(view.document.text, start, end),
            key=lambda each: (abs(each.start - cited.start), each.text),
        )
        # One more than is shown: the answer's own figure is among them and is left out.
        found: list[FigureQuestion] = []
        for question in near[:_MOST_TRIED]:
            wait()
            if any(_overlaps(question, other) for other in found):
                continue
            if self._answers(question, view.document.id, clearance):
                found.append(question)
            if len(found) > MOST_RELATED:
                break
        return tuple(found)

    def _answers(self, question: FigureQuestion, document_id: str, clearance: Clearance) -> bool:
        """Whether asking gets that figure from that document, and nothing else from another."""
        answer = self._asked.preview(question.text, clearance=clearance)
        if answer.outcome is not Outcome.ANSWERED or answer.alternatives:
            return False
        cited = answer.citations[0]
        return cited.document_id == document_id and any(
            span.start < question.end and question.start < span.end for span in cited.answer_spans
        )


def figure_questions(text: str, start: int, end: int) -> Iterator[FigureQuestion]:
    """The questions for the figures of ``text[start:end]`` whose clause, or sentence up to there, stands alone."""
    for sentence_start, sentence_end in sentence_spans(text[start:end]):
        sentence = text[start + sentence_start : start + sentence_end]
        folded, offsets = fold_with_offsets(sentence)
        if len(folded) != len(sentence) or _SAID.search(sentence):
            continue
        for figure in quantities(folded):
            if figure.is_weak or not figure.unit or not _is_whole(folded, figure):
                continue
            asked = _asked_for(sentence, figure)
            if asked is not None:
                at = start + sentence_start
                yield FigureQuestion(asked, at + offsets[figure.start], at + offsets[figure.end])


def _asked_for(sentence: str, figure: Quantity) -> str | None:
    """The clause of a figure as a question; with what comes before it where it does not stand alone."""
    ends = [match.start() for match in _CLAUSE_END.finditer(sentence)]
    clause_end = next((at for at in ends if at >= figure.end), len(sentence))
    begins = [0, *(at + 1 for at in ends if at < figure.start)]
    for begin in reversed(begins):
        before = sentence[begin : figure.start]
        lead = _LEAD.match(before)
        before = before[lead.end() :] if lead else before
        asked = f"{before}多少{figure.unit}{sentence[figure.end : clause_end]}"
        stands_alone = (
            completed(asked, _ANY_QUESTION) == asked
            and not _REFERS_BACK.match(before)
            and len(_HAN.findall(before)) >= 4
        )
        if stands_alone and len(asked) in _CLAUSE_CHARS and _HAN.match(before):
            return f"{asked}？"
    return None


def _is_whole(folded: str, figure: Quantity) -> bool:
    """Whether digits with a plain unit: no ordinal, no share in words, no range, nothing that 多少 cannot stand for."""
    words = folded[figure.start : figure.end]
    odd = re.search(r"[-—~～–至到第]|分之", words) or figure.unit in _NO_AMOUNT
    return not odd and words.endswith(figure.unit) and re.search(r"[0-9]", words) is not None


def _key(answer: Answer, clearance: Clearance) -> _Key | None:
    if answer.outcome is not Outcome.ANSWERED or answer.snapshot is None or not answer.citations:
        return None
    return answer.snapshot, answer.citations[0].passage_id, clearance


def _beside(answer: Answer, found: tuple[FigureQuestion, ...]) -> tuple[str, ...]:
    """Those that ask for something else than what was answered."""
    spans = answer.citations[0].answer_spans
    others = [each for each in found if not any(s.start < each.end and each.start < s.end for s in spans)]
    return tuple(each.text for each in others[:MOST_RELATED])


def _overlaps(one: FigureQuestion, other: FigureQuestion) -> bool:
    return one.text == other.text or (one.start < other.end and other.start < one.end)
