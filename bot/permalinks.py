"""Addresses that lead back to a passage: for sources without a web address of their own."""

from __future__ import annotations

from urllib.parse import quote

PASSAGE_PATH = "/p/"


def permalink(public_url: str, passage_id: str) -> str:
    """The address of the page that shows the passage in its document.

    ``public_url`` may end in a slash. An id may hold anything, a slash too: it stands for itself, never for a path.
    """
    return f"{public_url.rstrip('/')}{PASSAGE_PATH}{quote(passage_id, safe='')}"
