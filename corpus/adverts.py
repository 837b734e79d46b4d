"""Finds an advertised site's Chinese name (…棋牌官网, …汇入口) that a program put in front of clause after clause.

Names with Latin letters are ``corpus.injected``'s. A name that people write of stands after who uses it, or says, has
or publishes something; one put in stands before any clause whatever, and the clause is whole without it.
"""

from __future__ import annotations

import re
from collections import defaultdict

from corpus.bigrams import BigramTable
from corpus.rings import Span, gain_without
from corpus.tiles import CLAUSE_STARTS

_SEARCHED = (
    r"(?:官方网站|官网|官方入口|入口|登录|登陆|注册|下载|网址|网页版|手机版|最新版|安卓版|苹果版|备用网址|"
    r"开户|投注|[Aa][Pp][Pp])"
)
_STARTS = "".join(map(re.escape, sorted(CLAUSE_STARTS)))
_NAMED = re.compile(rf"(?:(?<=[{_STARTS}])|^)([\u3400-\u9fff]{{2,8}}?){_SEARCHED}")
# Games for money: what such pages live on. A name with one needs fewer places to be sure of.
_GAMBLING = re.compile(r"棋牌|彩票|博彩|娱乐|体育|电竞|电子|真人|赌|竞猜|国际|扑克|麻将|捕鱼|电玩|游戏")
_LEAST_TIMES = 5
_LEAST_TIMES_GAMBLING = 3
_LEAST_MEAN_GAIN = 1.0
_LEAST_MEAN_GAIN_GAMBLING = 0.0
# Who writes of a site goes on with what it has or does, or ends the phrase there.
_GOES_ON = frozenset("的上显公发称消是为有可将也，,。、；;：:！？”’」』）)后时并")
_LEAST_SHARE = 0.75
# Words before the name that govern it: what they govern cannot be taken out.
_GOVERNING = re.compile(
    r"(?:[在用和与及对向由从把被为是]|登录|登陆|打开|进入|下载|使用|通过|访问|点击|注册|安装|推出|开发|上线|查处|名为)$"
)


def advert_spans(text: str, table: BigramTable) -> list[Span]:
    """Spans [start, end) of such names with the search words after them; [] where none is certain."""
    places: dict[str, list[Span]] = defaultdict(list)
    for match in _NAMED.finditer(text):
        places[match[1]].append(match.span())
    spans: list[Span] = []
    for name, found in places.items():
        if _is_put_in(text, name, found, table):
            spans += [match.span() for match in re.finditer(f"{re.escape(name)}{_SEARCHED}{{1,3}}", text)]
    return spans


def _is_put_in(text: str, name: str, found: list[Span], table: BigramTable) -> bool:
    gambling = bool(_GAMBLING.search(name))
    if len(found) < (_LEAST_TIMES_GAMBLING if gambling else _LEAST_TIMES):
        return False
    followers = [text[end : end + 1] for _, end in found]
    free = [follower for follower in followers if follower not in _GOES_ON]
    if len(free) < _LEAST_SHARE * len(found) or len(set(free)) < max(3, len(found) // 2):
        return False
    if any(_GOVERNING.search(text[max(0, match.start() - 4) : match.start()]) for match in re.finditer(name, text)):
        return False
    gain = sum(gain_without(text, span, table) for span in found) / len(found)
    return gain >= (_LEAST_MEAN_GAIN_GAMBLING if gambling else _LEAST_MEAN_GAIN)
