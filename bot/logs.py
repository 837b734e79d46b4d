"""Logs: one line an event on standard error, as text or JSON, with the request's id, without secrets or questions.

What libraries log through ``logging`` takes the same way. Nothing is set up before ``configure_logging`` is called.
"""

from __future__ import annotations

import json as json_text
import logging
import re
import secrets as random_secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "***"
# What people wrote or were told. Only debug events may hold it; others get its length.
PRIVATE_KEYS = frozenset(
    {"question", "resolved_question", "answer", "short_answer", "query", "message_text", "comment", "quote"}
)
# Shorter ones would blot out ordinary words.
_MIN_SECRET_CHARS = 6
# Secrets that give themselves away by their form, wherever they come from.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/bot)\d+:[A-Za-z0-9_%-]+"), rf"\1{REDACTED}"),  # a bot's token in the address of its API
    (re.compile(r"\b\d{6,}:[A-Za-z0-9_-]{20,}"), REDACTED),  # a bot's token elsewhere
    (re.compile(r"\byj_([0-9a-f]{12})_[A-Za-z0-9_-]+"), rf"yj_\1_{REDACTED}"),  # a key of ours; its id may be seen
    (re.compile(r"\bsk-[A-Za-z0-9_-]{8,}"), REDACTED),  # the form of most LLM services' keys
    (re.compile(r"\$argon2[a-z]{0,2}\$[A-Za-z0-9$+/=,.-]+"), REDACTED),  # the hash of a password
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{6,}"), rf"\1\2{REDACTED}"),
    (re.compile(r"(://[^\s/:@'\"]*:)[^\s@'\"]+(?=@)"), rf"\1{REDACTED}"),  # a password in an address
)
# Chatty at info; httpx also logs every address it asks, twice a poll.
_QUIET = ("httpx", "httpcore", "alembic", "sqlalchemy", "uvicorn.access", "apscheduler", "asyncio", "urllib3")

# Below this they write out what is in the database row by row: text of documents, hashes of passwords.
_NEVER_BELOW = {"sqlalchemy": logging.INFO}
# Libraries that report every start and every request that is no HTTP; what matters of it is logged by this program.
_TALKATIVE = {"faiss.loader": logging.WARNING, "uvicorn.error": logging.ERROR}


def configure_logging(level: str, json: bool, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send all logs to standard error (or ``stream``). May be called again; the last call counts.

    ``level``: debug, info, warning or error. ``secrets`` are blotted out wherever they stand.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_private_text,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_RedactingFormatter(_renderer(json), shared, Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level) if root.level > logging.DEBUG else root.level)
    for name, lowest in _NEVER_BELOW.items():
        logging.getLogger(name).setLevel(max(lowest, logging.getLogger(name).level))
    # These bring handlers of their own where they were configured before; everything goes one way.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(True)


def hush_libraries() -> None:
    """Leave out of the logs what libraries report beside what this program logs itself."""
    for name, lowest in _TALKATIVE.items():
        logging.getLogger(name).setLevel(lowest)


def _renderer(json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders an event, then blots secrets out of the finished line: whatever part of it they came in by."""

    def __init__(self, renderer: Processor, foreign: list[Processor], redactor: Redactor) -> None:
        remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(processors=[remove_meta, renderer], foreign_pre_chain=foreign)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))


class Redactor:
    """Blots out secrets: those it was told, and whatever has the form of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for secret in secrets if len(secret) >= _MIN_SECRET_CHARS for form in _written_forms(secret)}
        longest_first = sorted(written, key=len, reverse=True)
        self._told = re.compile("|".join(map(re.escape, longest_first))) if written else None

    def redact(self, text: str) -> str:
        """``text`` with ``***`` for every secret."""
        if self._told is not None:
            text = self._told.sub(REDACTED, text)
        for form, replacement in _FORMS:
            text = form.sub(replacement, text)
        return text


def _written_forms(secret: str) -> set[str]:
    """How a secret may stand in a line: plain, in JSON, in an address, in a Python string."""
    quoted = json_text.dumps(secret, ensure_ascii=False)[1:-1]
    return {secret, quoted, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}


def without_private_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what people wrote by its length, except in debug events: ``question`` becomes ``question_chars``."""
    if event.get("level") == "debug":
        return event
    return {key: value for pair in event.items() for key, value in _public(*pair)}


def _public(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key not in PRIVATE_KEYS or value is None:
        yield key, value
    else:
        yield f"{key}_chars", len(str(value))


@contextmanager
def request_scope(request_id: str | None = None, **values: object) -> Iterator[str]:
    """Within the block every event carries ``request_id`` (minted where None) and ``values``; gives the id."""
    request_id = request_id or random_secrets.token_hex(8)
    with structlog.contextvars.bound_contextvars(request_id=request_id, **values):
        yield request_id
