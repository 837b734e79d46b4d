"""A page's text into its articles."""

from __future__ import annotations

from corpus.preparing import Article


def articles_of_page(text: str) -> list[Article]:
    """The articles of a page in printed order."""
    lines = [line.strip() for line in text.split("\n")]
    body = "\n".join(line for line in lines if line)
    return [Article(None, body)] if body else []
