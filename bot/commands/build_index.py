"""`yiju index`: brings the index in line with the sources and says what became of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bot import app_index
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine
from bot.index_process import lower_priority
from bot.indexing_jobs import ReindexOptions
from bot.state.jobs import JobProgress
from bot.switch_gate import told
from retrieval.errors import SwitchBlockedError
from retrieval.pausing import paused

PHASES = {
    "waiting": "等待后台计算让位",
    "reading": "读取文件",
    "writing": "写入索引",
    "embedding": "计算向量",
    "filling": "补算向量（新索引已在使用）",
    "folding": "合并向量",
    "checking": "核对回答",
    "paused": "已暂停（继续：yiju embedding resume）",
}
CHANGES = {"added": "将新增", "changed": "将更新", "removed": "将移除"}
MAX_CHANGES_SHOWN = 20
MAX_FAILURES_SHOWN = 20


@click.command("index", help="让索引与语料一致：只处理有变化的文档。 Bring the index in line with the sources.")
@click.argument("corpus_dir", required=False, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="重新读取每个文件并重建索引 / read every file again, build anew")
@click.option("--dry-run", is_flag=True, help="只报告会发生什么 / only say what would happen")
@click.option("--allow-mass-removal", is_flag=True, help="允许一次删除过半文档 / allow removing more than half")
@click.option("--no-embedding", is_flag=True, help="先按文字检索，向量以后再算 / by words only, embed later")
@json_option
@framed
def command(
    corpus_dir: Path | None, full: bool, dry_run: bool, allow_mass_removal: bool, no_embedding: bool, as_json: bool
) -> None:
    """Index; files that fail are listed and do not fail the run."""
    settings = settings_for()
    # A server beside it goes first.
    lower_priority()
    line = ProgressLine(sys.stderr)
    # While it is paused, the new documents answer by their words, and nobody waits for the rest.
    fill = paused(settings.index_dir) is None
    options = ReindexOptions(full, dry_run, allow_mass_removal, embed=not no_embedding, fill=fill)

    def progress(said: JobProgress) -> None:
        phase = said.phase or ""
        line.update(PHASES.get(phase, phase), said.done, said.total, rate=said.rate, eta_seconds=said.eta_seconds)

    try:
        report = app_index.build_index(settings, corpus_dir, options, say=line.say, progress=progress)
    except SwitchBlockedError as error:
        line.close()
        click.echo("\n".join(rendered_gate(error.report)), err=True)
        raise
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
    if report["snapshot"] is not None and report["pending"]:
        share = 100 * report["embedded_share"]
        lines.append(
            f"向量：已算 {share:.3g}%，余 {report['pending']} 段先按文字检索；由服务在后台续算，或再运行 yiju index"
        )
    if report["snapshot"] is None:
        lines += _changes(report)
    return "\n".join(lines + rendered_gate(report["gate"]) + _failures(report["files"]))


def _changes(report: Mapping[str, Any]) -> list[str]:
    """The documents that a dry run found to be added, changed and removed, by name."""
    lines = []
    for kind, heading in CHANGES.items():
        named, count = report["changes"][kind], report["documents"][kind]
        lines += [f"{heading}：{count}"] if count else []
        lines += [f"  {each['title'] or each['id']}" for each in named[:MAX_CHANGES_SHOWN]]
        if count > min(len(named), MAX_CHANGES_SHOWN):
            lines.append(f"  …… 另有 {count - min(len(named), MAX_CHANGES_SHOWN)} 篇")
    if report["mass_removal"]:
        lines.append("会删除过半文档：确认路径无误后，运行时加 --allow-mass-removal")
    return lines


def rendered_gate(gate: Mapping[str, Any] | None) -> list[str]:
    """What the switch changed, for a terminal: golden questions before and after, answers that are others now."""
    if gate is None:
        return []
    lines = []
    if gate["golden"] is not None:
        before, after = (gate["golden"]["answer_accuracy"][when] for when in ("before", "after"))
        shown = " → ".join("（无）" if share is None else f"{100 * share:.1f}%" for share in (before, after))
        lines.append(f"标准问题：{gate['golden']['questions']} 个，答对率 {shown}")
    if gate["changed"]:
        lines.append(f"回答有变化的问题：{gate['changed']}")
        lines += [f"  {told(change, '（未找到）')}" for change in gate["changes"][:MAX_CHANGES_SHOWN]]
        if gate["changed"] > MAX_CHANGES_SHOWN:
            lines.append(f"  …… 另有 {gate['changed'] - MAX_CHANGES_SHOWN} 个，用 --json 查看")
    return lines


def _failures(files: Sequence[Mapping[str, Any]]) -> list[str]:
    failed = [file for file in files if file.get("failure")]
    if not failed:
        return []
    lines = [f"有问题的文件：{len(failed)}"]
    lines += [f"  {file['path']}：{file['failure']}" for file in failed[:MAX_FAILURES_SHOWN]]
    if len(failed) > MAX_FAILURES_SHOWN:
        lines.append(f"  …… 另有 {len(failed) - MAX_FAILURES_SHOWN} 个，用 --json 查看全部")
    return lines
