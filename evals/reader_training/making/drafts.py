"""What the rules make before it is worded: the parts of a question, so that wordings and near misses can vary them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A question in parts, and the words of the document that answer it.

    ``forms``: wordings with the places ``{t}`` (time), ``{s}`` (whose) and ``{c}`` (what); one is drawn. ``about``: the
    words that must stand near a figure for it to be the one asked for. Spans and anchor count in the document's text.
    """

    kind: str
    spans: tuple[Span, ...]
    anchor: Span
    forms: tuple[str, ...]
    core: str
    time: str = ""
    scope: str = ""
    about: tuple[str, ...] = ()
    english: str = ""
    clear: bool = False

    def changed(self, **parts: str) -> Draft:
        """The draft with other words in some parts; the spans are left, the caller drops them."""
        return replace(self, **parts)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Made:
    """A question as it is written to the file."""

    question: str
    draft: Draft
    near: bool = False
    lang: str = "zh"
    tags: tuple[str, ...] = field(default=())
