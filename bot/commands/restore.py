"""`yiju restore`: the state of a backup in the place of what is there, while servers go on."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from bot import app_backup
from bot.commands.backup import PHASES
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine


@click.command(
    "restore",
    help="用备份 FILE 替换现有的数据库、索引与上传的文件，服务不停。 Put a backup in the place of what is there.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "check_only", is_flag=True, help="只检查，不改动 / only check that it would work")
@click.option("--keep", type=click.Path(path_type=Path), help="先把现状备份到这个文件 / back up what is there first")
@click.option("--without-index", is_flag=True, help="不恢复索引，之后运行 yiju index / leave the index out")
@json_option
@framed
def command(file: Path, check_only: bool, keep: Path | None, without_index: bool, as_json: bool) -> None:
    """Replace all of it or nothing."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    started = time.monotonic()

    def progress(phase: str, done: int, total: int) -> None:
        line.update(PHASES[phase], done, total)

    try:
        if keep is not None and not check_only:
            app_backup.back_up(settings, keep.absolute(), with_database=True, with_index=True, progress=progress)
        report = app_backup.restore(
            settings, file.absolute(), with_index=not without_index, check_only=check_only, progress=progress
        )
    finally:
        line.close()
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        told = {"restored": not check_only, "serving": report.snapshot, "uploads": report.uploads, "seconds": seconds}
        print_json(told | report.contents.as_json())
        return
    done = "可以恢复，未作改动" if check_only else "已恢复"
    click.echo(f"{done}：{report.contents.created_at} 的备份，用时 {seconds} 秒")
    click.echo(f"上传的文件：{report.uploads}")
    click.echo(f"索引：{report.snapshot}" if report.snapshot else "索引：无，请运行 yiju index")
