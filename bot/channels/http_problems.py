"""Errors as RFC 9457 problem+json: one shape for every route, method and middleware.

Decides status and words from the table in ``failures``; internals never reach a client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.failures import failure_of

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 2
_ENDS = ("。", "！", "？", ".", "!", "?")

TITLES = {
    400: ("bad_request", "请求无法解析"),
    401: ("unauthorized", "需要有效的密钥"),
    403: ("forbidden", "不允许访问"),
    404: ("not_found", "没有这个地址"),
    405: ("method_not_allowed", "不支持这个方法"),
    408: ("request_timeout", "请求没有按时传完"),
    409: ("conflict", "与现状冲突"),
    412: ("precondition_failed", "内容已经变了"),
    413: ("too_large", "请求体过大"),
    415: ("unsupported_media_type", "不支持的内容类型"),
    422: ("invalid", "请求内容不合要求"),
    429: ("too_many_requests", "请求过于频繁"),
    500: ("internal", "程序内部出错"),
    503: ("unavailable", "暂时无法服务"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client is told instead of an answer."""

    status: int
    code: str
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)

    def body(self, *, instance: str, request_id: str) -> bytes:
        """The JSON document; ``extra`` adds members of this kind of problem."""
        members = {
            "type": f"urn:yiju:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
            **self.extra,
        }
        # A path or message with lone surrogates must not break the answer that reports it; as \udXXX it is still JSON.
        return json.dumps(members, ensure_ascii=False).encode("utf-8", "backslashreplace")


class ProblemError(Exception):
    """A problem found by the HTTP layer itself (no key, body too large); carries what the client is told."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem(
    status: int,
    detail: str,
    *,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Problem:
    """A problem of the HTTP layer with the usual code and title of its status."""
    usual_code, title = TITLES.get(status, ("error", "请求失败"))
    return Problem(status, code or usual_code, title, detail, headers or {}, extra or {})


def problem_of(error: BaseException) -> Problem:
    """What a client is told about this error; anything nobody foresaw is a 500 without details."""
    if isinstance(error, ProblemError):
        return error.problem
    failure = failure_of(error)
    said = str(error) if failure.shown else failure.title
    detail = f"{said}{'' if said.endswith(_ENDS) else '。'}{failure.cure}" if failure.cure else said
    usual = RETRY_AFTER_SECONDS if failure.status == 503 else None
    wait = getattr(error, "retry_after_seconds", None) or usual
    headers = {} if wait is None else {"Retry-After": str(wait)}
    job_id = getattr(error, "job_id", None)
    extra: dict[str, object] = {} if job_id is None else {"job_id": job_id, "job": f"/v1/admin/jobs/{job_id}"}
    return Problem(failure.status, failure.code, failure.title, detail, headers, extra)
