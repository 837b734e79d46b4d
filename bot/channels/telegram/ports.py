"""What the Telegram channel needs of the rest of the bot, as narrow protocols, and its settings as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.answering.language import Language
from bot.answers import Answer, Outcome
from bot.channels.telegram.admin_ports import Administration, JobView
from bot.channels.telegram.inbox import InboxStore
from bot.channels.telegram.requests import Role
from bot.feedback import Feedback
from bot.meters import Meters
from bot.notifications import Notifications
from bot.people import REFRESH_SECONDS, People
from bot.state.answer_messages import ShownAnswer
from bot.state.answers import SavedAnswer
from bot.uploads import SUFFIXES
from corpus.documents import Document, Passage
from corpus.visibility import PUBLIC_ONLY, Clearance

__all__ = ["TELEGRAM_URL", "Administration", "ChannelOptions", "JobView", "Service", "ShownPassage"]

TELEGRAM_URL = "https://api.telegram.org/bot"


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """Questions a minute of one user, and of one chat; 0: no limit. Administrators have none."""

    user_per_minute: int = 20
    chat_per_minute: int = 60


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """How the channel runs. ``base_url`` is without the token, which is appended to it.

    ``state_dir`` holds the lock of the one poller and what is remembered of chats. ``workers`` questions are answered
    at once and ``max_waiting`` more may wait; above that people are asked to come back. What was begun has
    ``stop_seconds`` to end when the channel stops. With ``webhook_url`` Telegram pushes, without it is polled. Answers
    to kept questions are looked for every ``notice_seconds``. Files of an album are waited for ``album_seconds`` before
    they are shown together.
    """

    token: str
    state_dir: Path
    base_url: str = TELEGRAM_URL
    proxy_url: str | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    workers: int = 2
    max_waiting: int = 256
    stop_seconds: float = 20.0
    poll_timeout_seconds: int = 30
    typing_interval_seconds: float = 4.0
    edit_interval_seconds: float = 3.0
    job_poll_seconds: float = 0.5
    album_seconds: float = 1.0
    notice_seconds: float = 2.0
    inline_wait_seconds: float = 0.7
    upload_suffixes: tuple[str, ...] = SUFFIXES
    limits: QuestionLimits = QuestionLimits()
    people_poll_seconds: float = REFRESH_SECONDS

    @property
    def bot_id(self) -> str:
        """The public half of the token."""
        return self.token.partition(":")[0]

    @property
    def file_url(self) -> str:
        """Where files are downloaded from, without the token: ``.../file/bot`` of the same server."""
        root, _, last = self.base_url.rstrip("/").rpartition("/")
        return f"{root}/file/{last}"

    def __repr__(self) -> str:
        """Without the token: options get into logs."""
        return f"ChannelOptions(bot_id={self.bot_id!r}, base_url={self.base_url!r})"


class Roles(Protocol):
    """Who may do what, from memory."""

    def role(self, *, user_id: int | None, chat_id: int) -> Role:
        """The role of a user (None: unknown, such as an anonymous sender) in a chat."""
        ...


class ShownPassage(Protocol):
    """A passage with its document."""

    @property
    def passage(self) -> Passage: ...  # noqa: D102
    @property
    def document(self) -> Document: ...  # noqa: D102
    @property
    def previous(self) -> Passage | None: ...  # noqa: D102
    @property
    def next(self) -> Passage | None: ...  # noqa: D102


class Service(Protocol):
    """The only use case, and what people do with its answers. Synchronous and thread-safe."""

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        follows: str | None = None,
        replaces: str | None = None,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> Answer:
        """Answer a question, which may go on from an earlier answer or replace the question that got one."""
        ...

    def preview(self, question: str, *, owner: str | None = None, clearance: Clearance = PUBLIC_ONLY) -> Answer:
        """Answer a question and remember nothing."""
        ...

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        """An answer that was given. Raises: UnknownAnswerError."""
        ...

    def last_answer(
        self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY
    ) -> SavedAnswer | None:
        """The last answer with citations in a conversation; None where there is none."""
        ...

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> ShownPassage:
        """A passage of the current snapshot."""
        ...

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> Outcome:
        """Keep what the asker thinks of an answer; the answer's outcome."""
        ...


class Related(Protocol):
    """Finds questions that the documents answer, near an answer. Synchronous and thread-safe."""

    def known(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY) -> tuple[str, ...] | None:
        """Those found before; None where nobody has looked yet. Takes no time."""
        ...

    def find(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY, *, behind: bool = False) -> tuple[str, ...]:
        """Look for them, which takes as long as several questions; ``behind`` those of people."""
        ...


class Shown(Protocol):
    """Remembers which messages of a place carry which answer. Synchronous and thread-safe."""

    def keep(
        self, place: str, message_ids: Sequence[int], answer_id: str, *, question_message_id: int | None = None
    ) -> None:
        """Remember the messages of an answer instead of those of an earlier one to the same question."""
        ...

    def answer_of(self, place: str, message_id: int) -> str | None:
        """The answer that a message carries or got."""
        ...

    def shown_for(self, place: str, question_message_id: int) -> ShownAnswer | None:
        """The answer that a question got, with its messages."""
        ...


class Menus(Protocol):
    """The menus of commands."""

    async def set_for(self, chat_id: int, *, is_admin: bool = False, language: Language | None = None) -> None:
        """Set the menu of one chat after its language or its person's role has changed."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelServices:
    """Everything behind the channel. ``meters`` count its work."""

    service: Service
    administration: Administration
    people: People
    related: Related
    shown: Shown
    inbox: InboxStore
    notifications: Notifications
    feedback: Feedback
    meters: Meters = field(default_factory=Meters)
