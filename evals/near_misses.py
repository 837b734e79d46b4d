"""Makes questions that nearly fit their document and that it does not answer: one part is swapped for another.

Swapped is a year, a place, an entity (person, organisation, work, anything with a name) or the indicator that is asked.
What comes in is taken from other questions of the same set, does not occur in the document, and no other document that
has it speaks of the rest. By strings alone, so a few slip through that something answers after all.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.documents import Document
from corpus.folding import fold, fold_with_offsets
from evals.datasets import Question
from retrieval.reading.questions import analyse

KINDS = ("year", "place", "entity", "indicator")
# A document that has the new part and this share of the question's other words may answer it.
_MAY_ANSWER = 0.5
_TRIED = 30
_YEAR = re.compile(r"(?<![0-9])(?:1[5-9]|20)[0-9]{2}(?![0-9])")
_WORK = re.compile(r"《[^》]{2,20}》")
_DOT = "·"
_ASKING = re.compile(r"多少|几|什么|哪|谁|何|怎|是否|吗")
_ENGLISH_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: (?:of |the |de |von )?[A-Z][\w-]+)*(?![\w-])")
_BEFORE_PLACES = frozenset({"in", "at", "to", "from", "near"})
# “……的产值是多少”: what is asked stands before the question word, joined to it by a verb that says nothing else.
_ASKED_BEFORE = re.compile(r"(?:大概|大约|一共|总共|分别|都|又|主要|通常|一般)*(?:是|为|有|达到?|叫做?|是在|称为)?了?$")
_ASKED_BEHIND = re.compile(r"(?:多少|几)[个名位辆家条座种支项间所座人次只台件户亩本部场]?$")
_NAME_TAGS = {"nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "body", "nz": "name"}
_NOUN_TAGS = frozenset({"n", "vn", "an"})
_PLACE_ENDINGS = "国省市县区州镇村岛江河山湖海洲路"
# A name that the tagger cut short goes on with these.
_TRANSCRIBING = frozenset(
    "阿埃艾安奥巴贝比伯布查达德迪丁杜多厄恩尔法菲费夫福弗戈格古哈赫霍基吉加杰卡凯科克肯库拉莱兰勒雷里利列林隆卢鲁伦罗洛"
    "马迈曼梅米密莫姆穆拿纳内尼诺努欧帕佩皮普齐奇乔萨塞沙史斯苏索塔泰特提图托瓦威维韦沃乌西希谢辛雅亚扬耶伊因泽扎詹佐"
)
_CONTENT_TAGS = frozenset({*_NAME_TAGS, *_NOUN_TAGS, "v", "a", "m", "i", "l", "j", "eng", "nrt"})


@dataclass(frozen=True, slots=True)
class Part:
    """A run ``text[start:end]`` of a question; ``family``: only parts of one family can stand for each other."""

    kind: str
    family: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A question that its context does not answer, what was swapped in it, and the one it was made from."""

    question: Question
    kind: str
    origin: Question


class Places:
    """The folded documents, by id, to look words up in."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._folded = {each.id: fold(f"{each.title}\n{each.text}") for each in documents.values()}
        self._titles = {each.id: each.title for each in documents.values()}
        self._years = {each.id: str(each.published_at.year) for each in documents.values() if each.published_at}

    def holds(self, document_id: str, words: str) -> bool:
        """Whether a document has the words, or is of that year."""
        return words in self._folded.get(document_id, "") or words == self._years.get(document_id)

    def title(self, document_id: str) -> str:
        return self._titles.get(document_id, "")

    def may_answer(self, words: str, others: Sequence[str]) -> bool:
        """Whether some document has the words and a good part of the others."""
        texts = (text for text in self._folded.values() if words in text)
        return any(sum(other in text for other in others) >= _MAY_ANSWER * len(others) for text in texts)


def near_misses(questions: Sequence[Question], documents: Mapping[str, Document], *, seed: int = 5) -> list[NearMiss]:
    """At most one a question, in their order, the kinds as evenly as can be."""
    places = Places(documents)
    lent: dict[tuple[str, str], list[tuple[Part, Question]]] = defaultdict(list)
    for question in questions:
        for part in parts(question.text):
            lent[part.kind, part.family].append((part, question))
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    made = []
    for question in questions:
        own = sorted(parts(question.text), key=lambda part: (counts[part.kind], part.start))
        swaps = (_swapped(question, part, lent[part.kind, part.family], places, chance) for part in own)
        near = next((swap for swap in swaps if swap is not None), None)
        if near is not None:
            counts[near.kind] += 1
            made.append(near)
    return made


def parts(text: str) -> list[Part]:
    """Everything of a question that can be swapped, none inside another."""
    found: list[Part] = []
    for part in _all_parts(text):
        if all(part.end <= other.start or part.start >= other.end for other in found):
            found.append(part)
    return found


def _swapped(
    question: Question, part: Part, lent: Sequence[tuple[Part, Question]], places: Places, chance: random.Random
) -> NearMiss | None:
    context = question.contexts[0]
    foreign = is_foreign(question.text)
    # Chinese documents hold no English names; their years are written alike.
    if not (foreign and part.kind != "year") and not places.holds(context, fold(part.text)):
        return None
    rest = content_words(question.text[: part.start] + " " + question.text[part.end :])
    for new in _replacements(question, part, lent, places, chance):
        folded = fold(new)
        if places.holds(context, folded) or (not foreign and places.may_answer(folded, rest)):
            continue
        text = question.text[: part.start] + new + question.text[part.end :]
        return NearMiss(Question(f"{question.id}-near", text, (), question.contexts), part.kind, question)
    return None


def _replacements(
    question: Question, part: Part, lent: Sequence[tuple[Part, Question]], places: Places, chance: random.Random
) -> Iterator[str]:
    """What could stand in the part's place, at most thirty; nothing that is only a longer or shorter name of it."""
    if part.kind == "year":
        year = int(part.text)
        yield from (str(year + step) for step in chance.sample([-3, -2, -1, 1, 2, 3], 6))
        return
    title = places.title(question.contexts[0])
    rivals = [
        other.text
        for other, its in lent
        if places.title(its.contexts[0]) != title
        and not _alike(other.text, part.text)
        and abs(len(other.text) - len(part.text)) <= max(1, len(part.text) // 2)
    ]
    yield from chance.sample(rivals, min(_TRIED, len(rivals)))


def _alike(one: str, other: str) -> bool:
    first, second = fold(one), fold(other)
    return first in second or second in first


def _all_parts(text: str) -> Iterator[Part]:
    for match in _YEAR.finditer(text):
        yield Part("year", "", match.group(), *match.span())
    if is_foreign(text):
        for match in _ENGLISH_NAME.finditer(text):
            before = text[: match.start()].rsplit(maxsplit=1)[-1]
            if before.islower():
                yield Part(
                    "entity", "after in" if before in _BEFORE_PLACES else "english", match.group(), *match.span()
                )
        return
    folded, offsets = fold_with_offsets(text)
    for match in _WORK.finditer(folded):
        yield _part("entity", "work", text, offsets, match.span())
    tokens = list(_tokens(folded))
    for kind, family, span in (*_names(tokens), *_indicators(folded, tokens)):
        yield _part(kind, family, text, offsets, span)


def _part(kind: str, family: str, text: str, offsets: Sequence[int], span: tuple[int, int]) -> Part:
    start, end = offsets[span[0]], offsets[span[1]]
    return Part(kind, family, text[start:end], start, end)


def _names(tokens: Sequence[_Token]) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Runs of names with the nouns that end them (华沙 + 大学), as kind, family and span."""
    index = 0
    while index < len(tokens):
        stop = index
        while stop < len(tokens) and _is_name(tokens, stop, inside=stop > index):
            stop += 1
        if stop == index:
            index += 1
            continue
        family = _NAME_TAGS.get(tokens[index].tag, "person")
        if stop < len(tokens) and tokens[stop].tag == "n":
            stop += 1
            family = "…" + tokens[stop - 1].text[-1]
        elif family == "place" and tokens[stop - 1].text[-1] in _PLACE_ENDINGS:
            family += tokens[stop - 1].text[-1]
        start, end = tokens[index].start, tokens[stop - 1].end
        if end - start >= 2:
            yield ("place" if family.startswith("place") else "entity"), family, (start, end)
        index = stop


def _is_name(tokens: Sequence[_Token], index: int, *, inside: bool) -> bool:
    """Whether a token is a name or goes on with one; what stands beside a middle dot is part of a foreign name."""
    token = tokens[index]
    if token.tag in _NAME_TAGS:
        return True
    if inside and (token.text == _DOT or tokens[index - 1].text == _DOT):
        return True
    if index + 1 < len(tokens) and tokens[index + 1].text == _DOT:
        return True
    return inside and len(token.text) == 1 and token.text in _TRANSCRIBING


def _indicators(folded: str, tokens: Sequence[_Token]) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The noun that is asked: the last one before the question word, or the one that 多少 counts."""
    asking = _ASKING.search(folded)
    if asking is None:
        return
    kind = analyse(folded).kind
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.tag != "n" or len(token.text) < 2:
            continue
        # The owner of what is asked (“……的产值”) is what makes the question near.
        owned = before is not None and (before.text == "的" or before.tag in _NAME_TAGS or before.tag in _NOUN_TAGS)
        if token.end <= asking.start() and owned and _ASKED_BEFORE.match(folded[token.end : asking.start()]):
            yield "indicator", f"{kind}", (token.start, token.end)
        elif token.start >= asking.end() and _ASKED_BEHIND.search(folded[: token.start]):
            yield "indicator", "counted", (token.start, token.end)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    tag: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    start = 0
    for word, tag in _tagger()(text):
        yield _Token(word, tag, start, start + len(word))
        start += len(word)


@lru_cache(maxsize=1)
def _tagger() -> Callable[[str], list[tuple[str, str]]]:
    import logging  # noqa: PLC0415

    import jieba.posseg  # noqa: PLC0415  a second of loading, for those who make near misses

    jieba.setLogLevel(logging.WARNING)
    return lambda text: [(pair.word, pair.flag) for pair in jieba.posseg.cut(text)]


def content_words(text: str) -> list[str]:
    """The words of a question that a document which answers it would have, folded; of two characters or more."""
    words = [t.text for t in _tokens(fold(text)) if t.tag in _CONTENT_TAGS and not _ASKING.search(t.text)]
    return list(dict.fromkeys(word for word in words if len(word) >= 2))


def is_foreign(text: str) -> bool:
    """Whether a question has no Chinese in it."""
    return re.search(r"[\u3400-\u9fff]", text) is None
