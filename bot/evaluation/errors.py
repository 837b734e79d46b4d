"""What can go wrong in an evaluation.

EvaluationError
├── QuestionFileError   a file of questions cannot be read, or a line of it is not a question or dialogue
└── QuestionFailedError a question could not be asked; names it, the cause is chained
"""

from __future__ import annotations

from bot.errors import BotError


class EvaluationError(BotError):
    """Base of what this package raises."""


class QuestionFileError(EvaluationError):
    """A file of questions cannot be read, or a line of it is not a question or dialogue."""


class QuestionFailedError(EvaluationError):
    """A question could not be asked; the message names it and the cause is chained."""
