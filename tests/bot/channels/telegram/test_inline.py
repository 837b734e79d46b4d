"""Inline mode: who gets cards, what stands on them, and that letters still being typed cost nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.answers import Outcome
from bot.channels.telegram.inline import cards, may_be_a_question
from bot.channels.telegram.text import plain
from bot.errors import NotReadyError
from tests.bot.channels.telegram.fakes import QUOTE, answered, citation, not_found
from tests.bot.channels.telegram.world import GROUP, STRANGER, USER, World


def offered(call: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call["params"]["results"])
    return found


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("", False),
        ("产值", False),
        ("？？？？", False),
        ("产值多", True),
        ("gdp", False),
        ("gdp 2023", True),
        ("𠮷𠮷𠮷", True),
    ],
)
def test_what_may_be_a_question(text: str, worth: bool) -> None:
    assert may_be_a_question(text) is worth


def test_the_answer_is_a_card_and_each_source_is_one() -> None:
    made = answered(citations=(citation(), citation(2, document_id="d2", publisher=None, published_at=None)))
    whole, first, second = cards(made, "产值？", "zh-Hans")
    assert (whole.title, whole.description) == ("超3000万元", "《青石镇苦瓜丰收》 · 青石镇政府 · 2023-06-01")
    assert plain(whole.message).startswith("问：产值？\n\n超3000万元 [1]")
    assert first.description == QUOTE
    assert plain(second.message) == f"{QUOTE}\n\n出处\n[2] 《青石镇苦瓜丰收》 · 发布日期不明"
    assert len({card.id for card in (whole, first, second)}) == 3


def test_not_found_is_a_card_that_says_so_and_small_talk_is_none() -> None:
    (card,) = cards(not_found(), "镇长是谁？", "en")
    assert card.title == "The documents do not answer this"
    assert "The documents do not answer this question." in plain(card.message)
    assert list(cards(answered(outcome=Outcome.CHAT), "你好", "zh-Hans")) == []


def test_an_allowed_user_gets_the_answer_and_it_can_be_sent_anywhere(live: World) -> None:
    query = live.server.inline("青石镇苦瓜产值多少", user=USER)
    call = live.server.expect("answerInlineQuery")
    assert call["params"]["inline_query_id"] == query
    assert (call["params"]["is_personal"], int(call["params"]["cache_time"]) <= 60) == ("true", True)
    assert [card["title"] for card in offered(call)] == ["超3000万元", "《青石镇苦瓜丰收》 · 青石镇政府 · 2023-06-01"]
    sent = live.server.choose(query, offered(call)[0]["id"], user=USER, chat=GROUP)
    assert sent["text"].startswith("问：青石镇苦瓜产值多少\n\n超3000万元 [1]")
    # It is nobody's question in a chat: no conversation, no gap.
    assert live.service.asked == []
    assert live.service.previewed == ["青石镇苦瓜产值多少"]


def test_only_what_somebody_stops_at_is_answered(live: World) -> None:
    for typed in ("青石镇", "青石镇苦瓜", "青石镇苦瓜产值多少"):
        last = live.server.inline(typed, user=USER)
    assert live.server.expect("answerInlineQuery")["params"]["inline_query_id"] == last
    assert live.service.previewed[-1] == "青石镇苦瓜产值多少"
    assert len(live.service.previewed) <= 2


def test_two_people_who_type_do_not_hinder_each_other(world: World) -> None:
    with world.running():
        queries = {world.server.inline("青石镇苦瓜产值多少", user=user) for user in (USER, 11)}
        answers = {world.server.expect("answerInlineQuery")["params"]["inline_query_id"] for _ in queries}
    assert answers == queries


def test_what_is_too_short_gets_the_way_to_the_private_chat(live: World) -> None:
    live.server.inline("产", user=USER)
    call = live.server.expect("answerInlineQuery")
    assert offered(call) == []
    assert json.loads(call["params"]["button"])["start_parameter"] == "inline"
    assert live.service.previewed == []


def test_a_stranger_learns_how_to_get_access(live: World) -> None:
    live.server.inline("青石镇苦瓜产值多少", user=STRANGER)
    call = live.server.expect("answerInlineQuery")
    assert [card["title"] for card in offered(call)] == ["您还没有使用权限"]
    assert json.loads(call["params"]["button"])["text"] == "申请使用权限"
    assert live.service.previewed == []


def test_what_cannot_be_answered_now_says_so_without_cards(live: World) -> None:
    for question, error in (("还没有准备好", NotReadyError("loading")), ("坏了坏了坏了", RuntimeError("disk on fire"))):
        live.service.answers[question] = error
        live.server.inline(question, user=USER)
        call = live.server.expect("answerInlineQuery")
        assert offered(call) == []
        assert json.loads(call["params"]["button"])["text"] == "现在答不了，请稍后再试"


def test_a_query_that_telegram_no_longer_waits_for_is_no_failure(live: World) -> None:
    live.server.fail("answerInlineQuery", status=400, description="Bad Request: query is too old")
    live.server.inline("青石镇苦瓜产值多少", user=USER)
    live.server.expect("answerInlineQuery")
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    assert len(live.server.calls("sendMessage")) == 1
