"""Whether a passage supports a sentence that somebody else wrote about it: by words, numbers, names and negations.

Made for sentences of a language model, and strict: a faithful sentence in other words may be turned down, since the
extractive answer is there to take its place. What it cannot see is measured in ``evals/llm_support``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answering.digits import unsupported_numbers
from corpus.folding import fold
from corpus.sentences import sentence_spans
from retrieval.numerals import numbers

# Chosen by python -m evals.llm_support.measure
MIN_COVERAGE = 0.8
MIN_CLAUSE_COVERAGE = 0.7
MAX_NEW_RUN = 3
# A clause with fewer characters of its own says too little to be judged alone.
_LEAST_CLAUSE = 4
_CLAUSE = re.compile(r"(?:[^，,；;：:。！？!?]|(?<=\d)[,:](?=\d))+")
_PLAIN = re.compile(r"[^\W_]")
# Words that join and frame; they say nothing of the matter, so the passage need not have them.
_FRAME = re.compile(
    r"根据|资料|显示|此外|另外|同时|其中|因此|所以|由于|因为|通过|为了|以及|并且|而且|还有|包括|主要|目前"
    r"|该项目|该村|该镇|共有|共计|一共|[的了是在有和与及或被把将从向对由让给为以于其这那此该些着也都并还又就会则须可而等共]"
)
# Ways to say the same denial are made one before they are compared.
_DENIALS = (
    (re.compile(r"不能|不可以?|不准|不许|禁止|严禁"), "不得"),
    (re.compile(r"没有能?|没能|未能|未曾|尚未|没|未"), "不"),
)
_NO_DENIAL = re.compile(
    r"不仅|不但|不断|不久|不少|不同|不低于|不少于|不超过|不高于|不多于|不动产|无论|非常|未来|无人机|无线|非遗"
)
_DENIAL = re.compile(r"(?:不得|[不无非勿莫])(?=[^\W_])")
_DENIED = re.compile(r"[^\W_]{2,3}")
# Words that turn a meaning or bound it: they stand in the passage or not at all.
_WEIGHTY = re.compile(
    r"停止|取消|暂停|终止|撤销|拒绝|免除|免费|自费|下降|减少|降低|增加|增长|上升|提高|翻番|必须|应当|唯一|首次|首个|第一"
    r"|最[大小高低多少早新]|全部|所有|均为|超过|低于|高于|不足|以上|以下|以前|之前|以后|之后|左右|除外"
    r"|每[年月周天日]|学年|学期|季度|年度|半年"
)
_SOME_DIGIT = re.compile(r"(?<![周期拜])[一二两三四五六七八九十百千万亿](?=[^\W_])")
_NO_DIGIT = re.compile(
    r"一共|一些|一般|一定|统一|进一步|同一|一并|一旦|一律|万一|(?<![一二两三四五六七八九])十分(?!钟)|一同|一起|一样|一直|之一|[一二三]是"
)
_COUNTS_PEOPLE = re.compile(r"[名位]")
# What binds the rest of a clause as a number does.
_BINDING = re.compile(r"周[一二三四五六日]|星期[一二三四五六日]|[一二三四五]期|[上下]午|[上下]半年")
# Before the last word of a name stands no such character, but after 全, 本, 各 and the like a common noun.
_NO_NAME = "的个该本各全这那多几些等和与在为由向对从到及或把将是有座家所名每某贫自行先来里度能不得也"
_NAME = re.compile(
    rf"(?:(?![{_NO_NAME}])[^\W\d_]){{2,3}}"
    r"(?:街道|社区|公司|集团|医院|学校|中学|小学|银行|大学|林场|农场|市场|广场|大道"
    r"|[省市区县镇乡村局厅委院厂桥路河山岭湖港湾岛馆园站所科队部库])"
)
# 市财政 is not 县财政, though 财政 stands in both.
_LEVEL = re.compile(r"[省市县区镇乡村]")


@dataclass(frozen=True, slots=True)
class Support:
    """How far the cited passages hold a sentence.

    ``coverage``: the share (0 to 1) of its characters that stand in them beside the same neighbour.
    ``clause_coverage``: the same for its worst clause within one sentence of theirs (one clause, where it has numbers),
    which also holds the clause's numbers and names. ``new_run``: the longest run of characters that stand in none.
    ``faults``: numbers, names, denials and weighty words without support.
    """

    coverage: float
    clause_coverage: float
    new_run: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the sentence may be said."""
        return (
            not self.faults
            and self.coverage >= MIN_COVERAGE
            and self.clause_coverage >= MIN_CLAUSE_COVERAGE
            and self.new_run <= MAX_NEW_RUN
        )


def support_of(sentence: str, passages: Sequence[str]) -> Support:
    """How far the passages support a sentence without its markers. A sentence of no words has no support."""
    said = fold(sentence)
    held = [fold(passage) for passage in passages]
    flags = _covered(said, held)
    clauses = [clause for clause in _clauses(said) if len(_own(clause)) >= _LEAST_CLAUSE] or [said]
    return Support(
        coverage=_share(flags),
        clause_coverage=min(_best_share(clause, held) for clause in clauses),
        new_run=_longest_new(flags),
        faults=(*unsupported_numbers(sentence, passages), *_faults(said, held)),
    )


def _clauses(text: str) -> list[str]:
    return [match[0] for match in _CLAUSE.finditer(text)]


def _own(text: str) -> str:
    return "".join(_PLAIN.findall(_FRAME.sub("", text)))


def _covered(said: str, held: Sequence[str]) -> list[bool]:
    """For each character of the matter, in order, whether it stands in a passage beside the same neighbour."""
    texts = ["".join(_PLAIN.findall(text)) for text in held]
    pairs = {text[at : at + 2] for text in texts for at in range(len(text) - 1)}
    words = "".join(_PLAIN.findall(said))
    framing = _framing(said)
    return [
        (at > 0 and words[at - 1 : at + 1] in pairs) or words[at : at + 2] in pairs
        for at in range(len(words))
        if not framing[at]
    ]


def _framing(said: str) -> list[bool]:
    """For each plain character, whether it belongs to a word that only joins or frames."""
    inside = {at for match in _FRAME.finditer(said) for at in range(match.start(), match.end())}
    return [match.start() in inside for match in _PLAIN.finditer(said)]


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _longest_new(flags: Sequence[bool]) -> int:
    longest = run = 0
    for covered in flags:
        run = 0 if covered else run + 1
        longest = max(longest, run)
    return longest


def _best_share(clause: str, held: Sequence[str]) -> float:
    """How much of a clause one place of the passages holds, with all its numbers and names."""
    terms, names = _counted(clause), _names(clause)
    parts = [text[start:end] for text in held for start, end in sentence_spans(text)]
    fitting = [part for part in parts if terms <= _counted(part) and all(name in part for name in names)]
    if terms:
        fitting = [place for part in fitting for place in _places(part, terms)]
    return max((_share(_covered(clause, [place])) for place in fitting), default=0.0)


def _places(part: str, terms: set[str]) -> list[str]:
    """The fewest clauses in a row that hold the numbers, with the one before them, which may name what is counted."""
    clauses = _clauses(part)
    for width in range(2, len(clauses) + 1):
        ends = [end for end in range(1, len(clauses) + 1) if terms & _counted(clauses[end - 1])]
        places = ["，".join(clauses[max(end - width, 0) : end]) for end in ends]
        if found := [place for place in places if terms <= _counted(place)]:
            return found
    return [part]


def _terms(text: str) -> set[str]:
    return {number.term for number in numbers(text)}


def _counted(text: str) -> set[str]:
    """Each number with what it counts: 650 of area are no 650 households. People are counted by several words."""
    counted = {number.term + _COUNTS_PEOPLE.sub("人", number.unit) for number in numbers(text)}
    return counted | set(_BINDING.findall(text))


def _names(text: str) -> list[str]:
    return _NAME.findall(text)


def _levels(said: str, whole: str) -> Iterator[str]:
    """Words for a level of government that stand beside other words there."""
    for match in _LEVEL.finditer(said):
        beside = (said[max(match.start() - 1, 0) : match.end()], said[match.start() : match.end() + 1])
        if not any(len(pair) == 2 and pair in whole for pair in beside):
            yield beside[1]


def _faults(said: str, held: Sequence[str]) -> Iterator[str]:
    known = {term for text in held for term in _terms(text)}
    yield from (said[number.start : number.end] for number in numbers(said) if number.term not in known)
    whole = "\n".join(held)
    yield from (name for name in _names(said) if name not in whole)
    yield from _levels(said, whole)
    yield from (match[0] for match in _WEIGHTY.finditer(said) if match[0] not in whole)
    plain = _NO_DIGIT.sub("", said)
    digits = (plain[match.start() : match.start() + 2] for match in _SOME_DIGIT.finditer(plain))
    yield from (digit for digit in digits if digit not in whole)
    yield from _denials(_one_denial(said), _one_denial(whole))


def _one_denial(text: str) -> str:
    text = _NO_DENIAL.sub("", text)
    for pattern, one in _DENIALS:
        text = pattern.sub(one, text)
    return text


def _denials(said: str, held: str) -> Iterator[str]:
    """What is denied here and not there, or there and not here."""
    for match in _DENIAL.finditer(said):
        words = said[match.start() : match.end() + 1]
        if words not in held:
            yield words
    for match in _DENIAL.finditer(held):
        denied = _DENIED.match(held, match.end())
        if denied is None or denied[0] not in said:
            continue
        denial = match[0] + denied[0]
        if denial not in said and denied[0] not in held.replace(denial, ""):
            yield denied[0]
