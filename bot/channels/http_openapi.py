"""The OpenAPI document: what every route takes and gives, each status it may answer with, and one worked example.

Routes are described where they are added (``Operation``); what all have in common is filled in here. The document is
made once, when it is first asked for.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from bot.channels.http_access import ADMIN, ASK, DOCUMENTS, scope_of
from bot.channels.http_idempotency import KEY, MAX_KEY_CHARS, takes_key
from bot.channels.http_problems import PROBLEM_JSON, TITLES
from bot.channels.openai_errors import in_openai_shape, openai_status
from bot.channels.wire_examples import EXAMPLES

OPENAPI_PATH = "/openapi.json"
# What any route under /v1 may answer, whatever it does.
COMMON_PROBLEMS = (401, 403, 429, 500, 503)
_API = "/v1/"
_HEALTH = ("/livez", "/readyz")
_SECURITY = "key"
_DESCRIPTION = """\
对中文公文资料提问，得到答案与出处。 Ask a body of Chinese official documents; get the fact and the passage it rests on.

- 错误一律为 RFC 9457 `application/problem+json`；`code` 不变，`detail` 写明处理办法。
- 每个响应都有 `X-Request-ID`；`429` 与 `503` 带 `Retry-After`（秒）。
- 写操作可带 `Idempotency-Key`：24 小时内同一请求重发，得到原来的结果，响应带 `Idempotency-Replayed: true`。
- `GET` 的 JSON 响应带 `ETag`；带 `If-None-Match` 再取，未变则为 `304`。
- 列表按 `cursor` 翻页：取上一页的 `next_cursor`，直到为 null；翻页时资料变了也不会漏。
- 偏移量一律按 Unicode 码位计。
"""
_TAGS = {
    "questions": "提问、出处与评价",
    "documents": "资料：列出、查找、上传、修改、停用",
    "administration": "索引、快照、任务与记录",
    "access": "密钥与身份",
    "openai": "与 OpenAI 兼容的接口",
    "health": "运行状况",
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457。`code` 供程序判断，`detail` 供人阅读。",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:yiju:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "422：哪一项、为什么",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "job_id": {"type": "string", "description": "409：正在运行的任务"},
        "job": {"type": "string", "description": "409：它的地址"},
    },
}
_OPENAI_ERROR: dict[str, Any] = {
    "title": "OpenAiError",
    "description": "OpenAI 的错误形式",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_HEADERS: dict[str, Any] = {
    "X-Request-ID": {"description": "请求编号，与日志一致", "schema": {"type": "string"}},
    "ETag": {"description": "内容的标记，供 If-None-Match 与 If-Match 使用", "schema": {"type": "string"}},
    "Retry-After": {"description": "多少秒后再试", "schema": {"type": "integer", "minimum": 1}},
    "Location": {"description": "新建之物的地址", "schema": {"type": "string"}},
    "Idempotency-Replayed": {"description": "`true`：这是先前保存的结果", "schema": {"type": "string"}},
}
_SHORT_OF_ENTITY: dict[int, str] = {304: "未变：与 If-None-Match 所给的一致"}

# What a route answers that can tell its answer while it is made.
EVENTS = {"responses": {"200": {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}}


@dataclass(frozen=True, slots=True)
class Operation:
    """A route with all that is to be said of it.

    ``answer``: the model of its success, None for 204; ``also``: further statuses of success with their descriptions,
    the same model; ``problems``: statuses of failure beyond those common to all; ``extra``: raw OpenAPI, merged in.
    """

    method: str
    path: str
    handler: Callable[..., object]
    name: str
    summary: str
    tag: str
    answer: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    also: Mapping[int, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def add_operations(app: FastAPI, operations: Iterable[Operation]) -> None:
    """Put routes into the application together with their descriptions."""
    for each in operations:
        responses: dict[int | str, dict[str, Any]] = {
            status: {"model": each.answer, "description": said} for status, said in each.also.items()
        }
        responses |= {status: problem_response(status, each.path) for status in each.problems}
        app.add_api_route(
            each.path,
            each.handler,
            methods=[each.method],
            operation_id=each.name,
            summary=each.summary,
            tags=[each.tag],
            response_model=each.answer,
            status_code=each.status,
            response_description="成功",
            responses=responses,
            openapi_extra=dict(each.extra) or None,
        )


def problem_response(status: int, path: str = "") -> dict[str, Any]:
    """How a status of failure of a path is described."""
    title = TITLES.get(status, ("error", "请求失败"))[1]
    if in_openai_shape(path):
        return {
            "description": title,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAiError"}}},
        }
    return {"description": title, "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def openapi_document(app: FastAPI, *, version: str) -> dict[str, Any]:
    """The description of all routes under /v1 and of health."""
    made = get_openapi(
        title="yiju 依据",
        version=version,
        description=_DESCRIPTION,
        routes=[route for route in app.routes if _is_described(getattr(route, "path", ""))],
        tags=[{"name": name, "description": said} for name, said in _TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    schemas["OpenAiError"] = _OPENAI_ERROR
    components["headers"] = _HEADERS
    components["securitySchemes"] = {
        _SECURITY: {
            "type": "http",
            "scheme": "bearer",
            "description": "`yiju keys create NAME --scope ask,documents,admin`；没有任何密钥时只回答本机。",
        }
    }
    for path, methods in made.get("paths", {}).items():
        for method, operation in methods.items():
            _complete(path, method, operation)
    return made


def _is_described(path: str) -> bool:
    return path.startswith(_API) or path in _HEALTH


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation.setdefault("responses", {})
    api = path.startswith(_API)
    # What FastAPI says of 422 is its own shape, not ours; OpenAI's clients know it as 400.
    if responses.pop("422", None) is not None:
        unfit = openai_status(422) if in_openai_shape(path) else 422
        responses[str(unfit)] = problem_response(unfit, path)
    for status in COMMON_PROBLEMS if api else ():
        responses.setdefault(str(status), problem_response(status, path))
    if api:
        operation["security"] = [{_SECURITY: []}]
        operation["x-scope"] = {ASK: ASK, DOCUMENTS: DOCUMENTS, ADMIN: ADMIN}.get(scope_of(path) or "", "any")
    if api and method == "get":
        _add_condition(operation, responses)
    if takes_key(path, method.upper()):
        _add_idempotency(operation, responses)
    if "requestBody" in operation:
        for status in (400, 408, 413, 415):
            responses.setdefault(str(status), problem_response(status, path))
    _add_examples(operation, responses)
    for code, response in responses.items():
        _add_headers(code, response)
    operation["responses"] = {status: responses[status] for status in sorted(responses)}


def _add_condition(operation: dict[str, Any], responses: dict[str, Any]) -> None:
    said = "先前得到的 ETag；未变则为 304"
    operation.setdefault("parameters", []).append(_header("If-None-Match", said, '"9f0b2c"', {"type": "string"}))
    responses.setdefault("304", {"description": _SHORT_OF_ENTITY[304]})
    ok = responses.get("200")
    if ok is not None:
        ok.setdefault("headers", {})["ETag"] = {"$ref": "#/components/headers/ETag"}


def _add_idempotency(operation: dict[str, Any], responses: dict[str, Any]) -> None:
    said = "1 至 255 个可见 ASCII 字符；同一请求重发时照旧，得到原来的结果"
    schema = {"type": "string", "pattern": KEY.pattern, "minLength": 1, "maxLength": MAX_KEY_CHARS}
    operation.setdefault("parameters", []).append(_header("Idempotency-Key", said, "5d0c4b6e-6f0e-4b39", schema))
    for status in (409, 422):
        responses.setdefault(str(status), problem_response(status))
    responses.setdefault("400", problem_response(400))


def _header(name: str, description: str, example: str, schema: dict[str, Any]) -> dict[str, Any]:
    said = {"name": name, "in": "header", "required": False, "description": description}
    return {**said, "schema": schema, "example": example}


def _add_headers(status: str, response: dict[str, Any]) -> None:
    headers = response.setdefault("headers", {})
    headers["X-Request-ID"] = {"$ref": "#/components/headers/X-Request-ID"}
    if status in ("429", "503"):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if status in ("201", "202"):
        headers["Location"] = {"$ref": "#/components/headers/Location"}


def _add_examples(operation: dict[str, Any], responses: dict[str, Any]) -> None:
    example = EXAMPLES.get(operation.get("operationId", ""))
    if example is None:
        return
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and example.request is not None:
        body["example"] = example.request
    for status in ("200", "201", "202"):
        content = responses.get(status, {}).get("content", {}).get("application/json")
        if content is not None and example.response is not None:
            content["example"] = example.response


class OpenApiRoute:
    """Serves the document. Made at the first request, then the same bytes for all."""

    def __init__(self, app: FastAPI, *, version: str) -> None:
        self._app = app
        self._version = version
        self._body: bytes | None = None
        self._lock = threading.Lock()

    async def answer(self) -> Response:
        """The document as JSON."""
        return Response(self.body(), media_type="application/json")

    def body(self) -> bytes:
        """The document as bytes."""
        with self._lock:
            if self._body is None:
                document = openapi_document(self._app, version=self._version)
                self._body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
            return self._body
