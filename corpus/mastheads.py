"""Whose page it is: the name of the paper at its head, or of the public account that sent it, and when it was sent.

Both are short lines above the title and look like part of it. What they say becomes publisher and date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.datelines import is_medium

_QUOTES = "《》“”\"'「」『』【】"
# 江岸日报 JIANG AN RI BAO, 江岸日报 第1234期, 江岸日报·数字报: beside its name a paper prints it in Latin letters,
# counts its issues, and says in which form it comes.
_BESIDE_NAME = re.compile(
    r"[\s·|丨]*(?:[A-Z][A-Za-z]*(?:[\s·'’-]+[A-Za-z]+){0,5}|(?:总?第\s*\d+\s*期[\s（(]*){1,2}[）)]?|"
    r"(?:今日|本期)\s*\d+\s*版|(?:数字|电子)(?:报|版|阅读)刊?)$"
)
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z]*(?:[\s·'’-]+[A-Za-z]+){0,6}")
_SPACED_OUT = re.compile(r"(?:[\u4e00-\u9fff]\s+){2,}[\u4e00-\u9fff]")
_NAME = r"[\u4e00-\u9fffA-Za-z0-9]{2,12}"
_ACCOUNT_LINE = re.compile(r"[\u4e00-\u9fff]{2,8}")
_DAY = r"(?:19|20)\d{2}\s*[年\-/.]\s*\d{1,2}\s*[月\-/.]\s*\d{1,2}\s*日?"
# 江岸发布 2024-06-12 18:30 发表于江岸; 原创 林叶 江岸发布 2024年6月12日 18:30 广东
_SENT = re.compile(
    rf"^(?:原创\s+)?(?P<names>(?:{_NAME}\s+){{0,3}}){_DAY}\s*(?P<clock>\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?)?"
    r"(?P<place>\s*发[表布]于\s*[\u4e00-\u9fff]{2,8}|\s+[\u4e00-\u9fff]{2,3})?$"
)
_NO_NAME = re.compile(r"时间|日期|^(?:发布|发表|更新|来源|作者|原创|记者|编辑)$")
# 点击上方“江岸先锋”关注, 点击蓝字 关注我们
_INVITATION = re.compile(r"(?:点击|长按|扫码|欢迎|记得|上方|蓝字).{0,20}(?:关注|订阅)|^关注(?:我们|公众号)")
_INVITED = re.compile(rf"[“\"「『【](?P<name>{_NAME})[”\"」』】]")
_NO_ACCOUNT = re.compile(r"^(?:蓝字|蓝色字|关注|订阅|公众号|卡片|名片|在看|星标|右上角)")
# Where on a page its head can be.
_HEAD_LINES = 8


def masthead(text: str) -> str | None:
    """The paper whose name is all that the line prints, but for that name in Latin letters and the like."""
    bare = _BESIDE_NAME.sub("", text.strip(_QUOTES + " ")).strip(_QUOTES + " \u3000")
    if _SPACED_OUT.fullmatch(bare):
        bare = re.sub(r"\s+", "", bare)
    return bare if is_medium(bare) else None


def is_latin_name(text: str) -> bool:
    """Whether the line may be a paper's name in Latin letters, on a line of its own below the Chinese one."""
    return len(text) <= 40 and bool(_LATIN_NAME.fullmatch(text))


def is_sent_line(text: str) -> bool:
    """Whether the line says who sent an article and when; without a clock or a place it may be a title's date."""
    match = _SENT.match(text)
    return match is not None and bool(match["clock"] or (match["place"] or "").strip().startswith("发"))


def account_of(lines: Sequence[str]) -> str | None:
    """The public account that sent the page, by the lines at its head; None where it does not show.

    It stands beside the time of sending or in the invitation to follow it. A line of its own beside that invitation
    is the account only where the page names it again: a short title looks the same.
    """
    head = lines[:_HEAD_LINES]
    for text in head:
        match = _SENT.match(text)
        names = [name for name in match["names"].split() if not _NO_NAME.search(name)] if match else []
        if names and is_sent_line(text) and _is_account(names[-1], text, lines):
            return names[-1]
    for text in head:
        invited = _INVITED.search(text) if _INVITATION.search(text) and len(text) <= 40 else None
        if invited and not _NO_ACCOUNT.match(invited["name"]):
            return invited["name"]
    for index, text in enumerate(head):
        beside = [head[near] for near in (index - 1, index + 1) if 0 <= near < len(head)]
        invites = any(_INVITATION.search(other) and len(other) <= 40 for other in beside)
        if invites and _ACCOUNT_LINE.fullmatch(text) and _is_named_again(text, lines):
            return text
    return None


def _is_account(name: str, sent: str, lines: Sequence[str]) -> bool:
    """Whether the words before a time are a sender, as an event has a time too: a medium, or shown to be one."""
    return is_medium(name) or "于" in sent or sent.startswith("原创") or _is_named_again(name, lines)


def _is_named_again(name: str, lines: Sequence[str]) -> bool:
    """Whether the page quotes the name: today “江岸先锋” tells of …."""
    return any(re.search(rf"[“\"「『@]{re.escape(name)}[”\"」』\s]", line) for line in lines)
