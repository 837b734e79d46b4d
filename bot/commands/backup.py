"""`yiju backup`: all that answers in one file, while others ask and index."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from bot import app_backup
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine

PHASES = {
    "database": "复制数据库（MiB）",
    "files": "写入备份（MiB）",
    "unpacking": "解开备份（MiB）",
    "switching": "切换",
}


@click.command(
    "backup", help="把数据库、索引与上传的文件备份到 FILE（.tar 或 .tar.gz），服务不停。 Back up while serving."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-database", is_flag=True, help="不含数据库（PostgreSQL 请用 pg_dump） / leave the database out")
@click.option("--without-index", is_flag=True, help="不含索引，恢复后运行 yiju index / leave the index out")
@json_option
@framed
def command(file: Path, without_database: bool, without_index: bool, as_json: bool) -> None:
    """Write one file, whole or not at all."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    started = time.monotonic()
    try:
        report = app_backup.back_up(
            settings,
            file.absolute(),
            with_database=not without_database,
            with_index=not without_index,
            progress=lambda phase, done, total: line.update(PHASES[phase], done, total),
        )
    finally:
        line.close()
    seconds = round(time.monotonic() - started, 1)
    index = report.contents.index
    if as_json:
        told = {"file": str(file), "bytes": report.size_bytes, "uploads": report.uploads, "seconds": seconds}
        print_json(told | report.contents.as_json())
        return
    click.echo(f"备份：{file}（{report.size_bytes / 2**20:.1f} MiB，用时 {seconds} 秒）")
    click.echo(f"数据库：{'有' if report.contents.database else '无'}；上传的文件：{report.uploads}")
    click.echo(
        f"索引：{index.snapshot}，文档 {index.documents}，段落 {index.passages}，已有向量 {index.embedded}"
        if index
        else "索引：无，恢复后请运行 yiju index"
    )
