"""What can go wrong between people and the answers.

BotError
├── SettingsError            a setting is unknown, contradictory or out of range
├── InvalidQuestionError     the question is empty, too long or not text
│   └── InvalidConversationError  the conversation id that a client chose is too long or has other characters
├── NotReadyError            no index is loaded yet
├── NotAllowedError          the asker may not do that
├── UnknownAnswerError       no answer with that id
├── InvalidFeedbackError     a rating that is not up or down, or a comment that is too long
├── TooManyKeptError         the asker has as many questions waiting for an answer as one may have
├── KeyRequestError          an API key cannot be made or revoked as asked: name, scope, no such key
├── JobConflictError         a job of that kind is running; names it
└── BusyError                every worker is at work and the queue is full
"""


class BotError(Exception):
    """Base of everything this package raises; its message says what happened and the cure."""


class SettingsError(BotError):
    """A setting is unknown, contradictory or out of range."""


class InvalidQuestionError(BotError):
    """The question is empty, too long or not text."""


class InvalidConversationError(InvalidQuestionError):
    """The conversation id that a client chose is too long or has characters that are not allowed."""


class NotReadyError(BotError):
    """No index is loaded yet."""


class NotAllowedError(BotError):
    """The asker may not do that."""


class UnknownAnswerError(BotError):
    """No answer with that id."""


class InvalidFeedbackError(BotError):
    """A rating that is not up or down, or a reason or comment that is too long."""


class TooManyKeptError(BotError):
    """The asker has as many questions waiting for an answer as one may have."""


class KeyRequestError(BotError):
    """An API key cannot be made or revoked as asked: its name, a scope, or there is no such key."""


class JobConflictError(BotError):
    """A job of that kind is running."""

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


class BusyError(BotError):
    """Every worker is at work and the queue is full."""
