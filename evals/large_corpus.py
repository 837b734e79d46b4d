"""The corpora as a folder of sources: all documents, some of them as files of their own that can be edited."""

from __future__ import annotations

import json
import shutil
from itertools import islice
from pathlib import Path

from evals.datasets import read_lines
from evals.index_corpora import CORPORA

SINGLE_FILES = 2000
SINGLES = "single"
# These documents stand alone in a file; the first ones, as they are dated news items of a usual length.
_SINGLES_OF = "cctv_2022_2026"


def prepare_corpus(shared: Path, folder: Path, *, most: int | None = None) -> int:
    """Make the folder, without any edits of before. Returns: how many documents it holds.

    The large files are not packed, so that one line can be changed in place of packing all anew. ``most``: of each
    corpus; all, unless given.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / SINGLES).mkdir(parents=True)
    return sum(_write(shared, folder, name, most) for name in CORPORA)


def single_file(folder: Path, number: int) -> Path:
    """One of the files that hold a document alone."""
    return folder / SINGLES / f"{number:04}.jsonl"


def edit_single(folder: Path, number: int, sentence: str) -> None:
    """Put a sentence at the end of a document that has a file of its own."""
    path = single_file(folder, number)
    record = json.loads(path.read_text(encoding="utf-8"))
    record["text"] += sentence
    path.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def edit_line(folder: Path, name: str, sentence: str) -> None:
    """Put a sentence at the end of the document in the middle of a large file."""
    path = folder / f"{name}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(lines[len(lines) // 2])
    record["text"] += sentence
    lines[len(lines) // 2] = json.dumps(record, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(shared: Path, folder: Path, name: str, most: int | None) -> int:
    count = 0
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as together:
        for record in islice(read_lines(shared / "data" / "corpora" / f"{name}.jsonl.xz"), most):
            line = json.dumps(record, ensure_ascii=False) + "\n"
            if name == _SINGLES_OF and count < SINGLE_FILES:
                single_file(folder, count).write_text(line, encoding="utf-8")
            else:
                together.write(line)
            count += 1
    return count
