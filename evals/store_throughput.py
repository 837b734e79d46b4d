"""How fast the store takes and gives documents and passages, at the size of a large corpus.

python -m evals.store_throughput [--documents N] [--database URL] [--out evals/results/store_throughput.json]
Synthetic documents of 600 characters in 5 passages; the database is a new SQLite file unless a URL is given.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from corpus.database import open_database
from corpus.documents import Document, FileOutcome, Passage, PreparedDocument
from corpus.store import DocumentStore
from evals.run_record import own_command, run_record

SENTENCE = "今年全镇凉瓜种植面积约五千亩，产值同比增长百分之八，带动农户一千二百户增收。"
PASSAGE_CHARS, PASSAGES = 120, 5
Result = TypeVar("Result")


def document(number: int) -> PreparedDocument:
    length = PASSAGE_CHARS * PASSAGES
    text = (f"第{number}号。" + SENTENCE * (length // len(SENTENCE) + 1))[:length]
    document_id = f"synthetic-{number}"
    passages = tuple(
        Passage(
            hashlib.sha256(f"{number}/{start}".encode()).hexdigest()[:20],
            document_id,
            text[start : start + PASSAGE_CHARS],
            start,
            start + PASSAGE_CHARS,
            None,
        )
        for start in range(0, length, PASSAGE_CHARS)
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PreparedDocument(
        Document(document_id, f"第{number}号", text, None, None, None, "all.jsonl"), passages, digest
    )


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def measure(store: DocumentStore, documents: int) -> dict[str, float]:
    everything = tuple(document(number) for number in range(documents))
    passages = documents * PASSAGES
    outcome = FileOutcome("all.jsonl", "utf-8", everything)
    first = hashlib.sha256(b"first").hexdigest()
    stored, insert_seconds = timed(lambda: store.remember_file(first, outcome))
    again, again_seconds = timed(lambda: store.remember_file(hashlib.sha256(b"second").hexdigest(), outcome))
    assert again.versions == stored.versions
    _, remembered_seconds = timed(lambda: store.remembered_file("all.jsonl", first))
    _, versions_seconds = timed(lambda: store.versions(stored.versions))
    rows, stream_seconds = timed(lambda: [row.row for row in store.passage_rows(stored.versions)])
    draw = random.Random(7)
    loads = [timed(lambda: store.load_rows(draw.sample(rows, 20)))[1] * 1000 for _ in range(200)]
    return {
        "documents": documents,
        "passages": passages,
        "insert_passages_per_second": round(passages / insert_seconds),
        "insert_seconds": round(insert_seconds, 2),
        "insert_again_unchanged_seconds": round(again_seconds, 2),
        "unchanged_file_seconds": round(remembered_seconds, 3),
        "all_version_infos_seconds": round(versions_seconds, 2),
        "stream_passages_per_second": round(passages / stream_seconds),
        "load_20_random_passages_ms_median": round(statistics.median(loads), 2),
        "load_20_random_passages_ms_p95": round(statistics.quantiles(loads, n=20)[18], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=68_221)
    parser.add_argument("--database", help="SQLAlchemy URL of an empty database")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(arguments.database or f"sqlite:///{folder}/yiju.db")
        store = DocumentStore(engine)
        store.migrate()
        figures = measure(store, arguments.documents)
        engine.dispose()
    result = {
        **run_record(own_command()),
        "load": f"{os.getloadavg()[0]:.1f} at the end",
        "database": engine.dialect.name,
        "data": "synthetic, made by the script",
        **figures,
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
