"""Completes a follow-up (“那种植面积呢？”) from the question before it, by rule, so that it can be searched for alone.

It changes a question only where something is plainly missing: a pronoun, “那……呢”, or a question that begins with its
question word. A question that stands alone is left as it is.
"""

from __future__ import annotations

import re

from corpus.folding import fold
from retrieval.reading.questions import AnswerKind, analyse, asks_for_amount

_AND_WHAT_OF = re.compile(r"^(?:那么?|还有|再问|另外)?[,，\s]*(?P<what>.{1,30}?)(?:呢|怎么样|如何)[?？。!！\s]*$")
_LEAD = re.compile(r"^(?:那么?|还有|再问一下|另外|那请问|请问)[,，\s]*")
_PRONOUN = re.compile(
    r"它们|他们|她们|它|他|她|这个(?:镇|区|县|市|村|项目|产业|公司|单位|指标)?|那个(?:镇|区|县|市"
    r"|村|项目|产业|公司|单位)?|该(?:镇|区|县|市|村|项目|产业|公司|单位|地)?"
    r"|这里|那里|当地|其(?=[\u4e00-\u9fff])(?!他|中|它|余|实|次)|此(?:项目|产业|地)"
)
_HE_OR_SHE = re.compile(r"[他她](?!们|人)")
_NO_SUBJECT = re.compile(
    r"^(?:其中|一共|总共|共|又|现在|目前|今年|去年)?(?:有|是|达到?|占)?(?:多少|几[个家户人名]|哪些|哪个"
    r"|哪里|谁|什么时候|何时|在哪|为什么|怎么)"
)
_TIME = re.compile(r"^(?:今年|去年|前年|明年|上半年|下半年|[0-9]{4}年.{0,4}|[上下]个?月)$")
# Verbs that end what a figure question is about: “镜坝镇党建指导站|覆盖多少家企业”.
_VERBS = (
    "覆盖|发展|提供|种植|实现|投资|设置|设立|获得|建成|建设|完成|达到|达|开展|组织|举办|参加|占地"
    "|共有|拥有|带动|解决|培训|增收|创收|收入|生产|引进|审查"
    "|办理|追回|发放|新增|增加|减少|接待|吸引|签约|培育|成立|安排|投入|销售|出口|进口|卖|召回"
    "|救助|帮扶|开设|出动|排查|整改|流转|吸纳|产"
)
_VERB_FIRST = re.compile(rf"^(?:{_VERBS})了?(?:多少|几[个家户人名]|哪些|哪个|哪几|谁|什么)")
_PREDICATE = re.compile(
    rf"(?:每年|今年|去年|目前|现在|累计|一共|总共|共|现有?|已|将|过去一年|一年)*(?:{_VERBS})?了?(?:有|是|为|约)*$"
)
_PLACE_OR_BODY = re.compile(r"[省市县区镇乡村街道社区园站厂]$|公司$|中学$|小学$|学校$")
_LEADING_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,4}?(?:省|市|区|县|镇|乡|街道|村|社区)(?![一-鿿]{0,1}[政委])")
_ADVERBIAL = re.compile(r"(?<=..)(?:每年|今年|去年|目前|现在|累计|过去)")
_METRIC = re.compile(
    r"(?:的)?(?:总|年|规上)?(?:工业|农业|产业链)?(?:种植|建筑|占地)?(?:总产值|年产值|产值|产量"
    r"|面积|收入|销售额|营业额|投资额?|人口|人数|数量|比例|占比|增速|增长率|覆盖率|长度|里程|价格"
    r"|户数"
    r"|种植户|企业数|负责人|县长|区长|镇长|市长|书记)$"
)


def completed(question: str, previous: str, answer: str | None = None) -> str:
    """The question with what it leaves out taken from ``previous``, which stands alone; itself where it is whole.

    ``answer`` is the short answer to ``previous``: “他” after “镇长是谁” is the person who was named.
    """
    folded = fold(question).strip()
    subject = subject_of(previous)
    if answer and analyse(fold(previous)).kind is AnswerKind.PERSON and _HE_OR_SHE.search(folded):
        return _put(answer, _HE_OR_SHE, folded)
    if not subject:
        return question
    if (match := _AND_WHAT_OF.match(folded)) and (
        folded.startswith(("那", "还有", "另外", "再")) or len(match["what"]) <= 8
    ):
        return _and_what_of(match["what"].strip(" ,，"), subject, previous)
    if _PRONOUN.search(folded):
        return _put(subject, _PRONOUN, folded)
    if _NO_SUBJECT.match(_LEAD.sub("", folded)) or _VERB_FIRST.match(folded) or folded.startswith(("每个", "各个")):
        return subject + _LEAD.sub("", folded)
    return question


def subject_of(question: str) -> str:
    """What a question is about, not what it asks: “杜阮凉瓜产值多少” → “杜阮凉瓜”; "" where that is unclear."""
    folded = fold(question)
    form = analyse(folded)
    if form.is_foreign:
        return ""
    asked = re.search(r"多少|多大|多长|多高|几|谁|哪|什么|何|是否|吗|呢|怎", folded)
    head = folded[: asked.start()] if asked else folded.rstrip("?？。 ")
    head = _PREDICATE.sub("", head)
    if "的" in head:
        head = head[: head.rindex("的")]
    head = _ADVERBIAL.split(_METRIC.sub("", head))[0] or head
    return re.sub(r"^(?:请问|今年|去年|[0-9]{4}年)[,，]?", "", _PREDICATE.sub("", head)).strip(" ,，“”")


def _put(words: str, pronoun: re.Pattern[str], folded: str) -> str:
    # By a function: as a template, a backslash in what somebody asked would be an error.
    return pronoun.sub(lambda _: words, _LEAD.sub("", folded), count=1)


def _and_what_of(what: str, subject: str, previous: str) -> str:
    if _TIME.match(what):
        return what + re.sub(r"^(?:今年|去年|[0-9]{4}年)", "", fold(previous))
    kind = analyse(fold(previous)).kind
    if asks_for_amount(what) or _METRIC.search(what):
        asked = "是谁" if kind is AnswerKind.PERSON else "是多少"
        return f"{what}{asked}" if "的" in what else f"{subject}的{what}{asked}"
    if _PLACE_OR_BODY.search(what) or what.endswith(subject[-1]):
        return fold(previous).replace(subject, what, 1)
    if kind is AnswerKind.QUANTITY:
        # Another thing that is counted, in the same place.
        place = _LEADING_PLACE.match(fold(previous))
        return f"{place.group() if place else ''}{what}有多少"
    return f"{subject}的{what}"
