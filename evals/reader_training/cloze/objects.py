"""Parts of a statement that are more than a name: objects, what something is or does, lists, reasons and means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.reader_training.cloze.spans import Span, is_person
from evals.reader_training.cloze.statements import NOUNS, Token, text_of
from evals.reader_training.cloze.words import HELPING_VERBS, LIST_LEADS, VERB_LIKE_OBJECTS, word_set

Tokens = Sequence[Token]
_AFTER_VERB = word_set("ul ug uz")
_PHRASE = NOUNS | word_set("m mq b a ag uj ad k h zg t")
_NO_OBJECT = word_set("""
是 为 有 会 使 让 令 将 被 说 称 看 想 作 做 来 去 没有 等 如 例如 像 即
至 到 达 达到 成 叫 位于 属于 据 按照 表示 指出 认为 强调 出生
""")
_MAX_PHRASE = 24


def object_spans(tokens: Tokens, predicate: int) -> Iterator[Span]:
    """What can be asked for in the predicate, which begins at token ``predicate``."""
    verb = main_verb(tokens, predicate)
    if verb is None:
        return
    yield from _lists(tokens, predicate)
    if tokens[verb].text == "是":
        yield from _copula(tokens, verb)
    elif tokens[verb].text in HELPING_VERBS:
        yield from _doing(tokens, verb)
    else:
        yield from _object(tokens, verb)
    yield from _means(tokens, predicate)


def main_verb(tokens: Tokens, start: int) -> int | None:
    """Where the predicate's verb is, None where it has none.

    It is the first verb that is not in a phrase with 在, 对, 以 and the like before it.
    """
    position = start
    while position < len(tokens):
        token = tokens[position]
        if token.flag == "p":
            position += 1
            while position < len(tokens) and (tokens[position].flag in _PHRASE | {"f", "c", "r", "x", "q"}):
                position += 1
            continue
        if token.flag in ("v", "vi", "vg", "vd", "vq") or token.text in HELPING_VERBS:
            return position
        if token.flag[0] not in "dtxmf" and token.flag not in ("ad", "paren", "mq", "uj", "uv", "a", "r", "c"):
            return None
        position += 1
    return None


def _object(tokens: Tokens, verb: int) -> Iterator[Span]:
    if tokens[verb].text in _NO_OBJECT or len(tokens[verb].text) < 2:
        return
    start = verb + 1
    if start < len(tokens) and tokens[verb].text in VERB_LIKE_OBJECTS:
        return
    if (
        start < len(tokens)
        and tokens[start].flag == "v"
        and len(tokens[start].text) == 1
        and tokens[start].text in "出到成入为给"
    ):
        start += 1
    if start < len(tokens) and tokens[start].flag in _AFTER_VERB:
        start += 1
    phrase = tokens[start:]
    if not _is_noun_phrase(phrase):
        return
    text = text_of(phrase)
    yield Span("object", start, len(tokens), ("什么",), (start, len(tokens)))
    head = phrase[-1]
    if head.flag == "n" and len(head.text) > 1 and len(phrase) > 1 and phrase[0].flag[0] not in "vp":
        if phrase[-2].flag == "uj" and len(phrase) > 2:
            yield Span(
                "kind",
                start,
                len(tokens),
                (f"什么样的{head.text}", f"怎样的{head.text}", f"哪种{head.text}"),
                (start, len(tokens)),
            )
        elif phrase[-2].flag in ("n", "b", "nz", "a", "ns", "j") and len(text) <= 12:
            yield Span(
                "kind",
                start,
                len(tokens),
                (f"什么{head.text}", f"哪种{head.text}", f"哪个{head.text}"),
                (start, len(tokens)),
            )


def _copula(tokens: Tokens, verb: int) -> Iterator[Span]:
    phrase = tokens[verb + 1 :]
    text = text_of(phrase)
    if (
        not 2 <= len(text) <= 40
        or phrase[-1].flag not in NOUNS | {"r", "ng", "k"}
        or phrase[0].flag in ("p", "v", "d", "c", "uj")
    ):
        return
    if phrase[-1].flag == "r" and phrase[-1].text != "之一":
        return
    asks: tuple[str, ...] = ("什么",)
    if any(token.text in ("、", "和", "与", "分别") for token in tokens[:verb]) or len(text_of(tokens[:verb])) < 3:
        return
    if is_person(phrase[-1]) or (verb and is_person(tokens[verb - 1])):
        asks = ("谁", "什么人") if is_person(phrase[-1]) else ("什么人", "谁", "什么身份")
    elif all(token.flag == "ns" for token in phrase):
        asks = ("哪里", "什么地方")
    elif phrase[0].flag in ("ns", "t", "mq") and len(phrase) == 1:
        return
    yield Span("copula", verb + 1, len(tokens), asks, (verb + 1, len(tokens)))


def _doing(tokens: Tokens, verb: int) -> Iterator[Span]:
    phrase = tokens[verb + 1 :]
    text = text_of(phrase)
    if (
        not 4 <= len(text) <= 30
        or len(phrase) < 2
        or phrase[0].flag not in ("v", "vn")
        or phrase[-1].flag not in NOUNS | {"v", "vn"}
    ):
        return
    asks = (
        ("什么",)
        if tokens[verb].text in ("负责", "禁止", "要求", "呼吁", "建议", "承诺", "计划", "决定")
        else ("做什么", "干什么")
    )
    yield Span("doing", verb + 1, len(tokens), asks, (verb + 1, len(tokens)))


def _lists(tokens: Tokens, predicate: int) -> Iterator[Span]:
    """A run with 、 after a word that leads it, to the end of the clause, to 等, or to 组成."""
    main = main_verb(tokens, predicate)
    for lead in range(predicate, len(tokens) - 4):
        if (
            tokens[lead].text not in LIST_LEADS
            or (lead != main and tokens[lead].text not in ("包括", "包含", "分为", "分别为", "分别是"))
        ) and not (tokens[lead].text == "由" and tokens[-1].text in ("组成", "构成")):
            continue
        start = lead + 1
        while start < len(tokens) and (tokens[start].flag in _AFTER_VERB or tokens[start].text in ("了", "有", "为")):
            start += 1
        end = start
        while end < len(tokens) and (
            tokens[end].flag in _PHRASE | {"r", "v", "f", "c", "paren", "q", "nr", "ng", "x", "vg"}
        ):
            if tokens[end].text in ("等", "等等") or (tokens[end].flag == "x" and tokens[end].text != "、"):
                break
            if tokens[end].text in ("组成", "构成", "举行", "召开"):
                break
            end += 1
        phrase = tokens[start:end]
        text = text_of(phrase)
        items = re.split(r"、|以及|及|和|与", text)
        follows = tokens[end].text if end < len(tokens) else ""
        if (
            text.count("、") < 1
            or not all(2 <= len(item) <= 14 for item in items)
            or len(items) < 3
            or follows not in ("", "等", "等等", "组成", "构成")
        ):
            return
        if "的" in text or phrase[-1].flag in ("uj", "c", "p", "x"):
            return
        if follows in ("等", "等等"):
            tail = tokens[end + 1 :]
            if len(tail) > 1 or (tail and tail[0].flag != "n"):
                return
            asks = (f"哪些{tail[0].text}", f"什么{tail[0].text}") if tail else ("哪些", "什么")
            yield Span("list", start, end, asks, (start, len(tokens)))
        elif follows:
            yield Span("list", start, end, ("哪些部分", "哪些", "什么"), (start, end))
        else:
            yield Span(
                "list",
                start,
                end,
                ("哪些", "什么", "哪些")
                + (
                    (f"哪{_count(len(items))}个",)
                    if tokens[lead].text in ("是", "为", "包括", "有", "分别为", "分别是")
                    else ()
                ),
                (start, end),
            )
        return


def _means(tokens: Tokens, predicate: int) -> Iterator[Span]:
    """What follows 通过, 以, 用: a noun phrase before the verb."""
    if tokens[predicate].text not in ("通过", "利用", "凭借", "采用", "使用", "借助"):
        return
    end = predicate + 1
    while end < len(tokens) and tokens[end].flag in _PHRASE:
        end += 1
    phrase = tokens[predicate + 1 : end]
    if (
        len(tokens) - end < 2
        or tokens[end].flag != "v"
        or not _is_noun_phrase(phrase)
        or len(text_of(phrase)) < 4
        or tokens[end].text in ("为", "作为")
    ):
        return
    yield Span("means", predicate + 1, end, ("什么",), (predicate + 1, end))
    if tokens[predicate].text in ("通过", "利用", "借助"):
        yield Span("means", predicate, end, ("怎样", "如何", "怎么"), (predicate, end))


def _is_noun_phrase(phrase: Tokens) -> bool:
    if (
        not phrase
        or phrase[0].flag in ("uj", "c", "k", "x")
        or phrase[-1].flag not in NOUNS
        or not 2 <= len(text_of(phrase)) <= _MAX_PHRASE
    ):
        return False
    last = max((position for position, token in enumerate(phrase) if token.flag == "uj"), default=-1)
    return all(
        token.flag in _PHRASE or (position < last and token.flag in ("v", "p", "d", "c", "f", "x"))
        for position, token in enumerate(phrase)
    )


def _count(number: int) -> str:
    return "零一两三四五六七八九十"[number] if number <= 10 else "些"
