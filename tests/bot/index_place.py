"""A data folder with a small corpus that is indexed as the command line and the servers do it, without a real model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import app_index
from bot.app import Stores, open_stores
from bot.app_index import IndexingParts
from bot.indexing_jobs import ReindexOptions
from bot.responding import Policy, Responder
from bot.settings import Settings, load_settings
from bot.state.jobs import JobProgress
from retrieval.reading.rule_reader import RuleReader
from retrieval.snapshot import serving_id
from tests.retrieval.fakes import HashingEmbedder

OLD = "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜650多亩，产值达1.3亿元，带动农户三百多户。\n"
QUESTION = "清溪镇凉瓜产值多少？"


@dataclass
class Place:
    """A data folder with a corpus; the embedder hashes, the rules read."""

    settings: Settings
    stores: Stores
    corpus: Path
    golden: Path
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)
    phases: list[str | None] = field(default_factory=list)
    opened: int = 0

    def responder(self) -> Responder:
        self.opened += 1
        rules = RuleReader(similarity=lambda _, sentences: [0.0] * len(sentences), variants=lambda each: [each])
        return Responder(rules, Policy(threshold=0.5))

    def parts(self) -> IndexingParts:
        return IndexingParts(self.settings, self.stores, self.embedder, self.responder, print)

    def heard(self, progress: JobProgress) -> None:
        self.phases.append(progress.phase)

    def write(self, name: str, text: str) -> None:
        self.corpus.mkdir(exist_ok=True)
        (self.corpus / name).write_text(text, encoding="utf-8")

    def index(self, **options: bool) -> dict[str, Any]:
        return app_index.reindex(self.parts(), self.corpus, ReindexOptions(**options), self.heard)

    def expect(self, right: str, **changes: float) -> None:
        """Have the golden question answered so."""
        line = {"id": "1", "question": QUESTION, "answers": [right]}
        self.golden.write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
        index = self.settings.index.model_copy(update={"golden_questions": self.golden, **changes})
        self.settings = self.settings.model_copy(update={"index": index})

    def serving(self) -> str | None:
        return serving_id(self.settings.index_dir)


@contextmanager
def opened_place(folder: Path, **more: str) -> Iterator[Place]:
    """With two documents, not indexed yet. ``more``: settings."""
    settings = load_settings({"YIJU_DATA_DIR": str(folder / "data"), "YIJU_READER__MODEL": "rules", **more})
    with open_stores(settings) as stores:
        made = Place(settings, stores, folder / "corpus", folder / "golden.jsonl")
        made.write("gua.txt", OLD)
        made.write("lu.txt", "东江大桥今日通车\n\n东江大桥全长2.6公里，总投资四千万元。\n")
        yield made
