"""A corpus document as the rules see it: sentences and clauses with offsets, its year, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import jieba.posseg

from corpus.sentences import sentence_spans

_OPEN, _CLOSE = "（(“《「", "）)”》」"
# What opens, closes or ends; a comma between digits is part of a number.
_MARK = re.compile(r"[，；。！？：;（(“《「）)”》」]|(?<!\d),|,(?!\d)|(?<=[\u4e00-\u9fff])[ 　]+(?=[\u4e00-\u9fff])")
_MARKUP = re.compile(r"<!--|-->|\\\*|&[a-z]+;|https?:|【|】|\|")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Clause:
    """``text`` is ``page.text[start:end]`` without the mark that ends it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A document of a corpus. ``year``: of its publication, None where it is not known."""

    corpus: str
    id: str
    title: str
    text: str
    year: int | None

    @classmethod
    def of(cls, corpus: str, line: dict[str, str | None]) -> Page:
        """The page of a line of the corpus file."""
        year = _YEAR.match(str(line.get("published_at") or ""))
        return cls(corpus, str(line["id"]), line.get("title") or "", line["text"] or "", int(year[0]) if year else None)

    def sentences(self) -> Iterator[tuple[int, int]]:
        """The plain sentences of ten characters and more; those with markup are left out."""
        for start, end in sentence_spans(self.text):
            if 10 <= end - start <= 220 and not _MARKUP.search(self.text, start, end):
                yield start, end


def clauses(text: str, start: int, end: int) -> list[Clause]:
    """The clauses of a sentence; commas inside brackets and quotation marks do not end one."""
    return [Clause(start + begin, start + stop, piece) for begin, stop, piece in _clauses_of(text[start:end])]


@lru_cache(maxsize=64)
def _clauses_of(sentence: str) -> tuple[tuple[int, int, str], ...]:
    found: list[tuple[int, int, str]] = []
    depth, begin = 0, 0
    for match in _MARK.finditer(sentence):
        mark = match[0]
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth = max(0, depth - 1)
        elif not depth:
            if match.start() > begin:
                found.append((begin, match.start(), sentence[begin : match.start()]))
            begin = match.end()
    if len(sentence) > begin:
        found.append((begin, len(sentence), sentence[begin:]))
    return tuple(found)


@lru_cache(maxsize=20000)
def tagged(text: str, *, names: bool = False) -> tuple[tuple[str, str], ...]:
    """The words of a text with their parts of speech (ns place, nt organisation, nr person, v verb ...).

    ``names``: also guess words that are in no dictionary, people's names among them; slow.
    """
    return tuple((word.word, word.flag) for word in jieba.posseg.cut(text, HMM=names))
