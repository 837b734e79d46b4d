"""What who waits for an answer hears of its stages."""

from __future__ import annotations

import contextvars
import threading

from bot.stages import Stage, heard_by
from retrieval.stages import COMPOSE, LOAD, READ, SEARCH, stage


def begin(name: str) -> None:
    with stage(name):
        pass


def test_stages_are_heard_from_work_in_another_thread_and_only_inside_the_block() -> None:
    heard: list[Stage] = []
    with heard_by(heard.append):
        context = contextvars.copy_context()
    begin(SEARCH)
    thread = threading.Thread(target=lambda: context.run(begin, READ))
    thread.start()
    thread.join()

    assert heard == [Stage.READING]


def test_a_stage_is_heard_when_it_begins_and_what_it_consists_of_is_not() -> None:
    heard: list[Stage] = []
    with heard_by(heard.append):
        with stage(SEARCH):
            assert heard == [Stage.SEARCHING]
            begin(LOAD)
        begin(COMPOSE)

    assert heard == [Stage.SEARCHING, Stage.COMPOSING]
