"""The questions of one document: statements are read, their parts asked for, and a spread of kinds is kept."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.reader_training.cloze import phrasing
from evals.reader_training.cloze.causes import causes
from evals.reader_training.cloze.near_misses import Names, near_miss
from evals.reader_training.cloze.objects import main_verb, object_spans
from evals.reader_training.cloze.relations import relations
from evals.reader_training.cloze.sources import SourceDocument, topic
from evals.reader_training.cloze.spans import Span, date_asks, spans
from evals.reader_training.cloze.statements import (
    Statement,
    Token,
    cut,
    sentences,
    statements,
    text_of,
    to_simplified,
    to_traditional,
)
from evals.reader_training.cloze.words import NO_SUBJECTS, PRONOUNS, word_set

# Of a document of which only a few questions are wanted, this many sentences are read.
_SENTENCES_A_QUESTION = 3
# Near misses are tried for this share of the questions; about one in five tries gives one.
_NEAR_SHARE = 0.9
_TRADITIONAL_SHARE = 0.5
_MIN_QUESTION, _MAX_QUESTION = 7, 60
_SAYING = re.compile(
    r"(?:指出|表示|说|称|认为|显示|强调|介绍|透露|要求|提出|如下|以下|例如|包括|规定|报道|宣布|问|为|是|有|的|和|与|在|对|从|等|之一)$"
)
_UNCLEAR = re.compile(
    r"(?:本人|此次|本次|这|该|此|其|他|她|它|我|你|们|上述|前款|本条|第[一二三四五六七八九十]款|前者|后者|记者|责编|编辑|电话|如图|下列|上图|以上|一次|讯$)"
)
_BOILERPLATE = re.compile(
    r"责任编辑|声明|版权|来源[:：]|转载|扫码|关注公众号|点击|投稿|联系我们|仅供参考|新闻热线|原标题"
)
_HANGING = re.compile(
    r"(?:时|后|前|中|下|上|之际|期间|以来|同时|一道|之下|之后|之前|情况|基础|过程|以及|方面|起|来|到|者|即|如)$"
)
# How often a kind is kept when a document offers more than is wanted.
_WEIGHTS = {
    "object": 0.6,
    "doing": 0.5,
    "copula": 0.7,
    "kind": 0.8,
    "quantity": 0.8,
    "country": 0.35,
    "reason": 2.0,
    "purpose": 1.5,
    "manner": 1.2,
    "list": 2.0,
    "person": 1.5,
}
_RELATION_WEIGHT = 2.5


@dataclass(frozen=True, slots=True)
class Made:
    """A question of a document.

    ``span``: where its answer is, None where it has none; ``anchor``: the sentence it is made from.
    """

    question: str
    corpus: str
    document_id: str
    span: tuple[int, int] | None
    anchor: tuple[int, int]
    kind: str

    @property
    def near(self) -> bool:
        """Whether it only nearly fits, so that the document does not answer it."""
        return self.span is None

    def as_line(self) -> dict[str, object]:
        """The question as an object of the file of training questions."""
        return {
            "question": self.question,
            "corpus": self.corpus,
            "document_id": self.document_id,
            "spans": [list(self.span)] if self.span else [],
            "anchor": list(self.anchor),
            "kind": self.kind,
            "near": self.near,
            "lang": "zh",
        }


def questions_of(document: SourceDocument, seed: int) -> list[Made]:
    """Questions of the document, at most as many as its source wants, each followed by its near miss if it has one."""
    rng = random.Random(f"{seed} {document.id}")
    wanted = document.source.questions
    read = [
        (offset, text) for offset, text in sentences(document.text) if len(text) >= 12 and not _BOILERPLATE.search(text)
    ]
    if len(read) > wanted * _SENTENCES_A_QUESTION:
        read = [read[index] for index in sorted(rng.sample(range(len(read)), wanted * _SENTENCES_A_QUESTION))]
    names = Names()
    offered: list[Made] = []
    for offset, sentence in read:
        tokens = cut(sentence, offset)
        names.add(tokens)
        anchor = (offset, offset + len(sentence))
        offered += _of_sentence(tokens, document, anchor, rng)
    chosen = _choose([made for made in offered if _is_sound(made)], wanted, rng)
    simple = to_simplified(document.text)
    made = []
    for question in chosen:
        made.append(question)
        miss = near_miss(question.question, simple, question.anchor, names, rng) if rng.random() < _NEAR_SHARE else None
        if miss:
            made.append(replace(question, question=miss, span=None))
    if document.source.name == "drcd_dev":
        made = [
            replace(one, question=to_traditional(one.question)) if rng.random() < _TRADITIONAL_SHARE else one
            for one in made
        ]
    return made


def _of_sentence(
    tokens: Sequence[Token], document: SourceDocument, anchor: tuple[int, int], rng: random.Random
) -> Iterator[Made]:
    def make(question: str, start: int, end: int, kind: str) -> Made:
        return Made(question, document.source.name, document.id, (start, end), anchor, kind)

    for statement in statements(tokens):
        subject = _subject_name(statement, document, rng)
        if not _is_clear(statement):
            continue
        for cause in causes(tokens, statement):
            if subject:
                yield make(cause.ask(statement, subject, rng), cause.start, cause.end, cause.kind)
        yield from (make(*asked) for asked in _of_statement(statement, subject, rng))


def _of_statement(statement: Statement, subject: str, rng: random.Random) -> Iterator[tuple[str, int, int, str]]:
    tokens, border = statement.tokens, len(statement.subject)
    found: list[Span] = [
        span for span in spans(tokens) if span.cut[0] >= border or (span.start == 0 and span.cut[1] == border)
    ]
    found += object_spans(tokens, border)
    if subject and statement.time and (asks := date_asks(text_of(statement.time))):
        dated = [token for token in statement.time if token.flag == "t"]
        if dated and not statement.carried:
            yield phrasing.ask_time(statement, asks, subject, rng), dated[0].start, dated[-1].end, "date"
    for span in found:
        if span.cut[0] >= border and not subject:
            continue
        start, end = tokens[span.start].start, tokens[span.end - 1].end
        if span.kind == "quoted":
            start, end = start + 1, end - 1
        yield phrasing.ask_in_statement(statement, span, subject, rng), start, end, span.kind
    if subject:
        for asked in relations(subject, statement):
            question = phrasing.finish(rng.choice(asked.questions), rng)
            yield question, tokens[asked.start].start, tokens[asked.end - 1].end, asked.kind


def _subject_name(statement: Statement, document: SourceDocument, rng: random.Random) -> str:
    """What the subject is called in a question, "" where nobody could know whom it means."""
    subject, about = statement.subject, to_simplified(topic(document))
    if len(subject) == 1 and subject[0].text in ("他", "她", "它", "其"):
        return about if about and document.text[:40].find(topic(document)) >= 0 else ""
    if subject[0].text in ("该", "此", "本") and len(subject) == 2:
        return about if about.endswith(subject[1].text) else ""
    if subject[0].flag == "r" or any(token.text in PRONOUNS for token in subject):
        return ""
    name = text_of(subject)
    plain = all(token.flag in ("n", "vn", "uj", "s", "f", "b", "a") for token in subject)
    if not about and plain and (len(name) < 4 or len(subject) < 2):
        return ""
    if about and plain and about not in name and name not in about and rng.random() < 0.6:
        return f"{about}的{name}"
    return name


def _is_clear(statement: Statement) -> bool:
    """Whether the clause says something whole: a subject with a name or a head, a verb, and no end that hangs."""
    text, subject = text_of(statement.predicate), statement.subject
    last = next(token for token in reversed(subject) if token.flag != "paren" or token is subject[0])
    if (
        text_of(subject)[-1:] in "则均也都更还仅却将已正曾"
        or subject[0].text in NO_SUBJECTS
        or last.text in NO_SUBJECTS
        or subject[0].flag in ("mq", "m", "paren", "d", "q", "j", "t")
    ):
        return False
    if (len(last.text) == 1 and last.flag not in ("nr", "ns")) or last.flag in ("f", "s", "x", "t", "c"):
        return False
    if not 3 <= len(text) <= 40 or _SAYING.search(text) or _UNCLEAR.search(text) or _HANGING.search(text):
        return False
    return statement.predicate[-1].flag not in ("p", "c", "uj", "f", "d") and _has_verb(statement)


def _has_verb(statement: Statement) -> bool:
    verb = main_verb(statement.tokens, len(statement.subject))
    return verb is not None or statement.predicate[0].text in ("为", "由", "被")


def _is_sound(made: Made) -> bool:
    question = made.question
    if not _MIN_QUESTION <= len(question) <= _MAX_QUESTION or question.count("“") != question.count("”"):
        return False
    if "为什么" in question and made.kind not in ("reason", "purpose", "fame"):
        return False
    return not re.search(
        r"的的|是是|在在|于于|[\ue000-\uf8ff]|什么.*什么|谁.*谁|-\{|<|>|http", question
    ) and not _UNCLEAR.search(question)


def _choose(offered: Sequence[Made], wanted: int, rng: random.Random) -> list[Made]:
    """A spread: rarer kinds first by weight, no place asked for twice, no sentence asked more than twice."""
    keyed = sorted(
        offered,
        key=lambda made: (
            rng.random() ** (1 / _WEIGHTS.get(made.kind, 1.0 if made.kind in _PLAIN else _RELATION_WEIGHT))
        ),
        reverse=True,
    )
    chosen: list[Made] = []
    for made in keyed:
        if len(chosen) == wanted:
            break
        same_sentence = [other for other in chosen if other.anchor == made.anchor]
        if (
            len(same_sentence) < 2
            and all(other.span != made.span for other in same_sentence)
            and _new_kind(made, chosen)
        ):
            chosen.append(made)
    return sorted(chosen, key=lambda made: made.anchor)


def _new_kind(made: Made, chosen: Sequence[Made]) -> bool:
    return sum(other.kind == made.kind for other in chosen) < (
        1 if made.kind in _WEIGHTS and _WEIGHTS[made.kind] < 0.5 else 2
    )


_PLAIN = word_set("""
date quantity share person place country organisation named work quoted ordinal object kind
copula doing list means reason purpose manner
""")
