"""The console in a browser: upload, dry run, re-index with progress, snapshots, gaps, audit; every page by axe.

The tests leave the documents of the samples as they found them: other tests ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.web.chatting import axe_faults, opened
from tests.web.conftest import NewPage
from tests.web.server import WebServer

Shot = Callable[[Page, str], None]
NOTICE = "天沙河供水工程完工通知\n\n天沙河供水工程今日完工，日供水能力达47万吨。\n"
PAGES = (
    "",
    "/documents",
    "/uploads",
    "/index",
    "/snapshots",
    "/gaps",
    "/feedback",
    "/usage",
    "/people",
    "/accounts",
    "/keys",
    "/audit",
)


@pytest.fixture
def notice(server: WebServer) -> Iterator[str]:
    """The name of a file that is uploaded in the test, and gone after it."""
    name = "供水通知.txt"
    yield name
    path = server.data_dir / "uploads" / name
    if path.exists():
        path.unlink()
        server.reindex()


def upload(page: Page, *files: tuple[str, str]) -> None:
    """Choose files; a script sends them one by one."""
    opened(page, "/admin/uploads")
    page.locator("#file").set_input_files(
        [FilePayload(name=name, mimeType="text/plain", buffer=text.encode()) for name, text in files]
    )
    expect(page.locator("#sending")).to_have_text("检查完毕")


def previewed(page: Page) -> None:
    """Until the dry run that is shown has ended."""
    expect(page.locator("#job .tag").first).to_have_text("已完成", timeout=60_000)


def test_files_are_dropped_reported_looked_at_and_indexed_with_progress(page: Page, notice: str, shot: Shot) -> None:
    upload(page, (notice, NOTICE), ("报告.pdf", "x"))
    expect(page.locator("#staged")).to_contain_text("《天沙河供水工程完工通知》")
    expect(page.locator(".refused")).to_contain_text("报告.pdf")
    shot(page, "console-upload")

    page.get_by_role("button", name="加入资料并试运行").click()
    previewed(page)
    expect(page.locator(".diff.added")).to_contain_text("天沙河供水工程完工通知")
    shot(page, "console-dry-run")
    page.get_by_role("button", name="确定更新索引").click()
    expect(page.get_by_role("heading", name="更新索引")).to_be_visible()
    shot(page, "console-progress")
    previewed(page)
    expect(page.locator(".figures .added dd")).to_have_text("1")
    shot(page, "console-indexed")

    opened(page, "/")
    page.locator("#question").fill("天沙河供水工程日供水能力是多少？")
    page.locator("#question").press("Enter")
    expect(page.locator(".turn .short").first).to_contain_text("47万吨")


def test_files_can_be_dragged_onto_the_form(page: Page, notice: str) -> None:
    opened(page, "/admin/uploads")
    transfer = page.evaluate_handle(
        """([name, text]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], name, { type: "text/plain" }));
          return transfer;
        }""",
        [notice, NOTICE],
    )
    page.dispatch_event("#drop", "dragover", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_have_class(re.compile(r"\bover\b"))
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})

    expect(page.locator("#staged")).to_contain_text(notice)
    page.locator("summary", has_text="放弃").click()
    page.get_by_role("button", name="确定放弃").click()
    expect(page.get_by_role("status").first).to_contain_text("已放弃这些文件")


def test_an_older_snapshot_is_gone_back_to_and_forth(page: Page, server: WebServer, shot: Shot) -> None:
    server.reindex(full=True)
    opened(page, "/admin/snapshots")
    rows = page.locator("tbody tr[id]")
    newest = rows.first.get_attribute("id")
    expect(rows.first).to_contain_text("在用")
    shot(page, "console-snapshots")

    for place in (1, 0):
        row = rows.nth(place)
        row.locator("summary", has_text="退回到此").click()
        row.get_by_role("button", name="确定退回").click()
        expect(page.get_by_role("status").first).to_contain_text("已切换快照")
        expect(rows.nth(place)).to_contain_text("在用")
    assert rows.first.get_attribute("id") == newest
    expect(page.get_by_role("button", name="校验").first).to_be_visible()
    rows.first.get_by_role("button", name="校验").click()
    expect(page.get_by_role("status").first).to_contain_text("快照完好")


def test_documents_are_searched_while_typing_and_one_is_retired_and_restored(page: Page, shot: Shot) -> None:
    opened(page, "/admin/documents")
    page.locator("#q").press_sequentially("长链")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q="))
    shot(page, "console-documents")
    page.locator("#results tbody th a").click()
    expect(page.locator(".passages li").first).to_be_visible()
    shot(page, "console-document")

    page.locator("summary", has_text="停用").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已停用")
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_role("status").first).to_contain_text("已恢复")


def test_a_question_without_an_answer_is_worked_off(page: Page, server: WebServer, shot: Shot) -> None:
    with server.client() as client:
        client.post("/v1/ask", json={"question": "火星基地今年住了多少人？"})
    opened(page, "/admin/gaps")
    gap = page.locator(".cards li", has_text="火星基地").first
    gap.get_by_label("负责人").fill("王科长")
    gap.get_by_role("button", name="保存").click()
    expect(page.locator(".cards li", has_text="火星基地").first).to_contain_text("王科长")
    shot(page, "console-gaps")
    page.locator(".cards li", has_text="火星基地").first.get_by_role("button", name="忽略").click()
    expect(page.get_by_role("status").first).to_contain_text("已忽略")
    expect(page.locator(".cards li", has_text="火星基地")).to_have_count(0)


def test_usage_is_drawn(page: Page, server: WebServer, shot: Shot) -> None:
    with server.client() as client:
        client.post("/v1/ask", json={"question": "杜阮凉瓜产值多少？"})
    opened(page, "/admin/usage")
    expect(page.locator(".chart canvas")).to_have_count(3)
    shot(page, "console-usage")


def test_the_audit_is_filtered_and_exported(page: Page, server: WebServer, tmp_path: Path, shot: Shot) -> None:
    with server.client() as client:
        client.post("/v1/ask", json={"question": "=1+1 等于多少？"})
    opened(page, "/admin/audit")
    page.locator("#q").fill("等于多少")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("#results tbody tr").first).to_contain_text("=1+1")
    shot(page, "console-audit")
    for name, begins in (("CSV", "\ufeffid,at,actor"), ("JSONL", '{"id": ')):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        path = tmp_path / name
        download.value.save_as(path)
        text = path.read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert ("'=1+1" in text) == (name == "CSV")


@pytest.mark.parametrize("look", ["light", "dark", "phone", "english"])
def test_every_page_is_clean_by_axe_and_fits_its_width(new_page: NewPage, look: str, shot: Shot) -> None:
    options: dict[str, dict[str, Any]] = {
        "light": {},
        "dark": {"color_scheme": "dark"},
        "phone": {"width": 390, "height": 844},
        "english": {},
    }
    page = new_page(**options[look])
    if look == "english":
        opened(page, "/admin?lang=en")
    faults = []
    for path in PAGES:
        opened(page, f"/admin{path}")
        faults += [f"{path}: {fault}" for fault in axe_faults(page)]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{path}: {wider} px too wide"] if wider > 0 else []
        shot(page, f"console-{look}{path.replace('/', '-')}")
    assert faults == []


def test_the_essentials_work_without_scripts(new_page: NewPage, notice: str) -> None:
    page = new_page(java_script_enabled=False)
    opened(page, "/admin/uploads")
    page.locator("#file").set_input_files(FilePayload(name=notice, mimeType="text/plain", buffer=NOTICE.encode()))
    page.get_by_role("button", name="检查文件").click()
    expect(page.locator("#staged")).to_contain_text("《天沙河供水工程完工通知》")
    page.get_by_role("button", name="加入资料并试运行").click()
    previewed(page)
    page.get_by_role("button", name="取消").click()
    expect(page.get_by_role("status").first).to_contain_text("已取消")
    opened(page, "/admin/documents?q=长链")
    page.locator("#results tbody th a").click()
    page.locator("summary", has_text="停用").click()
    expect(page.get_by_role("button", name="确定停用")).to_be_visible()


def test_the_console_is_used_with_the_keyboard_alone(page: Page) -> None:
    opened(page, "/admin")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    link = page.get_by_role("navigation", name="菜单").get_by_role("link", name="快照")
    link.focus()
    page.keyboard.press("Enter")
    summary = page.locator("summary", has_text="清理旧快照")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#kept")).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.locator("#kept")).to_be_hidden()
