"""What can keep the Telegram channel from running, or a request from being served.

BotError
├── TelegramChannelError
│   ├── TokenRefusedError         Telegram does not know the token
│   └── SecondPollerError         somebody else already receives with the token
└── BusyError                     too many questions are waiting
"""

from __future__ import annotations

from bot.errors import BotError


class TelegramChannelError(BotError):
    """The Telegram channel cannot run; its message says the cure."""


class TokenRefusedError(TelegramChannelError):
    """Telegram does not know the token."""


class SecondPollerError(TelegramChannelError):
    """Somebody else already receives with the token."""


class BusyError(BotError):
    """Too many questions are waiting."""
