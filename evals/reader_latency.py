"""The part of the reader's benchmark about time: one question over eight passages of 200 tokens, read in full.

The passages are made from sentences of ours and answer nothing, so that no reader stops early.
"""

from __future__ import annotations

import json
import random
import statistics as sums
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from corpus.documents import Document, Passage
from embeddings.agreement import SENTENCES
from retrieval.hits import Hit, Reader

if TYPE_CHECKING:
    from evals.readers_under_test import UnderTest

PASSAGES, TOKENS = 8, 200
_QUESTION = "去年底全市共有多少家养老机构通过了星级评定？"
_WARM_UP = 3


class EveryTerm:
    """``TermStatistics`` of a corpus in which every term is as rare as any other."""

    def idf(self, term: str) -> float:
        return 5.0

    def occurs(self, term: str) -> bool:
        return True


def latency(readers: Mapping[str, UnderTest], models_dir: Path, *, rounds: int = 20) -> dict[str, Any]:
    """p50 and p95 in milliseconds of each reader, for eight passages and for one."""
    hits = passages(models_dir, PASSAGES)
    found = {}
    for name, under_test in readers.items():
        times = {count: timed_reading(under_test.reader, hits[:count], rounds=rounds) for count in (PASSAGES, 1)}
        found[name] = {f"passages_{count}": _figures(values) for count, values in times.items()}
    return found


def whole_ask(path: Path) -> dict[str, Any]:
    """What ``evals.ask_benchmark`` keeps of a whole question, by reader; {} where it was not run."""
    if not path.is_file():
        return {}
    report = json.loads(path.read_text(encoding="utf-8"))
    return {"run": report["run"], **report.get("readers", {})}


def passages(models_dir: Path, count: int) -> list[Hit]:
    """Passages of 200 tokens of the bundled model, all different."""
    path = next(models_dir.glob("*/tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    chance = random.Random(4)
    hits = []
    for number in range(count):
        drawn = "".join(chance.choices(SENTENCES[:-1], k=30))
        end = tokenizer.encode(drawn, add_special_tokens=False).offsets[TOKENS - 1][1]
        document = Document(f"d{number}", f"第{number}号材料", drawn[:end], None, None, None, "made")
        passage = Passage(f"p{number}", document.id, document.text, 0, end, None)
        hits.append(Hit(passage, document, score=1.0 - number / 10, rank=number + 1, dense=0.85, lexical=5.0))
    return hits


def timed_reading(reader: Reader, hits: Sequence[Hit], *, rounds: int) -> list[float]:
    """Milliseconds of each of some readings, warm; another question each time."""
    times = []
    for number in range(_WARM_UP + rounds):
        started = time.perf_counter()
        reader.read(f"{2000 + number}年{_QUESTION}", hits, EveryTerm())
        times.append((time.perf_counter() - started) * 1000)
    return times[_WARM_UP:]


def _figures(milliseconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(sums.median(milliseconds), 1),
        "p95_ms": round(sums.quantiles(milliseconds, n=20)[-1], 1),
        "rounds": len(milliseconds),
    }
