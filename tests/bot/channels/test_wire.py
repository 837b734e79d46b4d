"""The answer object on the wire: what the service says, field by field."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from bot.answers import Alternative
from bot.channels.wire import AnswerBody
from tests.bot.channels.telegram.fakes import answered, not_found

OTHER = Alternative("2亿元", "d2", "青石镇年鉴", date(2024, 2, 29), "p2", "苦瓜产值达2亿元。", 5, 14)


def test_other_answers_and_the_number_of_sources_are_said_whole() -> None:
    body = AnswerBody.of(answered(sources=4, alternatives=(OTHER,))).model_dump(mode="json")

    assert body["sources"] == 4
    assert body["alternatives"] == [asdict(OTHER) | {"published_at": "2024-02-29"}]


def test_without_an_answer_there_are_no_sources() -> None:
    body = AnswerBody.of(not_found()).model_dump(mode="json")

    assert (body["sources"], body["alternatives"], body["short_answer"], body["citations"]) == (0, [], None, [])
