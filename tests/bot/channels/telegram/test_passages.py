"""Passages as messages: what is marked, where the buttons lead, what a button's data say after a restart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.passages import WantedPassage, read_passage_data, render_passage, title_of
from bot.channels.telegram.requests import MAX_CALLBACK_BYTES, Button, Outgoing
from bot.channels.telegram.text import plain, to_html
from tests.bot.channels.telegram.fakes import DOCUMENT, NEXT, PASSAGE, QUOTE, View
from tests.telegram_server.markup import entity_text, parse_html

START = PASSAGE.text.index(QUOTE)
CITED = WantedPassage("zh-Hans", PASSAGE.id, PASSAGE.id, (START, START + len(QUOTE)))


def marked(message: Outgoing, kind: str) -> list[str]:
    text, entities = parse_html(to_html(message.text))
    return [entity_text(text, entity) for entity in entities if entity["type"] == kind]


def ways(message: Outgoing) -> list[Button]:
    return [button for row in message.buttons for button in row]


def test_passage_is_shown_with_its_quote_marked_and_where_it_is_from() -> None:
    message = render_passage(View(PASSAGE, DOCUMENT), CITED)
    assert plain(message.text).startswith("《青石镇苦瓜丰收》\n特色农业\n青石镇政府 · 2023-06-01\n\n青石镇地处河谷。")
    assert marked(message, "bold") == ["《青石镇苦瓜丰收》", QUOTE]
    assert marked(message, "text_link") == ["原文链接"]
    assert not message.buttons


@pytest.mark.parametrize("quote", [None, (0, 0), (5, 10_000), (9, 3)])
def test_passage_without_a_fitting_quote_is_shown_plain(quote: tuple[int, int] | None) -> None:
    message = render_passage(View(PASSAGE, DOCUMENT), WantedPassage("zh-Hans", PASSAGE.id, PASSAGE.id, quote))
    assert PASSAGE.text in plain(message.text)
    assert marked(message, "bold") == ["《青石镇苦瓜丰收》"]


def test_the_buttons_lead_to_the_neighbours_and_back_to_the_marked_quote() -> None:
    first = render_passage(View(PASSAGE, DOCUMENT, next=NEXT), CITED)
    assert [button.label for button in ways(first)] == ["下文 ▶"]

    onward = read_passage_data(ways(first)[0].data)
    assert onward is not None
    assert (onward.passage_id, onward.turns, onward.shown_quote) == (NEXT.id, True, None)
    second = render_passage(View(NEXT, DOCUMENT, previous=PASSAGE), onward)
    assert marked(second, "bold") == ["《青石镇苦瓜丰收》"]
    assert [button.label for button in ways(second)] == ["◀ 上文"]

    back = read_passage_data(ways(second)[0].data)
    assert back is not None
    assert marked(render_passage(View(PASSAGE, DOCUMENT, next=NEXT), back), "bold") == ["《青石镇苦瓜丰收》", QUOTE]


def test_between_two_neighbours_both_are_offered() -> None:
    message = render_passage(View(PASSAGE, DOCUMENT, previous=NEXT, next=NEXT), CITED)
    assert [[button.label for button in row] for row in message.buttons] == [["◀ 上文", "下文 ▶"]]


@given(
    st.sampled_from(["zh-Hans", "zh-Hant", "en"]),
    st.integers(0, 2_000_000),
    st.integers(0, 2_000_000),
)
def test_button_data_are_read_back_and_fit(language: str, start: int, end: int) -> None:
    wanted = WantedPassage(language, PASSAGE.id, PASSAGE.id, (start, end))  # type: ignore[arg-type]
    kept = (start, end) if start < end <= 999_999 else None
    for data, turns, passage_id in ((wanted.data, False, PASSAGE.id), (wanted.page_data(NEXT.id), True, NEXT.id)):
        assert len(data.encode()) <= MAX_CALLBACK_BYTES
        read = WantedPassage(language, passage_id, PASSAGE.id, kept, turns)  # type: ignore[arg-type]
        assert read_passage_data(data) == read


@pytest.mark.parametrize(
    "data",
    [
        "",
        "p",
        "p:x:1:2:3",
        "q:s:1:2:3",
        "u:",
        ":::::",
        "p:s:a:b",
        "n:s:a:b:1",
        "n:s:a:1:2",
        "p:s:a:b:1:2",
        "n:x:a:b:1:2",
    ],
)
def test_foreign_button_data_is_not_understood(data: str) -> None:
    assert read_passage_data(data) is None


@pytest.mark.parametrize("offsets", ["x:y", "²:³", "-1:5", "5:5", "9:3"])
def test_odd_offsets_mark_nothing(offsets: str) -> None:
    wanted = read_passage_data(f"p:s:abc:{offsets}")
    assert wanted is not None
    assert wanted.quote is None


def test_a_title_has_its_marks_once() -> None:
    assert title_of("《年鉴》", "a.txt") == "《年鉴》"
    assert title_of("", "甲/乙.txt") == "《乙.txt》"
