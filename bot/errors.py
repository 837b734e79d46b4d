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
├── AccountError             an account cannot be made or changed as asked: name, role, password
│   ├── UnknownAccountError     no account of that name or id, no such session, a link that is used up
│   ├── SignInError             name and password do not fit; never says which
│   └── SignInThrottledError    too many attempts; says when to try again
├── PeopleError              access cannot be asked for, given or taken as wanted
│   ├── UnknownPersonError      no user or group of that id, or no such pairing code
│   ├── AlreadyDecidedError     somebody has decided about them, or they are what they shall be
│   ├── PairingClosedError      who asks for access was turned down or removed; says which
│   ├── PairingLimitError       too many ask for access
│   └── SetBySettingsError      the settings decide about them
├── JobConflictError         a job of that kind is running; names it
├── MalformedUpdateError     what was pushed to the webhook is no update
├── LlmError                 the language model gave nothing that can be used; says which way
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


class AccountError(BotError):
    """An account cannot be made or changed as asked: its name, role, clearance or password."""


class UnknownAccountError(AccountError):
    """No account of that name or id, no such session, or a link that was used or is over."""


class SignInError(AccountError):
    """Name and password do not fit, or the account is disabled; it never says which."""


class SignInThrottledError(AccountError):
    """Too many attempts to sign in."""

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PeopleError(BotError):
    """Access cannot be asked for, given or taken as wanted."""


class UnknownPersonError(PeopleError):
    """No user or group of that id, or no such pairing code."""


class AlreadyDecidedError(PeopleError):
    """Somebody has decided about them already, or they are what they shall be."""


class PairingClosedError(PeopleError):
    """Who asks for access was approved, turned down or removed before."""

    def __init__(self, message: str, *, state: str) -> None:
        super().__init__(message)
        self.state = state


class PairingLimitError(PeopleError):
    """Too many ask for access, or one too often."""


class SetBySettingsError(PeopleError):
    """The settings decide about them."""


class JobConflictError(BotError):
    """A job of that kind is running."""

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


class MalformedUpdateError(BotError):
    """What was pushed to the webhook is no update of Telegram."""


class LlmError(BotError):
    """The language model gave nothing that can be used. ``kind`` is a word for logs and metrics."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class BusyError(BotError):
    """Every worker is at work and the queue is full. ``retry_after_seconds``: when there is likely to be a place."""

    def __init__(self, message: str = "", *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
