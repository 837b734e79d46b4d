"""`yiju index`: brings the index in line with the sources and says what became of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot import app
from bot.admin import ReindexOptions
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine

PHASES = {"reading": "读取文件", "embedding": "计算向量", "writing": "写入索引"}
MAX_FAILURES_SHOWN = 20


@click.command("index", help="让索引与语料一致：只处理有变化的文档。 Bring the index in line with the sources.")
@click.argument("corpus_dir", required=False, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="重新读取每个文件并重建索引 / read every file again, build anew")
@click.option("--dry-run", is_flag=True, help="只报告会发生什么 / only say what would happen")
@click.option("--allow-mass-removal", is_flag=True, help="允许一次删除过半文档 / allow removing more than half")
@json_option
@framed
def command(corpus_dir: Path | None, full: bool, dry_run: bool, allow_mass_removal: bool, as_json: bool) -> None:
    """Index; files that fail are listed and do not fail the run."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    try:
        report = app.build_index(
            settings,
            corpus_dir,
            ReindexOptions(full, dry_run, allow_mass_removal),
            say=line.say,
            progress=lambda phase, done, total: line.update(PHASES.get(phase, phase), done, total),
        )
    finally:
        line.close()
    if as_json:
        print_json(report)
    else:
        click.echo(rendered(report))


def rendered(report: Mapping[str, Any]) -> str:
    """The report for a terminal."""
    counts = report["documents"]
    lines = [
        f"文档：新增 {counts['added']}，更新 {counts['changed']}，移除 {counts['removed']}，未变 {counts['unchanged']}",
        f"段落：{report['passages']}，其中新算向量 {report['embedded']}",
        f"用时：{report['seconds']:.1f} 秒",
        f"快照：{report['snapshot'] or '（试运行，未改动）'}",
    ]
    return "\n".join(lines + _failures(report["files"]))


def _failures(files: Sequence[Mapping[str, Any]]) -> list[str]:
    failed = [file for file in files if file.get("failure")]
    if not failed:
        return []
    lines = [f"有问题的文件：{len(failed)}"]
    lines += [f"  {file['path']}：{file['failure']}" for file in failed[:MAX_FAILURES_SHOWN]]
    if len(failed) > MAX_FAILURES_SHOWN:
        lines.append(f"  …… 另有 {len(failed) - MAX_FAILURES_SHOWN} 个，用 --json 查看全部")
    return lines
