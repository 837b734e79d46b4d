"""Somebody's own conversations: listed, opened with their answers, deleted. The same for every channel.

What an asker may not see any more is not shown again: saved answers come through the service, which knows clearances.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.errors import BotError, UnknownAnswerError
from bot.state.answers import SavedAnswer
from bot.state.conversation_list import Begun, Place
from bot.state.conversations import Conversation
from corpus.visibility import PUBLIC_ONLY, Clearance

LIMIT, MAX_LIMIT = 30, 100
# How many of its latest turns an opened conversation shows.
SHOWN_TURNS = 50


class UnknownConversationError(BotError):
    """No conversation of that id belongs to who asks, or it is over."""


class Kept(Protocol):
    """Where conversations are kept."""

    def listed(self, owner: str, *, limit: int, after: Place | None = None) -> tuple[list[Begun], Place | None]:
        """The owner's, the latest first, and where to go on."""
        ...

    def open(self, conversation_id: str | None, owner: str, *, last_turns: int = ...) -> Conversation:
        """One with its latest turns; a new one where there is none."""
        ...

    def forget(self, conversation_id: str, owner: str) -> bool:
        """Delete one; False where there was none."""
        ...


class Answered(Protocol):
    """Gives saved answers to whom they were given."""

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = ...) -> SavedAnswer:
        """The answer. Raises: UnknownAnswerError: also where it rests on what may not be seen any more."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """A run of the list, and where to go on; None at its end."""

    conversations: tuple[Begun, ...]
    end: Place | None


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A question with its answer; None where that is not kept any more, or must not be shown."""

    question: str
    asked_at: datetime
    answer: SavedAnswer | None


@dataclass(frozen=True, slots=True)
class ShownConversation:
    """A conversation to read: its latest turns, oldest first."""

    id: str
    turns: tuple[ShownTurn, ...]


class OwnConversations:
    """Synchronous and thread-safe. Every method may raise StoreError."""

    def __init__(self, kept: Kept, answered: Answered) -> None:
        self._kept = kept
        self._answered = answered

    def listed(self, owner: str, *, limit: int = LIMIT, after: Place | None = None) -> ConversationPage:
        """The owner's conversations, the latest first, those behind ``after`` alone."""
        begun, end = self._kept.listed(owner, limit=min(max(limit, 1), MAX_LIMIT), after=after)
        return ConversationPage(tuple(begun), end)

    def opened(self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> ShownConversation:
        """One of the owner's, with its answers. Raises: UnknownConversationError, InvalidConversationError."""
        conversation = self._kept.open(conversation_id, owner, last_turns=SHOWN_TURNS)
        if not conversation.turns:
            raise UnknownConversationError(f"没有编号为 {conversation_id!r} 的对话，或它已过期。")
        shown = tuple(
            ShownTurn(turn.question, turn.asked_at, self._answer(turn.answer_id, owner, clearance))
            for turn in conversation.turns
        )
        return ShownConversation(conversation_id, shown)

    def forget(self, conversation_id: str, *, owner: str) -> None:
        """Delete one of the owner's. Raises: UnknownConversationError."""
        if not self._kept.forget(conversation_id, owner):
            raise UnknownConversationError(f"没有编号为 {conversation_id[:80]!r} 的对话，或它已过期。")

    def _answer(self, answer_id: str | None, owner: str, clearance: Clearance) -> SavedAnswer | None:
        if answer_id is None:
            return None
        try:
            return self._answered.answer(answer_id, owner=owner, clearance=clearance)
        except UnknownAnswerError:
            return None
