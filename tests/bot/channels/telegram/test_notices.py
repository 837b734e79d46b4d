"""“通知我” in chat: kept, listed, cancelled, and delivered once, to those who may still ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.telegram.notice_rendering import PAGE, waiting_list
from bot.channels.telegram.phrases import ENGLISH, SIMPLIFIED
from bot.channels.telegram.requests import Access
from bot.channels.telegram.text import plain
from bot.state.kept_questions import FOUND, SENDING, SENT, KeptQuestion
from tests.bot.channels.telegram.fakes import answered, citation, not_found
from tests.bot.channels.telegram.world import ADMIN, GROUP, USER, World
from tests.telegram_server.client import buttons

QUESTION = "镇长是谁？"
KEEP, CANCEL = "有答案时通知我", "等待答案中"


def ask(world: World, *, user: int = USER, chat: int | None = None, number: int = 0, question: str = QUESTION) -> Any:
    """A question that finds nothing, as the service keeps it; the message that says so."""
    place = user if chat is None else chat
    answer = not_found(answer_id=f"nothing-{place}-{number}")
    world.service.answers[question] = answer
    world.state.answers.save(answer, question=question, owner=f"telegram:{place}")
    said = question if chat is None else f"/ask {question}"
    world.server.say(said, user=user, chat=chat)
    return world.server.expect_message("《青石镇苦瓜丰收》", chat=place)


def keep(world: World, *, user: int = USER, chat: int | None = None, number: int = 0, question: str = QUESTION) -> int:
    """Ask and press; the kept question's id."""
    message = ask(world, user=user, chat=chat, number=number, question=question)
    world.server.press(message, "🔔", user=user)
    world.server.expect("answerCallbackQuery")
    changed = world.server.expect("editMessageReplyMarkup")["result"]
    cancel = next(each for each in buttons(changed) if "🔔" in each["text"])
    return int(cancel["callback_data"].rpartition(":")[2])


def find(world: World, kept_id: int, *, owner: int = USER, **changes: Any) -> None:
    """What the documents say by now."""
    answer = answered(answer_id=f"found-{kept_id}", **changes)
    world.state.answers.save(answer, question=QUESTION, owner=f"telegram:{owner}")
    assert world.state.kept_questions.found(kept_id, answer.answer_id, "s2")


def state_of(world: World, kept_id: int) -> str | None:
    found = world.state.kept_questions.get(kept_id)
    return None if found is None else found.state


def until(reached: Callable[[], bool], within: float = 20) -> None:
    end = time.monotonic() + within
    while not reached() and time.monotonic() < end:
        time.sleep(0.02)
    assert reached()


def delivered(world: World) -> list[str]:
    """What arrived, whether the bot came to know of it or not."""
    return [call["result"]["text"] for call in world.server.calls("sendMessage") if call.get("result")]


def sent_notices(world: World) -> list[str]:
    return [text for text in delivered(world) if text.startswith("🔔")]


def test_a_question_is_kept_and_its_answer_comes_once(live: World) -> None:
    asked = ask(live)
    assert [each["text"] for each in buttons(asked)] == ["🔔 有答案时通知我", "👍", "👎"]
    live.server.press(asked, KEEP, user=USER)
    assert "最多等 90 天" in live.server.expect("answerCallbackQuery")["params"]["text"]
    changed = live.server.expect("editMessageReplyMarkup")["result"]
    assert [each["text"] for each in buttons(changed)] == ["🔔 等待答案中（点此取消）", "👍", "👎"]
    (kept,) = live.notifications.waiting(f"telegram:{USER}")

    find(live, kept.id)

    notice = live.server.expect_message("现在有答案了", chat=USER)
    assert notice["text"].startswith("🔔 ")
    assert f"问过的“{QUESTION}”" in notice["text"]
    assert "超3000万元 [1]" in notice["text"]
    assert [each["text"] for each in buttons(notice)] == ["[1] 青石镇苦瓜丰收", "👍", "👎"]
    assert notice["reply_to_message"]["message_id"] == asked["message_id"]
    until(lambda: state_of(live, kept.id) == SENT)
    live.server.press(notice, "[1]", user=USER)
    live.server.expect_message("特色农业", chat=USER)
    assert len(sent_notices(live)) == 1


def test_pressing_twice_keeps_one(live: World) -> None:
    message = ask(live)
    for words in ("已记下", "已经在等答案"):
        live.server.press(message, KEEP, user=USER)
        assert words in live.server.expect("answerCallbackQuery")["params"]["text"]
    assert len(live.notifications.waiting(f"telegram:{USER}")) == 1


def test_the_button_cancels_and_can_be_pressed_again(live: World) -> None:
    message = ask(live)
    live.server.press(message, KEEP, user=USER)
    changed = live.server.expect("editMessageReplyMarkup")["result"]
    for words, label in (("已取消", KEEP), ("没有可取消的", None)):
        live.server.press(changed, CANCEL, user=USER)
        assert words in live.server.expect("answerCallbackQuery")["params"]["text"]
        if label:
            back = live.server.expect("editMessageReplyMarkup")["result"]
            assert buttons(back) == buttons(message)
    assert live.notifications.waiting(f"telegram:{USER}") == []


def test_an_answer_that_is_gone_or_found_something_is_not_kept(live: World) -> None:
    message = ask(live)
    live.state.answers.save(answered(), question="产值？", owner=f"telegram:{USER}")
    for data in ("s:k:unknown", "s:k:" + "a" * 32, "s:k:", "s:", "s:z:1", "s:x:一", "s:x:" + "9" * 30, "s:c:1", "s:m:"):
        live.server.press_data(message, data, user=USER)
        live.server.expect("answerCallbackQuery")
    assert live.notifications.waiting(f"telegram:{USER}") == []


def test_too_many_are_refused_kindly(live: World) -> None:
    for number in range(7):
        keep(live, number=number, question=f"第{number}任镇长是谁？")
    message = ask(live, number=7, question="第八任镇长是谁？")
    live.server.press(message, KEEP, user=USER)
    assert "/mine" in live.server.expect("answerCallbackQuery")["params"]["text"]
    assert len(live.notifications.waiting(f"telegram:{USER}")) == 7


def test_mine_lists_by_pages_and_cancels_in_place(live: World) -> None:
    live.server.say("/mine", user=USER)
    live.server.expect_message("没有在等答案的问题", chat=USER)
    for number in range(7):
        keep(live, number=number, question=f"第{number}任镇长是谁？")

    live.server.say("/mine", user=USER)
    page = live.server.expect_message("1. 第0任镇长是谁？", chat=USER)
    assert [each["text"] for each in buttons(page)] == [*(f"✕ {n}" for n in range(1, 7)), "后面 ▶"]
    live.server.press(page, "后面", user=USER)
    second = live.server.expect("editMessageText")["result"]
    assert "7. 第6任镇长是谁？" in second["text"]
    assert [each["text"] for each in buttons(second)] == ["✕ 7", "◀ 前面"]
    live.server.press(second, "✕ 7", user=USER)
    assert (
        "已取消"
        in live.server.expect("answerCallbackQuery", where=lambda call: "text" in call["params"])["params"]["text"]
    )
    first = live.server.expect("editMessageText")["result"]
    assert "6. 第5任镇长是谁？" in first["text"]
    assert len(live.notifications.waiting(f"telegram:{USER}")) == 6


def test_a_group_waits_together_and_each_cancels_their_own(live: World) -> None:
    message = ask(live, user=USER, chat=GROUP)
    live.server.press(message, KEEP, user=44)
    live.server.expect("answerCallbackQuery")
    live.server.press(message, KEEP, user=USER)
    assert "已经在等答案" in live.server.expect("answerCallbackQuery")["params"]["text"]
    (kept,) = live.notifications.waiting(f"telegram:{GROUP}")
    assert kept.asker == "telegram:44"

    live.server.press_data(message, f"s:x:{kept.id}", user=USER)
    assert "不是您留的" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.press_data(message, f"s:x:{kept.id}", user=ADMIN)
    assert "已取消" in live.server.expect("answerCallbackQuery")["params"]["text"]


def test_in_a_group_the_answer_goes_below_the_message_and_into_its_topic(live: World) -> None:
    answer = not_found(answer_id="nothing-topic")
    live.service.answers[QUESTION] = answer
    live.state.answers.save(answer, question=QUESTION, owner=f"telegram:{GROUP}:7")
    live.server.say(f"/ask {QUESTION}", user=USER, chat=GROUP, message_thread_id=7, is_topic_message=True)
    message = live.server.expect_message("没有找到", chat=GROUP)
    live.server.press(message, KEEP, user=USER)
    live.server.expect("editMessageReplyMarkup")
    (kept,) = live.notifications.waiting(f"telegram:{GROUP}:7")
    found = answered(answer_id="found-topic")
    live.state.answers.save(found, question=QUESTION, owner=f"telegram:{GROUP}:7")
    live.state.kept_questions.found(kept.id, "found-topic", "s2")
    notice = live.server.expect_message("现在有答案了", chat=GROUP)
    assert notice["message_thread_id"] == 7
    assert notice["reply_to_message"]["message_id"] == message["message_id"]


def test_the_frame_is_that_of_the_question_or_the_one_chosen(live: World) -> None:
    english, chinese = keep(live, question="Who is the mayor?"), keep(live, number=1)
    find(live, english)
    assert "has an answer now" in live.server.expect_message("🔔", chat=USER)["text"]
    live.server.say("/lang 繁", user=USER)
    live.server.expect_message("繁體", chat=USER)
    find(live, chinese)
    assert "現在有答案了" in live.server.expect_message("🔔", chat=USER)["text"]


def test_a_reply_to_the_notice_goes_on_from_its_answer(live: World) -> None:
    kept_id = keep(live)
    find(live, kept_id)
    notice = live.server.expect_message("现在有答案了", chat=USER)
    until(lambda: live.shown.answer_of(f"{live.options.bot_id}:{USER}", notice["message_id"]) == f"found-{kept_id}")


def test_a_removed_user_gets_nothing(world: World) -> None:
    with world.running():
        kept_id = keep(world)
    find(world, kept_id)
    with world.running(access=Access(admin_ids=frozenset({ADMIN}))):
        until(lambda: state_of(world, kept_id) is None)
    assert sent_notices(world) == []


def test_an_answer_that_was_found_while_the_bot_was_off_comes_at_the_start(world: World) -> None:
    with world.running():
        kept_id = keep(world)
    find(world, kept_id)
    with world.running():
        world.server.expect_message("现在有答案了", chat=USER)
        until(lambda: state_of(world, kept_id) == SENT)
    with world.running():
        world.server.say("/mine", user=USER)
        world.server.expect_message("没有在等答案", chat=USER)
    assert len(sent_notices(world)) == 1


def test_one_that_was_being_sent_at_a_crash_gets_a_word_and_the_answer_on_demand(world: World) -> None:
    with world.running():
        kept_id = keep(world)
    find(world, kept_id)
    assert world.notifications.take(kept_id) is not None  # and the process dies
    with world.running():
        note = world.server.expect_message("不知道您是否收到", chat=USER)
        assert "超3000万元" not in note["text"]
        until(lambda: state_of(world, kept_id) == SENT)
        for _ in range(2):
            world.server.press(note, "看答案", user=USER)
            world.server.expect("answerCallbackQuery")
            assert "超3000万元" in world.server.expect_message("现在有答案了", chat=USER)["text"]
        world.server.press_data(note, f"s:v:{kept_id + 1}", user=USER)
        assert "过期" in world.server.expect("answerCallbackQuery")["params"]["text"]


def test_somebody_who_blocked_the_bot_is_not_written_to_again(live: World) -> None:
    kept_id = keep(live)
    live.server.block(USER)
    find(live, kept_id)
    until(lambda: state_of(live, kept_id) is None)


def test_a_flood_limit_is_waited_out(live: World) -> None:
    kept_id = keep(live)
    live.server.fail("sendMessage", status=429, description="Too Many Requests: retry after 1", retry_after=1)
    find(live, kept_id)
    live.server.expect_message("现在有答案了", chat=USER)
    until(lambda: state_of(live, kept_id) == SENT)
    assert len(sent_notices(live)) == 1


def test_a_lost_reply_is_not_sent_again_but_owned_up_to(live: World) -> None:
    kept_id = keep(live)
    live.server.fail("sendMessage", kind="lost")
    find(live, kept_id)
    assert "超3000万元" not in live.server.expect_message("不知道您是否收到", chat=USER, within=60)["text"]
    until(lambda: state_of(live, kept_id) == SENT)
    assert sum("超3000万元" in text for text in delivered(live)) == 1


def test_what_telegram_surely_did_not_take_is_sent_later(live: World) -> None:
    kept_id = keep(live)
    live.server.fail("sendMessage", status=502, description="Bad Gateway", count=3)
    find(live, kept_id)
    live.server.expect_message("现在有答案了", chat=USER, within=60)
    until(lambda: state_of(live, kept_id) == SENT)
    assert len(sent_notices(live)) == 1


def test_an_answer_whose_passage_is_gone_is_not_sent(live: World) -> None:
    kept_id = keep(live)
    find(live, kept_id, citations=(citation(passage_id="gone"),))
    until(lambda: state_of(live, kept_id) == "waiting")
    assert sent_notices(live) == []


def test_what_is_due_goes_out_while_others_cannot_be_written_to(live: World) -> None:
    first, second = keep(live), keep(live, user=ADMIN, question="谁是镇长？")
    live.server.block(USER)
    find(live, first)
    find(live, second, owner=ADMIN)
    live.server.expect_message("谁是镇长？", chat=ADMIN)
    until(lambda: (state_of(live, first), state_of(live, second)) == (None, SENT))


def test_another_bot_of_the_same_database_sends_nothing(live: World) -> None:
    kept_id = keep(live)
    (kept,) = live.notifications.waiting(f"telegram:{USER}")
    assert kept.channel == "telegram:123456789"
    find(live, kept_id)
    live.server.expect_message("现在有答案了", chat=USER)
    assert live.notifications.due("telegram:987654321") == []


@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1, 3 * PAGE])
@pytest.mark.parametrize("phrases", [SIMPLIFIED, ENGLISH])
def test_every_question_is_on_one_page(count: int, phrases: Any, world: World) -> None:
    kept = [made(number) for number in range(count)]
    listed, first = [], 0
    while True:
        page = waiting_list(kept, first, phrases)
        data = [button.data for row in page.buttons for button in row]
        assert all(button.fits for row in page.buttons for button in row)
        listed += [int(each.split(":")[2]) for each in data if each.startswith("s:c:")]
        later = [int(each.rpartition(":")[2]) for each in data if each.startswith("s:m:")]
        if not later or max(later) <= first:
            break
        first = max(later)
    assert listed == [each.id for each in kept]


@pytest.mark.parametrize("first", [0, PAGE, 2 * PAGE, 5 * PAGE, 7])
def test_a_page_that_is_no_longer_there_is_the_last_one(first: int) -> None:
    page = plain(waiting_list([made(number) for number in range(PAGE + 1)], first, SIMPLIFIED).text)
    assert ("1. " in page) == (first == 0)
    assert (f"{PAGE + 1}. " in page) == (first > 0)


def test_a_long_question_is_shortened() -> None:
    page = waiting_list([replace(made(0), question="长" * 2000 + "\n\n<b>")], 0, SIMPLIFIED)
    assert len(plain(page.text)) < 300


def made(number: int) -> KeptQuestion:
    from datetime import UTC, datetime

    moment = datetime(2025, 6, 1, 8, tzinfo=UTC)
    return KeptQuestion(
        id=number + 10**12,
        owner="telegram:22",
        asker="telegram:22",
        channel="telegram:1",
        address={"chat_id": 22, "topic_id": None, "private": True, "message_id": 5, "user_id": 22},
        question=f"第{number}问",
        resolved_question=f"第{number}问",
        language="zh-Hans",
        asked_answer_id="a",
        asked_at=moment,
        kept_at=moment,
        state=FOUND if number % 2 else SENDING,
        snapshot=None,
        evidence=None,
        answer_id=None,
    )
