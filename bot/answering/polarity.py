"""Whether the words that were found say yes or no to a yes/no question."""

from __future__ import annotations

import re

from corpus.folding import fold

_ASKS_BOTH_WAYS = re.compile(r"是不是|有没有|能不能|可不可以|会不会|是否|能否|可否|要不要|对不对")
# Words that begin with a negation and deny nothing.
_NOT_DENYING = re.compile(
    r"不仅|不但|不断|不只|不光|不同|不少|不久|不错|不足|不过|不管|不论|不超过|不低于|不少于|无论"
    r"|无人机|无缝|无偿|无障碍|非常|非公|非遗|非洲|未来|莫不|无不"
)
_DENYING = re.compile(r"[不没未无非]|禁止|严禁|尚待|否认|取消|拒绝")


def says_no(question: str, words: str) -> bool:
    """True where exactly one of question and words denies."""
    return _denies(_ASKS_BOTH_WAYS.sub("", fold(question))) != _denies(fold(words))


def _denies(text: str) -> bool:
    return len(_DENYING.findall(_NOT_DENYING.sub("", text))) % 2 == 1
