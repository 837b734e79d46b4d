"""Drafts about amounts: how much an indicator is, by how much it grew, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evals.reader_training.making.drafts import Draft
from evals.reader_training.making.numbers import Quantity, quantities
from evals.reader_training.making.pages import Clause, Page, clauses, tagged
from evals.reader_training.making.subjects import Subject, localised, scope_before, subject_of
from evals.reader_training.making.times import strip_lead, time_of

_INDICATOR = re.compile(
    r"(?:占比|量|值|额|率|人数|户数|面积|人口|收入|支出|投资|资金|里程|长度|高度|规模|价格|成本|利润|"
    r"税收|税款|存款|贷款|余额|储备|装机|装机容量|比重|比例|"
    r"就业|外资|人次|总产|单产|单价|市值|均价|指数|降幅|增幅|涨幅|增速|病例|消费|负荷|温度|气温|贸易|"
    r"票房|净利|营收|经费|预算|负债|资产|市场主体|产能|总数|净流入|净流出|"
    r"时长|寿命|身高|体重|产出|跨度|深度|宽度|海拔|距离|时速|容量|库容|金额|份额|总量|总额|补贴|补助|"
    r"赔偿|罚款|债务|债券|工资|薪酬|产业|业|行业|制造)$"
)
_LEVEL = re.compile(
    r"(?P<verb>已经?达到|已经?达|达到|已有|共有|达|约为|均为|仅为|分别为|为|是|共计|总计|合计|共|"
    r"已突破|突破|上升至|上升到|提高至|提高到|增加至|增加到|增至|升至|扩大到|下降至|下降到|降至|降到|"
    r"完成|实现|已经?超过|报收于|报)?(?:了)?$"
)
_CHANGE = re.compile(
    r"(?P<basis>同比|环比|(?:比|较)(?:上年同期|去年同期|上年|去年|上月|前一年|上年末|上一年|\d{4}年|"
    r"上季度|上周)|年均|累计|实际)?(?P<adverb>实际|分别|净|再|又)?(?P<verb>增长|增加|下降|减少|上升|"
    r"上涨|提高|下跌|回落|下滑|增|降|涨|跌)(?:了|幅度?为)?(?P<reach>超|约|近)?$"
)
_SHARE = re.compile(
    r"^(?P<part>.{2,24}?)占(?!比)(?P<whole>.{2,20}?)(?:的|的?比重|的?比例)?(?P<verb>为|达到|达|约为|"
    r"提高到|上升到|提升至|上升至)?$"
)
_TARGET = re.compile(r"(?:预期目标|预期指标|主要目标)(?:是|为|：|:)")
_RISE = frozenset(["增长", "增加", "上升", "上涨", "提高", "增", "涨"])


def figure_drafts(page: Page, sentence: tuple[int, int], year: int | None, carried: str) -> Iterator[Draft]:
    """The drafts of a sentence. ``carried``: the time that sentences before it told, used where it tells none."""
    last: Whose | None = None
    for clause in clauses(page.text, *sentence):
        carried = time_of(clause.text, year, carried) or carried
        if page.text[clause.start - 1 : clause.start] in ("；", ";"):
            last = None
        found = list(quantities(page.text, clause.start, clause.end))
        if len(found) != 1 or found[0].end != clause.end:
            last = last if not found and _continues(clause) else None
            continue
        amount = found[0]
        before = page.text[clause.start : amount.start]
        told = _Told(page, sentence, clause.start, before, amount, year, carried)
        if change := _CHANGE.search(before):
            last = _whose_change(told, change, last)
            if last and (draft := _change(told, change, last)):
                yield draft
            continue
        subject, verb = _level(before, year, carried)
        last = None
        if subject is not None:
            last = Whose(subject, _scope(told, subject))
            if draft := _level_draft(told, last, verb):
                yield draft
        elif share := _share(told):
            yield share


@dataclass(frozen=True, slots=True)
class Whose:
    """What a figure is of, and whose it is where the words do not say; ``scope`` None where it cannot be told."""

    subject: Subject
    scope: str | None

    def placed(self) -> tuple[str, str] | None:
        """Scope and core as they are worded, or None where it cannot be told whose the figure is."""
        if self.scope is None:
            return None
        core = localised(self.subject.text, self.scope)
        if core is None or len(core) < 3:
            return None
        return ("" if self.subject.named or core != self.subject.text else self.scope), core


@dataclass(frozen=True, slots=True)
class _Told:
    """A clause that ends with its one amount; ``before`` are its words before the amount."""

    page: Page
    sentence: tuple[int, int]
    start: int
    before: str
    amount: Quantity
    year: int | None
    carried: str

    def draft(
        self, kind: str, whose: Whose, forms: tuple[str, ...], about: tuple[str, ...], english: str
    ) -> Draft | None:
        placed = whose.placed()
        if placed is None:
            return None
        span = (self.amount.start, self.amount.end)
        time = whose.subject.time or self.carried
        return Draft(kind, (span,), self.sentence, forms, placed[1], time, placed[0], about, english)


def _scope(told: _Told, subject: Subject) -> str | None:
    return "" if subject.named else scope_before(told.page, told.sentence, told.start)


def _continues(clause: Clause) -> bool:
    return len(clause.text) <= 4


def _level(before: str, year: int | None, told: str) -> tuple[Subject | None, str]:
    match = _LEVEL.search(before)
    verb = match["verb"] or "" if match else ""
    head = before[: match.start()] if match else before
    subject = subject_of(head, year, told)
    if subject is None or not _INDICATOR.search(subject.text) or verb == "分别为":
        return None, verb
    if subject.text.endswith(("产业", "业", "制造")):
        return None, verb
    return subject, verb


def _level_draft(told: _Told, whose: Whose, verb: str) -> Draft | None:
    amount = told.amount
    forms = _target_forms() if is_target(told.page.text, told.sentence) else _level_forms(amount, verb)
    kind = "count" if amount.kind == "people" else amount.kind
    return told.draft(kind, whose, forms, (whose.subject.text[-4:],), "level")


def _level_forms(amount: Quantity, verb: str) -> tuple[str, ...]:
    unit = amount.scale + amount.unit
    forms = [
        "{t}{s}{c}是多少？",
        "{t}{s}{c}是多少？",
        "{t}{s}{c}有多少？",
        "{t}{s}{c}多少？",
        "{t}{s}{c}为多少？",
        "{t}{s}{c}达到多少？",
        "{t}{s}的{c}是多少",
        "{t}{s}{c}",
    ]
    if amount.unit == "%":
        forms = [
            "{t}{s}{c}是多少？",
            "{t}{s}{c}为百分之多少？",
            "{t}{s}{c}是百分之几？",
            "{t}{s}{c}达到多少？",
            "{t}{s}{c}多少",
            "{t}{s}{c}",
        ]
    elif amount.kind == "people":
        forms += ["{t}{s}{c}是多少" + amount.unit + "？", "{t}{s}{c}有多少" + amount.unit]
    else:
        forms += ["{t}{s}{c}是多少" + unit + "？", "{t}{s}{c}达多少" + amount.unit + "？", "{t}{s}{c}有多少" + unit]
    if verb in ("突破", "已突破"):
        forms = ["{t}{s}{c}突破了多少？", "{t}{s}{c}突破多少？", "{t}{s}{c}达到多少？"]
    if verb[:2] in ("上升", "提高", "增加", "增至", "升至", "扩大", "下降", "降至", "降到"):
        forms = ["{t}{s}{c}" + verb + "多少？", "{t}{s}{c}是多少？", "{t}{s}{c}" + verb + "了多少"]
    if verb in ("完成", "实现"):
        forms += ["{t}{s}" + verb + "{c}多少？", "{t}{s}{c}" + verb + "多少？"]
    return tuple(forms)


def is_target(text: str, sentence: tuple[int, int]) -> bool:
    """Whether the sentence sets targets instead of telling results."""
    return _TARGET.search(text, *sentence) is not None


def _target_forms() -> tuple[str, ...]:
    return (
        "{t}{s}{c}的预期目标是多少？",
        "{t}{s}{c}预期目标是多少",
        "{t}提出的{s}{c}目标是多少？",
        "{t}{s}{c}预期目标",
    )


def _growth_target_forms(verb: str) -> tuple[str, ...]:
    noun = verb if verb in ("增长", "下降") else "变化"
    return (
        "{t}{s}{c}预期" + verb + "多少？",
        "{t}{s}{c}" + noun + "的预期目标是多少？",
        "{t}{s}{c}预期目标是" + verb + "多少？",
        "{t}{s}{c}" + noun + "目标",
    )


def _whose_change(told: _Told, change: re.Match[str], last: Whose | None) -> Whose | None:
    """What the change is of: the clause's own subject, else that of the clause before."""
    head = told.before[: change.start()]
    if strip_lead(head) == len(head):
        return last
    own = subject_of(head, told.year, told.carried)
    if own is None or not _INDICATOR.search(own.text):
        return None
    return Whose(own, _scope(told, own))


def _change(told: _Told, change: re.Match[str], whose: Whose) -> Draft | None:
    verb, basis = change["verb"], change["basis"] or ""
    if change["adverb"] == "分别" or (verb in "增降涨跌" and not basis):
        return None
    if is_target(told.page.text, told.sentence):
        forms = _growth_target_forms(verb)
    else:
        forms = _change_forms(basis, change["adverb"] or "", verb, told.amount)
    return told.draft("growth", whose, forms, (whose.subject.text[-4:], verb), _english(basis, verb, told.amount))


def _english(basis: str, verb: str, amount: Quantity) -> str:
    if basis in ("年均", "累计", "环比"):
        return ""
    if verb not in _RISE:
        return "fall"
    return "growth" if amount.unit == "%" else "rise"


def _change_forms(basis: str, adverb: str, verb: str, amount: Quantity) -> tuple[str, ...]:
    told = basis + (adverb if adverb == "实际" else "")
    unit = amount.unit if amount.unit != "%" else ""
    head = "{t}{s}{c}" + told
    forms = [
        head + verb + "多少？",
        head + verb + "了多少？",
        head + verb + "多少" + unit,
        head + verb + "多少" + amount.scale + unit + "？",
    ]
    if amount.unit == "%":
        noun = "增幅" if verb in _RISE else "降幅"
        forms += [
            head + verb + "百分之多少？",
            head + verb + "百分之几",
            head + ("" if told else "的") + noun + "是多少？",
        ]
        if verb == "增长":
            forms += [head + "增速是多少？", head + "增速"]
            forms += ["{t}{s}{c}增长率是多少？"] if basis not in ("年均", "累计") else []
    if not told:
        forms += ["{t}{s}{c}" + verb + "幅度是多少？"]
    return tuple(forms)


def _share(told: _Told) -> Draft | None:
    match = _SHARE.match(told.before)
    if match is None or told.amount.unit not in ("%", "倍"):
        return None
    subject = subject_of(match["part"], told.year, told.carried)
    whole = match["whole"]
    if (
        subject is None
        or not tagged(whole)[-1][1].startswith(("n", "v"))
        or re.search(r"[，。、]|超|约|其|持续|均$|已$", whole)
    ):
        return None
    forms = (
        "{t}{s}{c}占" + whole + "的比重是多少？",
        "{t}{s}{c}占" + whole + "的多少？",
        "{t}{s}{c}占" + whole + "多大比例？",
        "{t}{s}{c}占" + whole + "的百分之几？",
        "{t}{s}{c}在" + whole + "中占多少",
        "{t}{s}{c}占" + whole + "比例",
    )
    return told.draft("share", Whose(subject, _scope(told, subject)), forms, (subject.text[-4:], whole[-4:]), "")
