"""Markdown to one article: headings give title and sections, front matter the facts, simple markup is taken off.

An author has marked what is what, so nothing is guessed, cut or cleaned here as it is for printed pages.
"""

from __future__ import annotations

import re
from datetime import date, datetime

import yaml

from corpus.composing import Block, text_and_sections
from corpus.datelines import date_in_file_name
from corpus.documents import PUBLIC, Section
from corpus.errors import UnreadableFileError
from corpus.plain_yaml import load_plain
from corpus.preparing import Article

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_UNDERLINE = re.compile(r"^(=+|-+)$")
_FENCE = re.compile(r"^(?:```|~~~)")
# Bounded, and blind to a second opener, so that no line costs more than its length allows.
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\([^()]{0,2000}\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).){1,300})(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![*A-Za-z0-9])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![*A-Za-z0-9])")
_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK_MARK = re.compile(r"^(?:>[ \t]?)+|^[-*+][ \t]+")
_RULE = re.compile(r"^(?:[-*_][ \t]*){3,}$")
_TABLE_RULE = re.compile(r"^\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*:?-*:?[ \t]*$")
_FACTS = ("title", "date", "published_at", "publisher", "url", "visibility")


def article_of_markdown(text: str, *, file_name: str = "") -> Article | None:
    """The article; None where the file holds no text.

    Raises: UnreadableFileError: the front matter is not YAML or has values that are not understood.
    """
    facts, body = _front_matter(text)
    blocks = _blocks(_without_comments(body))
    title = facts.get("title")
    if blocks and blocks[0][0] == 1:
        title = title or blocks[0][1]
        blocks = blocks[1:]
    stored, sections = _stored(blocks)
    if not stored and title:
        stored, title = title, None
    if not stored:
        return None
    return Article(
        title=title,
        text=stored,
        sections=sections,
        publisher=facts.get("publisher"),
        published_at=_date(facts.get("published_at") or facts.get("date")) or date_in_file_name(file_name),
        url=facts.get("url"),
        visibility=facts.get("visibility") or PUBLIC,
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    try:
        loaded = load_plain(match[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableFileError(f"its front matter is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict):
        # A text between two rules, not front matter.
        return {}, text
    known = {str(key): value for key, value in loaded.items() if key in _FACTS and value is not None}
    return {key: _fact_text(key, value) for key, value in known.items()}, text[match.end() :]


def _fact_text(key: str, value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, (str, int, date)):
        return " ".join(str(value).split())
    raise UnreadableFileError(f"its front matter: '{key}' is {value!r}, not a text or date; put it in quotes")


def _date(value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise UnreadableFileError(f"its front matter: the date is '{value}', not one such as 2024-06-12") from error


def _blocks(body: str) -> list[tuple[int, str]]:
    """(level of heading, or 0 for text; the text without markup) for each line that holds anything."""
    blocks: list[tuple[int, str]] = []
    fenced = False
    for raw in body.split("\n"):
        line = raw.strip()
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            blocks.append((0, line))
        elif blocks and blocks[-1][0] == 0 and _UNDERLINE.match(line) and len(line) >= 3:
            blocks[-1] = (1 if line[0] == "=" else 2, blocks[-1][1])
        elif heading := _HEADING.match(line):
            blocks.append((len(heading[1]), _plain(heading[2])))
        elif not (_RULE.match(line) or _TABLE_RULE.match(line)):
            blocks.append((0, _plain(_BLOCK_MARK.sub("", line))))
        elif blocks:
            blocks.append((0, ""))
    return [block for block in blocks if block[1]]


def _plain(line: str) -> str:
    """The words of a line: links and emphasis give their text, pictures nothing, a table its cells side by side."""
    line = _LINK.sub(r"\1", _IMAGE.sub("", line))
    line = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", _CODE.sub(r"\1", line)))
    if line.startswith("|") and line.endswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("|").split("|"))
    return line.strip()


def _stored(blocks: list[tuple[int, str]]) -> tuple[str, tuple[Section, ...]]:
    """Text and sections; a section's heading is the path of headings above it: 第二部分 产业 > 凉瓜 as 产业 凉瓜."""
    stored, plain = text_and_sections([Block(text, is_heading=level > 0) for level, text in blocks])
    levels = [(level, text) for level, text in blocks if level]
    path: list[tuple[int, str]] = []
    sections: list[Section] = []
    for section, (level, text) in zip(plain, levels, strict=True):
        path = [*(entry for entry in path if entry[0] < level), (level, text)]
        sections.append(Section(section.start, " ".join(entry[1] for entry in path)))
    return stored, tuple(sections)


def _without_comments(text: str) -> str:
    """The text without ``<!-- ... -->``; one that is never closed stays, since it may be text."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + len("-->")
    return "".join((*kept, text[position:]))
