from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, main
from bot.commands.ask import rendered
from tests.bot.fakes import answer

HEAVY = {
    "torch", "sentence_transformers", "transformers", "onnxruntime", "faiss", "tantivy", "telegram", "fastapi",
    "starlette", "uvicorn", "sqlalchemy", "alembic", "numpy", "pydantic", "opencc", "pypinyin", "structlog",
    "tokenizers",
}  # fmt: skip


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJU_")}
    return kept | {"YIJU_DATA_DIR": str(data_dir), "OMP_NUM_THREADS": "2"} | more


def yiju(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(
        command, env=environment(data_dir, **more), capture_output=True, text=True, timeout=120, check=False
    )


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"])

    assert shown.exit_code == 0
    assert all(f"  {name} " in shown.output for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])

    assert shown.exit_code == 0
    assert re.search(r"[\u4e00-\u9fff]", shown.output)
    assert re.search(r"[A-Z][a-z]+ ", shown.output)


def test_every_command_and_option_has_a_row_in_the_docs(project_dir: Path) -> None:
    page = (project_dir / "docs" / "cli.md").read_text(encoding="utf-8")

    for usage, command in _commands():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{usage}") and "|" in line[2:]), None)
        assert row is not None, f"docs/cli.md has no row for {usage}"
        options = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
        assert {name for name in options if f"{name}" not in row} == set(), f"options missing from the row of {usage}"


def _commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    context = click.Context(main)
    assert isinstance(main, click.Group)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [(f"yiju {name} {inner}", each) for inner, each in command.commands.items()]
        else:
            found.append((f"yiju {name}", command))
    return found


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["ask"], ["ask", "问", "--top-k", "0"], ["ask", "问", "--conversation", "会话"], ["--unknown"],
     ["ask", "问", "--clearance", "a/b"], ["eval", "x.jsonl", "--clearance", "a/b"],
     ["eval"], ["keys", "create", "甲"], ["keys", "create", "甲", "--scope", "root"],
     ["keys", "create", "甲", "--scope", ","]],
)  # fmt: skip
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_unknown_command_names_the_known_ones() -> None:
    shown = CliRunner().invoke(main, ["serv"])

    assert "serve" in shown.output


def test_unknown_setting_fails_with_its_name(tmp_path: Path) -> None:
    done = yiju(tmp_path, "keys", "list", "--json", YIJU_HTP__PORT="1")

    assert done.returncode == 2
    assert "YIJU_HTP__PORT" in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "settings"


def test_asking_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    done = yiju(tmp_path, "ask", "杜阮凉瓜产值多少？", "--json")

    told = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert told["code"] == "no_index"
    assert "yiju index" in told["cure"]
    assert "yiju index" in done.stderr


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    made = yiju(tmp_path, "keys", "create", "网站", "--scope", "ask,documents", "--json")
    again = yiju(tmp_path, "keys", "create", "网站", "--scope", "ask")
    key = json.loads(made.stdout)
    listed = json.loads(yiju(tmp_path, "keys", "list", "--json").stdout)["keys"]
    revoked = yiju(tmp_path, "keys", "revoke", key["id"])
    unknown = yiju(tmp_path, "keys", "revoke", key["id"])

    assert (made.returncode, key["name"], key["scopes"]) == (0, "网站", ["ask", "documents"])
    assert (again.returncode, revoked.returncode, unknown.returncode) == (1, 0, 1)
    assert [each["id"] for each in listed] == [key["id"]]
    assert key["key"] not in json.dumps(listed)
    assert json.loads(yiju(tmp_path, "keys", "list", "--json").stdout)["keys"][0]["revoked_at"]


def test_plain_key_is_alone_on_standard_output(tmp_path: Path) -> None:
    made = yiju(tmp_path, "keys", "create", "a", "--scope", "ask")

    assert re.fullmatch(r"yj_\S+\n", made.stdout)
    assert made.stdout.strip() not in made.stderr


def test_serving_beyond_this_machine_without_key_is_refused(tmp_path: Path) -> None:
    done = yiju(tmp_path, "serve", YIJU_HTTP__HOST="0.0.0.0", YIJU_HTTP__PORT="8799")

    assert done.returncode == 2
    assert "yiju keys create" in done.stderr


def test_telegram_without_token_is_wrong_use(tmp_path: Path) -> None:
    done = yiju(tmp_path, "telegram")

    assert done.returncode == 2
    assert "YIJU_TELEGRAM__TOKEN" in done.stderr


def test_unwritable_data_folder_is_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("不是文件夹")

    done = yiju(tmp_path / "file", "keys", "list")

    assert done.returncode in (1, 2)
    assert done.stderr.startswith("错误：")
    assert "Traceback" not in done.stderr


def test_answer_is_rendered_with_its_source() -> None:
    text = rendered(answer("哪年创办？"))

    assert text.startswith("1898年 [1]")
    assert "[1] 北京大学简介（校办，2023-05-04，简介.txt）" in text


def test_what_stands_around_the_sources_is_in_the_language_of_the_question() -> None:
    assert "Sources:\n  [1] 北京大学简介 (校办, 2023-05-04, 简介.txt)" in rendered(answer("When?"), "en")
    assert "來源：" in rendered(answer("哪年創辦？"), "zh-Hant")
    assert "由语言模型据所引原文整理" in rendered(replace(answer("怎样创办？"), composed_by="qwen"))


def test_an_empty_question_is_wrong_use_before_anything_is_opened(tmp_path: Path) -> None:
    done = yiju(tmp_path, "ask", " ", "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "invalid_question"
