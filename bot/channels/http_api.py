"""Builds the HTTP application: routes, health, and the layers around them. Making it starts nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match
from starlette.types import Scope

from bot.backup.contents import program_version
from bot.channels.console.routing import add_console
from bot.channels.http_access_layer import AccessLayer
from bot.channels.http_account_page import AccountPage, add_account_page
from bot.channels.http_accounts import add_accounts
from bot.channels.http_admin import add_admin
from bot.channels.http_cors import CorsLayer
from bot.channels.http_doors import Doors
from bot.channels.http_editing import add_editing
from bot.channels.http_error_pages import Page, wants_page
from bot.channels.http_etags import EtagLayer
from bot.channels.http_headers import HeadersLayer
from bot.channels.http_idempotency import IdempotencyLayer
from bot.channels.http_json import json_answer
from bot.channels.http_me import Me, add_me
from bot.channels.http_meter import MeterLayer
from bot.channels.http_metrics import CONTENT_TYPE, metrics_text
from bot.channels.http_middleware import BodyLayer, RequestIdLayer
from bot.channels.http_oidc import OidcPages, add_oidc
from bot.channels.http_openai import add_openai_routes
from bot.channels.http_openapi import OPENAPI_PATH, OpenApiRoute, Operation, add_operations
from bot.channels.http_operations import operations
from bot.channels.http_problems import Problem, ProblemError, problem
from bot.channels.http_rate_limits import AskerRates, RateLimitLayer
from bot.channels.http_reading import Reading, add_reading
from bot.channels.http_replays import StillTold
from bot.channels.http_routes import Routes
from bot.channels.http_services import HttpLimits, HttpServices
from bot.channels.http_sign_in import SignInPages, add_sign_in
from bot.channels.http_sign_in_frame import SignInFrame
from bot.channels.http_staging import add_staging
from bot.channels.http_timeouts import TimeoutLayer
from bot.channels.http_webhook import WebhookLayer
from bot.channels.openai_errors import rendered
from bot.channels.web.pages import Pages
from bot.channels.web.routes import add_pages
from bot.channels.wire import IndexBody
from bot.channels.wire_records import HealthBody
from bot.channels.work_pool import WorkPool
from bot.errors import NotReadyError

WELCOME = """yiju 依据：问得准，有出处。
Ask a body of Chinese official documents; get the fact and the passage it rests on.

提问 / ask:
  curl -s http://{host}/v1/ask -H 'Content-Type: application/json' -d '{{"question": "杜阮凉瓜产值多少？"}}'
有密钥时加上 / with a key: -H 'Authorization: Bearer KEY'
状态 / health: /livez  /readyz
"""
# pydantic's most common complaints; the others are told in its own words.
_COMPLAINTS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_long": "最多 {max_length} 个字",
    "too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "literal_error": "应为 {expected}",
    "value_error": "{error}",
    "model_attributes_type": "应为 JSON 对象",
}
_DETAILS = {404: "没有这个地址：{path}", 405: "{path} 不支持 {method}。"}


@dataclass(frozen=True, slots=True)
class _Pools:
    """The threads, each kind of work in lines of its own."""

    questions: WorkPool
    others: WorkPool
    access: WorkPool
    sign_in: WorkPool
    provider: WorkPool

    @classmethod
    def of(cls, services: HttpServices, limits: HttpLimits) -> Self:
        """Those of the settings, counted."""
        meters = services.meters
        pools = cls(
            questions=WorkPool("yiju-ask", workers=limits.workers, waiting=limits.waiting, counts=meters),
            others=WorkPool("yiju-http", workers=4, waiting=64, counts=meters),
            access=WorkPool("yiju-access", workers=2, waiting=256, counts=meters),
            # Each holds the memory of an argon2 hash, so one at a time.
            sign_in=WorkPool("yiju-sign-in", workers=1, waiting=16, counts=meters),
            # A provider that is slow to answer must hold up nobody who signs in with a password.
            provider=WorkPool("yiju-provider", workers=2, waiting=16, counts=meters),
        )
        for pool in pools.all():
            meters.lines.add(pool)
        return pools

    def all(self) -> tuple[WorkPool, ...]:
        """Every one."""
        return self.questions, self.others, self.access, self.sign_in, self.provider

    def close(self) -> None:
        """Begin nothing more."""
        for pool in self.all():
            pool.close()


def create_http_app(services: HttpServices, *, limits: HttpLimits) -> FastAPI:
    """The application, ready for any ASGI server that reports the true peer (no proxy headers)."""
    pools = _Pools.of(services, limits)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        pools.close()

    def refusal(scope: Scope, told: Problem) -> Response:
        return pages.told(Request(scope), told)

    app = FastAPI(
        title="yiju",
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        middleware=_layers(services, limits, pools, refusal),
        exception_handlers={HTTPException: _http_error, RequestValidationError: _invalid_request},
    )
    pages = add_pages(app, services, pools.others, plain=_welcome)
    _add_routes(app, services, pools, pages)
    reference = OpenApiRoute(app, version=program_version())
    app.add_api_route(OPENAPI_PATH, reference.answer, methods=["GET", "HEAD"], include_in_schema=False)
    return app


def _layers(services: HttpServices, limits: HttpLimits, pools: _Pools, page: Page) -> list[Middleware]:
    """What a request passes on its way to a route, the outermost first."""
    doors = Doors(services.keys, services.people, services.rules)
    layers = [
        Middleware(HeadersLayer, rules=services.rules),
        *([Middleware(CorsLayer, origins=limits.cors_origins)] if limits.cors_origins else []),
        Middleware(MeterLayer, meters=services.meters, stopping=services.stopping),
        Middleware(RequestIdLayer, page=page),
        Middleware(TimeoutLayer, seconds=limits.timeout_seconds, stopping=services.stopping),
        *([] if services.webhook is None else [Middleware(WebhookLayer, webhook=services.webhook)]),
        Middleware(AccessLayer, doors=doors, pool=pools.access),
        Middleware(RateLimitLayer, rates=AskerRates(limits.askers)),
        Middleware(EtagLayer),
        Middleware(BodyLayer, limits=limits),
    ]
    if services.replays is not None:
        told = StillTold(services.questions, services.admin)
        layers.append(Middleware(IdempotencyLayer, replays=services.replays, pool=pools.others, still_told=told))
    return layers


def _add_routes(app: FastAPI, services: HttpServices, pools: _Pools, pages: Pages) -> None:
    questions, others, sign_in = pools.questions, pools.others, pools.sign_in
    add_operations(app, operations(Routes(services, questions=questions, others=others)))
    add_editing(app, services.admin.editing, others)
    add_reading(app, Reading(services.admin, services.conversations, others))
    door_frame = SignInFrame(services.people, sign_in, pages)
    doorway = SignInPages(door_frame, provider=services.provider is not None)
    add_sign_in(app, doorway)
    add_account_page(app, AccountPage(door_frame))
    add_me(app, Me(services.people, others))
    if services.provider is not None:
        add_oidc(app, OidcPages(services.provider, doorway, pools.provider))
    add_openai_routes(app, services, questions=questions)
    _add_health(app, services, others)
    if services.console is not None:
        add_admin(app, services.console, others)
        add_staging(app, services.console.admin, others)
        add_accounts(app, services.console.accounts, others, public_url=services.console.public_url)
        add_console(app, services.console, others, pages.assets)


def _add_health(app: FastAPI, services: HttpServices, pool: WorkPool) -> None:
    async def livez() -> Response:
        return json_answer(HealthBody(status="alive"))

    async def readyz() -> Response:
        if services.stopping.is_set():
            raise NotReadyError("正在停止，不再接受新的请求。")
        serving = await pool.run(services.ready)
        index = IndexBody(embedded=round(serving.embedded, 4))
        return json_answer(HealthBody(status="ready", snapshot=serving.snapshot, index=index))

    async def metrics() -> Response:
        text = await pool.run(lambda: metrics_text(services.admin.status, services.meters.registry))
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE)

    described = (
        Operation("GET", "/livez", livez, "livez", "进程在运行", "health", HealthBody),
        Operation("GET", "/readyz", readyz, "readyz", "可以回答问题", "health", HealthBody, problems=(503,)),
    )
    add_operations(app, described)
    for path, handler in (("/livez", livez), ("/readyz", readyz)):
        app.add_api_route(path, handler, methods=["HEAD"], response_model=None, include_in_schema=False)
    app.add_api_route("/metrics", metrics, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)


async def _welcome(request: Request) -> Response:
    host = request.headers.get("host", "127.0.0.1:8000")
    safe = host if all(mark.isalnum() or mark in ".-:[]" for mark in host) else "127.0.0.1:8000"
    text = WELCOME.format(host=safe)
    return Response(text, headers={"Vary": "Accept"}, media_type="text/plain; charset=utf-8")


def _told(request: Request, told: Problem) -> Response:
    status, kind, body = rendered(told, path=request.url.path, request_id=request.state.request_id)
    return Response(body, status, {"Cache-Control": "no-store", **told.headers}, kind)


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths and methods, bodies that are not JSON."""
    if not isinstance(error, HTTPException):
        raise error
    pattern = _DETAILS.get(error.status_code, "请求体不是有效的内容。")
    detail = pattern.format(path=request.url.path, method=request.method)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    told = problem(error.status_code, detail, headers=headers)
    if wants_page(request.scope):
        raise ProblemError(told)  # the layer that tells every error makes the page
    return _told(request, told)


def _allowed(request: Request) -> str:
    """The methods of every route of that path; the framework names those of the first alone."""
    routes = [each for each in request.app.router.routes if each.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in routes for method in getattr(route, "methods", None) or ()}))


async def _invalid_request(request: Request, error: Exception) -> Response:
    """Bodies and parameters that do not fit; says where and why, never repeats what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return _told(request, problem(400, "请求体不是有效的 JSON。", code="invalid_json"))
    told = [{"field": _field(each["loc"]), "message": _complaint(each)} for each in faults[:10]]
    detail = "；".join(f"{each['field'] or '请求体'}：{each['message']}" for each in told)
    return _told(request, problem(422, detail, extra={"errors": told}))


def _complaint(fault: Mapping[str, Any]) -> str:
    pattern = _COMPLAINTS.get(fault["type"])
    return str(fault["msg"]) if pattern is None else pattern.format(**fault.get("ctx", {}))


def _field(location: Sequence[str | int]) -> str:
    """``("body", "top_k")`` as ``top_k``. An unknown key is the client's own text: shortened."""
    return ".".join(str(part) for part in location if part not in ("body", "query", "path"))[:100]
