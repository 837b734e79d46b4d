"""What each rule about an answer's words is worth: exact match and F1 on development documents, with and without it.

Each question is read once, in the passage of its document that holds an answer; the rules are then tried on what the
network said. Nothing is written.

python -m evals.reader_spans [--shared ../shared] [--questions 150]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.evaluation.folding import fold
from bot.evaluation.judging import longest_common_run
from corpus.chunking import passages_of
from corpus.documents import Document
from corpus.folding import fold as fold_question
from evals.datasets import Question, read_lines, read_questions
from retrieval.reading.questions import analyse
from retrieval.trained_reader.decoding import Decoded, choose, decode
from retrieval.trained_reader.pairs import PairEncoder, prefix_of
from retrieval.trained_reader.preparing import prepare_reader
from retrieval.trained_reader.session import ReaderSession
from retrieval.trained_reader.shape import shape_for
from retrieval.trained_reader.whole import RULES, Rule, whole

_READING = "reading/"
SETS = {
    "xquad_zh": ("xquad/documents.jsonl", "xquad/questions_zh.jsonl"),
    "xquad_en": ("xquad/documents.jsonl", "xquad/questions_en.jsonl"),
    "drcd_dev": (f"{_READING}drcd_dev/documents.jsonl", f"{_READING}drcd_dev/questions.jsonl"),
    "cmrc2018_trial": (f"{_READING}cmrc2018_trial/documents.jsonl", f"{_READING}cmrc2018_trial/questions.jsonl"),
    "news": ("news/documents.jsonl", "news/questions.jsonl"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the passage that holds an answer, and what the network says of it."""

    name: str
    question: Question
    passage: str
    decoded: Decoded


def cases(shared: Path, models: Path, most: int) -> Iterator[Case]:
    prepared = prepare_reader(models, progress=print)
    session, encoder = ReaderSession(prepared.graph), PairEncoder(prepared.tokenizer)
    for name, (documents_file, questions_file) in SETS.items():
        documents = {line["id"]: _document(line) for line in read_lines(shared / "data" / documents_file)}
        questions = [q for q in read_questions(shared / "data" / questions_file) if q.for_development and q.answers]
        random.Random(3).shuffle(questions)
        for question in questions[:most]:
            document = documents[question.contexts[0]]
            held = (p for p in passages_of(document, ()) if any(answer in p.text for answer in question.answers))
            passage = next(held, None)
            if passage is not None:
                prefix = prefix_of(document.title, passage.heading, document.published_at)
                pairs = encoder.encode(question.text, prefix, passage.text)
                decoded = decode(session.run(pairs), [pair.offsets for pair in pairs])
                yield Case(name, question, passage.text, decoded)


def figures(found: Sequence[Case], rules: Sequence[Rule], *, by_shape: bool = True) -> str:
    """Exact match and F1 of each set in percent, and their means over sets."""
    by_set: dict[str, list[tuple[float, float]]] = {}
    for case in found:
        by_set.setdefault(case.name, []).append(closeness(case, rules, by_shape=by_shape))
    shares = {
        name: tuple(100 * sum(column) / len(values) for column in zip(*values, strict=True))
        for name, values in by_set.items()
    }
    shares["mean"] = tuple(sum(column) / len(shares) for column in zip(*shares.values(), strict=True))
    return "  ".join(f"{name} {exact:.1f}/{f1:.1f}" for name, (exact, f1) in shares.items())


def closeness(case: Case, rules: Sequence[Rule], *, by_shape: bool) -> tuple[float, float]:
    shape = shape_for(analyse(fold_question(case.question.text)))
    chosen = choose(
        case.decoded,
        case.passage,
        lambda start, end: whole(case.passage, start, end, rules),
        *((shape.likelihood, lambda *_: 1.0, shape.worth) if by_shape else ()),
    )
    given = fold(case.passage[chosen.start : chosen.end]).lower() if chosen else ""
    answers = [fold(answer).lower() for answer in case.question.answers]
    shared = [2 * longest_common_run(answer, given) / max(len(answer) + len(given), 1) for answer in answers]
    return float(bool(given) and given in answers), max(shared)


def _document(line: dict[str, str]) -> Document:
    try:
        published = date.fromisoformat(line.get("published_at") or "")
    except ValueError:
        published = None
    return Document(line["id"], line.get("title") or "", line["text"], None, published, None, "")


def main() -> None:
    """Read, then print the figures of every choice of rules."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--questions", type=int, default=150, help="of each set, at most")
    options = parser.parse_args()
    found = list(cases(options.shared, options.models, options.questions))
    print(len(found), "questions, exact match/F1")
    print(f"{'as the network says':28}{figures(found, (), by_shape=False)}")
    print(f"{'shape alone':28}{figures(found, ())}")
    print(f"{'rules alone':28}{figures(found, RULES, by_shape=False)}")
    print(f"{'shape and rules':28}{figures(found, RULES)}")
    for rule in RULES:
        print(f"{'  without ' + rule.__name__:28}{figures(found, [other for other in RULES if other is not rule])}")


if __name__ == "__main__":
    main()
