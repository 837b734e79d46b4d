"""What `yiju doctor` says of the index: the serving snapshot, what waits for a person, what is not embedded yet."""
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.doctor import Finding, Level

if TYPE_CHECKING:
    from corpus.store import DocumentStore
    from retrieval.manifest import Fit

_SHOWN_FAILURES = 3


def index_finding(index_dir: Path, wanted: Fit | None) -> Finding:
    """The serving snapshot, every file of it read. ``wanted``: what it must have been built with, where that is known.

    Raises: SnapshotError: it cannot be used.
    """
    from retrieval.errors import NoSnapshotError, SnapshotReadOnlyError
    from retrieval.snapshot import current_folder
    from retrieval.snapshots import verify_snapshot

    try:
        said = verify_snapshot(index_dir, current_folder(index_dir).name)
    except NoSnapshotError:
        return Finding("索引", Level.BROKEN, "还没有索引", "运行：yiju index")
    except SnapshotReadOnlyError as error:
        return Finding("索引", Level.BROKEN, str(error), f"给运行 yiju 的用户 {index_dir.parent} 的写权限。")
    found = f"{said.snapshot}：{said.documents} 篇文档，{said.passages} 个段落，建于 {said.created_at}，校验和一致"
    if wanted is None:
        return Finding("索引", Level.WARNING, f"{found}；未能核对模型", "先解决模型的问题。")
    said.check_fit(index_dir, wanted)
    return Finding("索引", Level.OK, found)


def snapshots_finding(index_dir: Path) -> Finding:
    """Whether a snapshot waits to be accepted, was gone back to, or is damaged."""
    from retrieval.snapshots import list_snapshots, rolled_back

    found = list_snapshots(index_dir)
    blocked = [each for each in found if each.blocked is not None]
    if blocked:
        last = blocked[-1]
        cure = f"看任务报告中变化的回答；确认无误：yiju snapshots accept {last.id}；否则改正资料，再运行 yiju index。"
        return Finding("快照", Level.WARNING, f"{last.id} 等待确认：{last.blocked}", cure)
    back = rolled_back(index_dir)
    if back is not None:
        found_back = f"已于 {back.since} 从 {back.source} 回退到 {back.target}，后台不再自动计算向量"
        return Finding("快照", Level.WARNING, found_back, "按资料更新到最新：yiju index")
    damaged = [each.id for each in found if not each.complete and not each.serving]
    if damaged:
        return Finding(
            "快照", Level.WARNING, f"不能回退到 {'、'.join(damaged)}：已损坏或格式不同", "yiju snapshots prune"
        )
    return Finding("快照", Level.OK, f"共 {len(found)} 个，{sum(each.bytes for each in found) / 1024**2:.1f} MiB")


def vectors_finding(index_dir: Path) -> Finding:
    """How much is embedded, and whether that is paused."""
    from retrieval.pausing import paused
    from retrieval.snapshots import list_snapshots

    asked = paused(index_dir)
    if asked is not None:
        return Finding(
            "向量", Level.WARNING, f"计算已由 {asked.by} 暂停（{asked.since}）", "继续：yiju embedding resume"
        )
    serving = next((each for each in list_snapshots(index_dir) if each.serving), None)
    if serving is None or serving.embedded >= serving.passages:
        return Finding("向量", Level.OK, "全部段落都有向量")
    share = 100 * serving.embedded / serving.passages
    found = f"{serving.embedded} / {serving.passages} 段有向量（{share:.3g}%），其余按文字检索"
    return Finding("向量", Level.OK, f"{found}；yiju serve 在后台续算，也可运行 yiju index")


def documents_finding(store: DocumentStore | None, index_dir: Path) -> Finding:
    """Whether the index's documents are stored, others wait to be indexed, or could not be read.

    ``store``: None where nothing was ever stored. Raises: StoreError.
    """
    missing, indexed = _lost(store, index_dir)
    if missing:
        found = f"索引中的 {indexed} 篇文档有 {missing} 篇不在数据库里（数据库被删除、替换，或换成了旧备份）"
        cure = "放回与索引同时的备份：yiju restore；没有备份：yiju index --full"
        return Finding("文档", Level.BROKEN, found, cure)
    if store is None:
        return Finding("文档", Level.OK, "还没有文档")
    counts = store.state_counts()
    if counts["pending"]:
        return Finding("文档", Level.WARNING, f"{counts['pending']} 篇已收下而尚未进入索引", "运行：yiju index")
    if counts["failed"]:
        shown = {each.source_path: each.reason or "" for each in store.states("failed", limit=_SHOWN_FAILURES)}
        found = f"{counts['failed']} 处未能读入（列出最近 {len(shown)} 处）"
        return Finding("文档", Level.WARNING, found, "改正这些文件后运行：yiju index", shown)
    return Finding("文档", Level.OK, f"{counts['indexed']} 篇都在索引中")


def _lost(store: DocumentStore | None, index_dir: Path) -> tuple[int, int]:
    """How many documents of the serving snapshot are not stored, and how many it has; 0 of a snapshot that is none."""
    from retrieval.errors import SnapshotError
    from retrieval.manifest import Manifest
    from retrieval.snapshot import current_folder
    from retrieval.snapshot_documents import SnapshotDocuments

    try:
        folder = current_folder(index_dir)
        built_from, versions = Manifest.read(folder).store_id, SnapshotDocuments.load(folder).versions.tolist()
    except (SnapshotError, OSError, ValueError):
        return 0, 0  # the finding of the index tells
    if store is None or store.identity()[0] != built_from:
        return len(versions), len(versions)  # the same numbers mean other documents there
    return len(versions) - len(store.versions(versions)), len(versions)
