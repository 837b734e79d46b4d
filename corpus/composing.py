"""The lines of one article into its stored text: broken sentences joined, headings on their own lines, captions out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.documents import Section
from corpus.headings import Role, roles_of
from corpus.lines import NUMBERED, Kind, Line, is_open, joined


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the lines of one heading joined by newlines."""

    text: str
    is_heading: bool = False


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Paragraphs and headings in order.

    A sentence that does not end goes on in the next text: newspapers break paragraphs at the end of a column, and a
    picture with its caption may stand between the halves.
    """
    blocks: list[Block] = []
    goes_on = False
    for line, role in zip(lines, roles_of(lines), strict=True):
        if role is Role.CAPTION:
            continue
        if goes_on and line.kind not in (Kind.BYLINE, Kind.DATELINE) and not NUMBERED.match(line.text):
            blocks[-1] = Block(joined(blocks[-1].text, line.text))
        elif role is Role.HEADING and blocks and blocks[-1].is_heading:
            blocks[-1] = Block(f"{blocks[-1].text}\n{line.text}", is_heading=True)
        else:
            blocks.append(Block(line.text, is_heading=role is Role.HEADING))
        goes_on = not blocks[-1].is_heading and _breaks_off(line, blocks[-1].text)
    return blocks


def _breaks_off(line: Line, text: str) -> bool:
    """Whether the paragraph so far stops inside a sentence; a short line or a byline is whole as it is."""
    return line.kind in (Kind.PROSE, Kind.DATELINE, Kind.SHORT) and is_open(text) and _is_prose(text)


def _is_prose(text: str) -> bool:
    return len(text) > 40 or any(mark in text for mark in "，,。")


def text_and_sections(blocks: Sequence[Block]) -> tuple[str, tuple[Section, ...]]:
    """The stored text, one block a line, and where each heading's section starts (at the heading's own line)."""
    sections: list[Section] = []
    offset = 0
    for block in blocks:
        if block.is_heading:
            sections.append(Section(offset, " ".join(block.text.split("\n"))))
        offset += len(block.text) + 1
    return "\n".join(block.text for block in blocks), tuple(sections)
