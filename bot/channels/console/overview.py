"""The first page: how things stand and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.console.frame import HOME, Frame, Page
from bot.channels.http_access import ADMIN, Asker
from bot.errors import NotReadyError
from bot.health import Health
from bot.state.gap_marks import OPEN
from bot.state.people import PENDING

# Less free space than this share of the disk, or than so many bytes, is told.
_LOW_SHARE, _LOW_BYTES = 0.05, 2 * 1024**3
_SHOWN_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits for a person. ``level``: ``bad``, ``warn`` or ``note``; ``text`` with its ``values``."""

    level: str
    text: str
    path: str
    values: Mapping[str, object]


def pages(frame: Frame) -> list[Page]:
    """The overview."""
    services = frame.services

    def look() -> dict[str, Any]:
        try:
            status: Mapping[str, Any] | None = services.admin.status()
        except NotReadyError:
            status = None
        health = services.admin.health()
        waiting = sum(member.state == PENDING for member in services.people.everyone())
        gaps = services.gaps.page(OPEN, limit=5)
        found = concerns(status, health, waiting=waiting, gaps=gaps.total)
        failed = services.failed_files(_SHOWN_FAILURES)
        return {"status": status, "health": health, "gaps": gaps, "concerns": found, "failed": failed}

    async def overview(request: Request, asker: Asker) -> Response:
        if ADMIN not in asker.scopes:
            return RedirectResponse("/admin/documents", 303)
        return frame.page(request, asker, "overview.html", **await frame.run(look))

    return [Page("GET", HOME, overview, "documents")]


def concerns(status: Mapping[str, Any] | None, health: Health, *, waiting: int, gaps: int) -> list[Concern]:
    """What waits for a person, the worst first."""
    found: list[Concern] = []

    def add(level: str, text: str, path: str, **values: object) -> None:
        found.append(Concern(level, text, path, values))

    if status is None:
        add("note", "正在加载模型与索引，请稍候。", HOME)
    else:
        if status["snapshot"] is None:
            add("bad", "还没有索引：上传资料后更新索引，才能回答问题。", "/admin/index")
        if status["blocked"]:
            add(
                "bad",
                "有 {count} 个新快照因回答变差没有启用，等待确认。",
                "/admin/snapshots",
                count=len(status["blocked"]),
            )
        last = status["last_job"]
        if last is not None and last.state == "failed":
            add("bad", "上次更新索引没有完成。", f"/admin/index/jobs/{last.id}")
        if status["failed_documents"]:
            add("warn", "{count} 个文件或其中的行读不出来。", "/admin/index#failed", count=status["failed_documents"])
        if status["paused_by"]:
            add("warn", "向量计算暂停中，由 {by} 暂停。", "/admin/index", by=status["paused_by"])
    if health.disk_free < min(_LOW_SHARE * health.disk_total, _LOW_BYTES):
        add("bad", "磁盘空间快用完了。", HOME)
    if health.errors:
        add("warn", "最近一天日志中有 {count} 条错误。", HOME, count=health.errors)
    if waiting:
        add("warn", "{count} 人申请使用 Telegram，等待批准。", "/admin/people", count=waiting)
    if gaps:
        add("note", "{count} 类问题没有找到答案，待处理。", "/admin/gaps", count=gaps)
    return sorted(found, key=lambda each: ("bad", "warn", "note").index(each.level))
