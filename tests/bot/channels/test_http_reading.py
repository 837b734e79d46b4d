"""Reading over HTTP: documents to read, one's own conversations."""

from __future__ import annotations

from tests.bot.fakes import TEXT, FakeConversations, FakeKey
from tests.bot.http_site import Site, assert_problem, opened_site


def test_a_document_is_read_with_its_text_and_how_to_cite_it(site: Site) -> None:
    body = site.client.get("/v1/sources/d1").json()

    assert body["text"] == TEXT
    assert body["cite"] == {
        "official": "根据校办2023年5月4日发布的《北京大学简介》。",
        "gbt7714": "校办. 北京大学简介[Z]. 2023-05-04.",
    }
    assert set(body) == {
        "id", "title", "publisher", "published_at", "url", "source_path", "cite", "text"
    }  # fmt: skip
    assert_problem(site.client.get("/v1/sources/d2"), 404, "not_found")
    assert_problem(site.client.get("/v1/sources/a/b"), 404, "not_found")


def test_whoever_may_ask_may_read_without_seeing_the_list_of_documents(site: Site) -> None:
    site.keys.keys["secret"] = FakeKey("1", ("ask",))
    key = {"Authorization": "Bearer secret"}

    assert site.client.get("/v1/sources/d1", headers=key).status_code == 200
    assert_problem(site.client.get("/v1/documents/d1", headers=key), 403, "scope")
    assert_problem(site.client.get("/v1/sources/d1"), 401, "unauthorized")


def test_conversations_are_listed_opened_and_deleted(site: Site) -> None:
    listed = site.client.get("/v1/conversations").json()
    assert [(each["id"], each["title"], each["turns"]) for each in listed["conversations"]] == [
        ("c1", "北京大学哪年创办？", 1)
    ]
    assert listed["next_cursor"] is None

    first, second = site.client.get("/v1/conversations/c1").json()["turns"]
    assert (first["question"], first["answer"]["short_answer"]) == ("北京大学哪年创办？", "1898年")
    assert second["answer"] is None

    assert site.client.delete("/v1/conversations/c1").status_code == 204
    assert_problem(site.client.get("/v1/conversations/c1"), 404, "conversation_not_found")
    assert_problem(site.client.delete("/v1/conversations/c1"), 404, "conversation_not_found")


def test_conversations_are_listed_by_pages() -> None:
    with opened_site(conversations=FakeConversations(["c1", "c2", "c3"])) as site:
        first = site.client.get("/v1/conversations?limit=2").json()
        second = site.client.get(f"/v1/conversations?limit=2&cursor={first['next_cursor']}").json()

    assert [each["id"] for each in first["conversations"] + second["conversations"]] == ["c1", "c2", "c3"]
    assert second["next_cursor"] is None


def test_conversations_of_others_are_not_there(site: Site) -> None:
    site.keys.keys["secret"] = FakeKey("1", ("ask",))
    key = {"Authorization": "Bearer secret"}

    assert site.client.get("/v1/conversations", headers=key).json()["conversations"] == []
    assert_problem(site.client.get("/v1/conversations/c1", headers=key), 404, "conversation_not_found")
    assert_problem(site.client.delete("/v1/conversations/c1", headers=key), 404, "conversation_not_found")


def test_a_cursor_that_is_none_of_ours_and_a_limit_beyond_bounds_are_422(site: Site) -> None:
    assert_problem(site.client.get("/v1/conversations?cursor=x"), 422, "invalid_cursor")
    for query in ("limit=0", "limit=101", f"cursor={'x' * 201}"):
        assert_problem(site.client.get(f"/v1/conversations?{query}"), 422, "invalid")


def test_a_citation_says_how_to_cite_it(site: Site) -> None:
    citation = site.client.post("/v1/ask", json={"question": "哪年创办？"}).json()["citations"][0]
    assert citation["cite"]["official"] == "根据校办2023年5月4日发布的《北京大学简介》，“北京大学创办于1898年。”"
