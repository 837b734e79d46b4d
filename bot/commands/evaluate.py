"""`yiju eval`: asks the questions of files of the current index and prints the figures of the contract."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.parameters import clearance_option
from bot.commands.progress import ProgressLine
from bot.evaluation.report import render_table
from corpus.visibility import EVERYTHING, Clearance


@click.command("eval", help="用一批问题或对话评测当前索引。 Run questions or dialogues against the current index.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.jsonl...")
@click.option("--limit", type=click.IntRange(min=1), help="只用前 N 行 / only the first N lines")
@clearance_option
@json_option
@framed
def command(files: tuple[Path, ...], limit: int | None, clearance: Clearance | None, as_json: bool) -> None:
    """Evaluate and print."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    try:
        report = app.evaluate(
            settings,
            files,
            limit,
            say=line.say,
            progress=lambda done, total: line.update("提问", done, total),
            clearance=EVERYTHING if clearance is None else clearance,
        )
    finally:
        line.close()
    if as_json:
        print_json(report)
    else:
        click.echo(render_table(report))
