"""Puts a question together: a statement with a part asked for, in an order and in words of its own."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from evals.reader_training.cloze.spans import Span
from evals.reader_training.cloze.statements import Statement, Token, text_of
from evals.reader_training.cloze.words import LIGHT_ADVERBS, SYNONYMS

_DROPPED_TIMES = re.compile(
    r"^(?:同年|当年|次年|翌年|当天|当日|去年|今年|昨日|今日|当晚|日前|近年|年初|年底|\d{1,2}[日月号])$"
)
_TIME_LEADS = ("在", "于", "自", "从", "到", "直到", "截至", "至")
_ASPECTS = ("了", "著", "着")
_SYNONYM_SHARE, _ADVERB_SHARE, _MAX_SYNONYMS = 0.55, 0.65, 3


def ask_in_statement(statement: Statement, span: Span, subject: str, rng: random.Random) -> str:
    """A question for a part of the statement. ``subject``: how the subject is named, where it is not asked for."""
    tokens, border = statement.tokens, len(statement.subject)
    word = rng.choice(span.asks)
    time = _time(statement, rng)
    if span.cut[0] < border:
        return finish(time + _ask_subject(tokens, span, word, rng), rng)
    before, after = tokens[border : span.cut[0]], tokens[span.cut[1] :]
    if span.kind == "date" and before and before[-1].text in ("于", "在", "自") and rng.random() < 0.6:
        return finish(_ask_date(subject, reword(before[:-1], rng), reword(after, rng), word, rng), rng)
    front, rest = reword(before, rng), reword(after, rng)
    if not after and before and _can_be_fronted(before[-1], span) and rng.random() < 0.2:
        ending = front.removesuffix("了")
        asked = (
            f"{_place_time(subject, time, rng)}{ending}的是{word}"
            if rng.random() < 0.7
            else f"{word}是{time}{subject}{ending}的"
        )
        return finish(asked, rng)
    return finish(f"{_place_time(subject, time, rng)}{front}{word}{rest}", rng)


def ask_time(statement: Statement, asks: Sequence[str], subject: str, rng: random.Random) -> str:
    """A question for the date in front of the statement."""
    return finish(_ask_date(subject, "", reword(statement.predicate, rng), rng.choice(asks), rng), rng)


def ask_reason(statement: Statement, subject: str, purpose: bool, rng: random.Random) -> str:
    """A question for the reason, or the purpose, of what the statement says."""
    predicate = reword(statement.predicate, rng)
    forms = [
        f"{subject}为什么{predicate}",
        f"为什么{subject}{predicate}",
        f"{subject}为何{predicate}",
        f"{subject}{predicate}的原因是什么",
    ]
    if purpose:
        forms = [
            f"{subject}为什么{predicate}",
            f"{subject}{predicate}是为了什么",
            f"{subject}{predicate}的目的是什么",
            f"{subject}为何{predicate}",
        ]
    return finish(rng.choice(forms), rng)


def ask_manner(statement: Statement, subject: str, rng: random.Random) -> str:
    """A question for how the statement's subject does what it says."""
    predicate = reword(statement.predicate, rng)
    word = rng.choice(("如何", "怎样", "怎么", "是如何", "是怎样", "通过什么", "靠什么"))
    return finish(f"{subject}{word}{predicate}" + ("的" if word.startswith("是") else ""), rng)


def finish(question: str, rng: random.Random) -> str:
    """The question with an end and, seldom, a polite beginning."""
    question = re.sub(r"\s+", " ", question).strip("，。；、 ")
    draw = rng.random()
    end = "？" if draw < 0.82 else "?" if draw < 0.9 else ""
    return ("请问" if rng.random() < 0.025 else "") + question + end


def reword(tokens: Sequence[Token], rng: random.Random) -> str:
    """The words in their order, some replaced by others of the same meaning, light adverbs mostly dropped."""
    words: list[Token] = []
    position, replaced = 0, 0
    while position < len(tokens):
        token = tokens[position]
        if token.flag == "d" and token.text in LIGHT_ADVERBS and rng.random() < _ADVERB_SHARE:
            position += 1
            continue
        length, other = _synonym(tokens, position, rng) if replaced < _MAX_SYNONYMS else (0, "")
        if length:
            replaced += 1
            words.append(Token(other, token.flag, token.start, tokens[position + length - 1].end))
            position += length
            continue
        words.append(token)
        position += 1
    return text_of(words)


def _synonym(tokens: Sequence[Token], position: int, rng: random.Random) -> tuple[int, str]:
    for length in (3, 2, 1):
        key = "".join(token.text for token in tokens[position : position + length])
        if (
            length == 1
            and tokens[position].flag[0] == "v"
            and (position + 1 == len(tokens) or tokens[position + 1].flag == "uj")
        ):
            return 0, ""
        if key in SYNONYMS and len(tokens) >= position + length and rng.random() < _SYNONYM_SHARE:
            return length, rng.choice(SYNONYMS[key])
    return 0, ""


def _ask_subject(tokens: Sequence[Token], span: Span, word: str, rng: random.Random) -> str:
    front, rest = reword(tokens[: span.cut[0]], rng), reword(tokens[span.cut[1] :], rng)
    starts = tokens[span.cut[1]] if span.cut[1] < len(tokens) else None
    plain = (
        starts is not None
        and starts.flag[0] in "vpd"
        and starts.text not in ("是", "为", "有", "位于", "属于", "叫", "即")
    )
    draw = rng.random()
    if plain and not front and span.kind in ("person", "organisation", "country") and len(rest) <= 30:
        if draw < 0.3 and rest[-1] not in "的了":
            return f"{rest}的是{word}"
        if draw < 0.4 and span.kind == "person":
            return f"是{word}{rest}"
        if draw < 0.45 and span.kind == "person":
            return f"{rest}的人是谁"
    return f"{front}{word}{rest}"


def _ask_date(subject: str, front: str, rest: str, word: str, rng: random.Random) -> str:
    said = f"{front}{rest}"
    draw = rng.random()
    if draw < 0.3:
        return f"{subject}{word}{said}"
    if draw < 0.45 and said[-1:] not in "了的":
        return f"{subject}是{word}{said}的"
    if draw < 0.65:
        return f"{subject}{said}是在{word}"
    if draw < 0.75 and said[-1:] not in "了的":
        return f"{subject}{said}的时间是{word}"
    if draw < 0.9:
        return f"{word}{subject}{said}"
    return f"{subject}于{word}{said}" if word not in ("什么时候", "何时") else f"{subject}在{word}{said}"


def _time(statement: Statement, rng: random.Random) -> str:
    """The words that date the statement, "" where they say nothing outside their text; left out now and then."""
    if not statement.time or all(
        _DROPPED_TIMES.match(token.text) or token.text in _TIME_LEADS for token in statement.time
    ):
        return ""
    return text_of(statement.time) if rng.random() < 0.75 else ""


def _place_time(subject: str, time: str, rng: random.Random) -> str:
    if not time:
        return subject
    if time.startswith(_TIME_LEADS):
        return f"{time}，{subject}" if rng.random() < 0.5 else f"{subject}{time}"
    return rng.choice((f"{time}{subject}", f"{time}，{subject}", f"{subject}在{time}", f"{subject}{time}"))


def _can_be_fronted(verb: Token, span: Span) -> bool:
    if span.kind in ("quantity", "share", "place", "copula", "ordinal", "date", "doing", "kind", "list"):
        return False
    return (verb.flag == "v" and len(verb.text) > 1) or (verb.flag in ("ul", "ug") and verb.text in _ASPECTS)
