"""Whatever Telegram, the network or the machine do: each question gets one answer, or a word that it may be lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.telegram_scenarios.program import TOKEN, Program, free_port
from tests.telegram_scenarios.questions import OUTPUT, SEATS, TRACK
from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons, running_server

MAY_BE_LOST = "可能没有送到"
SHOW_AGAIN = "再看一次回答"


@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_reply_that_may_be_lost_is_not_sent_again_but_can_be_shown(town: Town, kind: str) -> None:
    person = town.person()
    town.server.fail("sendMessage", kind=kind, chat_id=person.chat)
    person.says(SEATS.question)
    if kind == "lost":
        person.expect_reply(SEATS.answer)
    apology = person.expect_reply(MAY_BE_LOST, SEATS.question)
    assert [button["text"] for button in buttons(apology)] == [SHOW_AGAIN]
    assert person.presses(apology, SHOW_AGAIN) == ""
    shown = person.expect_reply(SEATS.answer, SEATS.source)
    assert person.presses(shown, "👍")
    person.forgets_unread()


def test_somebody_elses_answer_is_not_shown_again(town: Town) -> None:
    person, other = town.person(), town.person()
    town.server.fail("sendMessage", kind="reset", chat_id=person.chat)
    person.says(SEATS.question)
    apology = person.expect_reply(MAY_BE_LOST)
    other.says("/help")
    theirs = other.expect_reply()
    assert "过期" in other.presses_data(theirs, buttons(apology)[0]["callback_data"])


def test_an_update_that_comes_twice_is_answered_once(town: Town) -> None:
    person = town.person()
    update = town.server.say_update(SEATS.question, user=person.user)
    town.server.repeat(update["update_id"])
    person.expect_reply(SEATS.answer)
    town.server.repeat(update["update_id"])
    town.settle()
    assert person.unread() == []


def test_telegram_away_for_a_while_costs_no_answer(town: Town) -> None:
    people = [town.person() for _ in range(5)]
    for person in people:
        town.server.fail("sendMessage", status=502, description="Bad Gateway", chat_id=person.chat, count=4)
        person.says(SEATS.question)
    for person in people:
        person.expect_reply(SEATS.answer)


def test_one_chat_that_asks_too_much_is_told_and_the_others_are_answered(town: Town) -> None:
    eager, person = town.person(), town.person()
    town.server.fail("sendMessage", kind="delay", delay_seconds=1.0, chat_id=eager.chat, count=3)
    for _ in range(30):
        eager.says(SEATS.question)
    person.says(OUTPUT.question)
    person.expect_reply(OUTPUT.answer)
    town.settle()
    told = [message["text"] for message in eager.unread() if "条消息在处理" in message["text"]]
    assert len(told) == 1
    eager.needs_no_more()


def test_killed_with_a_webhook_and_started_with_polling(models_dir: Path, tmp_path: Path) -> None:
    port = free_port()
    with running_server(TOKEN) as server:
        hook = {
            "YIJU_HTTP__PORT": str(port),
            "YIJU_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "YIJU_TELEGRAM__WEBHOOK_SECRET": "a_secret-of_the_hook",
        }
        program = Program(tmp_path, server.base_url, models_dir, **hook)
        program.make_sources()
        assert program.run("index", "--json").returncode == 0
        process = program.start("serve")
        town = Town(server, program)
        town.wait_until_ready()
        answered, sending, waiting, later = (town.person() for _ in range(4))
        answered.says(SEATS.question)
        answered.expect_reply(SEATS.answer)

        # A reply is on its way, and one question waits behind it, when the process is killed.
        server.fail("sendMessage", kind="delay", delay_seconds=15.0, chat_id=sending.chat)
        sending.says(OUTPUT.question)
        sending.says(TRACK.question)
        waiting.says(SEATS.question)
        waiting.expect_reply(SEATS.answer)
        process.kill()
        process.wait()
        later.says(TRACK.question)
        sending.expect_reply(OUTPUT.answer)

        polling = Program(tmp_path, server.base_url, models_dir)
        with polling.serving("telegram") as process:
            town.wait_until_ready()
            later.expect_reply(TRACK.answer)
            sending.expect_reply(MAY_BE_LOST, OUTPUT.question)
            sending.expect_reply(TRACK.answer)
            town.settle()
            assert [chat.unread() for chat in (answered, sending, later)] == [[], [], []]
            # Killed so soon after that answer, the bot may not have heard that it arrived.
            assert all(MAY_BE_LOST in message["text"] for message in waiting.unread())
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        assert "Traceback" not in program.log.read_text(encoding="utf-8")
