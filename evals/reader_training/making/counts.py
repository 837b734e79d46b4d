"""Drafts that ask in place: the clause as it stands with 多少 or 几 where its one amount was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft, Span
from evals.reader_training.making.figures import is_target
from evals.reader_training.making.numbers import Quantity, quantities
from evals.reader_training.making.pages import Page, clauses, tagged
from evals.reader_training.making.subjects import is_named, localised, places, scope_before
from evals.reader_training.making.times import absolute, leading_time, strip_lead, time_of

_BAD = re.compile(
    r"[他她它其该此这那们您你我某“”《》（）()：:/、％]|分别|记者|每|如果|只有|不仅|就是|左右开|\d[—\-]|"
    r"同比|环比|以来的|第\d|有的|之一|上述|不足|不到|[？?]|据|称|表示|认为|说|预计|有望|将|可|等\d|"
    r"增长|下降|上升"
)
_FIRST = ("n", "j", "b", "a", "f", "s", "l", "eng", "nz", "vn")
_DROPPED = re.compile(r"(?<=[\u4e00-\u9fff])(?:已经|已|累计|总共|共计|现在|目前|一共)(?=[\u4e00-\u9fff])")
_VERB = re.compile(r"^(?:v|vd)$")


def count_drafts(page: Page, sentence: Span, year: int | None, carried: str) -> Iterator[Draft]:
    """Clauses of a sentence that say how many of something a named subject has or did."""
    if is_target(page.text, sentence):
        return
    for clause in clauses(page.text, *sentence):
        carried = time_of(clause.text, year, carried) or carried
        found = list(quantities(page.text, clause.start, clause.end))
        if len(found) != 1 or found[0].kind in ("share", "temperature") or not 9 <= len(clause.text) <= 42:
            continue
        amount = found[0]
        if draft := _in_place(page, sentence, clause.start, clause.end, amount, year, carried):
            yield draft


def _in_place(
    page: Page, sentence: Span, start: int, end: int, amount: Quantity, year: int | None, carried: str
) -> Draft | None:
    lead = strip_lead(page.text[start : amount.start])
    length = leading_time(page.text[start + lead : amount.start])
    time = absolute(page.text[start + lead : start + lead + length], year, carried) if length else ""
    if time is None:
        return None
    begin = start + lead + length
    begin += strip_lead(page.text[begin : amount.start])
    before, after = page.text[begin : amount.start], page.text[amount.end : end]
    if not _plain(before, after):
        return None
    scope = "" if is_named(before + after) else scope_before(page, sentence, start)
    if scope is None:
        return None
    local = localised(before, scope)
    if local is None:
        return None
    if local != before:
        before, scope = local, ""
    if scope and len(places(scope)) == 0 and len(before) < 3:
        return None
    return Draft(
        kind="duration"
        if amount.kind == "duration"
        else "people"
        if amount.kind == "people"
        else "count"
        if amount.kind == "count"
        else amount.kind,
        spans=((amount.start, amount.end),),
        anchor=sentence,
        forms=_forms(before, after, amount),
        core="",
        time=time or carried,
        scope=scope,
        about=(before[-4:], after[:4]),
    )


def _plain(before: str, after: str) -> bool:
    if not len(before) >= 4 or _BAD.search(before) or _BAD.search(after) or re.search(r"\d", before + after):
        return False
    if re.search(r"(?:后|中|时|前|内|期间|的|等|以来|之际|下|上|之后)$", after or before) or before.startswith(
        ("预计", "当")
    ):
        return False
    words = tagged(before)
    if not (words[0][1].startswith(_FIRST) or words[0][0] in ("在",)):
        return False
    joined = tagged(before + "三" + after)
    if not any(_VERB.match(flag) for _, flag in joined):
        return False
    return not after.startswith(("的", "年", "级", "大", "强", "岁")) and not before.endswith(
        ("占", "为", "是", "的", "比", "以", "按", "从", "超", "用", "于", "、", "到")
    )


def _forms(before: str, after: str, amount: Quantity) -> tuple[str, ...]:
    unit = amount.unit.removesuffix("人民币")
    before = before.removesuffix("达到").removesuffix("达") if not after else before
    plain = _DROPPED.sub("", before)
    asks = ["多少" + unit, "多少" + unit]
    if amount.small and amount.kind in ("count", "duration", "people"):
        asks.append("几" + unit)
    elif amount.scale and amount.kind in ("money", "area", "weight"):
        asks.append("多少" + amount.scale + unit)
    if amount.kind == "duration" and amount.unit in ("天", "个月", "小时", "分钟", "个小时"):
        asks.append("多久" if not after else "多长时间")
    if amount.kind == "people" and amount.unit == "人":
        asks.append("多少人")
    forms = []
    for ask in asks:
        for head in {before: 0, plain: 0}:
            forms += ["{t}{s}" + head + ask + after + mark for mark in ("？", "？", "")]
    return tuple(forms)
