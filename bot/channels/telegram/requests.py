"""What the channel's parts hand to each other: requests that came in, messages to go out, who may do what.

Plain data without the Telegram library, so that rendering and handling are tested without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.access import Access, Role
from bot.answering.language import Language
from bot.channels.telegram.text import StyledText

__all__ = ["Access", "Attachment", "Button", "Card", "Incoming", "InlineAsked", "Outgoing", "Place", "Role"]

MAX_CALLBACK_BYTES = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message belongs: a chat and, in a forum, its topic. ``reply_to`` is the message to answer, in groups."""

    chat_id: int
    topic_id: int | None = None
    reply_to: int | None = None
    private: bool = True

    @property
    def key(self) -> str:
        """Names the chat or topic: conversations are kept apart by it."""
        return f"{self.chat_id}" if self.topic_id is None else f"{self.chat_id}:{self.topic_id}"

    @property
    def owner(self) -> str:
        """The owner string under which the service keeps conversations and answers of this place."""
        return f"telegram:{self.key}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that somebody sent. ``size`` in bytes, None where Telegram does not say; ``album``: those sent with it."""

    file_id: str
    name: str
    size: int | None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request: ``text`` is the question, the arguments of a command, or a button's data.

    ``written`` is what the person wrote, command and all.
    ``message_id`` is the message itself or the one whose button was pressed, with the words on the button in ``label``;
    ``keyboard`` are all buttons there, none where they cannot be written again as they are. ``replied_to`` is the
    message that it replies to. ``language`` is the frame that the person's own Telegram has. ``sender`` and
    ``chat_title`` are what people call themselves: shown to administrators, never trusted.
    """

    place: Place
    user_id: int | None
    role: Role
    request_id: str
    text: str = ""
    callback_id: str | None = None
    attachment: Attachment | None = None
    written: str = ""
    message_id: int | None = None
    keyboard: Sequence[Sequence[Button]] = ()
    replied_to: int | None = None
    label: str = ""
    language: Language | None = None
    sender: str = ""
    username: str | None = None
    chat_title: str = ""

    @property
    def by(self) -> str:
        """Who asks, as it is kept with what was done."""
        return f"telegram:{self.user_id}"


@dataclass(frozen=True, slots=True)
class InlineAsked:
    """A question that somebody is typing after the bot's name, in any chat."""

    query_id: str
    user_id: int
    role: Role
    request_id: str
    text: str
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A result of inline mode: what is seen in the list, and the message that is sent when it is chosen."""

    id: str
    title: str
    description: str
    message: StyledText


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; ``data`` comes back when it is pressed, at most 64 bytes of UTF-8."""

    label: str
    data: str

    @property
    def fits(self) -> bool:
        """Whether Telegram takes it."""
        return 1 <= len(self.data.encode()) <= MAX_CALLBACK_BYTES


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of any length; its buttons hang below the last piece.

    ``answer_id``: the stored answer it holds, which can be shown again where the message may have been lost.
    """

    text: StyledText
    buttons: Sequence[Sequence[Button]] = ()
    answer_id: str | None = None
