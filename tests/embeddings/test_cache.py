"""The vector cache: exact, apart by model, shared by threads and processes, and never worse than lost."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.cache import VectorCache, text_key
from embeddings.embedder import Vectors
from embeddings.errors import VectorCacheError

TEXTS = ["北京大学创办于1898年。", "", "好", "𠮷野家", "ＡＢＣ１２３", "🌧️", "没有标点的一句话", "凉" * 100_000]


def vectors(count: int, *, dim: int = 8, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache" / "vectors.db")


def test_vectors_come_back_bit_for_bit(cache: VectorCache) -> None:
    keys, stored = [text_key(text) for text in TEXTS], vectors(len(TEXTS))
    cache.store("m", keys, stored)
    found = cache.lookup("m", [*keys, text_key("没有存过")])
    assert list(found) != [] and set(found) == set(keys)
    assert all(
        np.array_equal(found[key], row) and found[key].dtype == np.float32
        for key, row in zip(keys, stored, strict=True)
    )


def test_a_key_asked_twice_is_found_once(cache: VectorCache) -> None:
    key = text_key("好")
    cache.store("m", [key], vectors(1))
    assert len(cache.lookup("m", [key, key])) == 1


def test_models_never_share_vectors(cache: VectorCache) -> None:
    key = text_key("北京")
    cache.store("e5@1", [key], vectors(1, seed=1))
    cache.store("bge@1", [key], vectors(1, dim=16, seed=2))
    assert cache.lookup("e5@1", [key])[key].shape == (8,)
    assert cache.lookup("bge@1", [key])[key].shape == (16,)
    assert cache.lookup("e5@2", [key]) == {}


def test_storing_again_replaces(cache: VectorCache) -> None:
    key, second = text_key("北京"), vectors(1, seed=2)
    cache.store("m", [key], vectors(1, seed=1))
    cache.store("m", [key], second)
    assert np.array_equal(cache.lookup("m", [key])[key], second[0])


def test_nothing_asked_nothing_found(cache: VectorCache) -> None:
    cache.store("m", [], np.empty((0, 8), np.float32))
    assert cache.lookup("m", []) == {}


def test_rows_must_match_keys(cache: VectorCache) -> None:
    with pytest.raises(ValueError, match="2 keys"):
        cache.store("m", [text_key("一"), text_key("二")], vectors(1))


def test_a_hundred_thousand_keys_take_no_query_each(cache: VectorCache) -> None:
    keys = [text_key(str(number)) for number in range(100_000)]
    cache.store("m", keys[::10], vectors(10_000))
    statements: list[str] = []
    assert cache._connection is not None
    cache._connection.set_trace_callback(statements.append)
    assert len(cache.lookup("m", keys)) == 10_000
    assert len(statements) <= 50


def test_what_was_stored_is_there_after_reopening(cache: VectorCache, tmp_path: Path) -> None:
    key = text_key("北京")
    cache.store("m", [key], vectors(1))
    cache.close()
    assert key in VectorCache(tmp_path / "cache" / "vectors.db").lookup("m", [key])
    assert key in cache.lookup("m", [key]), "a closed cache opens again when used"


def test_every_batch_is_on_disk_before_it_counts_as_stored(cache: VectorCache) -> None:
    assert cache._connection is not None
    full = 2
    assert cache._connection.execute("PRAGMA synchronous").fetchone() == (full,)


def test_threads_store_and_find_at_once(cache: VectorCache) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            keys = [text_key(f"{number}-{position}") for position in range(200)]
            stored = vectors(200, seed=number)
            cache.store("m", keys, stored)
            found = cache.lookup("m", keys)
            assert all(np.array_equal(found[key], row) for key, row in zip(keys, stored, strict=True))
        except (AssertionError, VectorCacheError, sqlite3.Error) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_processes_create_and_fill_one_file_at_once(tmp_path: Path, project_dir: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path; from embeddings.cache import VectorCache, text_key\n"
        "cache = VectorCache(Path(sys.argv[1]))\n"
        "for turn in range(10):\n"
        "    keys = [text_key(f'{sys.argv[2]}-{turn}-{n}') for n in range(50)]\n"
        "    cache.store('m', keys, np.ones((50, 8), np.float32))\n"
    )
    path = tmp_path / "vectors.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path), str(number)], cwd=project_dir, stderr=subprocess.PIPE
        )
        for number in range(4)
    ]
    outcomes = [(process.wait(), process.communicate()[1].decode()) for process in processes]
    assert outcomes == [(0, "")] * 4
    keys = [text_key(f"{number}-{turn}-{n}") for number in range(4) for turn in range(10) for n in range(50)]
    assert len(VectorCache(path).lookup("m", keys)) == 2000


def test_a_file_that_another_process_creates_between_two_looks_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.db"
    looks: list[str] = []

    class Overtaken(sqlite3.Connection):
        """Another process creates the tables right after the first look at the empty file."""

        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            cursor = super().execute(sql, *parameters)  # type: ignore[arg-type]
            looks.append(sql)
            if len(looks) == 1:
                found = cursor.fetchall()
                monkeypatch.undo()
                VectorCache(path).close()
                return super().execute("SELECT * FROM (VALUES (?))", found[0])
            return cursor

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=Overtaken))
    cache = VectorCache(path)
    cache.store("m", [text_key("甲")], vectors(1))
    assert len(looks) > 1
    assert list(VectorCache(path).lookup("m", [text_key("甲")])) == [text_key("甲")]


@pytest.mark.parametrize("damage", [b"this is no database at all, but longer than a header" * 40, b"\0" * 4096])
def test_a_damaged_file_is_moved_aside_and_begun_anew(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "vectors.db"
    path.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        cache = VectorCache(path)
    key = text_key("北京")
    cache.store("m", [key], vectors(1))
    assert key in cache.lookup("m", [key])
    (aside,) = tmp_path.glob("vectors.db.damaged-*")
    assert aside.read_bytes() == damage
    assert "damaged" in caplog.text and aside.name in caplog.text


def test_damage_found_while_reading_costs_only_the_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "vectors.db"
    cache = VectorCache(path)
    keys = [text_key(str(number)) for number in range(5000)]
    cache.store("m", keys, vectors(5000))
    cache.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert cache.lookup("m", keys) == {}
    cache.store("m", keys[:10], vectors(10))
    assert len(cache.lookup("m", keys)) == 10
    assert "damaged" in caplog.text


@given(st.integers(0, 31), st.integers(1, 255))
def test_a_changed_byte_in_a_vector_makes_it_unknown(position: int, change: int) -> None:
    cache = VectorCache(Path(":memory:"))
    key, stored = text_key("北京"), vectors(1)
    cache.store("m", [key], stored)
    blob = bytearray(stored.tobytes())
    blob[position] ^= change
    assert cache._connection is not None
    cache._connection.execute("UPDATE vectors SET vector = ?", [bytes(blob)])
    assert cache.lookup("m", [key]) == {}


def test_a_full_disk_keeps_what_was_stored(cache: VectorCache) -> None:
    first = [text_key(f"先{number}") for number in range(10)]
    cache.store("m", first, vectors(10))
    assert cache._connection is not None
    pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
    cache._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(VectorCacheError, match=r"full.*kept.*free some space"):
        cache.store("m", [text_key(f"后{number}") for number in range(5000)], vectors(5000))
    assert len(cache.lookup("m", first)) == 10


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "yiju.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE documents (id TEXT)")
    with pytest.raises(VectorCacheError, match="something else"):
        VectorCache(path)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM documents").fetchone() == (0,)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    VectorCache(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(VectorCacheError, match=r"99.*1.*delete it"):
        VectorCache(path)


def test_a_path_that_cannot_be_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(VectorCacheError, match="cannot be made"):
        VectorCache(tmp_path / "file" / "vectors.db")
    with pytest.raises(VectorCacheError, match="cannot be opened"):
        VectorCache(tmp_path)


def test_keys_tell_texts_apart_exactly() -> None:
    assert len({text_key(text) for text in [*TEXTS, "好 ", "ABC123", "\ud800"]}) == len(TEXTS) + 3
    assert len(text_key("")) == 32
