"""What the lexical side costs from ten thousand to a million passages: building, asking, and a thousand changes.

python -m evals.lexical_scale [--shared DIR] [--work DIR] [--label now] [--sizes N...] [--changes N] [--keep]
       [--out FILE]
All text is real; the passages are windows of the corpora, not cut at sentences: of 300 characters, for a million of 125
that overlap. Figures of another label stay in the file: the same script measures an older commit. Times are of the
processor, which other work on the machine hardly changes; only that of a change is by the clock as well.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from evals.run_record import own_command, run_record
from retrieval.durable import link_tree, remove_tree
from retrieval.lexical_index import LexicalIndex, LexicalIndexWriter, is_lock
from retrieval.terms import Terms

SIZES = (10_000, 100_000, 300_000, 1_000_000)
# From here on passages are short: there is not enough text for a million long ones.
SHORT_FROM = 400_000
QUESTIONS, SCORED, CANDIDATES = 300, 80, 100
_ROWS_A_CHANGE = 3
_QUESTION_FILES = {
    "news": "news/questions.jsonl",
    "XQuAD": "xquad/questions_zh.jsonl",
    "XQuAD, English": "xquad/questions_en.jsonl",
}


@dataclass(frozen=True, slots=True)
class Window:
    """How passages are cut, in characters."""

    width: int
    stride: int


def window_for(size: int) -> Window:
    return Window(300, 300) if size < SHORT_FROM else Window(125, 78)


def documents(shared: Path) -> Iterator[dict[str, Any]]:
    """Those that the questions are about first."""
    for name in ("news", "xquad"):
        with (shared / name / "documents.jsonl").open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    for path in sorted((shared / "corpora").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def passages(shared: Path, window: Window) -> Iterator[tuple[str, str]]:
    """Title and text."""
    for document in documents(shared):
        text = document["text"]
        for start in range(0, max(1, len(text) - window.width + window.stride), window.stride):
            yield document.get("title") or "", text[start : start + window.width]


def questions(shared: Path) -> dict[str, list[str]]:
    found = {}
    for name, path in _QUESTION_FILES.items():
        with (shared / path).open(encoding="utf-8") as lines:
            every = [json.loads(line)["question"] for line in lines]
        random.Random(1).shuffle(every)
        found[name] = every[:QUESTIONS]
    return found


def segments(folder: Path) -> list[dict[str, Any]]:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return list(meta["segments"])


def build(shared: Path, folder: Path, size: int) -> dict[str, Any]:
    remove_tree(folder)
    folder.mkdir(parents=True)
    texts = list(islice(passages(shared, window_for(size)), size))
    processor = time.process_time()
    writer = LexicalIndexWriter(folder)
    for row, (title, text) in enumerate(texts):
        writer.add(row, title, None, text)
    writer.finish()
    used = time.process_time() - processor
    return {
        "passages": len(texts),
        "window_chars": window_for(size).width,
        "processor_microseconds_a_passage": round(used / len(texts) * 1e6),
        "mebibytes": round(sum(path.stat().st_size for path in folder.iterdir()) / 2**20, 1),
        "segments": len(segments(folder)),
    }


def built(folder: Path) -> dict[str, Any]:
    """What can be said of an index that another run built."""
    return {"passages": LexicalIndex(folder).count, "segments": len(segments(folder))}


def ask(folder: Path, asked: dict[str, list[str]]) -> dict[str, Any]:
    """Each set's times in milliseconds: median and 95th percentile."""
    index, terms = LexicalIndex(folder), Terms.shipped()
    draw = random.Random(2)
    for warm in ("Duruan", "清溪镇种植凉瓜"):
        index.search(index.prepare(terms.question_groups(warm)), CANDIDATES)
    figures = {}
    for name, each in asked.items():
        times: dict[str, list[float]] = {}
        for question in each:
            rows = [draw.randrange(index.count) for _ in range(SCORED)]
            for step, milliseconds in _steps(index, terms, question, rows).items():
                times.setdefault(step, []).append(milliseconds)
        figures[name] = {step: _middle(values) for step, values in times.items()}
    return figures


def _steps(index: LexicalIndex, terms: Terms, question: str, rows: Sequence[int]) -> dict[str, float]:
    clock = [time.thread_time()]
    query = index.prepare(terms.question_groups(question))
    clock.append(time.thread_time())
    index.search(query, CANDIDATES)
    clock.append(time.thread_time())
    index.scores(query, rows)
    clock.append(time.thread_time())
    names = ("prepare_processor_ms", "search_processor_ms", "scores_processor_ms")
    steps = {name: (after - before) * 1000 for name, before, after in zip(names, clock, clock[1:], strict=False)}
    return {**steps, "all_processor_ms": (clock[-1] - clock[0]) * 1000}


def _middle(values: Sequence[float]) -> dict[str, float]:
    return {f"p{at}": round(float(np.percentile(values, at)), 2) for at in (50, 95)}


def change(shared: Path, folder: Path, work: Path, changes: int, asked: dict[str, list[str]]) -> dict[str, Any]:
    """Replace a document of three passages so many times, each in a linked copy of the one before."""
    size = LexicalIndex(folder).count
    rows = random.Random(5).sample(range(size), changes * _ROWS_A_CHANGE)
    texts = list(islice(passages(shared, Window(300, 300)), changes * _ROWS_A_CHANGE))
    remove_tree(work)
    current, walls, processors, most = folder, [], [], 0
    for number in range(changes):
        among = slice(number * _ROWS_A_CHANGE, (number + 1) * _ROWS_A_CHANGE)
        copy = work / str(number)
        started, processor = time.perf_counter(), time.process_time()
        link_tree(current, copy, skip=is_lock)
        writer = LexicalIndexWriter.extend(copy)
        writer.remove(rows[among])
        for place, (title, text) in enumerate(texts[among], start=size + among.start):
            writer.add(place, title, None, text)
        writer.finish()
        walls.append((time.perf_counter() - started) * 1000)
        processors.append((time.process_time() - processor) * 1000)
        most = max(most, len(segments(copy)))
        if current is not folder:
            remove_tree(current)
        current = copy
    fresh, changed = ask(folder, asked), ask(current, asked)
    return {
        "changes": changes,
        "passages_a_change": _ROWS_A_CHANGE,
        "change_ms": _middle(walls),
        "change_processor_ms": _middle(processors),
        "most_segments": most,
        "segments": len(segments(current)),
        "removed_share": round(LexicalIndex(current).removed_share, 4),
        "asking_fresh": fresh,
        "asking_changed": changed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/lexical"))
    parser.add_argument("--label", default="now")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--keep", action="store_true", help="ask indexes that are built already")
    parser.add_argument("--out", type=Path, default=Path("evals/results/lexical_scale.json"))
    arguments = parser.parse_args()
    asked = questions(arguments.shared)
    figures: dict[str, Any] = {**run_record(own_command()), "sizes": {}}
    for size in arguments.sizes:
        folder = arguments.work / str(size)
        made = built(folder) if arguments.keep else build(arguments.shared, folder, size)
        figures["sizes"][str(size)] = {"build": made, "asking": ask(folder, asked)}
        print(size, json.dumps(figures["sizes"][str(size)], ensure_ascii=False), flush=True)
    if arguments.changes:
        on = arguments.work / str(max(size for size in arguments.sizes if size < SHORT_FROM))
        figures["changes"] = change(arguments.shared, on, arguments.work / "changes", arguments.changes, asked)
        print(json.dumps(figures["changes"], ensure_ascii=False))
    known = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.is_file() else {}
    known[arguments.label] = figures
    arguments.out.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
