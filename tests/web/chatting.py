"""What people do on the chat page, in few words."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

QUESTION = "杜阮凉瓜产值多少？"


def opened(page: Page, path: str = "/") -> Page:
    page.goto(path)
    return page


def ask(page: Page, question: str = QUESTION) -> Locator:
    """Ask with the keyboard; the settled turn."""
    turns = page.locator(".turn")
    before = turns.count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    turn = turns.nth(before)
    expect(turn.locator(".answer")).to_have_attribute("aria-busy", "false")
    return turn


def open_first_source(page: Page, turn: Locator) -> Locator:
    """Press the first marker; the panel once the document is there."""
    turn.locator(".marker").first.click()
    panel = page.locator("#source")
    expect(panel.locator("mark").first).to_be_visible()
    return panel


def axe_faults(page: Page) -> list[str]:
    """What axe finds wrong, as lines to read."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
