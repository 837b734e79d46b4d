"""`yiju database`: moves everything that is remembered from SQLite to PostgreSQL, or back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.app_database import copy_database
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine


@click.group("database", help="把数据库整个搬到另一个（SQLite ↔ PostgreSQL）。 Move to another database.")
def command() -> None:
    """Hold the command."""


@command.command(
    "copy", help="把现用数据库整个复制到空库 URL；请先停服务。 Copy everything into an empty database; stop servers."
)
@click.argument("url", required=False)
@click.option(
    "--url-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="从文件读 URL，以免密码出现在命令行 / read the URL from a file, so that no password is typed",
)
@json_option
@framed
def copy(url: str | None, url_file: Path | None, as_json: bool) -> None:
    """Copy everything into an empty database."""
    if (url is None) == (url_file is None):
        raise click.UsageError("请给出 URL，或用 --url-file 指明存放 URL 的文件（二者取一）。")
    target = url if url_file is None else url_file.read_text(encoding="utf-8").strip()
    line = ProgressLine(sys.stderr)
    try:
        moved = copy_database(settings_for(), target or "", line.update)
    finally:
        line.close()
    if as_json:
        print_json({"target": moved.target, "rows": moved.rows})
        return
    click.echo(f"已复制 {sum(moved.rows.values())} 行到 {moved.target}，逐表核对无误。")
    click.echo("接着把 YIJU_DATABASE_URL 设为它，再运行 yiju doctor。", err=True)
