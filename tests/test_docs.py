"""Docs that cannot rot: every link leads somewhere, and every metric, command of make and package has its row.

Rows for settings, commands and routes are checked beside the code that defines them.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.evaluation.report import as_report

PROJECT_DIR = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    top = sorted(PROJECT_DIR.glob("*.md"))
    folders = ("docs", "changelog.d", "evals", "deploy", "bot", "retrieval", "embeddings", "corpus", "tests")
    return top + [path for folder in folders for path in sorted((PROJECT_DIR / folder).rglob("*.md"))]


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings as GitHub makes them."""
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT_DIR)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        path, _, anchor = unquote(target).partition("#")
        if re.match(r"[a-z][a-z+.-]*:", path):
            continue
        linked = (page.parent / path).resolve() if path else page
        inside = linked.is_relative_to(PROJECT_DIR)
        if not inside or not linked.exists() or (anchor and linked.suffix == ".md" and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT_DIR)))
def test_modules_and_folders_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(
        r"`((?:bot|retrieval|embeddings|corpus|evals|tests|docs)/[\w./-]*)`", page.read_text(encoding="utf-8")
    )
    assert [path for path in named if not (PROJECT_DIR / path).exists()] == []


def test_every_page_of_docs_is_in_its_index() -> None:
    index = (PROJECT_DIR / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(PROJECT_DIR / "docs" / target.partition("#")[0]).resolve() for target in LINK.findall(index)}
    docs = {path.resolve() for path in (PROJECT_DIR / "docs").rglob("*.md")} - {
        (PROJECT_DIR / "docs" / "README.md").resolve()
    }
    assert sorted(docs - linked) == []


def test_every_metric_has_a_row() -> None:
    page = (PROJECT_DIR / "docs" / "evaluation.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"`([^`]+)`", "\n".join(line.split("|")[1] for line in page.splitlines() if "|" in line)))
    assert set(as_report([])) - rows == set()


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_open_with_the_two_commands(readme: str) -> None:
    text = (PROJECT_DIR / readme).read_text(encoding="utf-8")
    opening = text[: text.index("\n## ")]
    assert "make run" in opening
    assert "make test" in opening


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_example_of_the_readmes_stands_in_the_samples(readme: str) -> None:
    shown = re.search(
        r"^    1\.3亿元 \[1\]\n    (.+) \[1\]\n\n.*\n.*，([^，]+)）$", (PROJECT_DIR / readme).read_text("utf-8"), re.M
    )
    assert shown
    sentence, file = shown.groups()
    (sample,) = (PROJECT_DIR / "corpus" / "samples").rglob(file)
    assert sentence in sample.read_text(encoding="utf-8").replace("\n", "")


def test_no_page_names_a_path_of_one_machine() -> None:
    naming = [str(page) for page in pages() if re.search(r"(?<![\w./])/(work|root|home)/", page.read_text("utf-8"))]
    assert naming == []
