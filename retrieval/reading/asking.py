"""A question taken apart once, and held against candidates: what the readers share before each goes its own way."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.hits import TermStatistics
from retrieval.reading.candidates import Candidate
from retrieval.reading.overlap import Atom, question_atoms
from retrieval.reading.page import Page, Sentence, folded_document
from retrieval.reading.qualifiers import Agreement, Qualifier, Surroundings, agreement, qualifiers
from retrieval.reading.questions import QuestionForm


@dataclass(frozen=True, slots=True)
class Asked:
    """One wording of the question, taken apart."""

    form: QuestionForm
    atoms: tuple[Atom, ...]
    qualifiers: tuple[Qualifier, ...]

    @classmethod
    def of(cls, form: QuestionForm, statistics: TermStatistics) -> Asked:
        """The form's words with their weights, and what it insists on."""
        return cls(form, question_atoms(form.segments, form.focus, statistics), qualifiers(form.text))


def agreement_with(asked: Asked, page: Page, sentence: Sentence, candidate: Candidate) -> Agreement:
    """How far the candidate keeps to the year, phase and place that the question names."""
    if not asked.qualifiers:
        return Agreement()
    document = page.hit.document
    clause_end = sentence.clauses[sentence.clause_of(candidate.anchor)][1]
    end = candidate.spans[0][0] if candidate.is_typed else clause_end
    # A place may follow in the same clause (“……万元的荷塘村”), a year or phase that counts stands before.
    before = sentence.folded[:end]
    return agreement(
        asked.qualifiers,
        Surroundings(
            before=before,
            clause=sentence.folded[:clause_end],
            head=page.head,
            page=page.head + "\n" + page.folded,
            document=lambda: folded_document(document.text),
            published_at=document.published_at,
        ),
    )
