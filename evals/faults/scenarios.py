"""What is done while the fault strikes: each scenario has a state before, an operation and a state after.

``prepare`` and ``operate`` run in children; a template folder is prepared once and copied for every point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evals.faults.data_folder import MODEL, DataFolder
from evals.faults.made_corpus import MadeDocument, questions, write

SMALL, LARGE = 14, 40
OTHER_MODEL = "counting-2"


def documents(count: int) -> list[MadeDocument]:
    """The first so many, in their first edition."""
    return [MadeDocument(number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``part``: what the table counts it under. ``finish``: the next run, where it is another operation.

    ``model`` and ``model_after``: what the state before and after is searched with.
    """

    name: str
    part: str
    prepare: Callable[[DataFolder], None]
    operate: Callable[[DataFolder, str], object]
    asked: tuple[str, ...]
    model: str = MODEL
    model_after: str = MODEL


def _index(folder: DataFolder, run: str) -> object:
    return folder.index(run)


def _only_sources(folder: DataFolder) -> None:
    folder.data.mkdir(parents=True)
    write(folder.sources, documents(SMALL))


def _changed_sources(folder: DataFolder) -> None:
    """An index, then three new documents, two edited ones, two gone."""
    write(folder.sources, documents(SMALL))
    folder.index("template")
    changed = [MadeDocument(number, int(number in (3, 7))) for number in range(SMALL + 3) if number not in (1, 5)]
    write(folder.sources, changed)


def _indexed(folder: DataFolder) -> None:
    write(folder.sources, documents(SMALL))
    folder.index("template")


def _many_runs(folder: DataFolder) -> None:
    """An index that grew by many small runs, and one more change."""
    for step in range(6):
        write(folder.sources, documents(6 + step))
        folder.index("template")
    write(folder.sources, [MadeDocument(number, int(number < 3)) for number in range(12)])


_ASKED = tuple(questions([MadeDocument(number) for number in (0, 2, 3, 7, 9, 13, 15)]))

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("first index", "index", _only_sources, _index, _ASKED),
    Scenario("changed documents", "index", _changed_sources, _index, _ASKED),
    Scenario("full index", "index", _indexed, lambda folder, run: folder.index(run, full=True), _ASKED),
    Scenario(
        "another model",
        "index",
        _indexed,
        lambda folder, run: folder.index(run, model=OTHER_MODEL),
        _ASKED,
        model_after=OTHER_MODEL,
    ),
    Scenario("folding", "compaction", _many_runs, _index, _ASKED),
)
