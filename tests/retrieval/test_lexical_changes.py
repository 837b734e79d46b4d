"""An index that is changed in a linked copy: what it finds then, and that the original stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.durable import link_tree
from retrieval.lexical_index import LexicalIndex, LexicalIndexWriter, is_lock
from retrieval.terms import Terms
from tests.retrieval.test_lexical_index import PASSAGES, build, search


@pytest.fixture
def original(tmp_path: Path) -> Path:
    folder = tmp_path / "original"
    folder.mkdir()
    build(folder, PASSAGES)
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return linked(original, tmp_path / "copy")


def linked(folder: Path, target: Path) -> Path:
    link_tree(folder, target, skip=is_lock)
    return target


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_ino, path.read_bytes()) for path in folder.iterdir() if not is_lock(path)}


def test_a_change_in_a_linked_copy_leaves_every_file_of_the_original_as_it_was(original: Path, copy: Path) -> None:
    before = contents(original)
    held = LexicalIndex(original)
    writer = LexicalIndexWriter.extend(copy)
    writer.remove([11, 12])
    writer.add(20, "蓬江区", None, "蓬江区种植凉瓜。")
    writer.finish()
    assert contents(original) == before
    assert (search(held, "凉瓜"), search(LexicalIndex(original), "凉瓜")) == ([11], [11])
    assert search(LexicalIndex(copy), "凉瓜") == [20]


def test_files_that_did_not_change_are_shared(original: Path, copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.add(20, "蓬江区", None, "蓬江区种植凉瓜。")
    writer.finish()
    before, after = contents(original), contents(copy)
    segment = [name for name in before if name.endswith((".term", ".idx", ".fast", ".store"))]
    assert len(segment) == 4
    assert all(after[name] == before[name] for name in segment)


def test_a_row_that_is_replaced_answers_with_its_new_text_alone(copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.remove([15])
    writer.add(15, "河源中学搬迁", None, "河源中学迁往新区。")
    writer.finish()
    index = LexicalIndex(copy)
    assert (search(index, "迁往新区"), search(index, "1338名")) == ([15], [])
    assert index.count == 4


def test_a_row_added_and_removed_in_one_change_is_not_there(copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.add(20, "蓬江区", None, "蓬江区种植凉瓜。")
    writer.remove([20, 99])
    writer.finish()
    assert (LexicalIndex(copy).count, search(LexicalIndex(copy), "凉瓜")) == (4, [11])


def test_without_finish_nothing_changes(copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.remove([11])
    writer.add(20, "蓬江区", None, "蓬江区。")
    del writer
    assert (LexicalIndex(copy).count, search(LexicalIndex(copy), "凉瓜")) == (4, [11])


def test_what_was_taken_out_counts_for_nothing(copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.remove([15])
    writer.finish()
    index = LexicalIndex(copy)
    assert (index.count, index.removed_share) == (3, 0.25)
    assert (index.frequency("校庆"), index.occurs("校庆"), index.frequency("大桥")) == (0, False, 2)
    assert index.idf("校庆") > index.idf("凉瓜") > 0
    assert index.prepare(Terms.of(()).question_groups("校庆")).query is None


def test_everything_can_be_taken_out_and_put_in_again(copy: Path) -> None:
    writer = LexicalIndexWriter.extend(copy)
    writer.remove(list(PASSAGES))
    writer.finish()
    empty = LexicalIndex(copy)
    assert (empty.count, empty.segments, empty.removed_share, search(empty, "凉瓜")) == (0, 0, 0.0, [])
    writer = LexicalIndexWriter.extend(copy)
    writer.add(11, *PASSAGES[11])
    writer.finish()
    assert search(LexicalIndex(copy), "凉瓜") == [11]


def test_many_small_changes_are_folded_and_find_what_a_new_index_finds(original: Path, tmp_path: Path) -> None:
    folder, texts = original, dict(PASSAGES)
    for row in range(100, 130):
        copy = linked(folder, tmp_path / str(row))
        writer = LexicalIndexWriter.extend(copy)
        texts[row] = (f"第{row}号公告", None, f"清溪镇公告，编号gd{row}。")
        writer.add(row, *texts[row])
        if row % 3 == 0:
            writer.remove([row - 1])
            texts.pop(row - 1, None)
        writer.finish()
        folder = copy
    changed = LexicalIndex(folder)
    (tmp_path / "new").mkdir()
    new = build(tmp_path / "new", texts)
    assert (changed.count, changed.segments < 9) == (new.count, True)
    for row in range(100, 130):
        assert search(changed, f"gd{row}") == ([row] if row in texts else [])
    everything = Terms.of(()).question_groups("公告")
    assert set(changed.search(changed.prepare(everything), 99)) == set(new.search(new.prepare(everything), 99))


def test_a_folder_without_an_index_cannot_be_extended(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        LexicalIndexWriter.extend(tmp_path)


def test_two_writers_of_one_folder_are_an_error_and_of_linked_folders_none(original: Path, copy: Path) -> None:
    first = LexicalIndexWriter.extend(original)
    with pytest.raises(OSError, match=r"."):
        LexicalIndexWriter.extend(original)
    LexicalIndexWriter.extend(copy).finish()
    first.finish()


def test_an_index_on_a_read_only_volume_is_read(original: Path) -> None:
    for path in original.glob(".tantivy-*"):
        path.unlink()
        path.mkdir()  # a lock that cannot be taken, whoever runs the test
    index = LexicalIndex(original)
    assert search(index, "凉瓜") == [11]
    assert index.scores(index.prepare(Terms.of(()).question_groups("大桥")), [12])[12] > 0
