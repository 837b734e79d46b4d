"""What intake costs and what its cleaning takes away: documents a second, clean articles touched, injected ones found.

python -m evals.intake_figures SHARED_DATA_DIR [--limit N] [--out evals/results/intake.json]
Clean articles are put through the rules for printed pages as if they were text files. Injected ones are made from the
news articles: pieces of the title in turn, or at random, in front of every second clause.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from corpus.articles import articles_of_page
from corpus.injected import injected_spans
from corpus.intake import SourceFile, read_source
from corpus.textforms import stored_form
from evals.run_record import run_record

CLEAN = (
    "news/documents.jsonl",
    "reading/cmrc2018_trial/documents.jsonl",
    "reading/drcd_dev/documents.jsonl",
    "reading/news_mrc_train/documents.jsonl",
    "reading/cjrc_law/documents.jsonl",
    "corpora/government_reports.jsonl.xz",
    "corpora/laws.jsonl.xz",
    "corpora/cctv_2022_2026.jsonl.xz",
    "corpora/news_2023.jsonl.xz",
)
INSERTIONS = 24
LEAST_CHARS = 600


def records(path: Path, limit: int) -> Iterator[tuple[str, str]]:
    """(title, text) of the first documents of a file."""
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open(encoding="utf-8") as stream:
        for line in islice(stream, limit):
            record = json.loads(line)
            yield record.get("title") or "", stored_form(record["text"])


def clean_articles(data: Path, limit: int) -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    for name in CLEAN:
        documents = touched = split = printed = lost = 0
        for title, text in records(data / name, limit):
            documents += 1
            touched += bool(injected_spans(text, title=title))
            found = articles_of_page(f"{title}\n{text}" if title else text)
            split += len(found) > 1
            printed += len(bare(text))
            kept = bare("".join(f"{article.title or ''}{article.text}" for article in found))
            lost += sum(len(bare(line)) for line in text.split("\n") if bare(line) not in kept)
        figures[name] = {
            "documents": documents,
            "touched_by_injection_rules": touched,
            "cut_into_several": split,
            "share_of_characters_dropped": round(lost / printed, 5),
        }
    return figures


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b\u200c\u200e\u200f\u2060\ufeff\xad—]", "", text)


def injected_articles(data: Path, *, in_turn: bool) -> dict[str, float]:
    """Share of injected pages seen as such, share of what was put in that is found, and what else goes with it."""
    draw = random.Random(1)
    pages = seen = put_in = found = wrong = 0
    for title, text in records(data / CLEAN[0], 10_000):
        pieces = pieces_of(title, draw)
        if len(pieces) < 4 or len(text) < LEAST_CHARS:
            continue
        dirty, truth = inject(text, pieces, draw, in_turn=in_turn)
        taken = {place for start, end in injected_spans(dirty, title=title) for place in range(start, end)}
        pages += 1
        seen += bool(taken)
        put_in += len(truth)
        found += len(truth & taken)
        wrong += len(taken - truth)
    return {
        "pages": pages,
        "pages_seen": round(seen / pages, 3),
        "injected_characters_found": round(found / put_in, 3),
        "other_characters_taken_for_each_right_one": round(wrong / max(1, found), 4),
    }


def pieces_of(title: str, draw: random.Random) -> list[str]:
    letters = re.sub(r"[^\u3400-\u9fff]", "", title)
    pieces: list[str] = []
    while letters:
        length = draw.choice((2, 2, 2, 3, 4))
        pieces.append(letters[:length])
        letters = letters[length:]
    return [piece for piece in pieces if len(piece) > 1][:6]


def inject(text: str, pieces: list[str], draw: random.Random, *, in_turn: bool) -> tuple[str, set[int]]:
    turn = cycle(pieces)
    parts: list[str] = []
    truth: set[int] = set()
    length = done = 0
    for number, clause in enumerate(re.findall(r"[^，,。、；]*[，,。、；]|.+", text)):
        if number % 2 and done < INSERTIONS:
            piece = next(turn) if in_turn else draw.choice(pieces)
            parts.append(piece)
            truth |= set(range(length, length + len(piece)))
            length += len(piece)
            done += 1
        parts.append(clause)
        length += len(clause)
    return "".join(parts), truth


def loading_speed(data: Path) -> dict[str, float]:
    path = data / "corpora" / "news_2023.jsonl.xz"
    started = time.perf_counter()
    outcome = read_source(SourceFile(path.name, path))
    seconds = time.perf_counter() - started
    return {
        "documents": len(outcome.documents),
        "passages": sum(len(prepared.passages) for prepared in outcome.documents),
        "documents_per_second": round(len(outcome.documents) / seconds),
        "failures": len(outcome.failures),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=3000, help="documents read of each clean set")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    figures: dict[str, object] = {
        **run_record(f"python -m evals.intake_figures DATA --limit {arguments.limit}"),
        "loading news_2023.jsonl.xz": loading_speed(arguments.data),
        "clean": clean_articles(arguments.data, arguments.limit),
        "injected in turn": injected_articles(arguments.data, in_turn=True),
        "injected at random": injected_articles(arguments.data, in_turn=False),
    }
    printed = json.dumps(figures, ensure_ascii=False, indent=2)
    print(printed)
    if arguments.out:
        arguments.out.write_text(printed + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
