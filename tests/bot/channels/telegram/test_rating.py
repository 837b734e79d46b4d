"""👍 👎 and reasons: kept at once, shown below the answer, changed by pressing again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer, Outcome
from bot.channels.telegram.keyboards import Keyboards
from bot.channels.telegram.phrases import PHRASES, SIMPLIFIED
from bot.channels.telegram.rating import overview_text, rated_keyboard
from bot.channels.telegram.requests import Button, Place
from bot.channels.telegram.text import plain
from bot.feedback import REASONS, Overview, reasons_for
from corpus.visibility import PUBLIC_ONLY, Clearance
from tests.bot.channels.telegram.fakes import answered, not_found
from tests.bot.channels.telegram.world import ADMIN, GROUP, STRANGER, USER, World
from tests.telegram_server.client import buttons

ANSWER = "a" * 32


def labels(message: Any) -> list[str]:
    return [each["text"] for each in buttons(message)]


def test_a_thumb_down_asks_for_its_reason_and_changes_with_each_press(live: World) -> None:
    live.server.say("产值？", user=USER)
    shown = live.server.expect_message("超3000万元")
    for press, words, marked in (
        ("👎", "哪里不好", ["👍", "👎 ✓", "答案不对", "出处不对", "不完整", "已过时", "其他"]),
        ("已过时", "谢谢", ["👍", "👎 ✓", "答案不对", "出处不对", "不完整", "已过时 ✓", "其他"]),
        ("其他", "/feedback", ["👍", "👎 ✓", "答案不对", "出处不对", "不完整", "已过时", "其他 ✓"]),
        ("👍", "谢谢", ["👍 ✓", "👎"]),
    ):
        live.server.press(shown, press, user=USER)
        assert words in live.server.expect("answerCallbackQuery")["params"]["text"]
        shown = live.server.expect("editMessageReplyMarkup")["result"]
        assert labels(shown)[1:] == marked
        assert labels(shown)[0] == "[1] 青石镇苦瓜丰收"
    assert [rating for _, _, rating in live.service.ratings] == ["down", "down", "down", "up"]
    assert live.service.reasons == [None, "outdated", "other", None]


def test_pressing_the_same_again_changes_nothing(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press(message, "👍", user=USER)
    shown = live.server.expect("editMessageReplyMarkup")["result"]
    live.server.press(shown, "👍", user=USER)
    assert "谢谢" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.say("/help", user=USER)
    live.server.expect_message("/mine", chat=USER)
    assert len(live.server.calls("editMessageReplyMarkup")) == 1


@pytest.mark.parametrize(
    "data", ["r:", "r:a", "r:a:", "r:z:" + ANSWER, "r:a:unknown", "r::" + ANSWER, "d:", "u:unknown"]
)
def test_buttons_that_are_not_ours_only_stop_turning(live: World, data: str) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press_data(message, data, user=USER)
    live.server.expect("answerCallbackQuery")
    assert live.service.ratings == []


def test_words_are_kept_with_the_last_rating(live: World) -> None:
    live.server.say("/feedback", user=USER)
    live.server.expect_message("请把意见写在命令后面", chat=USER)
    live.server.say("/feedback 数字旧了", user=USER)
    live.server.expect_message("还没有评价过回答", chat=USER)
    live.state.answers.save(answered(), question="产值？", owner=f"telegram:{USER}")
    live.state.answers.rate(ANSWER, f"telegram:{USER}", "down", reason="outdated")
    live.server.say("/feedback 数字旧了，今年是<3500>万元", user=USER)
    live.server.expect_message("您的意见已附在", chat=USER)
    (rated,) = live.state.ratings.latest(5)
    assert rated.comment == "数字旧了，今年是<3500>万元"


def test_administrators_see_what_readers_think(live: World) -> None:
    live.server.say("/feedback", user=ADMIN)
    live.server.expect_message("还没有 👎", chat=ADMIN)
    for number, (rating, reason) in enumerate((("down", "outdated"), ("down", "数字<旧>了"), ("up", None))):
        live.state.answers.save(answered(answer_id=f"a{number}"), question=f"第{number}问", owner="key:1")
        live.state.answers.rate(f"a{number}", "key:1", rating, reason=reason, comment="请看&改" if reason else None)
    live.server.say("/feedback", user=ADMIN)
    text = live.server.expect_message("最近 30 天的评价：👍 1  👎 2", chat=ADMIN)["text"]
    assert "· 已过时 1" in text
    assert "· 数字<旧>了 1" in text
    assert "第1问 → 超3000万元" in text
    assert "请看&改" in text
    assert "第2问" not in text


def test_in_a_group_nobody_is_shown_what_readers_think(live: World) -> None:
    live.server.say("/feedback", user=ADMIN, chat=GROUP)
    live.server.expect_message("请把意见写在命令后面", chat=GROUP)


def test_a_stranger_rates_nothing(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press_data({**message, "chat": {"id": STRANGER, "type": "private"}}, f"d:{ANSWER}", user=STRANGER)
    live.server.expect("answerCallbackQuery")
    assert live.service.ratings == []


KEYBOARD = [[Button("[1] 题", "p:s:x:0:1")], [Button("👍", "u:a1"), Button("👎", "d:a1")], [Button("另一", "q:a1")]]


@given(
    presses=st.lists(
        st.tuples(st.sampled_from(["up", "down"]), st.sampled_from([None, *REASONS]), st.sampled_from(Outcome)),
        min_size=1,
        max_size=6,
    ),
    phrases=st.sampled_from(list(PHRASES.values())),
)
def test_whatever_is_pressed_the_other_buttons_stay(presses: Any, phrases: Any) -> None:
    rows = KEYBOARD
    for rating, chosen, outcome in presses:
        offered = reasons_for(outcome) if rating == "down" else ()
        rows = rated_keyboard(rows, "a1", rating, chosen, offered, phrases)
        flat = [button for row in rows for button in row]
        assert all(button.fits and button.label for button in flat)
        assert [button.data for button in flat if not button.data.startswith("r:")] == [
            *("p:s:x:0:1", "u:a1"),
            *("d:a1", "q:a1"),
        ]
        assert [button.label for button in flat if button.data[:2] in {"u:", "d:"} and "✓" in button.label] == [
            "👍 ✓" if rating == "up" else "👎 ✓"
        ]
        reasons = [button for button in flat if button.data.startswith("r:")]
        assert len(reasons) == len(offered)
        assert sum("✓" in button.label for button in reasons) == (chosen in offered)


def test_the_thumbs_of_another_answer_are_left_alone() -> None:
    assert rated_keyboard(KEYBOARD, "a2", "down", None, reasons_for(Outcome.ANSWERED), SIMPLIFIED) == KEYBOARD


def test_what_was_not_found_is_offered_its_own_reasons(live: World) -> None:
    live.service.answers["镇长是谁？"] = not_found()
    live.service.outcome = Outcome.NOT_FOUND
    live.server.say("镇长是谁？", user=USER)
    message = live.server.expect_message("没有找到")
    live.server.press(message, "👎", user=USER)
    shown = live.server.expect("editMessageReplyMarkup")["result"]
    assert labels(shown)[-4:] == ["👍", "👎 ✓", "资料里其实有", "其他"]


def test_an_overview_of_nothing_is_short() -> None:
    text = plain(overview_text(Overview(30, 0, 0, {}, []), SIMPLIFIED))
    assert text == "最近 30 天的评价：👍 0  👎 0\n\n还没有 👎。"


def test_a_mark_stays_when_related_questions_are_found_late(live: World) -> None:
    found = threading.Event()

    def late(answer: Answer, clearance: Clearance = PUBLIC_ONLY, *, behind: bool = False) -> tuple[str, ...]:
        assert found.wait(30)
        return ("苦瓜节哪一天？",)

    live.related.knows = False
    live.related.find = late  # type: ignore[method-assign]
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press(message, "👎", user=USER)
    marked = labels(live.server.expect("editMessageReplyMarkup")["result"])
    found.set()
    both = live.server.expect("editMessageReplyMarkup")["result"]
    assert labels(both) == [marked[0], "相关问题", *marked[1:]]
    # As it stood on the screen of somebody who was quicker.
    live.server.press(message, "👍", user=USER)
    assert labels(live.server.expect("editMessageReplyMarkup")["result"]) == [marked[0], "相关问题", "👍 ✓", "👎"]


def test_the_buttons_of_the_latest_messages_are_remembered() -> None:
    keyboards, place = Keyboards(), Place(1)
    for number in range(1500):
        keyboards.put(place, number, [[Button(f"{number}", "p:")]])
    assert keyboards.get(place, 0) is None
    assert keyboards.get(place, 1499) == [[Button("1499", "p:")]]
    assert keyboards.get(Place(2), 1499) is None
    keyboards.forget(place, [1499, 3])
    assert keyboards.get(place, 1499) is None
    assert keyboards.get(place, 1498) is not None
