"""Routes for administrators over the console's use cases: snapshots, gaps, ratings, health, audit, keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import FastAPI, Query, Request, Response
from pydantic import BaseModel

from bot.channels.http_cursors import cursor_of, mark_of
from bot.channels.http_json import json_answer
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_problems import ProblemError, problem
from bot.channels.http_requests import asker_of
from bot.channels.wire_admin import (
    AuditLineBody,
    AuditListBody,
    AuditQuery,
    FeedbackBody,
    FeedbackQuery,
    GapBody,
    GapListBody,
    GapPatch,
    GapQuery,
    HealthReportBody,
    KeyBody,
    KeyListBody,
    KeyRequest,
    NewKeyBody,
    PrunedBody,
    PruneRequest,
    RolledBackBody,
    ServingBody,
    SnapshotBody,
    SnapshotListBody,
    VerifiedBody,
)
from bot.channels.work_pool import WorkPool
from bot.days import last_moment
from corpus.visibility import clearance_of

if TYPE_CHECKING:
    from bot.channels.console.services import ConsoleServices

Body = TypeVar("Body", bound=BaseModel)
_AUDIT_ORDER = "latest"


class AdminRoutes:
    """The handlers, with what they need."""

    def __init__(self, services: ConsoleServices, pool: WorkPool) -> None:
        self._services = services
        self._pool = pool
        self._keys = services.keys

    async def _told(self, work: Callable[[], Body], *, status: int = 200) -> Response:
        return json_answer(await self._pool.run(work), status=status)

    async def snapshots(self) -> Response:
        """The snapshots, newest first."""

        def listed() -> SnapshotListBody:
            found = self._services.snapshots.listed()
            back = found.rolled_back
            told = None if back is None else RolledBackBody(source=back.source, target=back.target, since=back.since)
            return SnapshotListBody(snapshots=[SnapshotBody.of(each) for each in found.snapshots], rolled_back=told)

        return await self._told(listed)

    async def verify(self, snapshot_id: str, request: Request) -> Response:
        """Read every file of a snapshot and compare the checksums; a large one takes a while."""
        by = asker_of(request).owner

        def verified() -> VerifiedBody:
            wrong = self._services.snapshots.verify(snapshot_id, by=by)
            return VerifiedBody(id=snapshot_id, ok=wrong is None, problem=wrong)

        return await self._told(verified)

    async def roll_back(self, snapshot_id: str, request: Request) -> Response:
        """Serve another snapshot, read whole before."""
        by = asker_of(request).owner
        return await self._switched(lambda: self._services.snapshots.roll_back(snapshot_id, by=by))

    async def accept(self, snapshot_id: str, request: Request) -> Response:
        """Serve a snapshot that was held back."""
        by = asker_of(request).owner
        return await self._switched(lambda: self._services.snapshots.accept(snapshot_id, by=by))

    async def reject(self, snapshot_id: str, request: Request) -> Response:
        """Give a snapshot up that was held back."""
        by = asker_of(request).owner
        return await self._switched(lambda: self._services.snapshots.reject(snapshot_id, by=by))

    async def _switched(self, order: Callable[[], None]) -> Response:
        def switched() -> ServingBody:
            order()
            found = self._services.snapshots.listed().snapshots
            return ServingBody(serving=next((each.id for each in found if each.serving), None))

        return await self._told(switched)

    async def prune(self, request: Request, body: PruneRequest | None = None) -> Response:
        """Delete all but the newest snapshots, the serving one and those that wait."""
        by, keep = asker_of(request).owner, body.keep if body else None
        return await self._told(lambda: PrunedBody(removed=self._services.snapshots.prune(keep, by=by)))

    async def gaps(self, wanted: Annotated[GapQuery, Query()]) -> Response:
        """Questions without an answer, gathered, those asked most first."""

        def page() -> GapListBody:
            found = self._services.gaps.page(
                wanted.state, assignee=wanted.assignee, offset=wanted.offset, limit=wanted.limit
            )
            end = wanted.offset + len(found.gaps)
            more = bool(found.gaps) and end < found.total
            bodies = [GapBody.of(each) for each in found.gaps]
            return GapListBody(gaps=bodies, total=found.total, counts=found.counts, next_offset=end if more else None)

        return await self._told(page)

    async def mark_gap(self, gap_id: str, body: GapPatch, request: Request) -> Response:
        """Decide about a gap."""
        by = asker_of(request).owner
        return await self._told(
            lambda: GapBody.of(
                self._services.gaps.mark(gap_id, state=body.state, assignee=body.assignee, note=body.note, by=by)
            )
        )

    async def feedback(self, wanted: Annotated[FeedbackQuery, Query()]) -> Response:
        """What readers thought of answers, the latest first."""
        overview = self._services.feedback.overview
        return await self._told(
            lambda: FeedbackBody.of(overview(days=wanted.days, limit=wanted.limit, rating=wanted.rating))
        )

    async def health(self) -> Response:
        """How fast and how often questions are answered, errors, disk, version."""
        return await self._told(lambda: HealthReportBody.of(self._services.admin.health()))

    async def audit(self, wanted: Annotated[AuditQuery, Query()]) -> Response:
        """Who asked and did what, the latest first."""
        before = mark_of(wanted.cursor, _AUDIT_ORDER, size=1)

        def page() -> AuditListBody:
            start = None if before is None else before[0]
            lines = self._services.audit.page(wanted.chosen(), before=start, limit=wanted.limit + 1)
            shown = lines[: wanted.limit]
            end = cursor_of(_AUDIT_ORDER, (shown[-1].id,)) if len(lines) > wanted.limit else None
            return AuditListBody(entries=[AuditLineBody.of(each) for each in shown], next_cursor=end)

        return await self._told(page)

    async def keys(self) -> Response:
        """Every key, revoked ones too."""
        return await self._told(lambda: KeyListBody(keys=[KeyBody.of(each) for each in self._keys.list_keys()]))

    async def make_key(self, body: KeyRequest, request: Request) -> Response:
        """Make a key; its secret is in this answer and nowhere else."""
        by = asker_of(request).owner
        try:
            clearance = clearance_of(body.clearance or ())
        except ValueError as error:
            raise ProblemError(problem(422, f"clearance：{error}")) from None
        try:
            ends = None if body.expires_on is None else last_moment(body.expires_on)
        except ValueError:
            raise ProblemError(problem(422, "expires_on 已经过去，或太远。")) from None

        def make() -> NewKeyBody:
            made = self._keys.create(body.name, body.scopes, by=by, expires_at=ends, clearance=clearance)
            return NewKeyBody.made(made.info, made.plain)

        return await self._told(make, status=201)

    async def revoke_key(self, key_id: str, request: Request) -> Response:
        """Make a key useless from now on."""
        by = asker_of(request).owner
        return await self._told(lambda: KeyBody.of(self._keys.revoke(key_id, by=by)))


def add_admin(app: FastAPI, services: ConsoleServices, pool: WorkPool) -> None:
    """Put the routes into the application."""
    routes, run, access = AdminRoutes(services, pool), "administration", "access"
    one, gap, keys = "/v1/admin/snapshots/{snapshot_id}", "/v1/admin/gaps/{gap_id}", "/v1/admin/keys"
    switch = (404, 409)
    described = (
        Operation("GET", "/v1/admin/snapshots", routes.snapshots, "list_snapshots", "列出快照", run, SnapshotListBody),
        Operation(
            "POST",
            "/v1/admin/snapshots/prune",
            routes.prune,
            "prune_snapshots",
            "清理旧快照",
            run,
            PrunedBody,
            problems=(409,),
        ),
        Operation(
            "POST", f"{one}/verify", routes.verify, "verify_snapshot", "核对快照", run, VerifiedBody, problems=(404,)
        ),
        Operation(
            "POST", f"{one}/rollback", routes.roll_back, "roll_back", "改用这个快照", run, ServingBody, problems=switch
        ),
        Operation(
            "POST",
            f"{one}/accept",
            routes.accept,
            "accept_snapshot",
            "启用待确认的快照",
            run,
            ServingBody,
            problems=switch,
        ),
        Operation(
            "POST",
            f"{one}/reject",
            routes.reject,
            "reject_snapshot",
            "放弃待确认的快照",
            run,
            ServingBody,
            problems=switch,
        ),
        Operation(
            "GET", "/v1/admin/gaps", routes.gaps, "list_gaps", "没有答案的问题", run, GapListBody, problems=(422,)
        ),
        Operation("PATCH", gap, routes.mark_gap, "mark_gap", "标记没有答案的问题", run, GapBody, problems=(404,)),
        Operation(
            "GET",
            "/v1/admin/feedback",
            routes.feedback,
            "list_feedback",
            "读者评价",
            run,
            FeedbackBody,
            problems=(422,),
        ),
        Operation("GET", "/v1/admin/health", routes.health, "get_health", "运行状况", run, HealthReportBody),
        Operation(
            "GET", "/v1/admin/audit", routes.audit, "list_audit", "操作与提问记录", run, AuditListBody, problems=(422,)
        ),
        Operation("GET", keys, routes.keys, "list_keys", "列出密钥", access, KeyListBody),
        Operation("POST", keys, routes.make_key, "create_key", "新建密钥，只显示这一次", access, NewKeyBody, 201),
        Operation(
            "DELETE",
            f"{keys}/{{key_id}}",
            routes.revoke_key,
            "revoke_key",
            "撤销密钥",
            access,
            KeyBody,
            problems=(422,),
        ),
    )
    add_operations(app, described)
