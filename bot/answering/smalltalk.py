"""Greetings, thanks and questions about the bot itself: the only messages that get an answer without a source."""

from __future__ import annotations

import re

from bot.answering.frames import Frame
from corpus.folding import fold

_END = r"[\s,，。.!！?？~～、]*"
_CALL = r"(?:依据|机器人|小助手|助手|yiju|bot|there)?"
_GREETING = re.compile(
    rf"(?:你好|您好|你们好|大家好|早上好|早安|上午好|中午好|下午好|晚上好|嗨|哈喽|在吗|在不在"
    rf"|有人吗|hi|hello|hey|good (?:morning|afternoon|evening))"
    rf"[呀啊哦呢]?[,，]?\s*{_CALL}{_END}"
)
_THANKS = re.compile(
    rf"(?:好的?[,，]?)?(?:谢谢|多谢|感谢|谢啦|谢了|辛苦了?|再见|拜拜|好的|明白了|知道了|收到"
    rf"|thanks?|thank you|thx|bye|ok|okay)"
    rf"\s*(?:你|您|你们|了|啦|哦|very much|so much|a lot)?[,，]?\s*{_CALL}{_END}"
)
_ABOUT = re.compile(
    rf"(?:你好[,，]?|请问)?(?:你(?:是谁|是什么|叫什么(?:名字)?|能做(?:些)?什么|会做?什么|可以做什么"
    rf"|能干什么|能干嘛|有什么(?:用|功能)|怎么用|是干什么的"
    rf"|能帮我做什么|能回答什么(?:问题)?)|(?:这个?)?(?:机器人)?(?:怎么(?:使)?用|如何使用"
    rf"|使用(?:说明|方法)|帮助|功能介绍)"
    rf"|help|who are you|what (?:are you|can you do)|how (?:do|can) i use (?:this|you))[呀啊呢吗]?{_END}"
)


def smalltalk_reply(message: str, frame: Frame) -> str | None:
    """The reply to a message that is nothing but small talk; None for everything else, so that no question is lost."""
    folded = fold(message).strip()
    for pattern, reply in ((_GREETING, frame.greeting), (_THANKS, frame.thanks), (_ABOUT, frame.about)):
        if pattern.fullmatch(folded):
            return reply
    return None
