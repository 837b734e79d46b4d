"""What the Telegram channel needs of the rest of the bot, as narrow protocols, and its settings as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.answers import Answer
from bot.channels.telegram.admin_ports import Administration, JobView
from bot.channels.telegram.requests import Access
from bot.uploads import SUFFIXES
from corpus.documents import Document, Passage

__all__ = ["TELEGRAM_URL", "Administration", "ChannelOptions", "JobView", "Service", "ShownPassage"]

TELEGRAM_URL = "https://api.telegram.org/bot"


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """How the channel runs. ``base_url`` is without the token, which is appended to it.

    ``state_dir`` holds the lock of the one poller and what is remembered of chats. ``workers`` questions are answered
    at once and ``max_waiting`` more may wait; above that people are asked to come back. Files of an album are waited
    for ``album_seconds`` before they are shown together.
    """

    token: str
    state_dir: Path
    access: Access
    base_url: str = TELEGRAM_URL
    proxy_url: str | None = None
    workers: int = 2
    max_waiting: int = 32
    poll_timeout_seconds: int = 30
    typing_interval_seconds: float = 4.0
    edit_interval_seconds: float = 3.0
    job_poll_seconds: float = 0.5
    album_seconds: float = 1.0
    upload_suffixes: tuple[str, ...] = SUFFIXES

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


class ShownPassage(Protocol):
    """A passage with its document."""

    @property
    def passage(self) -> Passage: ...  # noqa: D102
    @property
    def document(self) -> Document: ...  # noqa: D102


class Service(Protocol):
    """The only use case, and what people do with its answers. Synchronous and thread-safe."""

    def ask(self, question: str, *, owner: str, conversation_id: str | None = None, top_k: int = 5) -> Answer:
        """Answer a question."""
        ...

    def passage(self, passage_id: str) -> ShownPassage:
        """A passage of the current snapshot."""
        ...

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> None:
        """Keep what the asker thinks of an answer."""
        ...
