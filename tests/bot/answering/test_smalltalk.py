"""Only what is nothing but small talk gets an answer without a source."""

from __future__ import annotations

import pytest

from bot.answering.frames import frame_for
from bot.answering.smalltalk import smalltalk_reply

FRAME = frame_for("zh-Hans")


@pytest.mark.parametrize("message", ["你好", "您好！", "Hello", "早上好～", "在吗？"])
def test_greetings(message: str) -> None:
    assert smalltalk_reply(message, FRAME) == FRAME.greeting


@pytest.mark.parametrize("message", ["谢谢", "多謝！", "好的，谢谢你", "thank you very much"])
def test_thanks(message: str) -> None:
    assert smalltalk_reply(message, FRAME) == FRAME.thanks


@pytest.mark.parametrize("message", ["你能做什么", "你是谁？", "你好，你会做什么？", "怎么用", "help"])
def test_questions_about_the_bot(message: str) -> None:
    assert smalltalk_reply(message, FRAME) == FRAME.about


@pytest.mark.parametrize("message", ["你好，凉瓜产值多少？", "谢谢，镇长是谁", "帮助企业多少家？", "凉瓜怎么用", ""])
def test_a_question_is_never_taken_for_small_talk(message: str) -> None:
    assert smalltalk_reply(message, FRAME) is None
