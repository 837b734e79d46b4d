"""Conversations and documents to read as they cross the wire; every key is always there."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from bot.channels.wire import AnswerBody, CiteBody
from bot.channels.wire_records import DocumentHead
from bot.citing import Source, document_number
from bot.conversations import ConversationPage, ShownConversation
from corpus.documents import Document


class SourceBody(DocumentHead):
    """A document to read: ``text`` is what offsets of citations count; ``cite`` is how to name it in writing."""

    cite: CiteBody
    text: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """The wire form of a document to read."""
        head = DocumentHead.of(document)
        return cls(**dict(head), cite=CiteBody.of(source_of(document)), text=document.text)


class ConversationLine(BaseModel):
    """One line of the list of conversations; ``title`` is the first question."""

    id: str
    title: str
    turns: int
    created_at: datetime
    last_used_at: datetime


class ConversationListBody(BaseModel):
    """One page of conversations, the latest first; ``next_cursor`` is null on the last."""

    conversations: list[ConversationLine]
    next_cursor: str | None

    @classmethod
    def of(cls, page: ConversationPage, *, next_cursor: str | None) -> ConversationListBody:
        """The wire form of a page."""
        lines = [ConversationLine.model_validate(each, from_attributes=True) for each in page.conversations]
        return cls(conversations=lines, next_cursor=next_cursor)


class TurnBody(BaseModel):
    """A question and its answer; null where it is not kept any more or may not be seen any more."""

    question: str
    asked_at: datetime
    answer: AnswerBody | None


class ConversationBody(BaseModel):
    """A conversation with its latest turns, oldest first."""

    id: str
    turns: list[TurnBody]

    @classmethod
    def of(cls, conversation: ShownConversation) -> ConversationBody:
        """The wire form of a conversation."""
        turns = [
            TurnBody(
                question=turn.question,
                asked_at=turn.asked_at,
                answer=None if turn.answer is None else AnswerBody.of(turn.answer.answer),
            )
            for turn in conversation.turns
        ]
        return cls(id=conversation.id, turns=turns)


def source_of(document: Document) -> Source:
    """What is known of a document for citing it."""
    number = document_number(document.text)
    return Source(document.title, document.publisher, document.published_at, document.url, number)
