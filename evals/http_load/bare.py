"""A bare FastAPI application to hold ours against: the framework alone, and the same service without anything around.

`python -m evals.http_load.bare PORT`, with the settings of the server in the environment. `POST /constant` answers with
a constant of the size of an answer; `POST /v1/ask` asks the service in FastAPI's own threads. No keys, no bounds, no
request ids, no metrics, no fair line: not how one should serve it.
"""

from __future__ import annotations

import os
import sys

import anyio.to_thread
import uvicorn
from fastapi import FastAPI, Response

from bot import app
from bot.channels.wire import AnswerBody, AskRequest
from bot.logs import configure_logging
from bot.service import QAService
from bot.settings import load_settings


def bare_app(service: QAService, *, threads: int) -> FastAPI:
    """Both routes."""
    made = FastAPI(openapi_url=None)
    constant: dict[str, object] = {"answer": "依" * 800, "outcome": "answered", "citations": []}

    @made.post("/constant")
    async def same(body: AskRequest) -> dict[str, object]:
        return constant if body.question else {}

    @made.post("/v1/ask")
    def ask(body: AskRequest) -> Response:
        answer = service.ask(body.question, owner="local", conversation_id=body.conversation_id, top_k=body.top_k)
        return Response(AnswerBody.of(answer).model_dump_json(), media_type="application/json")

    @made.get("/readyz")
    async def readyz() -> dict[str, str]:
        # The same number of questions at a time as ours.
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        return {"status": "ready"}

    return made


def main() -> None:
    """Serve until told to stop."""
    settings = load_settings(os.environ)
    configure_logging("warning", json=False)
    with app.open_answers(settings, say=print) as service:
        service.ask("预热：这是第几个问题？", owner="local")
        served = bare_app(service, threads=settings.answering.concurrency)
        uvicorn.run(served, host="127.0.0.1", port=int(sys.argv[1]), http="h11", access_log=False, log_config=None)


if __name__ == "__main__":
    main()
