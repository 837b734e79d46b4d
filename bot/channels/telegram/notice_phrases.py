"""The words about kept questions and about ratings in the three frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NoticePhrases:
    """The words of one frame. ``reasons`` by their names in ``bot.feedback``; ``*_button`` are labels of buttons."""

    keep_button: str
    cancel_button: str
    kept: str
    kept_already: str
    too_many: str
    cancelled: str
    nothing_to_cancel: str
    answered: str
    interrupted: str
    show_button: str
    waiting: str
    waiting_none: str
    waiting_one: str
    earlier: str
    later: str
    reasons: dict[str, str]
    ask_reason: str
    ask_words: str
    commented: str
    nothing_rated: str
    comment_usage: str
    overview: str
    overview_down: str
    overview_none: str


SIMPLIFIED: Final = NoticePhrases(
    keep_button="🔔 有答案时通知我",
    cancel_button="🔔 等待答案中（点此取消）",
    kept="已记下。资料更新后一有答案就发给您，最多等 {days} 天。/mine 查看或取消。",
    kept_already="这个问题已经在等答案，有了会发到这里。/mine 查看或取消。",
    too_many="在等答案的问题太多了，请先用 /mine 取消一些。",
    cancelled="已取消，不再等这个问题的答案。",
    nothing_to_cancel="没有可取消的：问题已经有答案、已取消，或不是您留的。",
    answered="🔔 您在 {date} 问过的“{question}”，现在有答案了：",
    interrupted=(
        "🔔 您在 {date} 问过的“{question}”，现在有答案了。刚才发送时中断，不知道您是否收到；没有收到请按下面的按钮。"
    ),
    show_button="看答案",
    waiting="🔔 这些问题在等答案，有了就发到这里。按编号取消：",
    waiting_none="没有在等答案的问题。没找到答案时按“有答案时通知我”，资料更新后一有答案就告诉您。",
    waiting_one="{number}. {question}（{date} 问）",
    earlier="◀ 前面",
    later="后面 ▶",
    reasons={
        "wrong_answer": "答案不对",
        "wrong_source": "出处不对",
        "incomplete": "不完整",
        "outdated": "已过时",
        "missed": "资料里其实有",
        "other": "其他",
    },
    ask_reason="谢谢，已经记下。能告诉我们是哪里不好吗？",
    ask_words="谢谢，已经记下。想说明的话，请发：/feedback 您的意见",
    commented="谢谢，您的意见已附在最近一次评价上。",
    nothing_rated="还没有评价过回答：请先按回答下面的 👍 或 👎，再发 /feedback 您的意见。",
    comment_usage="请把意见写在命令后面，例如：/feedback 数字是前年的。它会附在您最近一次 👍 或 👎 上。",
    overview="最近 {days} 天的评价：👍 {up}  👎 {down}",
    overview_down="最近的 👎",
    overview_none="还没有 👎。",
)

TRADITIONAL: Final = NoticePhrases(
    keep_button="🔔 有答案時通知我",
    cancel_button="🔔 等待答案中（點此取消）",
    kept="已記下。資料更新後一有答案就發給您，最多等 {days} 天。/mine 查看或取消。",
    kept_already="這個問題已經在等答案，有了會發到這裏。/mine 查看或取消。",
    too_many="在等答案的問題太多了，請先用 /mine 取消一些。",
    cancelled="已取消，不再等這個問題的答案。",
    nothing_to_cancel="沒有可取消的：問題已經有答案、已取消，或不是您留的。",
    answered="🔔 您在 {date} 問過的“{question}”，現在有答案了：",
    interrupted=(
        "🔔 您在 {date} 問過的“{question}”，現在有答案了。剛才傳送時中斷，不知道您是否收到；沒有收到請按下面的按鈕。"
    ),
    show_button="看答案",
    waiting="🔔 這些問題在等答案，有了就發到這裏。按編號取消：",
    waiting_none="沒有在等答案的問題。沒找到答案時按“有答案時通知我”，資料更新後一有答案就告訴您。",
    waiting_one="{number}. {question}（{date} 問）",
    earlier="◀ 前面",
    later="後面 ▶",
    reasons={
        "wrong_answer": "答案不對",
        "wrong_source": "出處不對",
        "incomplete": "不完整",
        "outdated": "已過時",
        "missed": "資料裏其實有",
        "other": "其他",
    },
    ask_reason="謝謝，已經記下。能告訴我們是哪裏不好嗎？",
    ask_words="謝謝，已經記下。想說明的話，請發：/feedback 您的意見",
    commented="謝謝，您的意見已附在最近一次評價上。",
    nothing_rated="還沒有評價過回答：請先按回答下面的 👍 或 👎，再發 /feedback 您的意見。",
    comment_usage="請把意見寫在命令後面，例如：/feedback 數字是前年的。它會附在您最近一次 👍 或 👎 上。",
    overview="最近 {days} 天的評價：👍 {up}  👎 {down}",
    overview_down="最近的 👎",
    overview_none="還沒有 👎。",
)

ENGLISH: Final = NoticePhrases(
    keep_button="🔔 Tell me once there is an answer",
    cancel_button="🔔 Waiting for an answer (press to cancel)",
    kept="Noted. Once the documents answer it, you will hear of it here, for {days} days. /mine lists and cancels.",
    kept_already="This question is waiting already; its answer will come here. /mine lists and cancels.",
    too_many="Too many of your questions are waiting; cancel some with /mine first.",
    cancelled="Cancelled: you will not hear of this question.",
    nothing_to_cancel="Nothing to cancel: it has been answered, is cancelled, or somebody else wants to know.",
    answered="🔔 “{question}”, asked on {date}, has an answer now:",
    interrupted=(
        "🔔 “{question}”, asked on {date}, has an answer now. Sending it was interrupted, so you may not have got it; "
        "the button below shows it."
    ),
    show_button="Show the answer",
    waiting="🔔 These questions wait for an answer, which will come here. A number cancels:",
    waiting_none=(
        "No question is waiting. Where nothing is found, press “Tell me once there is an answer”, and you will hear of "
        "it once the documents answer."
    ),
    waiting_one="{number}. {question} (asked on {date})",
    earlier="◀ Back",
    later="More ▶",
    reasons={
        "wrong_answer": "Wrong answer",
        "wrong_source": "Wrong source",
        "incomplete": "Incomplete",
        "outdated": "Outdated",
        "missed": "The documents do say it",
        "other": "Other",
    },
    ask_reason="Thank you, noted. Would you say what is wrong?",
    ask_words="Thank you, noted. To say more, send: /feedback YOUR WORDS",
    commented="Thank you: your words are kept with your last rating.",
    nothing_rated="You have rated no answer yet: press 👍 or 👎 below one first, then send /feedback YOUR WORDS.",
    comment_usage=(
        "Put your words after the command, such as: /feedback The figure is two years old. They are kept with your "
        "last 👍 or 👎."
    ),
    overview="Ratings of the last {days} days: 👍 {up}  👎 {down}",
    overview_down="The latest 👎",
    overview_none="No 👎 yet.",
)
