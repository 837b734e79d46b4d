"""What reaches the log, in what form, and what never does."""

from __future__ import annotations

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy import text as sql

from bot.logs import REDACTED, Redactor, configure_logging, request_scope

TOKEN = "123456789:AAE-abc_defghijklmnopqrstuvwxyz0123"
KEY = "yj_0123456789ab_" + "A-b_" * 10 + "xyz"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = ("httpx", "sqlalchemy", "alembic", "uvicorn.access", "uvicorn.error", "faiss.loader")
    levels = {name: logging.getLogger(name).level for name in names}
    # A command that another test ran in this process may have silenced them.
    for name in ("uvicorn.error", "faiss.loader"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def logging_to(level: str = "info", *, as_json: bool = True, secrets: tuple[str, ...] = ()) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(level, as_json, secrets=secrets, stream=stream)
    return stream


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_is_one_object_a_line_with_the_request_id() -> None:
    stream = logging_to()
    log = structlog.get_logger("bot.service")
    with request_scope("r-1", channel="http") as request_id:
        log.info("回答了", outcome="answered", ms=12.5)
    log.warning("两行\n文字")
    first, second = events(stream)
    assert request_id == first["request_id"] == "r-1"
    assert (first["event"], first["level"], first["logger"]) == ("回答了", "info", "bot.service")
    assert (first["channel"], first["outcome"], first["ms"]) == ("http", "answered", 12.5)
    assert first["timestamp"].endswith("Z")
    assert "request_id" not in second
    assert second["event"] == "两行\n文字"


def test_request_ids_are_minted_and_kept_apart_between_threads() -> None:
    stream = logging_to()
    log = structlog.get_logger()

    def work() -> None:
        with request_scope() as request_id:
            log.info("work", expected=request_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = events(stream)
    assert len({event["request_id"] for event in seen}) == 8
    assert all(event["request_id"] == event["expected"] for event in seen)


def test_text_is_one_line_for_people() -> None:
    stream = logging_to(as_json=False)
    structlog.get_logger("bot").info("ready", port=8000)
    (line,) = stream.getvalue().splitlines()
    assert "ready" in line
    assert "port=8000" in line
    assert "\x1b" not in line


def test_levels_and_their_order() -> None:
    stream = logging_to("warning")
    log = structlog.get_logger()
    log.info("no")
    log.warning("yes")
    logging.getLogger("any.library").info("no")
    assert [event["event"] for event in events(stream)] == ["yes"]


def test_the_last_configuration_counts() -> None:
    first, second = logging_to(), logging_to()
    structlog.get_logger().info("once")
    assert first.getvalue() == ""
    assert len(events(second)) == 1


def test_libraries_log_in_the_same_form() -> None:
    stream = logging_to()
    with request_scope("r-2"):
        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
        logging.getLogger("telegram.ext").error("重试 %s", "后")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    started, retry, warning = events(stream)
    assert (started["event"], started["logger"], started["request_id"]) == (
        "Started server process [7]",
        "uvicorn.error",
        "r-2",
    )
    assert (retry["event"], retry["level"]) == ("重试 后", "error")
    assert "old" in warning["event"]


def test_chatty_libraries_are_heard_only_when_debugging() -> None:
    stream = logging_to("info")
    logging.getLogger("httpx").info("HTTP Request")
    logging.getLogger("alembic.runtime.migration").info("Context impl SQLiteImpl.")
    assert events(stream) == []
    stream = logging_to("debug")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    assert events(stream)[0]["event"] == f"HTTP Request: POST https://api.telegram.org/bot{REDACTED}/getMe"


def test_rows_of_the_database_are_not_written_out_when_debugging() -> None:
    stream = logging_to("debug")
    engine = create_engine("sqlite://", hide_parameters=True)
    with engine.connect() as connection:
        told = connection.execute(sql("SELECT '经核查' AS line")).scalar_one()
    engine.dispose()
    assert told == "经核查"
    assert not [event for event in events(stream) if event["event"].startswith("Row ")]


def test_hashes_of_passwords_are_blotted_out() -> None:
    kept = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("深林人不知，明月来相照")
    assert Redactor().redact(f"('李四', '{kept}', None)") == f"('李四', '{REDACTED}', None)"


@pytest.mark.parametrize("as_json", [True, False])
def test_tracebacks_are_kept_and_redacted(as_json: bool) -> None:
    stream = logging_to(as_json=as_json)
    try:
        raise ValueError(f"GET https://api.telegram.org/bot{TOKEN}/getFile failed")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed too")
    text = stream.getvalue()
    assert text.count("Traceback (most recent call last)") == 2
    assert text.count(f"bot{REDACTED}/getFile failed") == 2
    assert TOKEN not in text


@pytest.mark.parametrize("level", ["debug", "info"])
def test_questions_are_in_debug_events_alone(level: str) -> None:
    stream = logging_to(level)
    log = structlog.get_logger()
    log.debug("asked", question="杜阮凉瓜产值多少？")
    log.info("answered", question="杜阮凉瓜产值多少？", short_answer=None)
    log.error("failed", question="杜阮凉瓜产值多少？")
    *debug, info, error = events(stream)
    assert [event["question"] for event in debug] == ["杜阮凉瓜产值多少？"] * (level == "debug")
    assert info["question_chars"] == error["question_chars"] == 9
    assert "question" not in info
    assert info["short_answer"] is None


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/sendMessage", TOKEN),
        ("http://127.0.0.1:8081/file/bot1:ab/photos/1.jpg", "1:ab"),
        (f"token={TOKEN}", TOKEN),
        (f"Authorization: Bearer {KEY}", KEY),
        (f"key {KEY} refused", KEY),
        ("authorization: bearer abcDEF123.456-789", "abcDEF123.456-789"),
        ("postgresql+psycopg://yiju:p4:ss%40word@db:5432/yiju", "p4:ss%40word"),
        ("proxy http://user:s3cretpw@proxy:3128", "s3cretpw"),
        ("sk-proj-abcdefghijkl", "sk-proj-abcdefghijkl"),
        ('told: hunter2"\\x', 'hunter2"\\x'),
    ],
)
def test_secrets_are_blotted_out_in_every_part_of_an_event(text: str, secret: str, as_json: bool) -> None:
    stream = logging_to(as_json=as_json, secrets=('hunter2"\\x',))
    log = structlog.get_logger()
    log.info(text)
    log.info("event", value=text, nested={"a": [text]})
    logging.getLogger("library").warning("said %s", text)
    written = stream.getvalue()
    assert secret not in written
    assert json.dumps(secret)[1:-1] not in written
    assert written.count(REDACTED) >= 4


def test_ordinary_words_are_left_alone() -> None:
    text = "10:30 江门日报 2024-03-05 比分3:1 http://127.0.0.1:8000/v1/ask a@b.cn yj_ 用户:张三 /bot/ 12345:67890"
    assert Redactor(["abc", "/"]).redact(text) == text


def test_a_key_keeps_its_id() -> None:
    assert Redactor().redact(KEY) == f"yj_0123456789ab_{REDACTED}"


@given(
    st.text(st.characters(codec="utf-8"), min_size=6, max_size=40).filter(lambda text: "*" not in text),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_a_told_secret_never_survives(secret: str, before: str, after: str) -> None:
    redacted = Redactor([secret]).redact(before + secret + after)
    assert secret not in redacted


def test_nothing_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", False)
    structlog.get_logger().info("where")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "where" in captured.err
