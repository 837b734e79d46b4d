"""A browser before a real server over the shipped samples: one of each for all tests; every test has a page of its own.

Run by `make test-web`. They need Debian's chromium, and are left out of `make test`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.web.server import PASSWORD, WebServer, web_server

_HERE = Path(__file__).parent
NewPage = Callable[..., Page]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """They need the model, a browser and a minute: they run where they are asked for, not among all tests."""
    ours = [item for item in items if _HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.model)
        item.add_marker(pytest.mark.slow)
    if not any(f"{_HERE.parent.name}/{_HERE.name}" in argument for argument in config.args):
        items[:] = [item for item in items if item not in set(ours)]
        config.hook.pytest_deselected(items=ours)


@pytest.fixture(scope="session")
def server(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """`yiju serve` over a copy of the samples, on loopback without keys: whoever asks is `local`."""
    with web_server(tmp_path_factory.mktemp("web"), models_dir) as serving:
        yield serving


@pytest.fixture(scope="session")
def locked_server(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """The same with two accounts, `chen` (user) and `guan` (admin), both with the password of ``PASSWORD``."""
    folder = tmp_path_factory.mktemp("locked")
    with web_server(folder, models_dir) as serving:
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        for name, role in (("chen", "user"), ("guan", "admin")):
            serving.yiju("accounts", "create", name, "--role", role, "--password-file", str(secret))
        yield serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "no chromium: apt-get install -y chromium fonts-noto-cjk, or set CHROMIUM to one"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    # Machines are slow at times; nothing waits longer than it has to.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser: Browser, server: WebServer) -> Iterator[NewPage]:
    """Makes pages, each of a visitor of its own: ``new_page(width=390, color_scheme="dark", locale="zh-TW")``.

    ``at`` is another server than the usual one.

    At the end of the test none may have said anything on its console: no script failed, no policy was violated.
    """
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def make(*, width: int = 1280, height: int = 800, at: WebServer | None = None, **options: Any) -> Page:
        wanted = {"locale": "zh-CN", "reduced_motion": "reduce", "base_url": (at or server).url, **options}
        context = browser.new_context(viewport={"width": width, "height": height}, **wanted)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if _matters(message.text) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of a visitor who reads 简体 on a computer."""
    return new_page()


@pytest.fixture
def shot(request: pytest.FixtureRequest, project_dir: Path) -> Callable[..., None]:
    """``shot(page, "answer")`` keeps a picture in the folder `artefacts/web`, for people to look at."""
    folder = project_dir / "artefacts" / "web"
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.wait_for_timeout(300)  # what moves has come to rest; nothing is judged by it
        page.screenshot(path=folder / f"{re.sub(r'[^a-z0-9-]', '-', name.lower())}.png")

    return keep


def _matters(text: str) -> bool:
    """Answers of 4xx and 5xx, which tests ask for, are told on the console; everything else is a fault of ours."""
    return not text.startswith("Failed to load resource: ")
