"""Cutting and writing marked-up text: nothing lost, nothing cut in half, every piece valid for Telegram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.text import MAX_MESSAGE_UTF16, Run, plain, shorten, split, to_html, utf16_length
from tests.telegram_server.markup import entity_text, parse_html

WORDS = st.text(alphabet=st.sampled_from("甲乙丙丁𠮷😀👍🏽é\u0301\u200d，。！\n <>&\"'ａ１ab/;#x27"), max_size=120)
RUNS = st.lists(
    st.builds(
        Run,
        WORDS,
        bold=st.booleans(),
        underline=st.booleans(),
        italic=st.booleans(),
        link=st.sampled_from([None, 'https://example.org/?a=1&b="2"', "javascript:alert(1)"]),
    ),
    max_size=8,
).map(tuple)


@given(runs=RUNS, limit=st.integers(2, 200))
def test_pieces_are_the_text_and_each_fits(runs: tuple[Run, ...], limit: int) -> None:
    pieces = split(runs, max_utf16=limit)
    assert "".join(map(plain, pieces)) == plain(runs)
    assert all(0 < utf16_length(plain(piece)) <= limit for piece in pieces)


@given(runs=RUNS, limit=st.integers(2, 200))
def test_every_piece_is_html_that_reads_as_its_plain_text(runs: tuple[Run, ...], limit: int) -> None:
    for piece in split(runs, max_utf16=limit):
        text, _ = parse_html(to_html(piece))
        assert text == plain(piece)


@given(runs=RUNS)
def test_marks_survive_cutting(runs: tuple[Run, ...]) -> None:
    def bold_words(pieces: list[tuple[Run, ...]]) -> str:
        return "".join(run.text for piece in pieces for run in piece if run.bold)

    assert bold_words(split(runs, max_utf16=10)) == bold_words([runs])


@given(WORDS)
def test_length_counts_as_utf16_does(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def test_long_text_is_cut_after_a_paragraph() -> None:
    paragraphs = [f"第{number}段。" + "全镇工作稳步推进。" * 120 for number in range(8)]
    pieces = split((Run("\n\n".join(paragraphs)),))
    assert len(pieces) > 1
    assert all(plain(piece).endswith("\n\n") for piece in pieces[:-1])
    assert all(utf16_length(plain(piece)) <= MAX_MESSAGE_UTF16 < 4096 for piece in pieces)


def test_text_without_paragraphs_is_cut_after_a_sentence_with_its_quotes() -> None:
    pieces = split((Run("他说：“今年丰收了。”" * 30),), max_utf16=45)
    assert all(plain(piece).endswith("。”") for piece in pieces)


@pytest.mark.parametrize(
    "text", ["一", "𠮷" * 5000, "😀" * 5000, "全" * 100_000, "👍🏽" * 3000, "e\u0301" * 5000, "\n" * 9000]
)
def test_text_without_any_place_to_cut_still_fits(text: str) -> None:
    pieces = split((Run(text, bold=True),))
    assert "".join(map(plain, pieces)) == text
    assert all(utf16_length(plain(piece)) <= MAX_MESSAGE_UTF16 for piece in pieces)


def test_a_skin_tone_stays_with_its_emoji() -> None:
    assert all(plain(piece).startswith("👍") for piece in split((Run("👍🏽" * 10),), max_utf16=6))


def test_no_text_gives_no_piece() -> None:
    assert split(()) == []
    assert split((Run(""),)) == []


def test_words_that_look_like_markup_are_shown_as_they_are() -> None:
    html = to_html((Run('<b>5 > 3 & "x"</b>', bold=True, link="https://example.org/?a=1&b=2"),))
    text, entities = parse_html(html)
    assert text == '<b>5 > 3 & "x"</b>'
    assert {entity["type"] for entity in entities} == {"bold", "text_link"}
    assert all(entity_text(text, entity) == text for entity in entities)
    assert [entity["url"] for entity in entities if "url" in entity] == ["https://example.org/?a=1&b=2"]


def test_only_web_addresses_become_links() -> None:
    assert "<a" not in to_html((Run("点我", link="javascript:alert(1)"),))


@pytest.mark.parametrize(
    ("text", "expected"), [("短", "短"), ("一二三四五六", "一二三四…"), ("一\n 二", "一 二"), ("", "")]
)
def test_shorten_gives_one_line(text: str, expected: str) -> None:
    assert shorten(text, 5) == expected
