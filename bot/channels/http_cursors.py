"""Cursors: where a page of a list ended, as text that clients hand back unread.

A cursor names the last line that was seen, not how many came before it, so that nothing is left out where the list
changes meanwhile.
"""

from __future__ import annotations

import base64
import json

from bot.channels.http_problems import ProblemError, problem

MAX_CHARS = 200
_MAX_NUMBER = 2**63
Mark = tuple[int, ...]


def cursor_of(order: str, mark: Mark) -> str:
    """The cursor of a line. ``order``: by what the list is sorted; ``mark``: the line's place in it."""
    text = json.dumps([order, *mark], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def mark_of(cursor: str | None, order: str, *, size: int) -> Mark | None:
    """The place that a cursor names in a list sorted so; None without a cursor. ``size``: how many numbers it has.

    Raises: ProblemError: 422, it is none of ours or of another order.
    """
    if cursor is None:
        return None
    try:
        said, *numbers = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, TypeError):  # not base64, not UTF-8, not JSON, not a list
        raise _refused("没有这个翻页位置") from None
    if said != order:
        raise _refused("翻页位置属于另一种排序")
    fits = len(numbers) == size and all(type(each) is int and abs(each) < _MAX_NUMBER for each in numbers)
    if not fits:
        raise _refused("没有这个翻页位置")
    return tuple(numbers)


def _refused(why: str) -> ProblemError:
    told = [{"field": "cursor", "message": why}]
    detail = f"cursor：{why}；请原样使用上一页的 next_cursor，筛选与排序不变。"
    return ProblemError(problem(422, detail, code="invalid_cursor", extra={"errors": told}))
