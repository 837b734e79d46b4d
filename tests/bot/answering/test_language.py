"""The script or language of a question."""

from __future__ import annotations

import pytest

from bot.answering.language import question_language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("杜阮凉瓜产值多少", "zh-Hans"),
        ("杜阮鎮現有多少戶？", "zh-Hant"),
        ("How many candidates?", "en"),
        ("How much did 荷塘镇 sell?", "en"),
        ("In which year was 杜阮鎮 founded?", "en"),
        ("GDP是多少", "zh-Hans"),
        ("who是谁", "zh-Hans"),
        ("WHO 何时成立", "zh-Hans"),
        ("", "zh-Hans"),
        ("１２３？", "zh-Hans"),
    ],
)
def test_language(question: str, language: str) -> None:
    assert question_language(question) == language
