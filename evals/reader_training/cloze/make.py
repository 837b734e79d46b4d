"""Makes general questions from sentences of the training documents: data/reader_training/cloze.jsonl.

python -m evals.reader_training.cloze.make [--shared ../shared] [--out data/reader_training/cloze.jsonl] [--seed 3]
    [--most 60000]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from evals.reader_training.cloze.documents import Made, questions_of
from evals.reader_training.cloze.sources import SOURCES, SourceDocument, read_source
from evals.reader_training.leaks import LeakGuard


def made_questions(shared: Path, seed: int) -> Iterator[Made]:
    """All questions, document by document, none twice."""
    guard = LeakGuard.from_shared(shared)
    seen: set[str] = set()
    for document in _in_turn([read_source(source, shared / "data", guard, seed) for source in SOURCES]):
        for made in questions_of(document, seed):
            if made.question not in seen:
                seen.add(made.question)
                yield made


def _in_turn(sources: list[Iterator[SourceDocument]]) -> Iterator[SourceDocument]:
    """One document of each source after the other, so that a run cut short has some of each."""
    while sources:
        for source in list(sources):
            document = next(source, None)
            if document is None:
                sources.remove(source)
            else:
                yield document


def write(questions: Iterator[Made], path: Path, most: int) -> Counter[str]:
    """Write at most ``most`` of them in place of an older file at once; how many there are of each kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    staging = path.with_name(path.name + ".new")
    with staging.open("w", encoding="utf-8") as file:
        for made in islice(questions, most):
            counts[f"{made.kind}{' (near miss)' if made.near else ''}"] += 1
            counts[f"from {made.corpus}"] += 1
            file.write(json.dumps(made.as_line(), ensure_ascii=False) + "\n")
    staging.replace(path)
    return counts


def main() -> None:
    """Make the file and print how many questions it holds of each kind and source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("data/reader_training/cloze.jsonl"))
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--most", type=int, default=60_000, help="questions at most")
    arguments = parser.parse_args()
    counts = write(made_questions(arguments.shared, arguments.seed), arguments.out, arguments.most)
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        print(f"{count:7} {name}")


if __name__ == "__main__":
    main()
