"""A picture is well-formed, shows every word and stays inside its frame."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.telegram_pictures.drawing import WIDTH, draw
from evals.telegram_pictures.transcript import (
    Bubble,
    Card,
    Cards,
    Entity,
    Event,
    Notice,
    Pressed,
    Transcript,
    read_transcripts,
    write_transcripts,
)

SVG = "{http://www.w3.org/2000/svg}"
ANSWER = Bubble(
    True,
    "1.3亿元 [1]\n\n总产值为1.3亿元。<b> & ]]>",
    (Entity("bold", 0, 5), Entity("text_link", 6, 3)),
    (("[1] 小凉瓜串起一条长链",), ("👍", "👎")),
    reply="杜阮凉瓜产值多少？",
)
EVENTS: tuple[Event, ...] = (
    Bubble(False, "杜阮凉瓜产值多少？", sender="小陈"),
    ANSWER,
    Pressed("👎"),
    Notice("谢谢，已经记下。"),
    Bubble(False, file="通知.txt"),
    Bubble(True, "正在更新", edited=True),
    Cards("@yiju 凉瓜产值", (Card("1.3亿元", "总产值为1.3亿元。"), Card("没有权限", ""))),
)
CONVERSATION = Transcript("answer", "依据", "机器人", EVENTS)


def words(svg: str) -> str:
    texts = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return "\n".join("".join(text.itertext()) for text in texts)


def test_every_word_button_and_card_is_drawn() -> None:
    shown = words(draw(CONVERSATION))
    for expected in (
        *("依据", "机器人", "杜阮凉瓜产值多少？", "小陈", "总产值为1.3亿元。<b> & ]]>", "[1] 小凉瓜串起一条长链", "👍"),
        *("谢谢，已经记下。", "通知.txt", "@yiju 凉瓜产值", "没有权限"),
    ):
        assert expected in shown


@given(st.lists(st.text(alphabet=st.sampled_from("凉瓜产值，a1 \n😀&<\"'"), max_size=200), max_size=5))
@settings(max_examples=40)
def test_whatever_is_said_nothing_leaves_the_frame(texts: list[str]) -> None:
    events = tuple(Bubble(number % 2 == 0, text, buttons=((text or "按",),)) for number, text in enumerate(texts))
    root = ElementTree.fromstring(draw(Transcript("any", "依据", events=events)))
    height = float(root.attrib["height"])
    for group in root.iter(f"{SVG}g"):
        top = float(group.attrib["transform"].split()[1].rstrip(")"))
        for box in group.iter(f"{SVG}rect"):
            left, low = float(box.attrib["x"]), top + float(box.attrib["y"])
            assert left >= 0
            assert left + float(box.attrib["width"]) <= WIDTH
            assert low + float(box.attrib["height"]) <= height


def test_marks_and_links_are_drawn_as_such() -> None:
    spans = {
        span.text: span.attrib for span in ElementTree.fromstring(draw(CONVERSATION)).iter(f"{SVG}tspan") if span.text
    }
    assert spans["1.3亿元"]["font-weight"] == "600"
    assert "fill" in spans["[1]"]


def test_nothing_is_fetched_from_elsewhere() -> None:
    svg = draw(CONVERSATION)
    assert "href" not in svg
    assert "url(" not in svg


def test_transcripts_come_back_as_they_were_written() -> None:
    other = Transcript("empty", "依据")
    written = write_transcripts([CONVERSATION, other])
    assert read_transcripts(written) == [CONVERSATION, other]
    assert read_transcripts("[]") == []
    # One event a line, so that a change can be read.
    assert sum('"event"' in line for line in written.splitlines()) == len(EVENTS)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (Bubble(True, "1.4亿元", ANSWER.entities, (("[1] 别的题名",), ("👍", "👎")), reply="杜阮凉瓜产值？"), True),
        (Bubble(True, ANSWER.text, ANSWER.entities, (("👍", "👎"),), reply="杜阮凉瓜产值多少？"), False),
        (Bubble(True, ANSWER.text, (), ANSWER.buttons, reply="杜阮凉瓜产值多少？"), False),
        (Bubble(False, ANSWER.text, ANSWER.entities, ANSWER.buttons, reply="杜阮凉瓜产值多少？"), False),
    ],
)
def test_structure_is_about_what_is_shown_not_about_the_words(changed: Bubble, same: bool) -> None:
    before, after = (Transcript("a", "依据", events=(event,)).structure() for event in (ANSWER, changed))
    assert (before == after) is same
