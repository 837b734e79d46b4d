"""How routes answer in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from pydantic import BaseModel


def json_answer(body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A model as JSON: every key, UTF-8. A client must not keep answers: documents can be retired."""
    stated = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body.model_dump_json(), status_code=status, headers=stated, media_type="application/json")
