"""Errors as the client of a path expects them: problem+json, or OpenAI's shape on the OpenAI-compatible routes.

Both are made from the same problems.
"""

from __future__ import annotations

import json

from bot.channels.http_problems import PROBLEM_JSON, Problem

OPENAI_PATHS = ("/v1/chat/", "/v1/models")
# OpenAI's own names where it has one, so that clients choose the same class of error.
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


def in_openai_shape(path: str) -> bool:
    """Whether clients of this path expect errors as OpenAI tells them."""
    return path.startswith(OPENAI_PATHS)


def rendered(problem: Problem, *, path: str, request_id: str) -> tuple[int, str, bytes]:
    """Status, content type and body of the response that tells a problem."""
    if in_openai_shape(path):
        return openai_status(problem.status), "application/json", openai_body(problem, request_id=request_id)
    return problem.status, PROBLEM_JSON, problem.body(instance=path, request_id=request_id)


def openai_status(status: int) -> int:
    """The status OpenAI would use: what does not fit is a bad request there."""
    return 400 if status == 422 else status


def openai_error(problem: Problem, *, request_id: str) -> dict[str, object]:
    """The body of an error; also the last event of a stream that fails."""
    kind = _TYPES.get(problem.status, "invalid_request_error" if problem.status < 500 else "server_error")
    error = {
        "message": problem.detail,
        "type": kind,
        "param": _param(problem),
        "code": _CODES.get(problem.status, problem.code),
        "request_id": request_id,
    }
    return {"error": error}


def openai_body(problem: Problem, *, request_id: str) -> bytes:
    """The same as JSON; what cannot be encoded is escaped, as in a problem."""
    text = json.dumps(openai_error(problem, request_id=request_id), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def _param(problem: Problem) -> str | None:
    """What of the request is wrong, where that is known."""
    errors = problem.extra.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return str(errors[0].get("field")) or None
    param = problem.extra.get("param")
    return None if param is None else str(param)
