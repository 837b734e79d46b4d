"""A passage as a message: where it is from, its words with the quote marked, and buttons to read on from it.

All that a button needs is in its data, so that it works after a restart too. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.ports import ShownPassage
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run
from corpus.documents import Document

LANGUAGE_CODES: Final[dict[Language, str]] = {"zh-Hans": "s", "zh-Hant": "t", "en": "e"}
CODED_LANGUAGES: Final = {code: language for language, code in LANGUAGE_CODES.items()}
# A quote's place as it stands in a button's data has at most this many digits; one further on is not marked.
_MAX_OFFSET = 999_999


@dataclass(frozen=True, slots=True)
class WantedPassage:
    """A passage that somebody wants to see, in the words of ``language``.

    ``origin`` is the passage that was cited, where reading on began; ``quote`` is what was cited of it, in code points
    from its start. The quote is marked where the origin is shown. ``turns``: in the place of the passage shown before.
    """

    language: Language
    passage_id: str
    origin: str
    quote: tuple[int, int] | None = None
    turns: bool = False

    @property
    def data(self) -> str:
        """The data of the button that shows it in a message of its own."""
        start, end = self._offsets()
        return f"p:{LANGUAGE_CODES[self.language]}:{self.passage_id}:{start}:{end}"

    def page_data(self, passage_id: str) -> str:
        """The data of the button that turns the message to another passage."""
        start, end = self._offsets()
        return f"n:{LANGUAGE_CODES[self.language]}:{passage_id}:{self.origin}:{start}:{end}"

    @property
    def shown_quote(self) -> tuple[int, int] | None:
        """What to mark in the passage that is shown."""
        return self.quote if self.passage_id == self.origin else None

    def _offsets(self) -> tuple[int, int]:
        start, end = self.quote or (0, 0)
        return (start, end) if 0 <= start < end <= _MAX_OFFSET else (0, 0)


def read_passage_data(data: str) -> WantedPassage | None:
    """What a button of a passage wants; None for data that is not ours."""
    kind, *parts = data.split(":")
    if kind == "p" and len(parts) == 4:
        code, passage_id, *offsets = parts
        origin = passage_id
    elif kind == "n" and len(parts) == 5:
        code, passage_id, origin, *offsets = parts
    else:
        return None
    if code not in CODED_LANGUAGES:
        return None
    are_numbers = all(offset.isdecimal() and offset.isascii() for offset in offsets)
    start, end = map(int, offsets) if are_numbers else (0, 0)
    quote = (start, end) if start < end else None
    return WantedPassage(CODED_LANGUAGES[code], passage_id, origin, quote, turns=kind == "n")


def render_passage(view: ShownPassage, wanted: WantedPassage) -> Outgoing:
    """A passage with its document and the ways to its neighbours."""
    phrases, document, passage = PHRASES[wanted.language], view.document, view.passage
    runs = [Run(title_of(document.title, document.source_path), bold=True)]
    if passage.heading:
        runs.append(Run(f"\n{passage.heading}", italic=True))
    runs.append(Run(f"\n{_origin(document, phrases)}\n\n"))
    start, end = wanted.shown_quote or (0, 0)
    if 0 <= start < end <= len(passage.text):
        runs += [Run(passage.text[:start]), Run(passage.text[start:end], bold=True), Run(passage.text[end:])]
    else:
        runs.append(Run(passage.text))
    runs.append(Run("\n\n"))
    runs.append(
        Run(phrases.original, link=document.url)
        if document.url
        else Run(phrases.file.format(path=document.source_path))
    )
    return Outgoing(tuple(runs), fitting([_page_row(view, wanted, phrases)]))


def fitting(rows: Sequence[Sequence[Button]]) -> list[list[Button]]:
    """The rows without buttons that Telegram would refuse, and without rows that are empty then."""
    kept = [[button for button in row if button.fits] for row in rows]
    return [row for row in kept if row]


def title_of(title: str, source_path: str) -> str:
    """The title in its marks; the file's name where there is none."""
    return title if title.startswith("《") else f"《{title or source_path.rpartition('/')[2]}》"


def _page_row(view: ShownPassage, wanted: WantedPassage, phrases: Phrases) -> list[Button]:
    neighbours = ((view.previous, phrases.talk.earlier), (view.next, phrases.talk.later))
    return [Button(label, wanted.page_data(passage.id)) for passage, label in neighbours if passage is not None]


def _origin(document: Document, phrases: Phrases) -> str:
    date = document.published_at.isoformat() if document.published_at else phrases.unknown_date
    return " · ".join(part for part in (document.publisher, date) if part)
