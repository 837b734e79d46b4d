"""Text to search terms, questions and passages alike: folded character bigrams, whole Latin words, canonical numbers.

Synonyms widen a question only, never the index, so that an edited list works without a new index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path

import yaml

from corpus.folding import fold
from retrieval.errors import TermsFileError
from retrieval.numerals import Number, numbers

# Scripts written without spaces: Han with all its extensions, kana, Hangul syllables.
_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3041-\u30ff\uac00-\ud7a3\U00020000-\U000323af"
_WORD = rf"[^\W_{_HAN}]+"
# An apostrophe inside a word is dropped: Xi'an is xian.
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|{_WORD}(?:['’]{_WORD})*")
_HAN_ACROSS_SPACE = re.compile(rf"([{_HAN}])\s+(?=([{_HAN}]))")
# Words that ask; they say nothing about what is asked for. Longer ones before what they begin with.
_QUESTION_WORDS = re.compile(
    "什么时候|什么时间|为什么|是什么|有什么|做什么|什么样|什么|多少|有哪些|哪些|哪一个|哪一年|哪一|哪几|哪个|哪里|哪儿|哪家|哪位"
    "|哪年|哪(?!吒)|怎么样|怎么|怎样|如何|为何|何时|何地|何处|谁|几(?=[个名人家次年月日号天元亩米吨岁位项条种间所座])"
    r"|是不是|有没有|是否|能否|请问|[吗呢](?!\w)|(?<=[约达有为是])多(?=[大长高远久重宽])"
)
# tantivy leaves out terms of more than 65530 bytes; a word of the corpus is never near that.
_MAX_TERM_CHARS = 60
_SHIPPED = "terms.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """A term and the folded text's ``[start:end]`` it comes from. ``latin`` marks a word of letters outside Han."""

    text: str
    start: int
    end: int
    latin: bool = False


@dataclass(frozen=True, slots=True)
class TermGroup:
    """What a part of a question may be called: alternatives, each the terms of one wording. The first is the asker's.

    The group counts as much as its best alternative. ``latin``: the folded word, where it is in Latin letters.
    It stands at the folded question's ``[start:end]`` (the first time).
    """

    alternatives: tuple[tuple[str, ...], ...]
    latin: str | None = None
    start: int = 0
    end: int = 0


def search_terms(text: str) -> list[str]:
    """Terms of a text, with repeats, in order of their place: what is indexed, and what a question looks for."""
    return [term.text for term in terms_of_folded(fold(text))]


def passage_terms(text: str) -> list[str]:
    """Terms of indexed text: ``search_terms`` and the bigrams across white space (newspapers set names as 刘 军)."""
    folded = fold(text)
    found = [match[1] + match[2] for match in _HAN_ACROSS_SPACE.finditer(folded)]
    # As ``terms_of_folded``, without places: this runs over the whole corpus, in about half the time.
    for run in _RUNS.finditer(folded):
        letters = run[0]
        if run["han"]:
            found.extend(map("".join, pairwise(letters)) if len(letters) > 1 else (letters,))
        elif word := _word(letters):
            found.append(word)
    for number in _numbers(folded):
        found.append(number.term)
        if number.unit:
            found.append(number.term + number.unit)
    return found


def terms_of_folded(folded: str) -> list[Term]:
    """Terms of a text that is folded already, by place."""
    found = [term for run in _RUNS.finditer(folded) for term in _terms_of_run(run)]
    for number in _numbers(folded):
        found.append(Term(number.term, number.start, number.end))
        if number.unit:
            found.append(Term(number.term + number.unit, number.start, number.end + 1))
    return sorted(found, key=lambda term: term.start)


def _terms_of_run(run: re.Match[str]) -> Iterator[Term]:
    text, start = run[0], run.start()
    if run["han"]:
        if len(text) == 1:
            yield Term(text, start, start + 1)
        for offset in range(len(text) - 1):
            yield Term(text[offset : offset + 2], start + offset, start + offset + 2)
        return
    if word := _word(text):
        yield Term(word, start, run.end(), latin=True)


def _word(letters: str) -> str | None:
    word = letters.replace("'", "").replace("’", "")
    return None if word.isdigit() or len(word) > _MAX_TERM_CHARS else word


def _numbers(folded: str) -> Iterator[Number]:
    return (number for number in numbers(folded) if len(number.term) <= _MAX_TERM_CHARS)


@dataclass(frozen=True, slots=True)
class Terms:
    """Synonyms: sets of folded words that mean the same. Made by ``load`` or ``shipped``."""

    synonyms: dict[str, tuple[str, ...]]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, groups: Iterable[Sequence[str]]) -> Terms:
        """From sets of words; a word may be in several."""
        synonyms: dict[str, dict[str, None]] = {}
        for group in groups:
            words = [folded for folded in (fold(word).strip() for word in group) if folded]
            for word in words:
                synonyms.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
        # Longest first: 杜阮镇 is found before 杜阮.
        ordered = sorted(synonyms, key=len, reverse=True)
        pattern = re.compile("|".join(re.escape(word) for word in ordered)) if ordered else None
        return cls({word: tuple(others) for word, others in synonyms.items()}, pattern)

    @classmethod
    def shipped(cls) -> Terms:
        """The list that comes with the program."""
        return cls._parse(resources.files("retrieval").joinpath(_SHIPPED).read_text(encoding="utf-8"), _SHIPPED)

    @classmethod
    def load(cls, path: Path) -> Terms:
        """A list of the administrator's own.

        Raises: TermsFileError: the file cannot be read, or is not YAML of the form in ``docs/retrieval.md``.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise TermsFileError(
                f"terms file {str(path)!r} cannot be read ({error}); correct YIJU_TERMS_FILE or unset it"
            ) from error
        return cls._parse(text, str(path))

    @classmethod
    def _parse(cls, text: str, name: str) -> Terms:
        cure = "correct the file or unset YIJU_TERMS_FILE"
        try:
            content = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise TermsFileError(f"terms file {name!r} is not YAML ({error}); {cure}") from error
        if not isinstance(content, dict) or set(content) - {"synonyms", "places"}:
            raise TermsFileError(f"terms file {name!r} holds something else than 'synonyms' and 'places'; {cure}")
        groups: list[list[str]] = []
        for key in ("synonyms", "places"):
            for group in content.get(key) or []:
                if not isinstance(group, list) or not all(isinstance(word, str) for word in group):
                    raise TermsFileError(f"terms file {name!r}: {key} has {group!r}, needs a list of words; {cure}")
                groups.append(group)
        return cls.of(groups)

    def question_groups(self, question: str) -> list[TermGroup]:
        """What a question looks for, each part once, with its other wordings. Question words (多少) are left out."""
        asked = _QUESTION_WORDS.sub(lambda match: " " * len(match[0]), fold(question))
        terms = terms_of_folded(asked)
        groups: dict[tuple[tuple[str, ...], ...], TermGroup] = {}
        taken: set[int] = set()
        for start, end, wordings in self._occurrences(asked):
            inner = [i for i, term in enumerate(terms) if start <= term.start and term.end <= end]
            if not inner:
                continue
            taken.update(inner)
            alternatives = (tuple(terms[i].text for i in inner), *(tuple(search_terms(word)) for word in wordings))
            groups.setdefault(alternatives, TermGroup(alternatives, None, start, end))
        for i, term in enumerate(terms):
            if i not in taken:
                key = ((term.text,),)
                groups.setdefault(key, TermGroup(key, term.text if term.latin else None, term.start, term.end))
        return sorted(groups.values(), key=lambda group: group.start)

    def _occurrences(self, asked: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        if self.pattern is None:
            return
        for match in self.pattern.finditer(asked):
            yield match.start(), match.end(), self.synonyms[match[0]]
