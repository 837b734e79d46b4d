"""`yiju snapshots`: lists, verifies, rolls back, prunes, accepts and rejects snapshots of the index."""

from __future__ import annotations

from dataclasses import asdict

import click

from bot import app
from bot.commands.frame import FAILED, framed, json_option, print_json, settings_for
from retrieval import snapshots
from retrieval.errors import NoSnapshotError, SnapshotError
from retrieval.index_lock import index_lock
from retrieval.snapshots import SnapshotInfo


@click.group(
    "snapshots", help="列出、校验、回退、清理、确认、放弃快照。 List, verify, roll back, prune, accept, reject."
)
def command() -> None:
    """Hold the commands."""


@command.command("list", help="列出快照，旧的在前。 List snapshots, oldest first.")
@json_option
@framed
def list_all(as_json: bool) -> None:
    """List all snapshots."""
    index_dir = settings_for().index_dir
    found = snapshots.list_snapshots(index_dir)
    back = snapshots.rolled_back(index_dir)
    if as_json:
        rows = [{**asdict(each), "complete": each.complete} for each in found]
        print_json({"snapshots": rows, "rolled_back": None if back is None else asdict(back)})
        return
    for each in found:
        click.echo(_row(each))
    if back is not None:
        click.echo(f"已于 {back.since} 从 {back.source} 回退；下次 yiju index 会再按资料更新。", err=True)
    if not found:
        click.echo("还没有快照；新建：yiju index", err=True)


def _row(info: SnapshotInfo) -> str:
    share = f"{100 * info.embedded / info.passages:.3g}%" if info.passages else "100%"
    states = ["在用"] if info.serving else []
    states += [f"等待确认：{info.blocked}"] if info.blocked else []
    states += [f"不可用：{info.problem}"] if info.problem else []
    size = f"{info.bytes / 1024**2:.1f} MiB（独占 {info.own_bytes / 1024**2:.1f}）"
    return f"{info.id}  {info.documents} 篇  {info.passages} 段  向量 {share}  {size}  {'；'.join(states)}".rstrip()


@command.command("verify", help="逐个文件核对校验和；不给编号则全部核对。 Check every file's checksum.")
@click.argument("snapshot_ids", nargs=-1, metavar="[ID...]")
@json_option
@framed
def verify(snapshot_ids: tuple[str, ...], as_json: bool) -> None:
    """Verify snapshots; ends with 1 where one is damaged."""
    index_dir = settings_for().index_dir
    wanted = snapshot_ids or tuple(each.id for each in snapshots.list_snapshots(index_dir))
    if not wanted:
        raise NoSnapshotError(f"nothing is indexed in {str(index_dir)!r} yet; run: yiju index")
    problems: dict[str, str | None] = {}
    for snapshot_id in dict.fromkeys(wanted):
        try:
            snapshots.verify_snapshot(index_dir, snapshot_id)
            problems[snapshot_id] = None
        except SnapshotError as error:
            problems[snapshot_id] = str(error)
        if not as_json:
            click.echo(f"{'✗' if problems[snapshot_id] else '✓'} {snapshot_id}  {problems[snapshot_id] or '完好'}")
    sound = not any(problems.values())
    if as_json:
        print_json({"ok": sound, "snapshots": [{"id": each, "problem": said} for each, said in problems.items()]})
    if not sound:
        raise click.exceptions.Exit(FAILED)


@command.command("rollback", help="改用另一个快照，先完整校验；各进程随即切换。 Serve another snapshot.")
@click.argument("snapshot_id", metavar="ID")
@json_option
@framed
def roll_back(snapshot_id: str, as_json: bool) -> None:
    """Serve another snapshot."""
    settings = settings_for()
    with app.open_stores(settings) as stores:
        documents = stores.documents
        snapshots.roll_back(settings.index_dir, snapshot_id, store_id=documents.store_id(), turn=documents.index_turn)
    _say_serving(snapshot_id, as_json=as_json)
    if not as_json:
        click.echo("资料没有改动；下次 yiju index 会再按资料更新。", err=True)


@command.command("accept", help="启用因回答变差而等待确认的快照。 Serve a snapshot that was held back.")
@click.argument("snapshot_id", metavar="ID")
@json_option
@framed
def accept(snapshot_id: str, as_json: bool) -> None:
    """Serve a blocked snapshot."""
    settings = settings_for()
    with app.open_stores(settings) as stores:
        documents = stores.documents
        snapshots.accept(settings.index_dir, snapshot_id, store_id=documents.store_id(), turn=documents.index_turn)
    _say_serving(snapshot_id, as_json=as_json)


@command.command(
    "reject", help="放弃因回答变差而等待确认的快照，原快照照常使用。 Discard a snapshot that was held back."
)
@click.argument("snapshot_id", metavar="ID")
@json_option
@framed
def reject(snapshot_id: str, as_json: bool) -> None:
    """Discard a blocked snapshot."""
    snapshots.reject(settings_for().index_dir, snapshot_id)
    if as_json:
        print_json({"rejected": snapshot_id})
    else:
        click.echo(f"已放弃快照 {snapshot_id}；原快照照常使用。")


def _say_serving(snapshot_id: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"serving": snapshot_id})
    else:
        click.echo(f"现在使用快照 {snapshot_id}；运行中的服务随即切换。")


@command.command("prune", help="只留最新的几个快照和在用的。 Keep the newest snapshots and the serving one.")
@click.option("--keep", type=click.IntRange(min=1), help="留几个；默认 YIJU_INDEX__KEPT_SNAPSHOTS / how many to keep")
@json_option
@framed
def prune(keep: int | None, as_json: bool) -> None:
    """Delete old snapshots."""
    settings = settings_for()
    with index_lock(settings.index_dir):
        gone = snapshots.prune(settings.index_dir, keep or settings.index.kept_snapshots)
    if as_json:
        print_json({"removed": gone})
    else:
        click.echo(f"删除了 {len(gone)} 个快照。" + "".join(f"\n  {each}" for each in gone))
