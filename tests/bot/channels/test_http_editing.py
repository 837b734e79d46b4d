"""PATCH of documents over HTTP."""

from __future__ import annotations

import pytest

from tests.bot.fakes import DOCUMENT
from tests.bot.http_site import Site, assert_problem

PATH = "/v1/documents/d1"


def test_what_is_said_is_kept_with_who_said_it_and_waits_for_an_index_run(site: Site) -> None:
    told = site.client.patch(PATH, json={"title": "  新 标题 ", "published_at": "2024-06-12", "publisher": None})

    assert told.status_code == 200
    assert told.json()["title"] == DOCUMENT.title
    edited = told.json()["edited"]
    assert edited["fields"] == {"title": "新 标题", "published_at": "2024-06-12", "publisher": None}
    assert (edited["by"], edited["indexed"]) == ("local", False)
    assert site.client.get(PATH).json() == told.json()
    assert site.admin.edits.recorded[0][:2] == ("local", "document_edited")


def test_fields_that_are_left_out_stay_and_those_from_the_file_are_undone(site: Site) -> None:
    site.client.patch(PATH, json={"title": "甲", "url": "https://a.example/1"})
    second = site.client.patch(PATH, json={"publisher": "乙", "from_file": ["title"]}).json()

    assert second["edited"]["fields"] == {"url": "https://a.example/1", "publisher": "乙"}


def test_a_label_holds_at_once(site: Site) -> None:
    site.client.patch(PATH, json={"visibility": "内部"})

    assert site.admin.edits.held == {"d1": "内部"}


def test_of_two_who_have_read_the_same_the_first_changes_it(site: Site) -> None:
    etag = site.client.get(PATH).headers["etag"]
    first = site.client.patch(PATH, json={"title": "甲"}, headers={"If-Match": etag})
    second = site.client.patch(PATH, json={"title": "乙"}, headers={"If-Match": etag})
    third = site.client.patch(PATH, json={"title": "乙"}, headers={"If-Match": first.headers["etag"]})

    assert (first.status_code, third.status_code) == (200, 200)
    assert_problem(second, 412, "precondition_failed")
    assert first.headers["etag"] != etag
    assert site.client.get(PATH, headers={"If-None-Match": third.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "bad",
    [
        {"title": ""},
        {"title": None},
        {"title": "　"},
        {"title": "题" * 501},
        {"published_at": "2024-13-01"},
        {"published_at": "昨天"},
        {"url": "javascript:alert(1)"},
        {"url": "https://"},
        {"url": "file:///etc/passwd"},
        {"visibility": "内 部"},
        {"visibility": None},
        {"visibility": "*"},
        {"text": "别的"},
        {"from_file": ["text"]},
        {"title": "a\u0000b"},
        {"title": 5},
        [],
    ],
)
def test_what_does_not_fit_is_422_and_changes_nothing(site: Site, bad: object) -> None:
    refused = site.client.patch(PATH, json=bad)

    assert_problem(refused, 422, refused.json()["code"])
    assert site.admin.edits.kept == {}


def test_a_document_that_is_not_there_is_404(site: Site) -> None:
    assert_problem(site.client.patch("/v1/documents/none", json={"title": "甲"}), 404, "not_found")
