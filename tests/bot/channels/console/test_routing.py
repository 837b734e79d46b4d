from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.console.frame import MENU, Frame, Page
from bot.channels.console.language import english, translated
from bot.channels.console.notices import NOTICES
from bot.channels.console.routing import console_pages
from bot.channels.http_access import ADMIN, ASK, DOCUMENTS
from bot.channels.web.assets import Assets
from bot.channels.work_pool import WorkPool
from tests.bot.channels.console.desk import Desk
from tests.bot.fakes import FakeKey

CONSOLE = Path(__file__).resolve().parents[4] / "bot" / "channels" / "console"


def pages_of(desk: Desk) -> list[Page]:
    return console_pages(Frame(desk.services, WorkPool("test", workers=1, waiting=1), Assets({})))


def test_every_page_has_a_row_in_the_docs(desk: Desk, project_dir: Path) -> None:
    text = (project_dir / "docs" / "console.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    missing = [
        f"{page.method} {page.path}"
        for page in pages_of(desk)
        if not any(f"`{page.method} {page.path}`" in row and f"| {page.scope} |" in row for row in rows)
    ]
    assert missing == []


def test_every_page_of_the_menu_is_there(desk: Desk) -> None:
    paths = {page.path for page in pages_of(desk) if page.method == "GET"}
    assert {entry.path for _, entries in MENU for entry in entries} <= paths


@pytest.mark.parametrize("scopes", [(ASK,), (DOCUMENTS,), (ADMIN,), (ASK, DOCUMENTS)])
def test_every_page_lets_in_its_scope_alone(desk: Desk, scopes: tuple[str, ...]) -> None:
    desk.keys.keys["s"] = FakeKey("k", scopes)
    wrong = []
    for page in pages_of(desk):
        path = re.sub(r"\{\w+\}", "x", page.path)
        kind = "multipart/form-data; boundary=x" if path == "/admin/uploads" else "application/x-www-form-urlencoded"
        response = desk.client.request(
            page.method,
            path,
            headers={"Authorization": "Bearer s", "Content-Type": kind},
            follow_redirects=False,
        )
        let_in = response.status_code != 403
        if let_in != (page.scope in scopes):
            wrong.append((page.method, page.path, response.status_code))
    assert wrong == []


def test_without_a_key_every_page_is_closed_once_there_is_one(desk: Desk) -> None:
    desk.keys.keys["s"] = FakeKey("k", (ADMIN,))
    opened = []
    for page in pages_of(desk):
        response = desk.client.request(page.method, re.sub(r"\{\w+\}", "x", page.path), follow_redirects=False)
        if response.status_code not in (303, 401, 403):
            opened.append((page.method, page.path, response.status_code))
    assert opened == []


def used_words() -> set[str]:
    """Every text of ours that templates and code hand to a translation."""
    found = {name for name, _ in MENU if name} | {entry.label for _, entries in MENU for entry in entries}
    found |= set(NOTICES.values())
    for path in CONSOLE.glob("templates/*.html"):
        found |= set(re.findall(r'_\("((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")))
    found |= set(re.findall(r'add\(\s*"\w+",\s*"([^"]+)"', (CONSOLE / "overview.py").read_text(encoding="utf-8")))
    return found | set(re.findall(r'words\("([^"]+)"', (CONSOLE / "shown.py").read_text(encoding="utf-8")))


def test_every_word_has_its_english_with_the_same_fields_and_no_english_is_left_over() -> None:
    table = english()
    used = used_words()
    assert used - set(table) == set()
    assert set(table) - used == set()
    fields = {text: (set(re.findall(r"{\w+}", text)), set(re.findall(r"{\w+}", said))) for text, said in table.items()}
    assert [text for text, (ours, theirs) in fields.items() if ours != theirs] == []


def test_a_page_speaks_the_language_that_was_asked_for_and_keeps_to_it(desk: Desk) -> None:
    assert "概览" in desk.get("/admin")
    assert "Overview" in desk.get("/admin?lang=en")
    assert 'lang="en"' in desk.get("/admin")
    assert "概覽" in desk.get("/admin?lang=zh-Hant")
    assert "概览" in desk.get("/admin?lang=xx&lang=zh-Hans")
    assert translated("文档", "zh-Hans") == "文档"


def test_notices_are_words_of_ours_alone(desk: Desk) -> None:
    page = desk.get("/admin?done=%3Cscript%3E&x=1")
    assert "<script>" not in page.replace('<script defer src="', "")
    assert "notice good" not in page.replace("没有需要处理", "") or "一切正常" in page


def test_no_template_has_a_script_a_style_or_a_handler_of_its_own() -> None:
    for path in CONSOLE.glob("templates/*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert "<style" not in text, path
        assert not re.search(r"\s(style|on\w+)\s*=\s*[\"']", text), path
        assert "| safe" not in text, path
        assert "hx-on" not in text, path


def test_every_file_that_a_page_names_is_there(desk: Desk) -> None:
    missed = []
    for path in ("/admin", "/admin/usage"):
        for found in re.findall(r'(?:href|src)="(/static/[^"]+)"', desk.get(path)):
            response = desk.client.get(found)
            if response.status_code != 200 or "immutable" not in response.headers["cache-control"]:
                missed.append(found)
    assert missed == []


def test_what_is_copied_from_others_comes_with_its_licence() -> None:
    static = {path.name for path in (CONSOLE / "static").iterdir()}
    for library in ("htmx", "uplot"):
        assert [name for name in static if name.startswith(f"{library}-") and name.endswith(".js")]
        assert f"{library}-LICENSE.txt" in static
