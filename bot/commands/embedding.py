"""`yiju embedding`: how far passages are embedded, and pausing it for every process of this data folder."""

from __future__ import annotations

import getpass
from typing import Any

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import duration
from bot.indexing_jobs import EMBEDDING, REINDEX
from bot.settings import Settings
from bot.state.jobs import JobView
from retrieval import pausing, snapshots


@click.group("embedding", help="查看、暂停、继续向量计算。 Look at, pause and resume embedding.")
def command() -> None:
    """Hold the commands."""


@command.command("status", help="向量算了多少，是否暂停。 How much is embedded, and whether it is paused.")
@json_option
@framed
def status(as_json: bool) -> None:
    """Tell how far embedding is."""
    told = _status(settings_for())
    if as_json:
        print_json(told)
        return
    click.echo(f"快照：{told['snapshot'] or '还没有'}")
    click.echo(f"向量：{told['embedded']} / {told['passages']} 段（{100 * told['embedded_share']:.3g}%）")
    if told["paused"] is not None:
        click.echo(f"已暂停：{told['paused']['by']}，{told['paused']['since']}；继续：yiju embedding resume")
    if told["job"] is not None:
        click.echo(_job_line(told["job"]))


def _status(settings: Settings) -> dict[str, Any]:
    serving = next((each for each in snapshots.list_snapshots(settings.index_dir) if each.serving), None)
    passages, embedded = (serving.passages, serving.embedded) if serving is not None else (0, 0)
    paused = pausing.paused(settings.index_dir)
    return {
        "snapshot": None if serving is None else serving.id,
        "passages": passages,
        "embedded": embedded,
        "embedded_share": round(embedded / passages, 4) if passages else 1.0,
        "paused": None if paused is None else {"by": paused.by, "since": paused.since},
        "job": _running_job(settings),
    }


def _running_job(settings: Settings) -> dict[str, Any] | None:
    with app.open_stores(settings) as stores:
        found = [stores.state.jobs.latest(kind) for kind in (REINDEX, EMBEDDING)]
    job = next((each for each in found if each is not None and each.active), None)
    return None if job is None else _job(job)


def _job(job: JobView) -> dict[str, Any]:
    names = ("id", "kind", "phase", "done", "total", "rate", "eta_seconds", "started_by")
    return {name: getattr(job, name) for name in names}


def _job_line(job: dict[str, Any]) -> str:
    speed = f"，每秒 {job['rate']:.1f}" if job["rate"] else ""
    left = f"，还要 {duration(job['eta_seconds'])}" if job["eta_seconds"] is not None else ""
    return f"任务：{job['id']}（{job['kind']}），{job['done']} / {job['total']}{speed}{left}"


@command.command("pause", help="暂停向量计算，直到继续；重启后仍然暂停。 Pause embedding until it is resumed.")
@json_option
@framed
def pause(as_json: bool) -> None:
    """Pause for every process."""
    paused = pausing.pause(settings_for().index_dir, _who())
    if as_json:
        print_json({"paused": {"by": paused.by, "since": paused.since}})
    else:
        click.echo("向量计算已暂停；检索照常。继续：yiju embedding resume")


@command.command("resume", help="继续向量计算。 Let embedding go on.")
@json_option
@framed
def resume(as_json: bool) -> None:
    """End the pause."""
    was_paused = pausing.resume(settings_for().index_dir)
    if as_json:
        print_json({"paused": None, "was_paused": was_paused})
    else:
        click.echo("向量计算继续进行。" if was_paused else "本来就没有暂停。")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "cli"
