"""HTML of messages as Telegram reads it: text with entities, or the reason why it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
}
# The only attributes that mean something; Telegram takes any other, written as name="value".
_NAMED = {"span": "class", "a": "href", "code": "class"}
_ENTITY = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]{1,6})|#(?P<number>[0-9]{1,7})|(?P<name>lt|gt|amp|quot));?")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s=>]+)\s*(?:=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<token>[A-Za-z0-9.-]+)(?=[\s>])))?"""
)


class MarkupError(Exception):
    """Telegram would refuse the text."""


@dataclass
class _Open:
    tag: str
    offset: int
    argument: str = ""


@dataclass
class _Reader:
    source: str
    position: int = 0
    text: list[str] = field(default_factory=list)
    length: int = 0
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def read(self) -> None:
        while self.position < len(self.source):
            character = self.source[self.position]
            if character != "<":
                self._character(character)
            elif self.source.startswith("</", self.position):
                self._end_tag()
            else:
                self._start_tag()
        if self.stack:
            raise MarkupError(f"Can't find end tag corresponding to start tag {self.stack[-1].tag}")

    def _character(self, character: str) -> None:
        found = _ENTITY.match(self.source, self.position) if character == "&" else None
        written = _decoded(found) if found else character
        self.position = found.end() if found else self.position + 1
        self.text.append(written)
        self.length += utf16_length(written)

    def _start_tag(self) -> None:
        at = self._byte_offset()
        name = re.compile(r"[^\s>]*").match(self.source, self.position + 1)
        assert name is not None
        if name.end() == len(self.source):
            raise MarkupError(f"Unclosed start tag at byte offset {at}")
        tag, self.position = name[0].lower(), name.end()
        if tag not in TAGS:
            raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {at}')
        if tag == "blockquote" and any(opened.tag == tag for opened in self.stack):
            raise MarkupError(f"Nested blockquote at byte offset {at}")
        argument = self._attributes(tag, at)
        if tag == "span" and argument != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self.stack.append(_Open(tag, self.length, argument))

    def _attributes(self, tag: str, at: int) -> str:
        argument = ""
        while True:
            self._skip_space()
            if self.position >= len(self.source):
                raise MarkupError(f"Unclosed start tag at byte offset {at}")
            if self.source[self.position] == ">":
                self.position += 1
                return argument
            found = _ATTRIBUTE.match(self.source, self.position)
            if found is None:
                raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
            values = [value for value in (found["double"], found["single"], found["token"]) if value is not None]
            if not values and (tag, found["name"]) != ("blockquote", "expandable"):
                raise MarkupError(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {at}'
                )
            if values and _NAMED.get(tag) == found["name"]:
                argument = _ENTITY.sub(_decoded, values[0])
            self.position = found.end()

    def _end_tag(self) -> None:
        at = self._byte_offset()
        if not self.stack:
            raise MarkupError(f"Unexpected end tag at byte offset {at}")
        found = re.compile(r"</([^\s>]*)\s*").match(self.source, self.position)
        assert found is not None
        if not self.source.startswith(">", found.end()):
            raise MarkupError(f"Unclosed end tag at byte offset {at}")
        tag, opened, self.position = found[1].lower(), self.stack.pop(), found.end() + 1
        if tag not in {"", opened.tag}:
            raise MarkupError(f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{tag}>"')
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        if self.length == opened.offset:
            return
        entity = {"type": TAGS[opened.tag], "offset": opened.offset, "length": self.length - opened.offset}
        if opened.tag != "a":
            self.entities.append(entity)
            return
        url = opened.argument or entity_text("".join(self.text), entity)
        # Telegram shows other text without a link.
        if _leads_somewhere(url):
            self.entities.append({**entity, "url": url})

    def _skip_space(self) -> None:
        while self.position < len(self.source) and self.source[self.position].isspace():
            self.position += 1

    def _byte_offset(self) -> int:
        return len(self.source[: self.position].encode("utf-8", "surrogatepass"))


def utf16_length(text: str) -> int:
    """How Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities, offsets in UTF-16 units, inner ones first. Raises: MarkupError."""
    reader = _Reader(source)
    reader.read()
    return "".join(reader.text), reader.entities


def trim(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Without white space at the ends; entities moved and cut along."""
    stripped = text.strip()
    before = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - before, 0)
        stop = min(entity["offset"] - before + entity["length"], end)
        if start < stop:
            kept.append({**entity, "offset": start, "length": stop - start})
    return stripped, kept


def entity_text(text: str, entity: dict[str, Any]) -> str:
    """The words under an entity."""
    units = text.encode("utf-16-le")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]
    return units.decode("utf-16-le")


def marked(message: dict[str, Any], kind: str) -> list[str]:
    """The words of a message under entities of that kind, in their order."""
    entities = sorted(message.get("entities") or [], key=lambda entity: entity["offset"])
    return [entity_text(message["text"], entity) for entity in entities if entity["type"] == kind]


def _decoded(found: re.Match[str]) -> str:
    if found["name"]:
        return _CHARACTERS[found["name"]]
    code = int(found["hex"], 16) if found["hex"] else int(found["number"])
    return chr(code) if 0 < code < 0x10FFFF else found[0]


def _leads_somewhere(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "tg" or (parts.scheme in {"http", "https"} and "." in (parts.hostname or ""))
