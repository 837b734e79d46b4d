"""The scenes of the walk-through, in the order in which they are played: later ones rest on what earlier ones did."""

from __future__ import annotations

from collections.abc import Callable

from evals.telegram_pictures.stage import ADMIN, COLLEAGUE, Stage
from evals.telegram_pictures.transcript import Transcript

BOT, IN_PRIVATE = "依据", "机器人"
_QUESTION = "杜阮凉瓜产值多少？"

Scene = Callable[[Stage], Transcript]


def answer(stage: Stage) -> Transcript:
    """A question, its answer, and the passage that the answer rests on."""
    chat = stage.private(COLLEAGUE)
    chat.says(_QUESTION)
    answered = chat.waits_for("1.3亿元")
    chat.presses(answered, "[1]")
    chat.waits_for("蓬江新闻", "上巷")
    return chat.transcript("answer", BOT, IN_PRIVATE)


def follow_up(stage: Stage) -> Transcript:
    """A question that rests on the one before."""
    chat = stage.private(COLLEAGUE)
    chat.says("那种植面积呢？")
    chat.waits_for("650亩")
    return chat.transcript("follow-up", BOT, IN_PRIVATE)


def not_found(stage: Stage) -> Transcript:
    """What the documents do not say."""
    chat = stage.private(COLLEAGUE)
    chat.says("杜阮凉瓜节几号开幕？")
    chat.waits_for("没有找到")
    return chat.transcript("not-found", BOT, IN_PRIVATE)


def group(stage: Stage) -> Transcript:
    """A mention in a topic of a group."""
    chat = stage.topic(COLLEAGUE)
    chat.says(f"@{chat.bot_name} 东睦路排水改造工期多少天？")
    chat.waits_for("60天")
    return chat.transcript("group", "办公室", "话题：交通")


def status(stage: Stage) -> Transcript:
    """How things are."""
    chat = stage.private(ADMIN)
    chat.says("/status")
    chat.waits_for("段落")
    return chat.transcript("status", BOT, IN_PRIVATE)


def gaps(stage: Stage) -> Transcript:
    """What could not be answered."""
    chat = stage.private(ADMIN)
    chat.says("/gaps")
    chat.waits_for("开幕")
    return chat.transcript("gaps", BOT, IN_PRIVATE)


SCENES: tuple[Scene, ...] = (answer, follow_up, not_found, group, gaps, status)
