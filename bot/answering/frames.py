"""The words around an answer, in the script or language of the question. No digit stands in any of them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answering.language import Language


@dataclass(frozen=True, slots=True)
class Frame:
    """What is said beside the quoted words. ``nearest`` follows ``not_found`` as it is.

    ``undated`` takes a citation's ``marker``, ``dated`` also its ``date``.
    """

    not_found: str
    nearest: str
    yes: str
    no: str
    undated: str
    dated: str
    greeting: str
    thanks: str
    about: str


_HANS = Frame(
    not_found="现有文档里没有找到能回答这个问题的内容。",
    nearest="内容相近的文档列在后面，可以打开查看，或换一种问法。",
    yes="是",
    no="否",
    undated="{marker} 发布日期不明，文中的时间请以原文为准。",
    dated="{marker} 发布于{date}，文中的时间以此为准。",
    greeting="您好，我是依据。请直接提问，例如“杜阮凉瓜产值多少？”，我会给出答案和原文出处。",
    thanks="不客气。还想了解什么，请直接提问。",
    about=(
        "我根据已收录的公文、报道和报告回答问题：先给出答案，再列出原文、题名、发布单位和日期。"
        "文档里没有的内容，我会直接说没有找到。"
    ),
)
_HANT = Frame(
    not_found="現有文件裡沒有找到能回答這個問題的內容。",
    nearest="內容相近的文件列在後面，可以打開查看，或換一種問法。",
    yes="是",
    no="否",
    undated="{marker} 發布日期不明，文中的時間請以原文為準。",
    dated="{marker} 發布於{date}，文中的時間以此為準。",
    greeting="您好，我是依據。請直接提問，例如「杜阮涼瓜產值多少？」，我會給出答案和原文出處。",
    thanks="不客氣。還想了解什麼，請直接提問。",
    about=(
        "我根據已收錄的公文、報道和報告回答問題：先給出答案，再列出原文、題名、發布單位和日期。"
        "文件裡沒有的內容，我會直接說沒有找到。"
    ),
)
_EN = Frame(
    not_found="The documents do not say anything that answers this question.",
    nearest=" The documents closest to it are listed below; open them, or ask in other words.",
    yes="是",
    no="否",
    undated="{marker} is undated; check the source for the time it speaks of.",
    dated="{marker} was published on {date}; its words about time count from there.",
    greeting="Hello, I am Yiju. Ask a question about the documents and I will answer with the passage it rests on.",
    thanks="You are welcome. Ask whenever you need something else.",
    about=(
        "I answer from the documents I have been given: the answer first, then the passage it "
        "rests on, word for word, "
        "with title, publisher and date. What the documents do not say, I do not say."
    ),
)
_FRAMES: dict[Language, Frame] = {"zh-Hans": _HANS, "zh-Hant": _HANT, "en": _EN}


def frame_for(language: Language) -> Frame:
    """The frame in that script or language."""
    return _FRAMES[language]
