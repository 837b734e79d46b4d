"""What the reader is trained on: groups of rows, each a question with passages that answer it and that do not.

Written once as JSON Lines, so that it can be read and checked by people; ``batches`` turns it into numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from corpus.chunking import passages_of
from corpus.documents import Document
from corpus.folding import fold_with_offsets
from corpus.sentences import sentence_spans
from evals.datasets import read_lines, read_questions
from evals.reader_training.glosses import EnglishQuestions
from evals.reader_training.leaks import LeakGuard
from evals.reader_training.negatives import NearestPassages
from retrieval.trained_reader.pairs import prefix_of

# Sets whose training half may train (the licence of each: docs/models.md), with their files of questions.
SETS: dict[str, tuple[str, ...]] = {
    "reading/cmrc2018_trial": ("questions.jsonl",),
    "reading/drcd_dev": ("questions.jsonl",),
    "reading/dureader_checklist": ("questions.jsonl",),
    "xquad": ("questions_zh.jsonl", "questions_en.jsonl"),
    "news": ("questions.jsonl", "questions_needing_context.jsonl", "events.jsonl"),
}
CORPORA = ("government_reports", "cctv_2022_2026", "laws", "news_2023")
MADE = ("figures.jsonl", "cloze.jsonl")

_SHORT, _LONG = (70, 180), (180, 300)
_TITLE_SHARE = 0.85
_SHORT_SHARE = 0.6
# Several cuts of the same passage for questions that people wrote: there are few of them.
_HUMAN_COPIES = 3
_MOST_ANSWER_CHARS = 120
_ENGLISH_HUMAN_SHARE, _ENGLISH_MADE_SHARE = 0.2, 0.08


@dataclass(frozen=True, slots=True)
class Row:
    """A passage for a question. ``spans`` are code points of it; ``relevant`` None: not to be ranked by."""

    prefix: str
    passage: str
    spans: tuple[tuple[int, int], ...]
    relevant: bool | None


@dataclass(frozen=True, slots=True)
class Group:
    """One question with its rows. ``human``: written by people, not made by rules."""

    source: str
    human: bool
    question: str
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        rows = [[row.prefix, row.passage, row.spans, row.relevant] for row in self.rows]
        return {"source": self.source, "human": self.human, "question": self.question, "rows": rows}

    @classmethod
    def of_json(cls, line: dict[str, Any]) -> Group:
        rows = tuple(Row(p, t, tuple((a, b) for a, b in spans), relevant) for p, t, spans, relevant in line["rows"])
        return cls(line["source"], line["human"], line["question"], rows)


@dataclass(slots=True)
class Wanted:
    """A question of a document before it has passages."""

    source: str
    human: bool
    question: str
    document: Document
    spans: tuple[tuple[int, int], ...]
    place: tuple[int, int] | None
    ranked: bool = True
    negatives: int = 1
    near: bool = False
    answers: tuple[str, ...] = ()
    # What negatives are looked for with, where the question itself shares no words with Chinese passages.
    search: str = ""


def is_development(key: str) -> bool:
    """Whether a document's questions are kept out of the network's training to fit what comes after it."""
    digest = hashlib.sha256(key.encode()).digest()
    return digest[0] < 128 and digest[1] >= 204


def occurrences(text: str, answer: str) -> list[tuple[int, int]]:
    """Where an answer stands in a text, compared folded; a number never inside a longer one."""
    folded, offsets = fold_with_offsets(text)
    wanted = fold_with_offsets(answer)[0].strip()
    found = []
    for match in re.finditer(re.escape(wanted), folded) if wanted else ():
        low, high = match.span()
        inside = (low and folded[low - 1].isdigit() and wanted[0].isdigit()) or (
            high < len(folded) and folded[high].isdigit() and wanted[-1].isdigit()
        )
        if not inside:
            found.append((offsets[low], offsets[high]))
    return found


def cut_around(text: str, start: int, end: int, limits: tuple[int, int], chance: random.Random) -> tuple[int, int]:
    """A run of whole sentences that holds ``text[start:end]``, about as long as ``limits`` ask."""
    sentences = sentence_spans(text)
    held = [i for i, (low, high) in enumerate(sentences) if low < end and high > start]
    if not held:
        return max(0, start - 60), min(len(text), end + 60)
    first, last = held[0], held[-1]
    wanted = chance.randint(*limits)
    while True:
        room = wanted - (sentences[last][1] - sentences[first][0])
        sides = []
        if first > 0 and sentences[first][0] - sentences[first - 1][0] <= room:
            sides.append("before")
        if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[last][1] <= room:
            sides.append("after")
        if not sides:
            break
        if chance.choice(sides) == "before":
            first -= 1
        else:
            last += 1
    low, high = sentences[first][0], sentences[last][1]
    if high - low > 400:  # a sentence without an end: keep what is round the answer
        low, high = max(low, start - chance.randint(20, 150)), min(high, end + chance.randint(20, 150))
    return low, high


def documents_of(path: Path) -> dict[str, Document]:
    """The documents of a JSON Lines file by id."""
    found = {}
    for line in read_lines(path):
        found[line["id"]] = Document(
            line["id"], line.get("title") or "", line["text"], None, _date(line.get("published_at")), None, str(path)
        )
    return found


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def human_questions(shared: Path, guard: LeakGuard, chance: random.Random) -> Iterator[Wanted]:
    """The training halves of the open sets, documents for development and leaking ones left out."""
    for folder, files in SETS.items():
        documents = documents_of(shared / "data" / folder / "documents.jsonl")
        leaking: dict[str, bool] = {}
        chinese: dict[str, str] = {}
        for file in files:
            for question in read_questions(shared / "data" / folder / file):
                key = question.contexts[0] if question.contexts else ""
                chinese.setdefault(question.id, question.text)
                if question.for_checking or key not in documents or is_development(key):
                    continue
                document = documents[key]
                if key not in leaking:
                    leaking[key] = guard.leaks(document.text, document.id)
                if not leaking[key]:
                    source = f"{Path(folder).name}/{Path(file).stem}"
                    for each in _human(source, question.text, question.answers, document, chance):
                        yield replace(each, search=chinese[question.id])


def _human(
    source: str, question: str, answers: tuple[str, ...], document: Document, chance: random.Random
) -> Iterator[Wanted]:
    if "events" in source:
        # A whole event as a question: for ranking alone.
        yield Wanted(source, True, question, document, (), (0, min(200, len(document.text))), negatives=3)
        return
    if not answers:
        for _ in range(2):
            place = chance.randrange(max(1, len(document.text) - 40))
            yield Wanted(source, True, question, document, (), (place, place + 1), near=True, ranked=False)
        return
    places = [place for answer in answers for place in occurrences(document.text, answer)]
    places = [(low, high) for low, high in places if high - low <= _MOST_ANSWER_CHARS]
    if places:
        copies = 1 if "dureader" in source else _HUMAN_COPIES
        for _ in range(copies):
            yield Wanted(
                source,
                True,
                question,
                document,
                tuple(places),
                places[0],
                answers=answers,
                negatives=chance.choice([1, 1, 2]),
            )


def made_questions(
    folder: Path, shared: Path, guard: LeakGuard, share: float, most: int, chance: random.Random
) -> Iterator[Wanted]:
    """Questions made by rules, of documents that do not leak into a test."""
    opened: dict[str, dict[str, Document]] = {}
    leaking: dict[tuple[str, str], bool] = {}
    for name in MADE:
        path = folder / name
        if not path.exists():
            continue
        lines = list(read_lines(path))
        for line in chance.sample(lines, min(most, len(lines))):
            corpus = line["corpus"]
            if corpus not in opened:
                opened[corpus] = documents_of(_corpus_path(shared, corpus))
            document = opened[corpus].get(line["document_id"])
            if document is None or is_development(document.id):
                continue
            key = corpus, document.id
            if key not in leaking:
                leaking[key] = guard.leaks(document.text, document.id)
            if leaking[key]:
                continue
            spans = tuple((low, high) for low, high in line["spans"])
            place = spans[0] if spans else tuple(line["anchor"])
            answers = tuple(document.text[low:high] for low, high in spans)
            negatives = 0 if line["near"] else int(chance.random() < share)
            yield Wanted(
                f"{path.stem}/{line['kind']}",
                False,
                line["question"],
                document,
                spans,
                place,
                not line["near"],
                negatives,
                line["near"],
                answers,
            )


def with_english(wanted: Sequence[Wanted], english: EnglishQuestions, chance: random.Random) -> Iterator[Wanted]:
    """The questions, and of some Chinese ones a rough English version besides."""
    for each in wanted:
        yield each
        is_chinese = not each.question.isascii()
        if (
            is_chinese
            and "events" not in each.source
            and chance.random() < (_ENGLISH_HUMAN_SHARE if each.human else _ENGLISH_MADE_SHARE)
        ):
            said = english.of(each.question, chance)
            if said:
                yield replace(each, source="english/" + each.source, question=said, search=each.question)


def _corpus_path(shared: Path, corpus: str) -> Path:
    if corpus in CORPORA:
        return shared / "data" / "corpora" / f"{corpus}.jsonl.xz"
    folder = next(name for name in SETS if Path(name).name == corpus)
    return shared / "data" / folder / "documents.jsonl"


@dataclass(frozen=True, slots=True)
class _Other:
    """A passage that may be shown beside the right one."""

    document_id: str
    prefix: str
    text: str


def build(wanted: Sequence[Wanted], chance: random.Random) -> Iterator[Group]:
    """Groups with a positive row, or a near miss, and passages that share words with the question."""
    pool: list[_Other] = []
    own: dict[str, list[int]] = defaultdict(list)
    for document in {each.document.id: each.document for each in wanted}.values():
        for passage in passages_of(document, ())[:6]:
            own[document.id].append(len(pool))
            prefix = prefix_of(document.title, None, document.published_at)
            pool.append(_Other(document.id, prefix, passage.text))
    print(len(pool), "passages to choose negatives from", flush=True)
    asking = [i for i, each in enumerate(wanted) if each.negatives]
    nearest = NearestPassages([f"{other.prefix} {other.text}" for other in pool])
    found = dict(
        zip(asking, nearest.nearest([wanted[i].search or wanted[i].question for i in asking], 12), strict=True)
    )
    for index, each in enumerate(wanted):
        positive = _positive(each, chance)
        if positive is None:
            continue
        rows = [positive]
        candidates = [i for i in found.get(index, []) if _may_stand_against(each, pool[i])]
        chance.shuffle(siblings := [i for i in own[each.document.id] if _may_stand_against(each, pool[i], own=True)])
        for _ in range(each.negatives):
            take_sibling = siblings and (not candidates or chance.random() < 0.35)
            if not take_sibling and not candidates:
                break
            # The nearest are the hardest; not always the very first, which may be right unknown to us.
            chosen = siblings.pop() if take_sibling else candidates.pop(min(chance.randrange(4), len(candidates) - 1))
            rows.append(_negative(pool[chosen], chance))
        yield Group(each.source, each.human, each.question, tuple(rows))


def _may_stand_against(each: Wanted, other: _Other, *, own: bool = False) -> bool:
    if (other.document_id == each.document.id) != own:
        return False
    flat = re.sub(r"\W", "", other.text)
    return not any(re.sub(r"\W", "", answer) in flat for answer in each.answers)


def _positive(each: Wanted, chance: random.Random) -> Row | None:
    text = each.document.text
    place = chance.choice(each.spans) if each.spans else each.place
    if place is None:
        return None
    low, high = cut_around(text, *place, _SHORT if chance.random() < _SHORT_SHARE else _LONG, chance)
    # An answer found by its words may stand in several places of the passage: each of them is right.
    spans = tuple((a - low, b - low) for a, b in each.spans if low <= a and b <= high)
    title = each.document.title if chance.random() < _TITLE_SHARE else ""
    prefix = prefix_of(title, None, each.document.published_at)
    return Row(prefix, text[low:high], spans, True if each.ranked else None)


def _negative(other: _Other, chance: random.Random) -> Row:
    text = other.text
    if chance.random() < _SHORT_SHARE and len(text) > _SHORT[1]:
        place = chance.randrange(len(text))
        low, high = cut_around(text, place, min(place + 1, len(text)), _SHORT, chance)
        text = text[low:high]
    return Row(other.prefix if chance.random() < _TITLE_SHARE else "", text, (), False)


def write_examples(folder: Path, shared: Path, *, share: float, most: int, seed: int) -> Path:
    """Write ``examples.jsonl`` and say what is in it."""
    chance = random.Random(seed)
    guard = LeakGuard.from_shared(shared)
    chinese = [*human_questions(shared, guard, chance), *made_questions(folder, shared, guard, share, most, chance)]
    wanted = list(with_english(chinese, EnglishQuestions.installed(), chance))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    path = folder / "examples.jsonl"
    with path.with_suffix(".part").open("w", encoding="utf-8") as out:
        for group in build(wanted, chance):
            out.write(json.dumps(group.as_json(), ensure_ascii=False) + "\n")
            count = counts[group.source]
            count[0] += 1
            count[1] += len(group.rows)
            count[2] += sum(bool(row.spans) for row in group.rows)
    path.with_suffix(".part").replace(path)
    for source, (groups, rows, answered) in sorted(counts.items()):
        print(f"{source}: {groups} questions, {rows} rows, {answered} answered")
    return path


def read_groups(path: Path) -> Iterable[Group]:
    """The groups of an examples file."""
    return (Group.of_json(line) for line in read_lines(path))


def main() -> None:
    """Build the examples from the shared sets and the made questions."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments.add_argument("--folder", type=Path, default=Path("data/reader_training"))
    arguments.add_argument("--negatives", type=float, default=0.4, help="share of made questions with a negative")
    arguments.add_argument("--most", type=int, default=16000, help="made questions of each file at most")
    arguments.add_argument("--seed", type=int, default=7)
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_examples(options.folder, options.shared, share=options.negatives, most=options.most, seed=options.seed)


if __name__ == "__main__":
    main()
