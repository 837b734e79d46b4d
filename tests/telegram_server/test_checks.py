"""The checks find what Telegram would refuse or show wrongly, and nothing in what is right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.telegram_server.checks import problems


def call(method: str = "sendMessage", **changes: Any) -> dict[str, Any]:
    params = {"chat_id": "7", "text": "<b>好</b>", "parse_mode": "HTML"}
    return {"method": method, "params": params, "ok": True, "result": {}, "fault": None, **changes}


def message(text: str, *spans: tuple[int, int]) -> dict[str, Any]:
    return {"text": text, "entities": [{"type": "bold", "offset": start, "length": size} for start, size in spans]}


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (call(params={"text": "<b>好", "parse_mode": "HTML"}), "can't parse entities"),
        (call(params={"text": "😀" * 2049}), "too long"),
        (call(params={"text": "好", "reply_markup": '{"inline_keyboard": [[{"text": "甲"}]]}'}), "BUTTON_TYPE"),
        (call("answerCallbackQuery", params={"text": "谢" * 201}), "note is too long"),
        (call(result=message("<b>好</b>")), "see the markup"),
        (call(result=message("甲 &amp; 乙")), "see the markup"),
        (call(result=message("好的", (0, 3))), "beyond the text"),
        (call(result=message("一二三四", (0, 2), (1, 2))), "cross"),
        (call(result=message("长" * 200, *((at, 1) for at in range(101)))), "101 entities"),
        (call(ok=False, description="Bad Request: chat not found"), "was refused"),
    ],
)
def test_what_is_wrong_is_found(made: dict[str, Any], found: str) -> None:
    assert found in "\n".join(problems(made))


@pytest.mark.parametrize(
    "made",
    [
        call(),
        call(result=message("1 < 2，AT&T", (0, 5), (0, 2), (2, 1))),
        call(ok=False, description="Bad Gateway", fault="error"),
        call(ok=False, description="Too Many Requests: retry after 1"),
        call("answerCallbackQuery", params={"callback_query_id": "1"}),
    ],
)
def test_what_is_right_or_was_asked_for_is_not(made: dict[str, Any]) -> None:
    assert problems(made) == []


def test_a_refusal_can_be_tolerated_by_its_words() -> None:
    blocked = call(ok=False, description="Forbidden: bot was blocked by the user")
    assert problems(blocked)
    assert problems(blocked, tolerated=("bot was blocked",)) == []
