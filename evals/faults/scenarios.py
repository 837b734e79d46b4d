"""What is done while the fault strikes: each scenario has a state before, an operation and a state after.

``prepare`` and ``operate`` run in children; a template folder is prepared once and copied for every point.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evals.faults.data_folder import MODEL, DataFolder
from evals.faults.made_corpus import MadeDocument, questions, write

SMALL, LARGE = 14, 36
OTHER_MODEL = "counting-2"
# A data folder as the first version of the program wrote it, with its sources, three edits after the last run.
FORMAT_1 = Path(__file__).with_name("format_1.tar.xz")
Operation = Callable[[DataFolder, str], object]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``part``: what it is counted under. ``finish``: the next run, where it is another operation.

    ``model`` and ``model_after``: what the state before and after is searched with. ``check``: what else must hold in
    the end, [] if it does.
    """

    name: str
    part: str
    prepare: Callable[[DataFolder], object]
    operate: Operation
    asked: tuple[str, ...]
    finish: Operation | None = None
    model: str = MODEL
    model_after: str = MODEL
    check: Callable[[DataFolder], list[str]] | None = None


def documents(count: int) -> list[MadeDocument]:
    """The first so many, in their first edition."""
    return [MadeDocument(number) for number in range(count)]


def _changed() -> list[MadeDocument]:
    """Three new documents, two edited, two gone."""
    return [MadeDocument(number, int(number in (3, 7))) for number in range(SMALL + 3) if number not in (1, 5)]


def _sources(folder: DataFolder, count: int = SMALL) -> None:
    folder.data.mkdir(parents=True)
    write(folder.sources, documents(count))


def _indexed(folder: DataFolder) -> None:
    _sources(folder)
    folder.index("template")


def _changed_sources(folder: DataFolder) -> None:
    _indexed(folder)
    write(folder.sources, _changed())


def _by_words_alone(folder: DataFolder) -> None:
    _sources(folder, LARGE)
    folder.index("template", embed=False)


def _many_runs(folder: DataFolder) -> None:
    """An index that grew by many small runs, and one more change that makes parts be folded."""
    folder.data.mkdir(parents=True)
    for step in range(6):
        write(folder.sources, documents(6 + step))
        folder.index("template")
    write(folder.sources, [MadeDocument(number, int(number < 5)) for number in range(12)])


def _two_snapshots(folder: DataFolder) -> None:
    _changed_sources(folder)
    folder.index("template")


def _blocked(folder: DataFolder) -> None:
    _changed_sources(folder)
    folder.index_blocked("template")


def _format_1(folder: DataFolder) -> None:
    with tarfile.open(FORMAT_1) as archive:
        archive.extractall(folder.root, filter="data")
    (folder.root / "format-1").rename(folder.root / "unpacked")
    for path in (folder.root / "unpacked").iterdir():
        path.rename(folder.root / path.name)
    (folder.root / "unpacked").rmdir()


def _backed_up(folder: DataFolder) -> None:
    """A backup of one state, and another state that serves now."""
    _indexed(folder)
    folder.back_up()
    write(folder.sources, _changed())
    folder.index("template")


def _back_up(folder: DataFolder, _run: str) -> None:
    if folder.backup.exists():
        folder.check_backup()
        folder.backup.rename(folder.backup.with_name("first.tar.gz"))
    folder.back_up()


def _lost_by_backup(folder: DataFolder) -> list[str]:
    """What a backup does not give back in an empty data folder."""
    elsewhere = DataFolder(folder.root / "elsewhere")
    elsewhere.data.mkdir(parents=True)
    elsewhere.restore(folder.backup)
    meant, found = folder.served_hashes(), elsewhere.served_hashes()
    return [] if meant == found else [f"the backup gives back {len(found)} documents, not the {len(meant)} that served"]


def _index(folder: DataFolder, run: str) -> object:
    return folder.index(run)


def _restore(folder: DataFolder, _run: str) -> None:
    folder.restore(folder.backup)


# About documents that are there before and after, and, where the sources change, about new ones.
_ASKED = tuple(questions([MadeDocument(number) for number in (0, 2, 3, 7, 9, 11)]))
_ASKED_NEW = (*_ASKED, *questions([MadeDocument(number) for number in (13, 15, 16)]))

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("first index", "index", _sources, _index, _ASKED),
    Scenario("changed documents", "index", _changed_sources, _index, _ASKED_NEW),
    Scenario("filling in vectors", "index", _by_words_alone, _index, _ASKED),
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
    Scenario("rollback", "switch", _two_snapshots, lambda folder, _: folder.roll_back(), _ASKED),
    Scenario("accepting", "switch", _blocked, lambda folder, _: folder.accept(), _ASKED_NEW),
    Scenario("retirement", "switch", _indexed, lambda folder, _: folder.retire(MadeDocument(0)), _ASKED),
    Scenario("format 1", "migration", _format_1, _index, _ASKED_NEW),
    Scenario("backup", "backup", _indexed, _back_up, _ASKED, check=_lost_by_backup),
    Scenario("restore", "restore", _backed_up, _restore, _ASKED),
    Scenario("restore, then index", "restore", _backed_up, _restore, _ASKED, finish=_index),
)
