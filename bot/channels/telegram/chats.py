"""What is remembered of each chat across restarts: its language and which conversation is going on.

One small JSON file a bot, replaced atomically; used from the event loop only, by the one poller of the bot.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import structlog

from bot.answering.language import Language
from bot.channels.telegram.language import LANGUAGES

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat or topic. ``language`` None: the question decides.

    The conversation id is random, so that nobody else can be the first to use it.
    """

    conversation_id: str = field(default_factory=lambda: f"tg-{secrets.token_urlsafe(16)}")
    language: Language | None = None


class ChatMemory:
    """Chats by their key. A damaged file is put aside and forgotten; a full disk costs memory across restarts only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chats = _read(path)

    def get(self, key: str) -> Chat:
        """The chat as remembered, or a new one."""
        if key not in self._chats:
            self._keep(key, Chat())
        return self._chats[key]

    def language(self, key: str) -> Language | None:
        """The language that was chosen for a chat. Remembers nothing: strangers must not fill the file."""
        chat = self._chats.get(key)
        return chat.language if chat is not None else None

    def set_language(self, key: str, language: Language | None) -> None:
        """Choose the frame of a chat; None lets the question decide again."""
        self._keep(key, replace(self.get(key), language=language))

    def start_conversation(self, key: str) -> None:
        """Forget the conversation so far."""
        self._keep(key, Chat(language=self.get(key).language))

    def _keep(self, key: str, chat: Chat) -> None:
        self._chats[key] = chat
        temporary = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as stream:
                json.dump({key: asdict(chat) for key, chat in self._chats.items()}, stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self._path)
        except OSError as error:
            _LOG.warning("telegram_chats_not_saved", path=str(self._path), error=str(error))


def _read(path: Path) -> dict[str, Chat]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): _chat(chat) for key, chat in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        _LOG.warning("telegram_chats_unreadable", path=str(path), error=str(error))
        if path.is_file():
            path.replace(path.with_name(f"{path.name}.damaged"))
        return {}


def _chat(stored: dict[str, object]) -> Chat:
    language = next((known for known in LANGUAGES if known == stored.get("language")), None)
    return Chat(conversation_id=str(stored["conversation_id"]), language=language)
