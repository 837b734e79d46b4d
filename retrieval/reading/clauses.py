"""The part of a clause that answers a question of no narrower kind: what the question's own words leave over."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.reading.candidates import Candidate
from retrieval.reading.overlap import Atom
from retrieval.reading.page import Sentence
from retrieval.reading.questions import AnswerKind, QuestionForm

_TRIM = " “”‘’《》,，。;；:：、的了是为在"
_SHORTEST = 2


def answering_part(
    form: QuestionForm, atoms: Sequence[Atom], sentence: Sentence, candidate: Candidate
) -> tuple[tuple[int, int], ...]:
    """Folded offsets: behind the question's words in the clause, before them where the question word leads.

    The whole clause where nothing is left over, and for yes/no questions, whose words are the clause.
    """
    start, end = candidate.spans[0]
    if form.kind is AnswerKind.YES_NO:
        return ((start, end),)
    runs = [(p, p + len(t)) for a in atoms for t in a.terms if (p := sentence.folded.find(t, start, end)) >= 0]
    if not runs:
        return ((start, end),)
    parts = ((start, min(a for a, _ in runs)), (max(b for _, b in runs), end))
    for part in parts if form.leads else parts[::-1]:
        trimmed = _trimmed(sentence.folded, *part)
        if trimmed[1] - trimmed[0] >= _SHORTEST:
            return (trimmed,)
    return ((start, end),)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _TRIM:
        start += 1
    while end > start and text[end - 1] in _TRIM:
        end -= 1
    return start, end
