from __future__ import annotations

import inspect
import json
from types import ModuleType

import pytest

from bot import errors as bot_errors
from bot.channels.failures import FAILURES, INTERNAL, failure_of, in_words
from bot.channels.http_access import SCOPES
from bot.channels.http_problems import TITLES, Problem, problem_of
from bot.errors import BusyError, JobConflictError, NotReadyError
from bot.evaluation import errors as evaluation_errors
from bot.state import keys
from corpus import errors as corpus_errors
from corpus.errors import StoreError
from embeddings import errors as embedding_errors
from retrieval import errors as retrieval_errors

# 405, 408 and 412 are those of HTTP itself; the rest the contract names.
CONTRACT_STATUSES = {400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503}


def classes(module: ModuleType) -> list[type[Exception]]:
    return [each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, Exception)]


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for module in (bot_errors, corpus_errors, embedding_errors, retrieval_errors, evaluation_errors)
        for kind in classes(module)
    ],
)
def test_every_error_has_words(kind: type[Exception]) -> None:
    assert any(base in FAILURES for base in kind.__mro__)


def test_every_status_is_of_the_contract() -> None:
    assert set(TITLES) == CONTRACT_STATUSES
    assert {failure.status for failure in FAILURES.values()} <= CONTRACT_STATUSES


def test_nearest_base_decides_and_strangers_are_internal() -> None:
    class Special(StoreError):
        pass

    assert failure_of(Special("x")) is FAILURES[StoreError]
    assert failure_of(ZeroDivisionError("x")) is INTERNAL


def test_internals_are_not_told_over_http() -> None:
    told = problem_of(StoreError("/secret/path"))

    assert "secret" not in told.detail
    assert "secret" in in_words(StoreError("/secret/path"))


def test_conflict_names_the_job() -> None:
    told = problem_of(JobConflictError("任务 j7 正在运行", job_id="j7"))

    assert (told.status, told.extra["job_id"], told.extra["job"]) == (409, "j7", "/v1/admin/jobs/j7")


@pytest.mark.parametrize("error", [BusyError(), NotReadyError("加载中")])
def test_unavailable_says_when_to_come_back(error: Exception) -> None:
    told = problem_of(error)

    assert told.status == 503
    assert int(told.headers["Retry-After"]) > 0


def test_problem_with_lone_surrogates_is_still_json() -> None:
    body = Problem(404, "not_found", "没有", "没有 \ud800").body(instance="/\udfff", request_id="r")

    assert json.loads(body)["instance"] == "/\udfff"
    assert "没有".encode() in body


def test_scopes_are_those_of_the_keys() -> None:
    assert SCOPES == keys.SCOPES
