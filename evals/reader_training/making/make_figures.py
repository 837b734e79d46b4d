"""Writes the made questions: ``python -m evals.reader_training.making.make_figures``.

Three files of JSON Lines: for training, kept out by document, and clear figures of reports kept out by year.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.datasets import read_lines
from evals.reader_training.leaks import LeakGuard, held_out
from evals.reader_training.making.counts import count_drafts
from evals.reader_training.making.drafts import Draft, Made, Span
from evals.reader_training.making.english import in_english
from evals.reader_training.making.events import event_drafts
from evals.reader_training.making.figures import figure_drafts
from evals.reader_training.making.laws import law_drafts, passed_drafts
from evals.reader_training.making.lists import list_drafts, run_drafts, whether_drafts
from evals.reader_training.making.near_misses import near_miss
from evals.reader_training.making.offices import office_drafts
from evals.reader_training.making.pages import Page
from evals.reader_training.making.reports import report_sentences
from evals.reader_training.making.subjects import is_named
from evals.reader_training.making.wording import worded

# Documents drawn from a corpus at most, and questions made of one document at most.
SHARES = {"government_reports": (88, 150), "cctv_2022_2026": (24039, 3), "news_2023": (24000, 3), "laws": (3422, 2)}
_MOST_ALIKE = 40
_MOST_PEOPLE = 12
_PASSED_SHARE = 0.3
_NAMING_KINDS = frozenset({"person", "office", "date", "place", "organisation", "definition", "penalty", "ranking"})
# English is possible for few kinds only; of those, this share.
_ENGLISH_SHARE = {"person": 0.8, "office": 0.4}
_FIGURE_KINDS = frozenset(
    ["money", "area", "count", "people", "share", "growth", "length", "weight", "energy", "volume"]
)
_MOST_SENTENCES = 40
_DIGIT = re.compile(r"\d|百分之")


def kept_out(page: Page) -> bool:
    """Whether no question of the document may be trained on: one document in ten, of reports one year in six."""
    if page.corpus == "government_reports":
        return hashlib.sha256(str(page.year or page.id).encode()).digest()[0] < 43
    return held_out(page.id)


def page_drafts(page: Page, most: int, chance: random.Random) -> list[Draft]:
    """Drafts of a document, twice as many as are wanted where it gives so many, from sentences all over it."""
    sentences = list(report_sentences(page))
    chance.shuffle(sentences)
    drafts = list(passed_drafts(page)) if page.corpus == "laws" and chance.random() < _PASSED_SHARE else []
    for sentence, year, carried in sentences[: _MOST_SENTENCES if page.corpus != "government_reports" else None]:
        drafts.extend(_sentence_drafts(page, sentence, year, carried))
        if len(drafts) >= 2 * most + 2:
            break
    return drafts


def _sentence_drafts(page: Page, sentence: Span, year: int | None, carried: str) -> Iterator[Draft]:
    if page.corpus == "laws":
        yield from law_drafts(page, sentence)
        return
    yield from event_drafts(page, sentence)
    yield from list_drafts(page, sentence)
    yield from run_drafts(page, sentence)
    yield from whether_drafts(page, sentence)
    yield from office_drafts(page, sentence)
    if _DIGIT.search(page.text, *sentence):
        yield from figure_drafts(page, sentence, year, carried)
        yield from count_drafts(page, sentence, year, carried)


def pages(shared: Path, guard: LeakGuard | None, part: float, chance: random.Random) -> list[Page]:
    """The documents to make questions of, mixed, without those that are kept for testing."""
    found: list[Page] = []
    for corpus, (most, _) in SHARES.items():
        lines = list(read_lines(shared / "data" / "corpora" / f"{corpus}.jsonl.xz"))
        found.extend(Page.of(corpus, line) for line in chance.sample(lines, int(min(most, len(lines)) * part)))
    chance.shuffle(found)
    return [page for page in found if guard is None or not guard.leaks(page.text, page.id)]


def self_contained(draft: Draft, page: Page) -> bool:
    """Whether the question says by itself what it is about; for reports the year is enough."""
    if draft.scope or draft.kind in _NAMING_KINDS or page.corpus in ("government_reports", "laws"):
        return True
    return is_named(draft.core or draft.forms[0])


def questions_of(page: Page, draft: Draft, chance: random.Random) -> Iterator[Made]:
    """The draft in words: as asked, now and then in English or Traditional script too, near misses for some."""
    question = worded(draft, chance)
    if not 5 <= len(question) <= 90:
        return
    yield Made(question, draft)
    english = in_english(draft, chance) if chance.random() < _ENGLISH_SHARE.get(draft.kind, 0.9) else None
    if english:
        yield Made(english, draft, lang="en")
    if chance.random() < 0.03:
        yield Made(_traditional(question), draft)
    if chance.random() < 0.5 and (swapped := near_miss(question, draft, page, chance)):
        yield Made(swapped, draft, near=True)


def _traditional(question: str) -> str:
    return str(_converter().convert(question))


@lru_cache(maxsize=1)
def _converter() -> Any:
    return importlib.import_module("opencc").OpenCC("s2t")


def chosen(page: Page, drafts: list[Draft], seen: Counter[str], chance: random.Random) -> list[Draft]:
    """A few drafts of a document: kinds in turn, rare ones first, none too often met already."""
    by_kind: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_kind[draft.kind].append(draft)
    picked: list[Draft] = []
    most = SHARES[page.corpus][1]
    while by_kind and len(picked) < most:
        for kind in sorted(by_kind, key=lambda kind: (seen[kind], kind)):
            draft = by_kind[kind].pop(chance.randrange(len(by_kind[kind])))
            if not by_kind[kind]:
                del by_kind[kind]
            alike = f"{draft.core or draft.about}/{draft.english}"
            if seen[alike] < (_MOST_PEOPLE if kind in ("person", "office") else _MOST_ALIKE) and len(picked) < most:
                seen[alike] += 1
                seen[kind] += 1
                picked.append(draft)
    return picked


def as_line(page: Page, made: Made) -> dict[str, object]:
    """The line of the file for a made question."""
    return {
        "question": made.question,
        "corpus": page.corpus,
        "document_id": page.id,
        "spans": [] if made.near else [list(span) for span in made.draft.spans],
        "anchor": list(made.draft.anchor),
        "kind": made.draft.kind,
        "near": made.near,
        "lang": made.lang,
    }


def write_lines(path: Path, lines: Iterable[dict[str, object]]) -> None:
    """Write a file of JSON Lines at once: readers see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_suffix(".part")
    staged.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    staged.replace(path)


@dataclass(slots=True)
class Questions:
    """What has been made so far: for training, and of documents that are kept out."""

    training: list[dict[str, object]] = field(default_factory=list)
    kept: list[dict[str, object]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)

    def add(self, page: Page, chance: random.Random) -> None:
        """Make the questions of a document."""
        wanted = SHARES[page.corpus][1]
        drafts = [
            draft
            for draft in page_drafts(page, wanted, chance)
            if self_contained(draft, page) or chance.random() < (0.25 if page.title else 0.08)
        ]
        for draft in chosen(page, drafts, self.seen, chance):
            for made in questions_of(page, draft, chance):
                if made.question not in self.asked:
                    self.asked.add(made.question)
                    (self.kept if kept_out(page) else self.training).append(as_line(page, made))

    def write(self, folder: Path) -> None:
        """Write what there is; each file is replaced at once."""
        write_lines(folder / "figures.jsonl", self.training)
        write_lines(folder / "figures_heldout.jsonl", self.kept)

    def counts(self) -> dict[str, object]:
        """How many there are of each kind, corpus and sort."""
        return {
            "kinds": Counter(str(line["kind"]) for line in self.training),
            "corpora": Counter(str(line["corpus"]) for line in self.training),
            "near": sum(bool(line["near"]) for line in self.training),
            "english": sum(line["lang"] == "en" for line in self.training),
            "training": len(self.training),
            "held out": len(self.kept),
        }


def report_questions(pages: Iterable[Page], seed: int) -> Iterator[dict[str, object]]:
    """One question for every clear figure of the yearly reports that are kept out."""
    for page in pages:
        if page.corpus != "government_reports" or not kept_out(page):
            continue
        chance = random.Random(f"{seed} {page.id}")
        drafts = page_drafts(page, len(page.text), chance)
        for draft in drafts:
            if is_clear(page, draft, drafts):
                yield as_line(page, Made(worded(draft, chance, whole=True), draft))


def is_clear(page: Page, draft: Draft, others: list[Draft]) -> bool:
    """Whether a figure of a report has one answer only: told once as far as the rules see, its time known."""
    if page.corpus != "government_reports" or not draft.time or draft.kind not in _FIGURE_KINDS:
        return False
    if not draft.core:
        return page.text.count(draft.about[0]) == 1
    if any(other.core == draft.core and other.english == draft.english and other is not draft for other in others):
        return False
    told = re.findall(re.escape(draft.core) + r"[^，。；\n]{0,12}?\d", page.text)
    return len(draft.core) >= 4 and len(told) <= 1


def main() -> None:
    """Make the questions and write the training file and the files kept out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path("data/reader_training"))
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--part", type=float, default=1.0, help="share of the documents; a small one to try rules")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    guard = LeakGuard.from_shared(options.shared) if options.part == 1 else None
    documents = pages(options.shared, guard, options.part, chance)
    write_lines(options.out / "government_figures.jsonl", report_questions(documents, options.seed))
    made = Questions()
    for number, page in enumerate(documents, 1):
        made.add(page, chance)
        if number % 4000 == 0:
            print(f"{number} documents, {len(made.training)} questions", flush=True)
            made.write(options.out)
    made.write(options.out)
    print(json.dumps(made.counts(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
