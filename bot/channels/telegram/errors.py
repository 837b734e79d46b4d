"""What can keep the Telegram channel from running.

BotError
└── TelegramChannelError
    ├── TokenRefusedError         Telegram does not know the token
    ├── SecondPollerError         somebody else already receives with the token
    └── NotDeliveredError         a message that nobody waits for could not be sent now
"""

from __future__ import annotations

from bot.errors import BotError


class TelegramChannelError(BotError):
    """The Telegram channel cannot run; its message says the cure."""


class TokenRefusedError(TelegramChannelError):
    """Telegram does not know the token."""


class SecondPollerError(TelegramChannelError):
    """Somebody else already receives with the token."""


class NotDeliveredError(TelegramChannelError):
    """A message that nobody waits for could not be sent now; later it may be."""
