"""What can keep the Telegram channel from running.

BotError
└── TelegramChannelError
    ├── TokenRefusedError         Telegram does not know the token
    └── SecondPollerError         somebody else already receives with the token
"""

from __future__ import annotations

from bot.errors import BotError


class TelegramChannelError(BotError):
    """The Telegram channel cannot run; its message says the cure."""


class TokenRefusedError(TelegramChannelError):
    """Telegram does not know the token."""


class SecondPollerError(TelegramChannelError):
    """Somebody else already receives with the token."""
