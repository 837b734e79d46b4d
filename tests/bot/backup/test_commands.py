"""`yiju backup` and `yiju restore` as people call them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.settings import load_settings
from bot.state.store import StateStore
from corpus.database import open_database


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a key and an upload, without an index."""
    for name in [name for name in os.environ if name.startswith("YIJU_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YIJU_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data" / "uploads").mkdir(parents=True)
    (tmp_path / "data" / "uploads" / "通知.txt").write_text("关于召开会议的通知", "utf-8")
    add_key("办公室")
    return tmp_path / "data"


def state() -> StateStore:
    made = StateStore(open_database(load_settings(os.environ).database_url))
    made.migrate()
    return made


def add_key(name: str) -> None:
    state().keys.create(name, ["ask"])


def keys() -> list[str]:
    return [key.name for key in state().keys.list_keys()]


def yiju(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_backup_is_written_and_put_back(data: Path) -> None:
    backed_up = yiju("backup", "b.tar", "--json")
    add_key("后来的")
    (data / "uploads" / "通知.txt").unlink()
    restored = yiju("restore", "b.tar", "--keep", "before.tar", "--json")

    told = json.loads(backed_up.stdout)
    assert (told["uploads"], told["database"], told["index"]) == (1, True, None)
    assert told["bytes"] == Path("b.tar").stat().st_size
    again = json.loads(restored.stdout)
    assert (again["restored"], again["serving"], again["created_at"]) == (True, None, told["created_at"])
    assert keys() == ["办公室"]
    assert (data / "uploads" / "通知.txt").read_text("utf-8") == "关于召开会议的通知"

    assert yiju("restore", "before.tar").exit_code == 0
    assert keys() == ["办公室", "后来的"]


def test_checking_says_so_and_changes_nothing(data: Path) -> None:
    yiju("backup", "b.tar")
    add_key("后来的")
    checked = yiju("restore", "b.tar", "--check")
    assert "可以恢复，未作改动" in checked.stdout
    assert keys() == ["办公室", "后来的"]


def test_what_is_told_is_for_people(data: Path) -> None:
    told = yiju("backup", "b.tar.gz")
    assert told.exit_code == 0
    assert "备份：b.tar.gz" in told.stdout
    assert "恢复后请运行 yiju index" in told.stdout
    restored = yiju("restore", "b.tar.gz")
    assert restored.stdout.startswith("已恢复：")
    assert "请运行 yiju index" in restored.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backup", "b.zip"), "end it in .tar"),
        (("backup", "there.tar"), "never overwritten"),
        (("backup", "no/b.tar"), "does not exist"),
        (("backup", "b.tar", "--without-database", "--without-index"), "nothing but uploads"),
        (("restore", "no.tar"), "cannot be read"),
        (("restore", "there.tar"), "damaged"),
        (("restore", "there.tar", "--keep", "there.tar"), "never overwritten"),
    ],
)
def test_a_refusal_names_the_cure_and_ends_with_1(data: Path, arguments: tuple[str, ...], said: str) -> None:
    Path("there.tar").write_bytes(b"something else" * 100)
    refused = yiju(*arguments)
    assert refused.exit_code == 1
    assert "错误：备份或恢复没有完成" in refused.stderr
    assert said in refused.stderr
    assert Path("there.tar").read_bytes() == b"something else" * 100
    assert keys() == ["办公室"]
