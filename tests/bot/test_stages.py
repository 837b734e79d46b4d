from __future__ import annotations

import contextvars
import threading

from bot.stages import Stage, entering, heard_by


def test_a_stage_that_nobody_listens_for_is_said_to_nobody() -> None:
    entering(Stage.READING)


def test_stages_are_heard_from_work_in_another_thread_and_only_inside_the_block() -> None:
    heard: list[Stage] = []
    with heard_by(heard.append):
        context = contextvars.copy_context()
    entering(Stage.SEARCHING)
    thread = threading.Thread(target=lambda: context.run(entering, Stage.READING))
    thread.start()
    thread.join()

    assert heard == [Stage.READING]


def test_an_inner_listener_hears_in_place_of_the_outer_one() -> None:
    outer: list[Stage] = []
    inner: list[Stage] = []
    with heard_by(outer.append):
        with heard_by(inner.append):
            entering(Stage.READING)
        entering(Stage.COMPOSING)

    assert (outer, inner) == ([Stage.COMPOSING], [Stage.READING])
