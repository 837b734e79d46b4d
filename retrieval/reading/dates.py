"""Dates and times in folded Chinese text: “2024年6月12日”, “5月30日”, “去年底”, “上午9时”.

Finds them with offsets; it does not resolve “今年” against a publication date.
"""

from __future__ import annotations

import re

_YEAR = r"(?:[12][0-9]{3}年|[一二〇零○九八七六五四三]{4}年|今年|去年|明年|前年|当年|公元前?[0-9]+年)"
_MONTH = (
    r"(?:(?:[0-9]{1,2}|十[一二]|[一二三四五六七八九十])月(?:份)?|上半年|下半年|年初|年底|年末|初|底|末"
    r"|第?[一二三四1-4]季度|春天|夏天|秋天|冬天)"
)
_DAY = r"(?:(?:[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九十])[日号]|上旬|中旬|下旬)"
_RANGE = rf"(?:[-—~至到](?:{_YEAR})?(?:{_MONTH})?(?:{_DAY})?(?:[0-9]+[月日年])?)?"
_CLOCK = (
    r"(?:(?:凌晨|早上|上午|中午|下午|傍晚|晚上|晚|当晚)?"
    r"(?:[0-9]{1,2}|(?<=[晨上午晚])十?[一二三四五六七八九十])(?:时|点(?!多)|:[0-9]{2})(?:[0-9]{1,2}分|半|许|左右)?)"
)
_DATE = re.compile(
    rf"{_YEAR}{_MONTH}?{_DAY}?{_RANGE}(?:{_CLOCK})?"
    rf"|(?:[0-9]{{1,2}}|十[一二]|[一二三四五六七八九十])月(?:份|{_DAY})?{_RANGE}(?:{_CLOCK})?"
    rf"|(?<![0-9月年.])[0-9]{{1,2}}日(?:至[0-9]{{1,2}}日)?(?:{_CLOCK})?"
    rf"|(?:周|星期|礼拜)[一二三四五六日天](?:{_CLOCK})?"
    rf"|[0-9]{{1,2}}世纪(?:[0-9]{{1,2}}年代)?(?:初|中期|末|后期)?"
    rf"|{_CLOCK}(?:[-—~至到](?:次日|当日|第二天)?{_CLOCK})?"
)


def dates(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of every date or time of day in folded text, in order."""
    return [match.span() for match in _DATE.finditer(text)]
