"""The words about what a crash or a lost connection interrupted, and about too much at once, in the three frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class InterruptionPhrases:
    """The words of one frame. ``{text}`` is what the person had written."""

    answer: str
    show_again: str
    question: str
    button: str
    file: str
    order: str
    too_many: str
    gone: str


SIMPLIFIED: Final = InterruptionPhrases(
    answer="抱歉，刚才程序中断，对“{text}”的回答可能没有送到。若没有收到，请按下面的按钮。",
    show_again="再看一次回答",
    question="抱歉，刚才程序中断，“{text}”可能没有处理完。若没有收到回复，请再发一次。",
    button="抱歉，刚才程序中断，您按的按钮可能没有起作用，请再按一次。",
    file="抱歉，刚才程序中断，您发的文件可能没有收好，请再发一次。",
    order="抱歉，刚才程序中断，不能确定“{text}”是否已经执行。为免重复，没有再做；请先看 /status，需要时再发一次。",
    too_many="您还有 {count} 条消息在处理，这一条先不收。请等它们回复后再发。",
    gone="这个回答已经过期，请再问一次。",
)

TRADITIONAL: Final = InterruptionPhrases(
    answer="抱歉，剛才程式中斷，對「{text}」的回答可能沒有送到。若沒有收到，請按下面的按鈕。",
    show_again="再看一次回答",
    question="抱歉，剛才程式中斷，「{text}」可能沒有處理完。若沒有收到回覆，請再發一次。",
    button="抱歉，剛才程式中斷，您按的按鈕可能沒有起作用，請再按一次。",
    file="抱歉，剛才程式中斷，您發的檔案可能沒有收好，請再發一次。",
    order="抱歉，剛才程式中斷，不能確定「{text}」是否已經執行。為免重複，沒有再做；請先看 /status，需要時再發一次。",
    too_many="您還有 {count} 條訊息在處理，這一條先不收。請等它們回覆後再發。",
    gone="這個回答已經過期，請再問一次。",
)

ENGLISH: Final = InterruptionPhrases(
    answer="Sorry, I was interrupted: the answer to “{text}” may not have reached you. If so, press the button below.",
    show_again="Show the answer again",
    question="Sorry, I was interrupted and may not have finished “{text}”. If no reply came, please send it again.",
    button="Sorry, I was interrupted: the button you pressed may have done nothing. Please press it again.",
    file="Sorry, I was interrupted: your file may not have been taken in. Please send it again.",
    order=(
        "Sorry, I was interrupted and cannot tell whether “{text}” was carried out. It was not done again; "
        "look at /status first, and send it again if need be."
    ),
    too_many="I am still working on {count} messages of yours, so this one was not taken. Please send it again later.",
    gone="This answer has expired; please ask again.",
)
