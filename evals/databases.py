"""Whether an installation answers the same on SQLite and on PostgreSQL, and how fast it indexes, answers and writes.

tests/with-postgres python -m evals.databases --corpus DIR --questions FILE.jsonl --models DIR [--out FILE]
The server of YIJU_TEST_POSTGRES_URL gets a database of its own, which goes afterwards. tests/with-postgres starts one
that syncs nothing, as SQLite does not at each commit either (docs/decisions/0005).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from bot import app, app_index
from bot.answers import Answer, Outcome
from bot.indexing_jobs import ReindexOptions
from bot.settings import load_settings
from bot.state.audit import Deed
from bot.state.store import StateStore
from evals.run_record import run_record

OUT = Path("evals/results/databases.json")
POSTGRES_VARIABLE = "YIJU_TEST_POSTGRES_URL"
WRITERS, WRITES = 8, 100
# Those that must not depend on the database; latency may.
FIGURES = ("questions", "hit@1", "hit@5", "mrr@10", "answer_accuracy", "citation_accuracy", "refusal_auroc")


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """A new database on a PostgreSQL server."""
    name = f"yiju_eval_{os.getpid()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def measured(folder: Path, models: Path, corpus: Path, questions: list[Path], url: str | None) -> dict[str, Any]:
    """Figures of an installation whose database is ``url``, or SQLite in ``folder``."""
    said = {"YIJU_DATA_DIR": str(folder), "YIJU_MODELS_DIR": str(models), "YIJU_CORPUS_DIR": str(corpus)}
    settings = load_settings(said if url is None else said | {"YIJU_DATABASE_URL": url})
    began = time.perf_counter()
    report = app_index.build_index(settings, None, ReindexOptions(), say=_quiet, progress=_quiet)
    seconds = time.perf_counter() - began
    told = app.evaluate(settings, questions, None, say=_quiet, progress=_quiet)
    with app.open_stores(settings) as stores:
        writes = writes_a_second(stores.state)
    return {
        "documents": report["documents"]["added"],
        "passages": report["passages"],
        "index_seconds": round(seconds, 1),
        "figures": {name: told[name] for name in FIGURES},
        "latency_ms": told["latency_ms"],
        "writes_a_second": {f"{WRITERS} writers": round(writes)},
    }


def writes_a_second(state: StateStore) -> float:
    """Transactions a second: each writer keeps an answer and a line of the audit, in turn."""
    begin = threading.Barrier(WRITERS + 1)

    def work(writer: int) -> None:
        begin.wait()
        for number in range(WRITES):
            state.answers.save(_answer(f"{writer}-{number}"), question="凉瓜产值多少？", owner=f"key:{writer}")
            state.audit.add(Deed(f"key:{writer}", "http", "question", "凉瓜产值多少？"))

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return WRITERS * WRITES * 2 / (time.perf_counter() - began)


def _answer(answer_id: str) -> Answer:
    return Answer(answer_id, "c", Outcome.NOT_FOUND, "资料里没有找到。", None, 0.1, (), (), None, 1.0)


def _quiet(*_: object, **__: object) -> None:
    pass


def main() -> int:
    """Measure both, compare the figures, and write them; 1 where they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory(prefix="yiju-databases-") as folder,
        own_database(os.environ[POSTGRES_VARIABLE]) as url,
    ):
        for name, database in (("sqlite", None), ("postgresql", url)):
            place = Path(folder) / name
            results[name] = measured(place, arguments.models, arguments.corpus, arguments.questions, database)
            print(name, json.dumps(results[name], ensure_ascii=False))
    same = results["sqlite"]["figures"] == results["postgresql"]["figures"]
    command = "tests/with-postgres python -m evals.databases --corpus SEEDS --questions QUESTIONS DIALOGUES"
    record = {**run_record(command), "same_figures": same, **results}
    arguments.out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
