"""The large corpus from nothing: when the first right answer comes, how fast both sides go, also after a stop.

The whole would take hours, so it is embedded for a while only; what the rest would take is worked out.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.datasets import read_lines, read_questions
from evals.embedding_ratio import embedding_ratio
from evals.index_prober import Expected, Prober, places_of
from evals.index_process import IndexProcess, vectors_kept
from evals.index_scale import Bench
from evals.side_process import SideProcess
from retrieval.errors import SnapshotError
from retrieval.manifest import Manifest
from retrieval.snapshot import current_folder

LARGE = "large"
_LONGEST_SECONDS = 1200.0
# How often each question is asked before it is given up.
_ROUNDS = 5
_RATIO_SECONDS = 60.0
# A text is known again by some of its characters, as the copies differ in how they begin.
_KNOWN_BY = ((0, 40), (60, 100))


def measure_from_nothing(bench: Bench, shared: Path, corpus: Path, *, seconds: float) -> dict[str, Any]:
    """The figures; ``seconds``: how long it is embedded before the stop and after it. Leaves the index to the changes.

    Raises: RuntimeError: indexing failed, or nothing was answered in twenty minutes.
    """
    data = bench.folder / LARGE
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    places = places_of(data, bench.models, corpus)
    asked = shared_questions(shared, corpus)
    bench.say(f"the large corpus from nothing; {len(asked)} questions about it")
    with SideProcess(Prober, places) as prober:
        first = _first_run(prober, places, data, asked, seconds)
        right = sum(prober.each("is_right", list(asked)))
    bench.say(f"first right answer after {first['minutes_until_first_right_answer']} minutes; going on after the stop")
    again = _second_run(places, data, seconds)
    passages = Manifest.read(current_folder(data / "index")).passages
    rate = again["embedded_passages_per_second"]
    with SideProcess(embedding_ratio, bench.models, data, _RATIO_SECONDS) as ratio:
        embedding = ratio.call("figures")
    return {
        "passages": passages,
        **first,
        "lexical_passages_per_second": round(passages / first["seconds_until_first_snapshot"]),
        "questions_about_the_corpus": len(asked),
        "right_while_hardly_anything_is_embedded": right,
        "after_a_stop": again,
        "embedding_all_would_take_hours": round(passages / rate / 3600, 1),
        "embedding_beside_sentence_transformer": embedding,
    }


def shared_questions(shared: Path, corpus: Path) -> list[Expected]:
    """Questions on news articles that the corpus holds too."""
    articles = list(read_lines(shared / "data" / "news" / "documents.jsonl"))
    known = [{article["text"][slice(*cut)]: article["id"] for article in articles} for cut in _KNOWN_BY]
    held = {
        known[number].get(line["text"][slice(*cut)])
        for path in sorted(corpus.glob("*.jsonl"))
        for line in read_lines(path)
        for number, cut in enumerate(_KNOWN_BY)
    }
    questions = read_questions(shared / "data" / "news" / "questions.jsonl")
    return [Expected(each.text, each.answers) for each in questions if held.intersection(each.contexts)]


def _first_run(
    prober: SideProcess, places: dict[str, str], data: Path, asked: Sequence[Expected], seconds: float
) -> dict[str, Any]:
    with IndexProcess(places, data / "index.log") as run:
        snapshot_seconds, number = 0.0, 0
        while True:
            if not run.is_running() or run.seconds > _LONGEST_SECONDS or number > _ROUNDS * len(asked):
                raise RuntimeError(f"of {len(asked)} questions none was answered rightly")
            if not snapshot_seconds and _serves(data):
                snapshot_seconds = run.seconds
            if snapshot_seconds and prober.call("is_right", asked[number % len(asked)]):
                break
            number += 1 if snapshot_seconds else 0
            time.sleep(0.05)
        answer_seconds = run.seconds
        embedded = _rate(run, data, seconds)
        stopped = run.stop()
    return {
        "seconds_until_first_snapshot": round(snapshot_seconds, 1),
        "minutes_until_first_right_answer": round(answer_seconds / 60, 2),
        "questions_asked_until_then": number + 1,
        **embedded,
        "seconds_until_stopped": round(stopped, 2),
    }


def _second_run(places: dict[str, str], data: Path, seconds: float) -> dict[str, Any]:
    before, _ = vectors_kept(data / "vectors.db")
    with IndexProcess(places, data / "index.log") as run:
        while vectors_kept(data / "vectors.db")[0] == before and run.is_running():
            time.sleep(0.05)
        going = run.seconds
        embedded = _rate(run, data, seconds)
    after, twice = vectors_kept(data / "vectors.db")
    return {
        "vectors_kept_from_before": before,
        "seconds_until_it_embeds_again": round(going, 1),
        **embedded,
        "vectors_in_the_end": after,
        "embedded_twice": twice,
    }


def _rate(run: IndexProcess, data: Path, seconds: float) -> dict[str, Any]:
    """Passages embedded a second over a while, everything that goes with it included."""
    started, before = time.monotonic(), vectors_kept(data / "vectors.db")[0]
    while time.monotonic() - started < seconds and run.is_running():
        time.sleep(0.5)
    gained = vectors_kept(data / "vectors.db")[0] - before
    return {"embedded_passages_per_second": round(gained / (time.monotonic() - started), 1), "measured_for": seconds}


def _serves(data: Path) -> bool:
    try:
        return (current_folder(data / "index") / "manifest.json").is_file()
    except (SnapshotError, json.JSONDecodeError):
        return False
