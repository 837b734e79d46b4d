"""The words around answers in the three frames: sources that differ, reading on, related questions, inline cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language


@dataclass(frozen=True, slots=True)
class TalkPhrases:
    """The words of one frame. ``inline_*`` stand in the cards of inline mode."""

    differing: str
    newest: str
    more_differing: str
    earlier: str
    later: str
    related_button: str
    related_heading: str
    related_none: str
    asked: str
    composed: str
    question_gone: str
    choose_language: str
    automatic: str
    automatic_chosen: str
    inline_none: str
    inline_none_more: str
    inline_stranger: str
    inline_stranger_more: str
    inline_access: str
    inline_start: str
    inline_later: str


SIMPLIFIED: Final = TalkPhrases(
    differing="⚠️ 资料说法不一，按发布日期列出：",
    newest="（最新）",
    more_differing="……另有 {count} 种说法",
    earlier="◀ 上文",
    later="下文 ▶",
    related_button="相关问题",
    related_heading="这些问题，资料里也有答案：",
    related_none="资料里没有别的相关问题。",
    asked="问：{question}",
    composed="回答由语言模型据下列原文整理，请以原文为准。",
    question_gone="这个问题已经过期，请直接输入。",
    choose_language="请选择界面文字。引文始终保持原样。",
    automatic="随提问的文字",
    automatic_chosen="界面文字改为随提问的文字。",
    inline_none="资料里没有找到答案",
    inline_none_more="换个说法，或到私聊里提问",
    inline_stranger="您还没有使用权限",
    inline_stranger_more="请在私聊里发 /start 给我，按提示申请",
    inline_access="申请使用权限",
    inline_start="到私聊里提问",
    inline_later="现在答不了，请稍后再试",
)

TRADITIONAL: Final = TalkPhrases(
    differing="⚠️ 資料說法不一，按發佈日期列出：",
    newest="（最新）",
    more_differing="……另有 {count} 種說法",
    earlier="◀ 上文",
    later="下文 ▶",
    related_button="相關問題",
    related_heading="這些問題，資料裏也有答案：",
    related_none="資料裏沒有別的相關問題。",
    asked="問：{question}",
    composed="回答由語言模型據下列原文整理，請以原文為準。",
    question_gone="這個問題已經過期，請直接輸入。",
    choose_language="請選擇介面文字。引文始終保持原樣。",
    automatic="隨提問的文字",
    automatic_chosen="介面文字改為隨提問的文字。",
    inline_none="資料裏沒有找到答案",
    inline_none_more="換個說法，或到私聊裏提問",
    inline_stranger="您還沒有使用權限",
    inline_stranger_more="請在私聊裏發 /start 給我，按提示申請",
    inline_access="申請使用權限",
    inline_start="到私聊裏提問",
    inline_later="現在答不了，請稍後再試",
)

ENGLISH: Final = TalkPhrases(
    differing="⚠️ The documents differ, by date of publication:",
    newest=" (newest)",
    more_differing="… and {count} other answers",
    earlier="◀ Before",
    later="After ▶",
    related_button="Related questions",
    related_heading="The documents also answer:",
    related_none="The documents answer no other question about this.",
    asked="Question: {question}",
    composed="A language model put this together from the sources below; what counts is what they say.",
    question_gone="This question has expired; please type it.",
    choose_language="Choose the language of the words around answers. Quotes stay as printed.",
    automatic="As the question",
    automatic_chosen="The words around answers now follow the question.",
    inline_none="The documents do not answer this",
    inline_none_more="Put it another way, or ask in a private chat",
    inline_stranger="You are not allowed to ask yet",
    inline_stranger_more="Send /start to me in a private chat to ask for access",
    inline_access="Ask for access",
    inline_start="Ask in a private chat",
    inline_later="No answer just now; please try again later",
)

TALK: Final[dict[Language, TalkPhrases]] = {"zh-Hans": SIMPLIFIED, "zh-Hant": TRADITIONAL, "en": ENGLISH}
