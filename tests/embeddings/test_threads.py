"""Cores by affinity and by the container's quota."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from embeddings.threads import step_back, usable_cores

NO_CGROUP = Path("/nonexistent")


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def test_without_a_quota_affinity_counts() -> None:
    assert usable_cores(cgroup_root=NO_CGROUP, own_cgroup=NO_CGROUP) == 8


@pytest.mark.parametrize(
    ("line", "cores"),
    [("max 100000", 8), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("1600000 100000", 8)],
)
def test_quota_of_cgroup_version_2(tmp_path: Path, line: str, cores: int) -> None:
    (tmp_path / "cpu.max").write_text(line + "\n")
    assert usable_cores(cgroup_root=tmp_path, own_cgroup=NO_CGROUP) == cores


def test_quota_of_cgroup_version_1(tmp_path: Path) -> None:
    folder = tmp_path / "cpu"
    folder.mkdir()
    (folder / "cpu.cfs_quota_us").write_text("300000\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(cgroup_root=tmp_path, own_cgroup=NO_CGROUP) == 3


def test_no_quota_in_cgroup_version_1_is_minus_one(tmp_path: Path) -> None:
    folder = tmp_path / "cpu"
    folder.mkdir()
    (folder / "cpu.cfs_quota_us").write_text("-1\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(cgroup_root=tmp_path, own_cgroup=NO_CGROUP) == 8


def test_the_smallest_quota_from_the_root_to_the_own_group_counts(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("0::/system.slice/yiju.service\n")
    root = tmp_path / "cgroup"
    (root / "system.slice" / "yiju.service").mkdir(parents=True)
    (root / "system.slice" / "cpu.max").write_text("300000 100000\n")
    (root / "system.slice" / "yiju.service" / "cpu.max").write_text("500000 100000\n")
    assert usable_cores(cgroup_root=root, own_cgroup=own) == 3


@pytest.mark.parametrize("content", ["", "much", "100000 0", "1 2 3"])
def test_a_quota_that_cannot_be_read_is_no_quota(tmp_path: Path, content: str) -> None:
    (tmp_path / "cpu.max").write_text(content)
    assert usable_cores(cgroup_root=tmp_path, own_cgroup=NO_CGROUP) == 8


def test_a_system_without_affinity_counts_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores(cgroup_root=NO_CGROUP, own_cgroup=NO_CGROUP) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts priorities by thread")
def test_a_thread_that_steps_back_leaves_the_others_where_they_are() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    seen: list[int] = []

    def work() -> None:
        step_back()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        step_back()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [max(10, before)] * 2
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
