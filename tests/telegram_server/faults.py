"""What tests let go wrong: errors, lost answers, cut connections, delays."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["error", "lost", "reset", "delay"]


@dataclass
class Fault:
    """The next ``count`` calls of ``method`` ("*": of any that sends) go wrong.

    error: answered with ``status`` and ``description``, nothing is done. lost: done, but the connection ends without
    an answer. reset: the connection ends and nothing is done. delay: done, late. ``delay_seconds`` comes first.
    ``chat_id``: only calls for that chat. ``share``: that part of the calls, chosen by chance.
    """

    method: str
    count: int = 1
    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    delay_seconds: float = 0.0
    kind: Kind = "error"
    chat_id: int | None = None
    share: float = 1.0

    @property
    def done(self) -> bool:
        """Whether the call has its effect all the same."""
        return self.kind in {"lost", "delay"}


def take(faults: list[Fault], method: str, params: dict[str, Any], chance: random.Random) -> Fault | None:
    """The fault that this call meets."""
    for fault in faults:
        fits = fault.method == method or (fault.method == "*" and method.startswith(("send", "edit", "answer")))
        fits = fits and fault.chat_id in {None, _chat(params)}
        if fits and fault.count > 0 and (fault.share >= 1 or chance.random() < fault.share):
            fault.count -= 1
            return fault
    return None


def _chat(params: dict[str, Any]) -> int | None:
    try:
        return int(params["chat_id"])
    except (KeyError, ValueError):
        return None
