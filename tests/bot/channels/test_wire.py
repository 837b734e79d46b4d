"""Bodies on the wire: the answer object field by field, and what schemas say of bounds."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest
from pydantic import BaseModel

from bot.answers import Alternative
from bot.channels.wire import AnswerBody, AskRequest
from bot.channels.wire_admin import PruneRequest
from tests.bot.channels.telegram.fakes import answered, not_found

OTHER = Alternative("2亿元", "d2", "青石镇年鉴", date(2024, 2, 29), "p2", "苦瓜产值达2亿元。", 5, 14)


def test_other_answers_and_the_number_of_sources_are_said_whole() -> None:
    body = AnswerBody.of(answered(sources=4, alternatives=(OTHER,))).model_dump(mode="json")

    assert body["sources"] == 4
    assert body["alternatives"] == [asdict(OTHER) | {"published_at": "2024-02-29"}]


def test_without_an_answer_there_are_no_sources() -> None:
    body = AnswerBody.of(not_found()).model_dump(mode="json")

    assert (body["sources"], body["alternatives"], body["short_answer"], body["citations"]) == (0, [], None, [])


@pytest.mark.parametrize(("body", "name"), [(AskRequest, "top_k"), (PruneRequest, "keep")])
def test_the_bounds_of_a_whole_number_are_in_its_schema(body: type[BaseModel], name: str) -> None:
    said = body.model_json_schema()["properties"][name]
    (number,) = [each for each in said.get("anyOf", [said]) if each["type"] == "integer"]

    assert {"minimum", "maximum"} <= set(number)
