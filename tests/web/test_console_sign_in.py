"""Signing in to the console in a browser, on a server of its own: once it has an account, its doors are locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.server import WebServer, web_server

Shot = Callable[[Page, str], None]
PASSWORD = "河清海晏时和岁丰又一年也"


@pytest.fixture(scope="module")
def locked(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """A server with an administrator and an editor."""
    folder = tmp_path_factory.mktemp("locked")
    with web_server(folder, models_dir) as serving:
        password = folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        for name, role in (("局长", "admin"), ("李科员", "editor")):
            serving.yiju("accounts", "create", name, "--role", role, "--password-file", str(password))
        yield serving


@pytest.fixture
def visitor(browser: Browser, locked: WebServer) -> Iterator[Page]:
    context = browser.new_context(base_url=locked.url, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto(path)
    expect(page.locator("input[type=password]")).to_be_visible()
    page.locator("input[name=name]").fill(name)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("input[type=password]").press("Enter")


def test_an_administrator_signs_in_acts_and_signs_out(visitor: Page, shot: Shot) -> None:
    sign_in(visitor, "局长", "/admin/documents?q=长链")
    expect(visitor.locator("#results tbody tr")).to_have_count(1)
    expect(visitor.locator(".who")).to_contain_text("局长")
    visitor.locator("#results tbody th a").click()
    visitor.locator("summary", has_text="停用").click()
    visitor.get_by_role("button", name="确定停用").click()
    expect(visitor.get_by_role("status").first).to_contain_text("已停用")
    visitor.get_by_role("button", name="恢复", exact=True).click()
    expect(visitor.get_by_role("status").first).to_contain_text("已恢复")

    visitor.goto("/admin/uploads")
    visitor.locator("#file").set_input_files(
        {"name": "停水.txt", "mimeType": "text/plain", "buffer": "停水通知\n\n周三停水。\n".encode()}
    )
    expect(visitor.locator("#staged")).to_contain_text("《停水通知》")
    visitor.locator("summary", has_text="放弃").click()
    visitor.get_by_role("button", name="确定放弃").click()
    expect(visitor.get_by_role("status").first).to_contain_text("已放弃")

    visitor.goto("/admin/accounts")
    expect(visitor.locator("tbody")).to_contain_text("李科员")
    shot(visitor, "console-accounts")
    visitor.get_by_role("button", name="退出", exact=True).click()
    visitor.goto("/admin")
    expect(visitor.locator("input[type=password]")).to_be_visible()


def test_an_editor_is_led_to_the_documents(visitor: Page) -> None:
    sign_in(visitor, "李科员", "/admin")
    expect(visitor.get_by_role("heading", name="文档", exact=True)).to_be_visible()
    expect(visitor.get_by_role("navigation", name="菜单").get_by_role("link")).to_have_count(2)
