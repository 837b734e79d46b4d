"""The pages as they are sent: no script or style within them, everything escaped, trouble told on a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from bot.errors import NotReadyError
from bot.passage_view import PassageView
from corpus.documents import Document, Passage
from tests.bot.fakes import FakeKey
from tests.bot.http_site import Site

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SAFE_LINK = re.compile(r"/(?!/)|#|\?|https?://|$")
NASTY = "\"><script>alert(1)</script><img src=x onerror=alert(2)>' & 𠮷"


class Reader(HTMLParser):
    """Collects what a Content-Security-Policy without inline code would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.text = ""
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.refused += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        # A link may lead elsewhere, where people follow it; nothing may be loaded from there.
        self.refused += [href for href in [given.get("href") or ""] if tag == "a" and not SAFE_LINK.match(href)]
        if tag == "a":
            return
        links = [given[name] for name in ("src", "href", "action") if given.get(name)]
        self.refused += [each for each in links if each and re.match(r"(?i)\s*(javascript|data|https?:|//)", each)]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


def test_a_browser_gets_the_page_and_other_clients_are_told_how_to_ask(site: Site) -> None:
    page = site.client.get("/", headers=HTML)
    told = site.client.get("/", headers={"Accept": "*/*"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'id="question"' in page.text
    assert told.headers["content-type"].startswith("text/plain")
    assert "curl" in told.text
    assert "Accept" in page.headers["vary"]
    assert "Accept" in told.headers["vary"]
    assert site.client.head("/", headers=HTML).status_code == 200


@pytest.mark.parametrize("path", ["/", "/p/p1", "/p/p1?q=0-12&a=7-12", "/p/nothing"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_no_page_holds_a_script_a_style_or_a_foreign_address(site: Site, path: str, language: str) -> None:
    page = site.client.get(path, headers={**HTML, "Cookie": f"yiju_lang={language}"})
    assert read(page.text).refused == []
    assert f'<html lang="{language}"' in page.text


def test_a_passage_stands_in_its_document_with_quote_and_answer_marked(site: Site) -> None:
    page = site.client.get("/p/p1?q=0-13&a=7-12", headers=HTML).text

    assert '<mark class="passage quote" id="passage">北京大学创办于</mark>' in page
    assert '<mark class="passage quote answer">1898年</mark>' in page
    assert "现有学生四万余人。" in read(page).text
    assert 'datetime="2023-05-04">2023年5月4日<' in page
    assert "据" in page


@pytest.mark.parametrize("query", ["?q=9-1", "?q=1-99999999999", "?q=-1-2&a=x", "?q=5000-6000", "?q=" + "&q=1-2" * 50])
def test_marks_that_fit_nothing_are_left_out(site: Site, query: str) -> None:
    page = site.client.get(f"/p/p1{query}", headers=HTML)
    assert page.status_code == 200
    assert "北京大学创办于1898年。" in read(page.text).text


def test_what_a_document_says_of_itself_stays_text(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document("d1", NASTY, f"{NASTY}\n第二行", NASTY, None, "javascript:alert(3)", f"{NASTY}.txt")
    view = PassageView(Passage("p1", "d1", NASTY, 0, len(NASTY), NASTY), document, None, None)
    monkeypatch.setattr(site.questions, "passage", lambda *_, **__: view)

    page = site.client.get("/p/p1?q=0-5", headers=HTML).text

    assert read(page).refused == []
    assert "<script>alert" not in page
    assert NASTY in read(page).text


def test_an_unknown_passage_is_told_on_a_page(site: Site) -> None:
    page = site.client.get("/p/nothing", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/"' in page.text


def test_while_the_index_is_loading_a_page_says_when_to_come_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def loading(*_: object, **__: object) -> PassageView:
        raise NotReadyError("正在加载模型与索引。")

    monkeypatch.setattr(site.questions, "passage", loading)
    page = site.client.get("/p/p1", headers=HTML)
    assert page.status_code == 503
    assert page.headers["retry-after"] == "2"
    assert page.headers["x-request-id"] in page.text


def test_without_a_way_in_the_page_leads_to_one(site: Site) -> None:
    site.keys.keys["secret"] = FakeKey("1", ("ask",))
    page = site.client.get("/", headers=HTML)
    assert 'href="/login?next=/"' in page.text
    assert 'id="question"' not in page.text


def test_a_chosen_theme_is_there_before_any_script(site: Site) -> None:
    assert 'data-theme="dark"' in site.client.get("/", headers={**HTML, "Cookie": "yiju_theme=dark"}).text
    assert "data-theme" not in site.client.get("/", headers={**HTML, "Cookie": 'yiju_theme="x onload="'}).text


def test_pages_are_not_kept(site: Site) -> None:
    for path in ("/", "/p/p1"):
        assert site.client.get(path, headers=HTML).headers["cache-control"] == "no-store"
