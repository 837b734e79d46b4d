"""hit@1 of BM25 alone for other ways to make terms and fields: what docs/decisions/0007-lexical-bigrams.md rests on.

python -m evals.lexical_variants [--shared ../shared] [--out evals/results/retrieval_lexical.json]
Passages are those of the pipeline; indexes are made in memory.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import tantivy

from corpus.documents import PreparedDocument
from corpus.folding import fold
from corpus.intake import SourceFile, read_source
from evals.datasets import Question, read_questions
from evals.retrieval_sets import SETS
from evals.run_record import own_command, run_record
from retrieval.terms import Terms, passage_terms, search_terms

MEASURED = ("news", "xquad_zh", "drcd_dev", "cmrc2018_trial")
MakeTerms = Callable[[str], list[str]]


def characters(text: str) -> list[str]:
    return [character for character in fold(text) if character.isalnum()]


def trigrams_too(text: str) -> list[str]:
    folded = "".join(characters(text))
    return search_terms(text) + [folded[start : start + 3] for start in range(len(folded) - 2)]


def without_question_words(text: str) -> list[str]:
    return [term for group in Terms.of(()).question_groups(text) for term in group.alternatives[0]]


# Name to: terms of a passage, terms of a question, whether title and text are fields of their own.
VARIANTS: dict[str, tuple[MakeTerms, MakeTerms, bool]] = {
    "bigrams, one field, question words left out (shipped)": (passage_terms, without_question_words, False),
    "bigrams, one field": (passage_terms, search_terms, False),
    "bigrams, title and text apart": (passage_terms, without_question_words, True),
    "single characters": (characters, characters, False),
    "bigrams and trigrams": (trigrams_too, trigrams_too, False),
}


class Searcher:
    """BM25 over one or two fields in memory."""

    def __init__(self, documents: Sequence[PreparedDocument], terms: MakeTerms, *, apart: bool) -> None:
        self._fields = ("title", "text") if apart else ("text",)
        builder = tantivy.SchemaBuilder()
        for field in self._fields:
            builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
        builder.add_unsigned_field("document", fast=True)
        index = tantivy.Index(builder.build())
        writer = index.writer(50_000_000, 1)
        for place, prepared in enumerate(documents):
            title = prepared.document.title
            for passage in prepared.passages:
                body = f"{passage.heading or ''}\n{passage.text}"
                texts = (title, body) if apart else (f"{title}\n{body}",)
                entry = tantivy.Document()
                for field, text in zip(self._fields, texts, strict=True):
                    entry.add_text(field, " ".join(terms(text)))
                entry.add_unsigned("document", place)
                writer.add_document(entry)
        writer.commit()
        index.reload()
        self._documents = documents
        self._schema = index.schema
        self._searcher = index.searcher()

    def best(self, terms: Sequence[str]) -> str | None:
        clauses = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, field, term, "freq"))
            for term in dict.fromkeys(terms)
            for field in self._fields
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(clauses), 1, count=False).hits if clauses else []
        places = self._searcher.fast_field_values("document", [address for _, address in hits])
        return self._documents[int(places[0])].document.id if places and places[0] is not None else None


def hit_at_1(searcher: Searcher, questions: Sequence[Question], terms: MakeTerms) -> float:
    right = sum(searcher.best(terms(question.text)) in question.contexts for question in questions)
    return round(right / len(questions), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("evals/results/retrieval_lexical.json"))
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {variant: {} for variant in VARIANTS}
    for kind in (kind for kind in SETS if kind.name in MEASURED):
        path = options.shared / "data" / kind.documents
        documents = read_source(SourceFile(path.name, path)).documents
        questions = read_questions(options.shared / "data" / kind.questions)
        for variant, (of_passage, of_question, apart) in VARIANTS.items():
            searcher = Searcher(documents, of_passage, apart=apart)
            results[variant][kind.name] = hit_at_1(searcher, questions, of_question)
            print(f"{kind.name:16}{variant:56}{results[variant][kind.name]:.4f}", flush=True)
    report = run_record(own_command()) | {"data": list(MEASURED), "hit@1": results}
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
