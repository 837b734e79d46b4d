"""Asks the product while another process indexes: what a reader of the answers would see, as a process of its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot import app
from bot.evaluation.folding import fold
from bot.settings import load_settings
from retrieval.errors import SnapshotError


@dataclass(frozen=True, slots=True)
class Expected:
    """A question with the words of which one must be in the short answer."""

    question: str
    answers: tuple[str, ...]


class Prober:
    """The answering side of the product over a data folder. Ends with its process."""

    def __init__(self, places: dict[str, str]) -> None:
        """``places``: the settings, by their names in the environment."""
        settings = load_settings(places)
        self._stack = ExitStack()
        self._stores = self._stack.enter_context(app.open_stores(settings))
        embedder = app.prepare_model(settings, say=print)
        self._answers = app.make_answers(settings, self._stores, embedder)

    def is_right(self, expected: Expected) -> bool:
        """Whether the whole product, reader included, answers rightly now; False before anything is indexed."""
        try:
            answer = self._answers.service.ask(expected.question, owner="benchmark")
        except SnapshotError:
            return False
        given = fold(answer.short_answer or "")
        return any(fold(each) in given for each in expected.answers)

    def finds(self, question: str, words: str) -> bool:
        """Whether one of the best five passages for the question holds the words now."""
        try:
            with self._answers.search.session() as session:
                return any(words in hit.passage.text for hit in session.search(question, top_k=5))
        except SnapshotError:
            return False


def places_of(data: Path, models: Path, corpus: Path) -> dict[str, str]:
    """The settings of the product for a data folder of its own."""
    return {
        "YIJU_DATA_DIR": str(data.resolve()),
        "YIJU_MODELS_DIR": str(models.resolve()),
        "YIJU_CORPUS_DIR": str(corpus.resolve()),
    }
