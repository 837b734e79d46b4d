"""ETags and cursors of the HTTP application."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.http_cursors import cursor_of, mark_of
from bot.channels.http_etags import check_if_match, etag_of, named_in
from bot.channels.http_problems import ProblemError
from tests.bot.http_site import Site, assert_problem


@pytest.mark.parametrize(
    "path", ["/v1/documents", "/v1/documents/d1", "/v1/passages/p1", "/openapi.json", "/v1/admin/status"]
)
def test_what_is_the_same_is_304_without_a_body(site: Site, path: str) -> None:
    first = site.client.get(path)
    again = site.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    other = site.client.get(path, headers={"If-None-Match": '"other"'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"] == "private, no-cache"
    assert "content-type" not in again.headers
    assert again.headers["x-request-id"]
    assert (other.status_code, other.content) == (200, first.content)


def test_who_one_is_is_not_left_in_a_cache(site: Site) -> None:
    """It holds the token that forms carry."""
    told = site.client.get("/v1/me")

    assert (told.status_code, told.headers["cache-control"], told.headers.get("etag")) == (200, "no-store", None)


def test_what_changed_has_another_etag(site: Site) -> None:
    before = site.client.get("/v1/documents").headers["etag"]
    site.client.delete("/v1/documents/d1")

    assert site.client.get("/v1/documents", headers={"If-None-Match": before}).status_code == 200


def test_answers_to_questions_problems_and_health_are_never_kept(site: Site) -> None:
    told = [
        site.client.post("/v1/ask", json={"question": "问"}),
        site.client.get("/v1/none"),
        site.client.get("/livez"),
    ]

    assert [response.headers["cache-control"] for response in told] == ["no-store"] * 3
    assert not any("etag" in response.headers for response in told)


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ('"aa"', False),
        ("", False),
    ],
)
def test_a_list_of_marks_names_those_in_it(field: str, named: bool) -> None:
    assert named_in(field, '"a"') is named


def test_if_match_lets_through_what_was_seen_and_refuses_the_rest() -> None:
    etag = etag_of(b"a")
    for field in (None, "*", etag, f'"x", {etag}'):
        check_if_match(field, etag)
    for field, status in (('"x"', 412), (etag[1:-1], 400), ("", 400), ('"x', 400)):
        with pytest.raises(ProblemError) as refused:
            check_if_match(field, etag)
        assert refused.value.problem.status == status


@given(st.sampled_from(["stored", "newest"]), st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=3))
def test_a_cursor_names_the_place_it_was_made_of(order: str, mark: list[int]) -> None:
    assert mark_of(cursor_of(order, tuple(mark)), order, size=len(mark)) == tuple(mark)


@given(st.text(max_size=60))
def test_a_cursor_of_nobody_is_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        mark_of(text, "stored", size=1)


@pytest.mark.parametrize("mark", [(), (1, 2), (True,), (1.5,), ("1",), (2**64,), (None,)])
def test_a_cursor_of_another_form_is_refused(mark: tuple[int, ...]) -> None:
    with pytest.raises(ProblemError):
        mark_of(cursor_of("stored", mark), "stored", size=1)


def test_pages_by_cursor_leave_nothing_out_while_documents_go(site: Site) -> None:
    first = site.client.get("/v1/documents", params={"limit": 2}).json()
    site.client.delete("/v1/documents/d1")
    second = site.client.get("/v1/documents", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = site.client.get("/v1/documents", params={"limit": 2, "cursor": second["next_cursor"]}).json()

    assert [each["id"] for page in (first, second, third) for each in page["documents"]] == [
        "d1",
        "d2",
        "d3",
        "d4",
        "d5",
    ]
    assert (third["next_cursor"], second["next_offset"]) == (None, None)


@pytest.mark.parametrize(
    "bad",
    [
        {"cursor": "x"},
        {"cursor": ""},
        {"cursor": "x" * 201},
        {"order": "worst"},
        {"published_from": "12.6.2024"},
        {"q": "问" * 201},
        {"limt": 3},
        {"visibility": ""},
    ],
)
def test_bad_parameters_are_422(site: Site, bad: dict[str, str]) -> None:
    response = site.client.get("/v1/documents", params=bad)

    assert_problem(response, 422, response.json()["code"])


def test_a_cursor_of_another_order_is_422(site: Site) -> None:
    cursor = site.client.get("/v1/documents", params={"limit": 2}).json()["next_cursor"]

    told = site.client.get("/v1/documents", params={"cursor": cursor, "order": "newest"})

    assert_problem(told, 422, "invalid_cursor")
