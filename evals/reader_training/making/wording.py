"""A draft put into words: one of its forms, with synonyms, politeness, and now and then a time left out."""

from __future__ import annotations

import random
import re
import unicodedata

from evals.reader_training.making.drafts import Draft

_SYNONYMS = [
    ("同比增长", "比上年同期增长"),
    ("比上年增长", "较上年增长"),
    ("比上年", "较上年"),
    ("比上年增加", "比前一年增加"),
    ("总产量", "产量"),
    ("占地面积", "占地"),
    ("平均每", "每"),
    ("国内生产总值", "GDP"),
    ("地区生产总值", "GDP"),
    ("总投资", "投资总额"),
    ("投资额", "投资"),
    ("营业收入", "营收"),
    ("净利润", "纯利润"),
    ("人均可支配收入", "人均收入"),
    ("登记失业率", "失业率"),
    ("进出口总额", "进出口总值"),
    ("进出口总值", "外贸进出口额"),
    ("新增就业", "新增就业人数"),
    ("召开", "举行"),
    ("担任", "任"),
    ("共有", "总共有"),
    ("是多少", "多少"),
    ("参加", "参与"),
    ("发放", "发了"),
    ("发布", "公布"),
    ("增长了", "涨了"),
    ("哪里", "什么地方"),
    ("什么时候", "何时"),
    ("哪个单位", "谁"),
    ("为百分之多少", "是百分之几"),
]
_BOUND = {"GDP": 0.25}
_POLITE = ("请问", "请问", "请问一下，", "想了解一下，", "我想知道", "麻烦问一下，", "您好，请问", "问一下")
_LAW_LEADS = (
    "根据《{}》，",
    "按照{}，",
    "{}规定，",
    "《{}》规定，",
    "{}中，",
    "{}里",
    "依据{}，",
    "{}",
    "在《{}》中，",
)
_NOISE = re.compile(r"[\s　\u200b\ufeff]+")


def worded(draft: Draft, chance: random.Random, *, whole: bool = False) -> str:
    """The question in one of its wordings; ``whole``: its time is never left out."""
    form = chance.choice(draft.forms)
    time = draft.time
    if time and not whole and chance.random() < 0.12:
        time = ""
    if time and len(time) > 6 and chance.random() < 0.4:
        time += "，"
    if not draft.scope:
        form = form.replace("{s}的", "{s}")
    scope = draft.scope
    if scope and draft.english == "law":
        scope = chance.choice(_LAW_LEADS).format(scope)
    elif scope and not form.count("{s}的") and "{s}{c}" in form and chance.random() < 0.25:
        scope += "的"
    return polished(form.format(t=time, s=scope, c=draft.core), chance)


def polished(question: str, chance: random.Random) -> str:
    """The question with a synonym or two, perhaps a polite opening, perhaps no mark at the end."""
    question = unicodedata.normalize("NFKC", _NOISE.sub("", question)).replace("?", "？").replace(",", "，").strip("，")
    if chance.random() < 0.4:
        for old, new in chance.sample(_SYNONYMS, len(_SYNONYMS)):
            if old in question and new not in question and chance.random() < _BOUND.get(new, _BOUND.get(old, 0.5)):
                question = question.replace(old, new, 1)
                break
    if chance.random() < 0.06:
        question = chance.choice(_POLITE) + question
        question = question if question.endswith("？") else question + "？"
    elif question.endswith("？") and chance.random() < 0.15:
        question = question[:-1] if chance.random() < 0.8 else question[:-1] + "?"
    return question
