"""The scenes of the walk-through, in the order in which they are played: later ones rest on what earlier ones did."""

from __future__ import annotations

from collections.abc import Callable

from evals.telegram_pictures import administration
from evals.telegram_pictures.stage import ADMIN, COLLEAGUE, NEWCOMER, Stage
from evals.telegram_pictures.transcript import Transcript

_QUESTION = "杜阮凉瓜产值多少？"

Scene = Callable[[Stage], list[Transcript]]


def pairing(stage: Stage) -> list[Transcript]:
    """Somebody new asks to be let in; an administrator approves."""
    newcomer, admin = stage.private(NEWCOMER), stage.private(ADMIN)
    newcomer.says("/start")
    newcomer.waits_for("配对码")
    asked = admin.waits_for("有人申请使用", button="批准")
    admin.keep()
    admin.presses(asked, "批准")
    admin.waits_for("可以提问")
    newcomer.waits_for("可以提问")
    return [newcomer.told("pairing"), admin.told("approval")]


def answer(stage: Stage) -> list[Transcript]:
    """A question, its answer, the passage that the answer rests on, and what else the documents answer."""
    chat = stage.private(COLLEAGUE)
    chat.says(_QUESTION)
    answered = chat.waits_for("1.3亿元", button="相关问题")
    whole = chat.told("answer")
    chat.forget()
    chat.presses(answered, "[1]")
    passage = chat.waits_for("蓬江新闻", "上巷", button="下文")
    chat.keep()
    chat.presses(passage, "下文")
    chat.waits_for("蓬江新闻", button="上文")
    passages = chat.told("passage")
    chat.forget()
    chat.presses(answered, "相关问题")
    offered = chat.waits_for("资料里也有答案")
    question = offered["reply_markup"]["inline_keyboard"][0][0]["text"]
    chat.presses(offered, question)
    chat.waits_for(question, "出处")
    return [whole, passages, chat.told("related")]


def follow_up(stage: Stage) -> list[Transcript]:
    """A question that rests on the one before."""
    chat = stage.private(COLLEAGUE)
    chat.says(_QUESTION)
    chat.waits_for("1.3亿元", button="相关问题")
    chat.says("那种植面积呢？")
    chat.waits_for("650亩", button="相关问题")
    return [chat.told("follow-up")]


def rating(stage: Stage) -> list[Transcript]:
    """A bad mark, and why."""
    chat = stage.private(COLLEAGUE)
    chat.says("首期种植大棚有多少亩？")
    answered = chat.waits_for("30亩", button="相关问题")
    chat.keep()
    chat.presses(answered, "👎")
    asked = chat.waits_for("30亩", button="不完整")
    chat.presses(asked, "不完整")
    chat.waits_for("30亩", button="不完整 ")
    return [chat.told("rating")]


def not_found(stage: Stage) -> list[Transcript]:
    """What the documents do not say, kept until they do."""
    chat = stage.private(COLLEAGUE)
    chat.says("首届杜阮凉瓜节哪天开幕？")
    nothing = chat.waits_for("没有找到", button="通知我")
    chat.keep()
    chat.presses(nothing, "通知我")
    chat.waits_for("没有找到", button="取消")
    return [chat.told("not-found")]


def group(stage: Stage) -> list[Transcript]:
    """A mention in a topic of a group."""
    chat = stage.topic(COLLEAGUE)
    chat.says(f"@{chat.bot_name} 东睦路排水改造工期多少天？")
    chat.waits_for("60天")
    return [chat.transcript("group", "办公室", "话题：交通")]


def inline(stage: Stage) -> list[Transcript]:
    """The bot's name and a question in any chat."""
    chat = stage.private(COLLEAGUE)
    chat.types("杜阮凉瓜产值多少")
    return [chat.transcript("inline", "老张")]


def english(stage: Stage) -> list[Transcript]:
    """A question in English about documents in Chinese."""
    chat = stage.private(NEWCOMER)
    chat.says("How many days will the Dongmu Road drainage works take?")
    chat.waits_for("60天", "Sources")
    return [chat.told("answer-en")]


SCENES: tuple[Scene, ...] = (
    *(pairing, answer, follow_up, rating, not_found, group, inline, english),
    *administration.SCENES,
)
