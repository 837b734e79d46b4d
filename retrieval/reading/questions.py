"""What a question asks for: the kind of answer, its unit or office, and the words that must be met.

Works on folded questions (NFKC, Simplified, lower case), Chinese first and English where its question words are plain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from retrieval.reading.quantities import UNIT_PATTERN, UnitKind, unit_at, unit_kind


class AnswerKind(StrEnum):
    """What kind of words would answer."""

    QUANTITY = "quantity"
    PERSON = "person"
    NAME = "name"
    TIME = "time"
    LIST = "list"
    YES_NO = "yes_no"
    CLAUSE = "clause"


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """A question taken apart.

    ``segments`` are the question's own words between its question and function words, in order. ``focus`` is what is
    directly asked (“产值”, “县长”, “会员”). ``unit`` and ``unit_kind`` are set where the question names them.
    ``leads`` says that the question word comes first (“哪个城市发放了……”), so that the answer stands before the rest.
    ``is_foreign`` says that the question is not Chinese, so that its words cannot be met in Chinese text.
    ``wordings`` are all wordings of the question, a line each, where it has several.
    """

    text: str
    kind: AnswerKind
    segments: tuple[str, ...]
    focus: str
    unit: str = ""
    unit_kind: UnitKind | None = None
    leads: bool = False
    is_foreign: bool = False
    wordings: str = ""

    def names(self, words: str) -> bool:
        """Whether the question itself has these words, in any of its wordings: then they cannot answer it."""
        return words in self.text or words in self.wordings


# The noun that is asked decides what its number is measured in. Longest first: “收入” is money, “收入增长率” a share.
_KIND_BY_NOUN: tuple[tuple[UnitKind, str], ...] = (
    (UnitKind.SHARE, r"(?:率|比例|占比|比重|增速|增幅|涨幅|降幅|份额|百分之几|百分比)$"),
    (UnitKind.AREA, r"(?:面积|占地)$"),
    (UnitKind.AGE, r"(?:年龄|年纪|岁数)$"),
    (UnitKind.LENGTH, r"(?:长度|里程|总长|全长|高度|宽度|深度|距离|身高|直径|海拔)$"),
    (UnitKind.TEMPERATURE, r"(?:气温|温度|体温)$"),
    (
        UnitKind.MONEY,
        r"(?:产值|收入|营收|营业额|销售额|交易额|成交额|贸易额|进出口额|总额|投资|资金|金额|经费"
        r"|预算|利润|税收|gdp|生产总值|增加值"
        r"|价格|单价|售价|价值|补贴|补助|成本|工资|薪酬|贷款|罚款|奖金|市值|估值|债务|费用|租金"
        r"|学费|门票|票价|支出|欠款|钱)$",
    ),
)
_HOW_KIND = {
    "多大": None,
    "多长时间": UnitKind.DURATION,
    "多久": UnitKind.DURATION,
    "多长": UnitKind.LENGTH,
    "多高": UnitKind.LENGTH,
    "多宽": UnitKind.LENGTH,
    "多深": UnitKind.LENGTH,
    "多远": UnitKind.LENGTH,
    "多重": UnitKind.WEIGHT,
    "几岁": UnitKind.AGE,
    "几分之几": UnitKind.SHARE,
    "百分之几": UnitKind.SHARE,
    "百分之多少": UnitKind.SHARE,
}
_QUANTITY = re.compile(
    r"多长时间|几分之几|百分之几|百分之多少|多少|多大|多久|多长|多高|多宽|多深|多远|多重|几岁"
    r"|几(?!乎|近|经|年来|位于)"
)
_TIME = re.compile(
    r"啥时候?|几号|几点|什么时候|何时|什么时间|哪一年|哪年|哪一天|哪天|哪个?月|几月几[日号]|几月|几点|何年|哪一日"
    r"|哪日|时间是(?:什么|多少|何)?$"
)
_PERSON = re.compile(r"谁|哪位|哪一位|哪名|何人|叫什么名字|姓名是|什么人|姓什么")
_LIST = re.compile(
    r"哪些|哪几|哪[二两三四五六七八九十]|指的?是什么|包括什么|有什么|分别(?:是|为)|都?包括|包含"
    r"|(?<=[二两三四五六七八九十][大个项种类])[^是]{1,8}是(?:什么|哪)"
)
_NAME = re.compile(
    r"哪个|哪一?[家所座项部条款支只届场类种片省市县区镇乡村级国本届校地]|哪里|哪儿|何处|何地|在哪"
    r"|什么地方|什么名字|叫什么|名称|称为什么|什么称号"
)
_YES_NO = re.compile(r"吗[？?。]*$|是否|是不是|有没有|能不能|可不可以|能否|可否|会不会")
_QUESTION_WORDS = re.compile(
    r"请问一下|请问|请告诉我|告诉我|我想知道|想知道|我想了解|帮我查一?下|查一下|查询一?下|多长时间"
    r"|几分之几|百分之几|百分之多少|什么时候|啥时候|几号|几点|什么时间|什么地方"
    r"|叫什么名字|指的?是什么|什么|多少|多大|多久|多长|多高|多宽|多深|多远|多重|怎么样|怎样|怎么"
    r"|如何|为何|为什么|何时|何地|何处|何人|何种|几岁"
    r"|哪一年|哪年|哪一天|哪天|哪些|哪几[个家项种位名]?"
    r"|哪[一二两三四五六七八九十]?[个家所座项部条款支只届场类种片位名国]?|在哪里|哪里|哪儿|谁"
    r"|是不是|是否|有没有|能否|分别是|分别|包括"
    r"|吗|呢|吧|呀|啊|么|到底|究竟|大概|大约|一共|总共|共计|达到了?|已经"
)
_HOW_MANY_UNITS = re.compile(rf"(?:多少|几)(?:钱|[十百千万亿]*(?:{UNIT_PATTERN}))")
_FUNCTION_WORDS = re.compile(r"[的了是有在和与及或被把将从向对由让给为以于其这那此该些着]|[^\w]|_")
_ENGLISH = (
    (
        re.compile(
            r"\bhow (?:many|much|large|big|long|high|far|old)\b|\bwhat (?:percent|percentage|number|amount|share)\b"
        ),
        AnswerKind.QUANTITY,
    ),
    (re.compile(r"\bwho(?:m|se)?\b"), AnswerKind.PERSON),
    (re.compile(r"\bwhen\b|\bwhat (?:year|date|day|time)\b|\bwhich year\b"), AnswerKind.TIME),
    (re.compile(r"\bwhich\b.*s\b|\bwhat are\b"), AnswerKind.LIST),
    (re.compile(r"^(?:is|are|was|were|do|does|did|has|have|can|will)\b"), AnswerKind.YES_NO),
    (re.compile(r"\bwhere\b|\bwhich\b|\bname\b"), AnswerKind.NAME),
)
_SHARE_BEFORE = re.compile(r"(?:同比|环比)(?:增长|上升|下降|减少|回落|提高)了?$|占(?:比|全\w*)?$")
_MONEY_BEFORE = re.compile(r"(?:增收|创收|获利|花费?|耗资|投资|收费)了?$")
_PEOPLE = re.compile(r"人口|人数|人$|人员$|学生|群众|居民|村民")
_MAX_FOCUS = 8


def analyse(question: str) -> QuestionForm:
    """Take a folded question apart. Any text is taken; without a question word a clause is asked for."""
    if not re.search(r"[\u3400-\u9fff]", question):
        return _analyse_foreign(question)
    kind, match = _kind(question)
    segments = _segments(question)
    focus, unit, kind_of_unit = _focus(question, kind, match)
    leads = match is not None and match.start() < len(question) / 3
    return QuestionForm(question, kind, segments, focus, unit, kind_of_unit, leads)


def _analyse_foreign(question: str) -> QuestionForm:
    kind = next((kind for pattern, kind in _ENGLISH if pattern.search(question)), AnswerKind.CLAUSE)
    share = UnitKind.SHARE if re.search(r"percent|share|rate", question) else None
    words = tuple(re.findall(r"[a-z0-9.]+", question))
    return QuestionForm(question, kind, words, "", "", share, is_foreign=True)


def _kind(question: str) -> tuple[AnswerKind, re.Match[str] | None]:
    if (match := _YES_NO.search(question)) and not _QUANTITY.search(question.replace(match.group(), "")):
        return AnswerKind.YES_NO, match
    for pattern, kind in (
        (_TIME, AnswerKind.TIME),
        (_LIST, AnswerKind.LIST),
        (_PERSON, AnswerKind.PERSON),
        (_QUANTITY, AnswerKind.QUANTITY),
        (_NAME, AnswerKind.NAME),
    ):
        if match := pattern.search(question):
            return kind, match
    bare = re.sub(r"[?？。!！ ]+$|(?:是|为|呢)+[?？。!！ ]*$", "", question)
    if asks_for_amount(bare):
        return AnswerKind.QUANTITY, re.search(r"$", bare)
    return AnswerKind.CLAUSE, re.search(r"什么|怎么|如何|为何|为什么|怎样|何种", question)


def asks_for_amount(text: str) -> bool:
    """Whether folded words end in what has an amount (“杜阮凉瓜产值”): they ask for it without a question word."""
    counted = re.search(r"(?:人数|人口|数量|户数|总数|产量|产能|次数|个数)$", text)
    return counted is not None or _kind_by_noun(text) is not None


def _segments(question: str) -> tuple[str, ...]:
    plain = _QUESTION_WORDS.sub(" ", _HOW_MANY_UNITS.sub(" ", question))
    return tuple(part for part in _FUNCTION_WORDS.sub(" ", plain).split() if part)


def _focus(question: str, kind: AnswerKind, match: re.Match[str] | None) -> tuple[str, str, UnitKind | None]:
    if match is None:
        return "", "", None
    before, after = question[: match.start()], question[match.end() :]
    if kind is AnswerKind.QUANTITY:
        return _asked_amount(before, match.group(), re.sub("^[十百千万亿]+", "", after))
    if kind is AnswerKind.PERSON:
        asks_holder = before.endswith(("是", "为", "有")) or match.group()[0] in "叫姓"
        return (_last_noun(before) if asks_holder else ""), "", None
    return _first_noun(after) or _last_noun(before), "", None


def _asked_amount(before: str, word: str, after: str) -> tuple[str, str, UnitKind | None]:
    """Focus, unit and its kind: from the question word, the unit behind it, or the noun that is asked."""
    asked_before, unit = _last_noun(before), unit_at(after, 0)
    focus = asked_before
    if word in _HOW_KIND:
        kind = _HOW_KIND[word] or _kind_by_noun(asked_before)
    elif _SHARE_BEFORE.search(before):
        unit, kind = "%", UnitKind.SHARE
    elif after.startswith("钱") or _MONEY_BEFORE.search(before):
        unit, kind = "元", UnitKind.MONEY
    elif unit:
        focus, kind = _first_noun(after[len(unit) :]) or asked_before, unit_kind(unit)
    else:
        focus = _first_noun(after) or asked_before
        if _PEOPLE.search(focus):
            unit, kind = "人", UnitKind.COUNT
        else:
            kind = _kind_by_noun(focus) or _kind_by_noun(asked_before)
    return focus, unit, kind


def _kind_by_noun(noun: str) -> UnitKind | None:
    return next((kind for kind, pattern in _KIND_BY_NOUN if noun and re.search(pattern, noun)), None)


def _last_noun(text: str) -> str:
    plain = _QUESTION_WORDS.sub(" ", text)
    plain = re.sub(r"(?:是|有|为|达|达到|共|约|了|增收|增加|增长|减少|下降|超过|[,，])+\s*$", "", plain.rstrip())
    parts = _FUNCTION_WORDS.sub(" ", plain).split()
    return parts[-1][-_MAX_FOCUS:] if parts else ""


def _first_noun(text: str) -> str:
    parts = _FUNCTION_WORDS.sub(" ", _QUESTION_WORDS.sub(" ", text)).split()
    return parts[0][:_MAX_FOCUS] if parts else ""
