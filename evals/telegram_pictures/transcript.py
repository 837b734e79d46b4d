"""What a picture shows: a conversation as its readers see it, kept as JSON beside the pictures.

Plain data. Texts, entities and buttons are those that the bot sent, untouched; offsets are UTF-16 units, as Telegram's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """A marked part of a text. ``kind`` is Telegram's name for it."""

    kind: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message. ``sender`` is shown in groups; ``reply`` is the text that it replies to, ``file`` a file's name."""

    by_bot: bool
    text: str = ""
    entities: tuple[Entity, ...] = ()
    buttons: tuple[tuple[str, ...], ...] = ()
    sender: str = ""
    reply: str = ""
    file: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button with that label."""

    label: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Words that Telegram shows for a moment after a button was pressed."""

    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A result of an inline query."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Cards:
    """What is being typed in some chat, and the results that are offered above it."""

    query: str
    cards: tuple[Card, ...]


Event = Bubble | Pressed | Notice | Cards
_KINDS: dict[str, type[Event]] = {"bubble": Bubble, "pressed": Pressed, "notice": Notice, "cards": Cards}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation. ``title`` and ``subtitle`` stand at its head."""

    name: str
    title: str
    subtitle: str = ""
    events: tuple[Event, ...] = ()

    def structure(self) -> list[str]:
        """One line for each event, with what stays the same as long as the bot behaves the same.

        Rows of buttons are not counted: related questions are looked for behind the answer, and may come late.
        """
        return [_structure(event) for event in self.events]


def write_transcripts(transcripts: Sequence[Transcript]) -> str:
    """The transcripts as JSON, one event a line so that a change can be read."""
    written = []
    for transcript in transcripts:
        events = ",\n".join(f"    {_json({'event': _NAMES[type(e)]} | _filled(e))}" for e in transcript.events)
        head = _json({"name": transcript.name, "title": transcript.title, "subtitle": transcript.subtitle})
        written.append(f'{head[:-1]}, "events": [\n{events}\n  ]}}')
    return "[\n  " + ",\n  ".join(written) + "\n]\n"


def read_transcripts(source: str) -> list[Transcript]:
    """What ``write_transcripts`` wrote."""
    return [
        Transcript(each["name"], each["title"], each["subtitle"], tuple(_event(event) for event in each["events"]))
        for each in json.loads(source)
    ]


def _filled(event: Event) -> dict[str, Any]:
    return {name: value for name, value in asdict(event).items() if value not in ("", (), False)} | (
        {"by_bot": event.by_bot} if isinstance(event, Bubble) else {}
    )


def _event(stored: Mapping[str, Any]) -> Event:
    values = {name: value for name, value in stored.items() if name != "event"}
    kind = _KINDS[stored["event"]]
    if kind is Bubble:
        values["entities"] = tuple(Entity(**each) for each in values.get("entities", ()))
        values["buttons"] = tuple(tuple(row) for row in values.get("buttons", ()))
    elif kind is Cards:
        values["cards"] = tuple(Card(**each) for each in values["cards"])
    return kind(**values)


def _structure(event: Event) -> str:
    if not isinstance(event, Bubble):
        return _NAMES[type(event)] + (f" {len(event.cards)}" if isinstance(event, Cards) else "")
    parts = ["bot" if event.by_bot else "user", *sorted({entity.kind for entity in event.entities})]
    parts += [name for name in ("reply", "file", "edited") if getattr(event, name)]
    parts += [f"rows of {size}" for size in sorted({len(row) for row in event.buttons})]
    return ", ".join(parts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
