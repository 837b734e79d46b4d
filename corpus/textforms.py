"""The form in which text is stored: line ends are a single newline, Unicode is NFC. Nothing else is changed here."""

from __future__ import annotations

import unicodedata


def stored_form(text: str) -> str:
    """The text with line ends made uniform and characters composed; all else as printed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\u2028" in text or "\u2029" in text:
        text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
