"""HTML of messages as Telegram reads it: text with entities, or the reason why it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

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
    "a": "text_link",
}
_TOKENS = re.compile(r"<(?P<end>/?)(?P<tag>[^\s<>/]*)(?P<attributes>[^<>]*)>|&(?P<entity>#?[0-9a-zA-Z]+);|<|[^<&]+|&")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class MarkupError(Exception):
    """Telegram would refuse the text."""


@dataclass
class _Open:
    tag: str
    offset: int
    link: str | None


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities, offsets in UTF-16 units. Raises: MarkupError."""
    text, entities, stack = "", [], list[_Open]()
    for token in _TOKENS.finditer(source):
        at = len(source[: token.start()].encode())
        if token["tag"] is None:
            if token[0] == "<":
                raise MarkupError(f"Unclosed start tag at byte offset {at}")
            text += _decode(token)
            continue
        tag = token["tag"].lower()
        if not token["end"]:
            if tag not in TAGS:
                raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {at}')
            stack.append(_Open(tag, utf16_length(text), _link(tag, token[0])))
            continue
        if not stack:
            raise MarkupError(f"Unexpected end tag at byte offset {at}")
        opened = stack.pop()
        if tag not in {"", opened.tag}:
            raise MarkupError(f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{tag}>"')
        length = utf16_length(text) - opened.offset
        if length:
            link = {} if opened.link is None else {"url": opened.link}
            entities.append({"type": TAGS[opened.tag], "offset": opened.offset, "length": length, **link})
    if stack:
        raise MarkupError(f"Can't find end tag corresponding to start tag {stack[-1].tag}")
    return text, entities


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


def _decode(token: re.Match[str]) -> str:
    name = token["entity"]
    if name is None:
        return token[0]
    if name.startswith("#"):
        digits = name[1:]
        code = int(digits[1:], 16) if digits[:1] in {"x", "X"} else int(digits)
        return chr(code) if 0 < code < 0x10FFFF else token[0]
    return _ENTITIES.get(name, token[0])


def _link(tag: str, source: str) -> str | None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value or "" for name, value in attrs if name == "href")

    if tag == "a":
        Reader().feed(source)
    return found[0] if found else None
