"""What chat pages such as Open WebUI ask a model about the chat itself: a title, tags, what to ask next.

These are no questions about documents: searched for, they would find nothing and stand among the unanswered ones.
"""

from __future__ import annotations

import json
import re

# How such prompts begin, and what marks the chat inside them.
_TASK = re.compile(r"\s*#{2,3} Task:")
_HISTORY = re.compile(r"<chat_history>(.*?)(?:</chat_history>|\Z)", re.DOTALL)
# The key of the JSON that is asked for; the first that the prompt names.
_WANTED = re.compile(r"[\"'](title|tags|follow_ups|queries|text)[\"']\s*:")
_ASKED = re.compile(r"^\s*(?:user|human|用户)\s*[:：]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_MAX_TITLE_CHARS = 24


def task_reply(message: str) -> str | None:
    """The reply to a prompt about the chat; None for everything else, so that no question is lost."""
    history = _HISTORY.search(message)
    if _TASK.match(message) is None or history is None:
        return None
    wanted = _WANTED.search(message[: history.start()]) or _WANTED.search(message[history.end() :])
    replies: dict[str, object] = {
        "title": _title(history[1]),
        "tags": [],
        "follow_ups": [],
        "queries": [],
        "text": "",
    }
    # Without a key it is a title in plain words that is asked for, as older versions do.
    return _title(history[1]) if wanted is None else json.dumps({wanted[1]: replies[wanted[1]]}, ensure_ascii=False)


def _title(history: str) -> str:
    asked = _ASKED.search(history)
    words = " ".join((asked[1] if asked else history).split()).rstrip("?？。 ")
    return words if len(words) <= _MAX_TITLE_CHARS else words[: _MAX_TITLE_CHARS - 1] + "…"
