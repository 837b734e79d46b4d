from __future__ import annotations

import pytest

from bot.channels.http_access import (
    Arrival,
    Asker,
    authority,
    is_loopback_address,
    local_fault,
    scope_of,
)
from bot.channels.http_clients import client_of
from bot.channels.http_doors import Doors
from bot.channels.http_problems import ProblemError
from corpus.visibility import EVERYTHING
from tests.bot.fakes import FakeKey, FakeKeys

LOCAL = {"host": ["127.0.0.1:8000"]}


def asker_of(arrival: Arrival, keys: FakeKeys) -> Asker | None:
    doors = Doors(keys)
    client = client_of(arrival, doors.rules)
    credential = doors.credential(arrival, client)
    return doors.admit(arrival, client, credential, doors.look_up(credential))


def arrival(path: str = "/v1/ask", peer: str | None = "127.0.0.1", **headers: list[str]) -> Arrival:
    named = {name.replace("_", "-"): values for name, values in headers.items()}
    return Arrival(path, peer, LOCAL | named)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_peer_of_this_machine_is_loopback(peer: str) -> None:
    assert is_loopback_address(peer)


@pytest.mark.parametrize(
    "peer", [None, "", "testclient", "192.168.1.5", "::ffff:192.168.1.5", "0.0.0.0", "fe80::1%eth0"]
)
def test_other_peers_are_not_loopback(peer: str | None) -> None:
    assert not is_loopback_address(peer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:8000"])
def test_loopback_hosts_are_served_without_key(host: str) -> None:
    assert local_fault(arrival(host=[host])) is None


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "localhost.example.com:8000",
        "localhost@evil.example",
        "[::2]",
        "",
        " ",
        "127.0.0.1:port",
        "127.0.0.1, example.com",
        "http://localhost",
        "２７.0.0.1",
        "::1:80:80",
    ],
)
def test_other_hosts_are_refused_without_key(host: str) -> None:
    assert "Host" in (local_fault(arrival(host=[host])) or "")


def test_missing_and_repeated_host_are_refused() -> None:
    assert local_fault(arrival(host=[])) is not None
    assert local_fault(arrival(host=["localhost", "localhost"])) is not None


@pytest.mark.parametrize(
    "name", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-anything", "x-real-ip", "via"]
)
def test_forwarding_headers_are_refused_without_key(name: str) -> None:
    assert name in (local_fault(Arrival("/v1/ask", "127.0.0.1", LOCAL | {name: ["127.0.0.1"]})) or "")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:9999",
        "http://localhost.evil.example:8000",
        "chrome-extension://abc",
        "http://127.0.0.1:8000/path",
        "https://127.0.0.1",
    ],
)
def test_foreign_origins_are_refused_without_key(origin: str) -> None:
    assert "Origin" in (local_fault(arrival(origin=[origin])) or "")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_own_pages_are_served_without_key(origin: str) -> None:
    assert local_fault(arrival(origin=[origin])) is None


def test_other_machine_is_refused_without_key() -> None:
    with pytest.raises(ProblemError) as caught:
        asker_of(arrival(peer="10.0.0.7"), FakeKeys())

    assert caught.value.problem.status == 403
    assert "yiju keys create" in caught.value.problem.detail


def test_this_machine_may_do_everything_without_key() -> None:
    assert asker_of(arrival(), FakeKeys()) == Asker(
        "local", ("ask", "documents", "admin"), EVERYTHING, address="127.0.0.1"
    )


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_needs_nothing(path: str) -> None:
    strange = arrival(path, "10.0.0.7", host=["example.com"], x_forwarded_for=["1.2.3.4"])

    assert asker_of(strange, FakeKeys()) is None
    assert asker_of(strange, FakeKeys({"secret": FakeKey("k1", ("ask",))})) is None


def test_key_works_from_anywhere() -> None:
    keys = FakeKeys({"secret": FakeKey("k1", ("ask",))})
    remote = arrival(peer="10.0.0.7", host=["example.com"], via=["1.1 proxy"], authorization=["Bearer secret"])

    assert asker_of(remote, keys) == Asker("key:k1", ("ask",), name="门户网站", address="10.0.0.7")


@pytest.mark.parametrize(
    "values",
    [[], ["secret"], ["Bearer"], ["Bearer "], ["Bearer wrong"], ["Basic secret"], ["Bearer secret", "Bearer secret"]],
)
def test_with_keys_this_machine_needs_one_too(values: list[str]) -> None:
    with pytest.raises(ProblemError) as caught:
        asker_of(arrival(authorization=values), FakeKeys({"secret": FakeKey("k1", ("ask",))}))

    assert caught.value.problem.status == 401
    assert "Bearer" in caught.value.problem.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/ask", "ask"),
        ("/v1/passages/p", "ask"),
        ("/v1/answers/a/feedback", "ask"),
        ("/v1/documents", "documents"),
        ("/v1/documents/d/restore", "documents"),
        ("/v1/admin/reindex", "admin"),
        ("/v1/admin/jobs/j", "admin"),
    ],
)
def test_each_path_needs_its_scope(path: str, scope: str) -> None:
    others = tuple({"ask", "documents", "admin"} - {scope})
    keys = FakeKeys({"right": FakeKey("k1", (scope,)), "wrong": FakeKey("k2", others)})

    assert scope_of(path) == scope
    asker = asker_of(arrival(path, authorization=["bearer right"]), keys)
    assert asker is not None
    assert (asker.owner, asker.scopes) == ("key:k1", (scope,))
    with pytest.raises(ProblemError) as caught:
        asker_of(arrival(path, authorization=["Bearer wrong"]), keys)
    assert caught.value.problem.status == 403
    assert scope in caught.value.problem.detail


def test_authority_of_bad_ports_is_none() -> None:
    assert authority("localhost:99999") is None
    assert authority("localhost:8000") == ("localhost", 8000)
