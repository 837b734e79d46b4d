"""Text files: bytes to text, then Markdown or plain text to articles."""

from __future__ import annotations

from pathlib import Path

from corpus.articles import articles_of_page
from corpus.decoding import decode
from corpus.errors import UnreadableFileError
from corpus.loaders.markdown import article_of_markdown
from corpus.preparing import Article
from corpus.textforms import stored_form

MAX_BYTES = 64 << 20


def load_text_file(location: Path) -> tuple[str, list[Article]]:
    """The file's encoding and its articles.

    Raises: UnreadableFileError: it is too large, is not text, is damaged, or nothing is left when cleaned.
    """
    size = location.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableFileError(
            f"the file has {size / (1 << 20):.0f} MB, more than the {MAX_BYTES >> 20} MB of a text file; "
            "split it, or give its documents as JSON Lines (.jsonl)"
        )
    decoded = decode(location.read_bytes())
    text = stored_form(decoded.text)
    if location.name.lower().endswith(".md"):
        articles = [article] if (article := article_of_markdown(text, file_name=location.name)) else []
    else:
        articles = articles_of_page(text, file_name=location.name)
    if not articles:
        raise UnreadableFileError(
            "the file holds nothing but credits, captions and links; put an article into it or remove it"
        )
    return decoded.encoding, articles
