"""Edits in the large corpus: how soon one is found, what a thousand in a row cost, and what they leave behind.

Every passage of the corpus gets a made vector in the cache first, as if it had been embedded; passages of edits are
embedded for real.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from corpus.store_rows import chunks
from embeddings.cache import VectorCache, text_key
from evals.index_changer import Changer
from evals.index_figures import percentiles, ratio
from evals.index_from_nothing import LARGE
from evals.index_prober import Prober, places_of
from evals.index_process import IndexProcess
from evals.index_scale import WARM_UP, Bench
from evals.index_sides import SideFolders, side
from evals.index_texts import open_store, text_of
from evals.large_corpus import SINGLE_FILES, edit_line, edit_single
from evals.side_process import SideProcess
from retrieval.snapshot import Snapshot, current_folder

_EDITS = 5
_LONGEST_SECONDS = 900.0
_FOUND_SECONDS = 120.0
_CHUNK = 2000
_TURN = 25
_LARGE_FILE = "news_2023"
_SENTENCE = "{place}大桥第{number}标段于当日完工，全长{metres}米。"
_QUESTION = "{place}大桥第{number}标段全长多少米？"


def measure_changes(bench: Bench, corpus: Path, *, changes: int, embedding_hours: float | None) -> dict[str, Any]:
    """The figures. ``embedding_hours``: what embedding all would take, of the part before, where it was measured.

    Raises: RuntimeError: that part has left no index, or indexing failed.
    """
    data = bench.folder / LARGE
    if not (data / "index").is_dir():
        raise RuntimeError("there is no index of the large corpus; run the part 'nothing' first")
    places = places_of(data, bench.models, corpus)
    filled = _fill(bench, data, places)
    edits = _edits(corpus, data, places)
    bench.say(f"one edit is found after {edits['single_file']['seconds_until_found']} s; {changes} changes")
    row = _many(bench, corpus, data, changes)
    changed = current_folder(data / "index")
    fresh, rebuild = _fresh(data, places)
    edit_seconds = edits["single_file"]["seconds_until_found"]["p50"]
    return {
        "filling_in_known_vectors": filled,
        "one_edit": edits,
        "full_rebuild_with_all_vectors_known_seconds": rebuild,
        "full_rebuild_over_one_edit": ratio(rebuild, edit_seconds),
        "full_rebuild_with_embedding_over_one_edit": (
            None if embedding_hours is None else ratio(embedding_hours * 3600 + rebuild, edit_seconds)
        ),
        "changes_in_a_row": row,
        "after_the_changes_beside_a_fresh_build": _beside(bench, data, changed, fresh),
    }


def _fill(bench: Bench, data: Path, places: dict[str, str]) -> dict[str, Any]:
    """Vectors for every passage into the cache, and the snapshot that has them all."""
    store, cache = open_store(data / "yiju.db"), VectorCache(data / "vectors.db")
    with_all = current_folder(data / "index")
    snapshot = Snapshot.open(with_all, bench.fit)
    versions, number = snapshot.versions.tolist(), 0
    snapshot.close()
    for rows in chunks(store.passage_rows(versions), _CHUNK):
        keys = list({text_key(text_of(row)): None for row in rows})
        known = cache.lookup(bench.fit.model_id, keys)
        missing = [key for key in keys if key not in known]
        # From the end: the last vectors are made ones, and as good as any, whatever the text.
        taken = np.arange(number, number + len(missing)) % len(bench.vectors.matrix)
        cache.store(bench.fit.model_id, missing, np.array(bench.vectors.matrix[::-1][taken]))
        number += len(missing)
    cache.close()
    bench.say(f"{number:,} made vectors are in the cache")
    with IndexProcess(places, data / "index.log") as run:
        seconds = run.wait(_LONGEST_SECONDS)
    return {"made_vectors": number, "seconds": round(seconds, 1), "parts": _vector_parts(data, bench)}


def _edits(corpus: Path, data: Path, places: dict[str, str]) -> dict[str, Any]:
    """Seconds from the change of a file until another process finds it, `yiju index` being started after the change."""
    with SideProcess(Prober, places) as prober:
        single = [
            _found_after(prober, data, places, lambda text: edit_single(corpus, number, text), number)  # noqa: B023
            for number in range(_EDITS)
        ]
        line = [
            _found_after(prober, data, places, lambda text: edit_line(corpus, _LARGE_FILE, text), number)
            for number in range(_EDITS, _EDITS + 2)
        ]
    return {"single_file": _spread(single), f"one_line_of_{_LARGE_FILE}": _spread(line)}


def _found_after(
    prober: SideProcess, data: Path, places: dict[str, str], edit: Callable[[str], None], number: int
) -> tuple[float, float]:
    sentence = _SENTENCE.format(place="云雀湾", number=number, metres=7000 + number)
    question = _QUESTION.format(place="云雀湾", number=number)
    if prober.call("finds", question, sentence):
        raise RuntimeError("the sentence of the edit is in the corpus already")
    started = time.monotonic()
    edit(sentence)
    with IndexProcess(places, data / "index.log") as run:
        while not prober.call("finds", question, sentence):
            if time.monotonic() - started > _FOUND_SECONDS:
                raise RuntimeError(f"an edit was not found after {_FOUND_SECONDS:.0f} s")
            run.is_running()
            time.sleep(0.02)
        found = time.monotonic() - started
        return found, run.wait(_FOUND_SECONDS)


def _spread(times: list[tuple[float, float]]) -> dict[str, Any]:
    found, done = [found for found, _ in times], [done for _, done in times]
    return {
        "edits": len(times),
        "seconds_until_found": {"p50": round(statistics.median(found), 2), "most": round(max(found), 2)},
        "process_seconds_p50": round(statistics.median(done), 2),
    }


def _many(bench: Bench, corpus: Path, data: Path, changes: int) -> dict[str, Any]:
    seconds: list[float] = []
    started = time.monotonic()
    with SideProcess(Changer, data, corpus, bench.models) as changer:
        for number in range(changes):
            # The files of the edits before are left alone.
            place = _EDITS + number % (SINGLE_FILES - _EDITS)
            sentence = _SENTENCE.format(place="石榴坪", number=number, metres=3000 + number)
            seconds.append(changer.call("change", place, sentence))
        memory = changer.call("memory")
    tenth = max(2, changes // 10)
    return {
        "changes": changes,
        "seconds_in_all": round(time.monotonic() - started, 1),
        "milliseconds_a_change": percentiles([1000 * each for each in seconds]),
        "first_tenth_ms": percentiles([1000 * each for each in seconds[:tenth]]),
        "last_tenth_ms": percentiles([1000 * each for each in seconds[-tenth:]]),
        "most_ms": round(1000 * max(seconds)),
        "resident_mib_of_the_process": memory,
        "vector_parts": _vector_parts(data, bench),
    }


def _fresh(data: Path, places: dict[str, str]) -> tuple[Path, float]:
    """A build from nothing of the same sources, every vector known: its snapshot and its seconds."""
    with IndexProcess(places, data / "index.log", "--full") as run:
        seconds = run.wait(_LONGEST_SECONDS)
    return current_folder(data / "index"), round(seconds, 1)


def _beside(bench: Bench, data: Path, changed: Path, fresh: Path) -> dict[str, Any]:
    """Latency and memory of both snapshots, asked the same in turns."""
    folders = [
        SideFolders(database=data / "yiju.db", snapshot=snapshot, models=bench.models, fit=bench.fit)
        for snapshot in (changed, fresh)
    ]
    with (
        SideProcess(side, "product", folders[0], bench.questions) as one,
        SideProcess(side, "product", folders[1], bench.questions) as other,
    ):
        numbers = np.random.default_rng(6).permutation(len(bench.questions.texts)).tolist()
        times: list[list[float]] = [[], []]
        for process in (one, other):
            process.each("ask", numbers[:WARM_UP])
        for turn in chunks(numbers[WARM_UP:], _TURN):
            for process, own in zip((one, other), times, strict=True):
                own.extend(loaded for _, loaded in process.each("ask", turn))
        memory = [one.call("memory"), other.call("memory")]
    latency = [percentiles(each) for each in times]
    return {
        "changed": {"with_passages_loaded_ms": latency[0], "resident_mib": memory[0]},
        "fresh": {"with_passages_loaded_ms": latency[1], "resident_mib": memory[1]},
        "changed_over_fresh": {
            **{at: ratio(latency[0][at], latency[1][at]) for at in ("p50", "p95")},
            "resident": ratio(memory[0]["all"], memory[1]["all"]),
        },
    }


def _vector_parts(data: Path, bench: Bench) -> dict[str, int]:
    snapshot = Snapshot.open(current_folder(data / "index"), bench.fit)
    found = {"parts": len(snapshot.vectors.parts), "segments": snapshot.lexical.segments}
    found["passages"], found["embedded"] = snapshot.manifest.passages, snapshot.manifest.embedded
    snapshot.close()
    return found
