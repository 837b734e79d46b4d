"""Which parts of a statement can be asked for, and the words that ask for each kind.

A part is left alone where its ends are in doubt: beside another name, inside a list, with half a date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evals.reader_training.cloze.statements import NOUNS, Token, text_of
from evals.reader_training.cloze.words import (
    CITIES,
    COUNTRIES,
    LAW_ENDS,
    MEASURES,
    OF_COUNTRIES,
    ORGANISATION_ENDS,
    PLACE_ENDS,
    PROVINCES,
    SURNAMES,
    WORK_KINDS,
    word_set,
)

Tokens = Sequence[Token]
_JOINS = word_set("、 和 与 及 以及 或 至 到 - — ～ ~ － — 和")
_NAME_PARTS = word_set("nr nrt nrfg ng zg nz")
_ORGANISATION_PARTS = word_set("ns nt n nz j nr nrt vn b s eng l an")
_PLACE_LEADS = word_set("""
在 于 位于 坐落于 坐落在 地处 前往 抵达 到 至 来到 赴 到达 飞往 出生于
生于 返回
""")
_NOT_PLACES = re.compile(r"(?:中|上|下|后|前|时|期间|之间|以来|以后|之后|之前|方面|以上|左右|里面?|其中|此外|过程)$")
_PLACE_NOUNS = re.compile(
    r"(?:地区|境内|广场|辖区|公园|车站|机场|大道|路|街|港|堡|城|大厦|车城|半岛|群岛|盆地|平原|高原|附近|沿岸|[东西南北中]部|[东西南北]侧)$"
)
_TITLES = re.compile(
    r"(?:总统|主席|总理|部长|省长|市长|县长|局长|院长|校长|会长|书记|主任|经理|董事长|教授|博士|导演|演员|歌手|作家|教练|记者|发言人|大使|议员|国王|皇帝|将军|司令|首相|大臣|总督|"
    r"学者|科学家|画家|诗人|选手|球员|队长|建筑师|医生|专家|女士|先生|秘书长|负责人|研究员|工程师|创始人|外长|防长|财长|天皇|公爵|主教|教皇|传教士|探险家|数学家|哲学家)$"
)
_NO_NAMES = re.compile(r"[帝王后命部州县市族人们的性化式型镇村省党公妃证]$")
_LIKE_NAMES = word_set("""
夏威夷 金字塔 马拉松 马来亚 高血压 白细胞 黄金周 孟加拉 安哥拉 康乃馨
毛利人 石家庄 张家口 白云石 安全感 金三角 易拉罐 祝融号 高性能 高加索
""")
_NO_ORGANISATIONS = re.compile(
    r"^(?:有限|股份|上市|第|由|在|与|和|对|从|被|向|将|据|请|该|本|其|各|多|两|三|全|一|当地|相关|有关|国有|母|子|分)"
)
_DATE = re.compile(r"\d.*(?:年|月|日|号|世纪|代|[初末底春夏秋冬季])$")
_UNITS = "|".join(sorted(MEASURES, key=lambda unit: (-len(unit), unit)))
_QUANTITY = re.compile(
    rf"^\D{{0,3}}?(?P<number>[\d一二三四五六七八九十百千两零万亿.,，．几多余]+?)(?P<unit>{_UNITS})(?:以上|以下|左右|以内)?$"
)
_CALLED = word_set("""
称为 称作 叫做 叫 为 称 誉为 被誉为 命名为 题为 取名 取名为 改名为
更名为 名为 获得 荣获 获 授予 提出 号称 即 是 获评 获颁 评为 简称 又称
俗称 别称 称之为
""")


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens ``start`` to ``end`` of a statement are the answer; the words of ``asks`` can stand where ``cut`` is."""

    kind: str
    start: int
    end: int
    asks: tuple[str, ...]
    cut: tuple[int, int]


def spans(tokens: Tokens) -> Iterator[Span]:
    """Every part of the statement's tokens that can be asked for in place."""
    for find in _FINDERS:
        for start in range(len(tokens)):
            found = find(tokens, start)
            if found is not None:
                yield found


def date_asks(text: str) -> tuple[str, ...]:
    """The words that ask for a date of this precision, () for what is no date."""
    if not _DATE.search(text):
        return ()
    if "世纪" in text:
        return ("哪个世纪", "什么时候", "什么年代")
    if "年代" in text:
        return ("什么年代", "什么时候", "哪个年代")
    if text.endswith("年"):
        return ("哪一年", "哪年", "什么时候", "何时", "哪一年", "何年")
    if re.search(r"[日号]", text):
        return (
            ("什么时候", "何时", "哪一天", "哪天", "什么时间", "几月几日")
            if "年" not in text
            else ("什么时候", "何时", "哪一天", "什么时间")
        )
    return ("什么时候", "何时", "哪个月" if text.endswith(("月", "月份")) else "什么时间")


def is_person(token: Token) -> bool:
    """Whether a token is a whole name of a person: a Chinese one with its surname, or a foreign one with a dot."""
    if "·" in token.text:
        return 4 <= len(token.text) <= 20
    return (
        token.flag == "nr"
        and len(token.text) == 3
        and token.text[0] in SURNAMES
        and not _NO_NAMES.search(token.text)
        and token.text not in _LIKE_NAMES
    )


def _date(tokens: Tokens, start: int) -> Span | None:
    end = start + 1
    if tokens[start].flag != "t" or not date_asks(tokens[start].text) or _joined(tokens, start, end):
        return None
    if end < len(tokens) and tokens[end].flag in ("f", "t", "m", "mq"):
        return None
    return Span("date", start, end, date_asks(tokens[start].text), (start, end))


def _quantity(tokens: Tokens, start: int) -> Span | None:
    token, end = tokens[start], start + 1
    if (
        token.flag != "mq"
        or _joined(tokens, start, end)
        or (start and tokens[start - 1].flag in ("m", "mq", "zg", "r"))
    ):
        return None
    if end < len(tokens) and tokens[end].flag in ("m", "q", "mq"):
        return None
    if re.search(r"[%％‰]|分之", token.text):
        return Span("share", start, end, ("多少", "百分之多少", "百分之几", "多大比例"), (start, end))
    match = _QUANTITY.match(token.text)
    if (
        match is None
        or (match["number"] in ("两", "二") and match["unit"] in "国省市县区镇村席字行回")
        or (match["number"] in ("一", "几") and not re.search(r"[里米元吨岁年月时钟秒]", match["unit"]))
    ):
        return None
    asks = [f"多少{match['unit']}"] * 3
    if re.fullmatch(r"[一二三四五六七八九十两]|\d", match["number"]):
        asks.append(f"几{match['unit']}")
    if match["unit"] in ("年", "天", "个月", "小时", "个小时", "分钟"):
        asks.append("多长时间")
    return Span("quantity", start, end, tuple(asks), (start, end))


def _person(tokens: Tokens, start: int) -> Span | None:
    token, end = tokens[start], start + 1
    before = tokens[start - 1] if start else None
    after = tokens[end] if end < len(tokens) else None
    titled = before is not None and _TITLES.search(before.text) is not None
    short = titled and token.flag == "nr" and len(token.text) == 2 and token.text[0] in SURNAMES
    if not (is_person(token) or short) or _joined(tokens, start, end):
        return None
    if (after and after.flag in _NAME_PARTS) or (before and before.flag in _NAME_PARTS | {"j", "ns", "nt", "q"}):
        return None
    if before and titled:
        return Span("person", start, end, (f"哪位{before.text}", f"哪一位{before.text}"), (start - 1, end))
    if before and before.flag in NOUNS:
        return None
    if after and _TITLES.search(after.text):
        return Span("person", start, end, (f"哪位{after.text}",), (start, end + 1))
    plain = after is None or after.flag not in NOUNS
    return Span("person", start, end, ("谁", "谁", "谁", "哪位", "什么人", "何人"), (start, end)) if plain else None


def _place(tokens: Tokens, start: int) -> Span | None:
    if tokens[start].flag != "ns" or (start and tokens[start - 1].flag in NOUNS | {"uj", "b", "a", "m", "mq", "zg"}):
        return None
    end = start + 1
    while end < len(tokens) and tokens[end].flag == "ns":
        end += 1
    name = text_of(tokens[start:end])
    after = tokens[end] if end < len(tokens) else None
    if _joined(tokens, start, end) or len(name) < 2 or (after is not None and after.flag == "uj"):
        return None
    led = start > 0 and tokens[start - 1].text in _PLACE_LEADS
    if after is not None and after.flag == "f" and not _NOT_PLACES.search(after.text) and led:
        return Span("place", start, end + 1, ("哪里", "哪儿", "什么地方", "何处"), (start, end + 1))
    if name in COUNTRIES:
        return _country(start, end, after)
    asks = _place_asks(name, after)
    if asks is not None and led:
        asks = (*asks, "哪里", "哪儿", "什么地方", "哪里", "何处")
    return Span("place", start, end, asks, (start, end)) if asks else None


def _country(start: int, end: int, after: Token | None) -> Span | None:
    if after is None or after.flag not in NOUNS:
        return Span("country", start, end, ("哪个国家", "哪一国", "哪个国家", "什么国家"), (start, end))
    return Span("country", start, end, ("哪国", "哪个国家的"), (start, end)) if after.text in OF_COUNTRIES else None


def _place_asks(name: str, after: Token | None) -> tuple[str, ...] | None:
    """The words that ask for a place of this name, None where what follows belongs to the name."""
    if after is not None and after.flag in NOUNS | {"f", "k", "ng", "b", "m", "mq"}:
        return None
    if after is not None and after.flag[0] not in "pdu" and len(after.text) == 1:
        return None
    if name in PROVINCES:
        return ("哪个省", "哪个省份", "什么省")
    return PLACE_ENDS.get(name[-1], ()) if len(name) > 2 else ("哪个城市", "什么城市") if name in CITIES else ()


def _place_phrase(tokens: Tokens, start: int) -> Span | None:
    """A longer place after 在 or 位于, up to the verb."""
    if (
        not start
        or tokens[start - 1].text not in _PLACE_LEADS
        or tokens[start].flag not in ("ns", "n", "nz", "nt", "s")
    ):
        return None
    end = start
    while end < len(tokens) and tokens[end].flag in NOUNS | {"f", "mq", "b", "a"} and tokens[end].flag != "vn":
        end += 1
    name = text_of(tokens[start:end])
    if (
        not 4 <= len(name) <= 24
        or end - start < 2
        or _NOT_PLACES.search(name)
        or tokens[end - 1].flag == "uj"
        or _joined(tokens, start, end)
    ):
        return None
    if tokens[end - 1].flag != "s" and not _PLACE_NOUNS.search(name):
        return None
    return Span("place", start, end, ("哪里", "哪儿", "什么地方", "何处", "什么位置"), (start, end))


def _organisation(tokens: Tokens, start: int) -> Span | None:
    if tokens[start].flag not in _ORGANISATION_PARTS or (
        start and tokens[start - 1].flag in _ORGANISATION_PARTS | {"q", "uj", "a", "m", "mq", "zg", "w"}
    ):
        return None
    end, best = start, start
    while end < len(tokens) and tokens[end].flag in _ORGANISATION_PARTS:
        end += 1
        if tokens[end - 1].text.endswith(tuple(ORGANISATION_ENDS)):
            best = end
    name = text_of(tokens[start:best])
    if best == start or not 4 <= len(name) <= 20 or _joined(tokens, start, best) or _NO_ORGANISATIONS.search(name):
        return None
    if best < len(tokens) and tokens[best].flag in NOUNS | {"f", "nr", "k", "ng", "b"}:
        return None
    asks = next(asks for ending, asks in ORGANISATION_ENDS.items() if name.endswith(ending))
    if name.endswith(("战役", "战争", "条约")):
        if not start or tokens[start].flag not in ("ns", "nz", "nr", "j"):
            return None
        return Span("named", start, best, asks, (start, best))
    return Span("organisation", start, best, asks, (start, best))


def _work(tokens: Tokens, start: int) -> Span | None:
    token, end = tokens[start], start + 1
    if token.flag != "w" or _joined(tokens, start, end):
        return None
    if end < len(tokens) and tokens[end].flag in NOUNS | {"f", "w"}:
        return None
    before = tokens[start - 1] if start else None
    if before is not None and before.text in WORK_KINDS:
        return Span("work", start, end, WORK_KINDS[before.text], (start - 1, end))
    if before is not None and before.flag in NOUNS:
        return None
    if token.text[:-1].endswith(LAW_ENDS):
        return Span("work", start, end, ("哪个文件", "什么文件", "哪部法规", "什么规定"), (start, end))
    return Span("work", start, end, ("什么", "哪部作品", "什么作品"), (start, end))


def _quoted(tokens: Tokens, start: int) -> Span | None:
    token, end = tokens[start], start + 1
    if token.flag != "q" or len(token.text) < 2 or token.text[0] not in "“「『" or _joined(tokens, start, end):
        return None
    # A measure word has the same class; quotes are told by their marks. The answer is what stands between them.
    if (
        end < len(tokens)
        and tokens[end].flag == "n"
        and len(tokens[end].text) > 1
        and (not start or tokens[start - 1].flag not in NOUNS)
    ):
        return Span("quoted", start, end, (f"什么{tokens[end].text}", f"哪个{tokens[end].text}"), (start, end + 1))
    if start and tokens[start - 1].text in _CALLED and end == len(tokens):
        return Span(
            "quoted",
            start,
            end,
            ("什么", "什么", "什么名字" if tokens[start - 1].text == "叫" else "什么"),
            (start, end),
        )
    return None


def _ordinal(tokens: Tokens, start: int) -> Span | None:
    match = re.fullmatch(r"第[一二三四五六七八九十百\d]+(届|次|位|名|批|个|任|代|期|集|大|季|座)?", tokens[start].text)
    end = start + 1
    if (
        match is None
        or _joined(tokens, start, end)
        or (start and tokens[start - 1].flag not in ("v", "p", "uj", "ns", "t", "d", "ul"))
    ):
        return None
    if end < len(tokens) and tokens[end].flag in ("m", "mq", "t"):
        return None
    return Span("ordinal", start, end, (f"第几{match[1] or ''}",), (start, end))


def _joined(tokens: Tokens, start: int, end: int) -> bool:
    """Whether the part stands in a list or a range, so that it alone is no answer."""
    around = [tokens[position].text for position in (start - 1, end) if 0 <= position < len(tokens)]
    return any(text in _JOINS for text in around) or (end < len(tokens) and tokens[end].text in ("等", "等等"))


_FINDERS: tuple[Callable[[Tokens, int], Span | None], ...] = (
    _date, _quantity, _person, _place, _place_phrase, _organisation, _work, _quoted, _ordinal,
)  # fmt: skip
