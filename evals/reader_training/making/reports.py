"""Which time a sentence speaks of: what sentences before it told, and the chapter it is in for yearly reports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Span
from evals.reader_training.making.pages import Page

# Earlier reports are not divided into the year that was and the year to come.
_CHAPTERS_SINCE = 1990
_REVIEW = re.compile(r"(\d{4})年(?:.{0,8}回顾|的?主要工作|工作情况)|过去一年")
_CHAPTER = re.compile(r"\s*[二三四五六七八九十]+、")
_YEARS = re.compile(r"[过去]?[五三]年|十[一二三四五]五|五年计划|规划")
_PLAN = re.compile(r"(?:今年|\d{4}年).{0,12}(?:任务|工作|部署|安排|目标|重点)")


def report_sentences(page: Page) -> Iterator[tuple[Span, int | None, str]]:
    """The sentences with the year that 今年 means in them and the time they speak of where they tell none.

    Of a yearly report: the year before in the chapter that looks back, its own year in the chapter that plans, else
    “in the report of that year”. Of other documents: "".
    """
    if page.corpus != "government_reports" or page.year is None or page.year < 1954:
        yield from ((sentence, page.year, "") for sentence in page.sentences())
        return
    named = f"{page.year}年政府工作报告中"
    told, since = named, 0
    chapters = page.year >= _CHAPTERS_SINCE
    for sentence in page.sentences():
        heading = page.text[since : sentence[0]] + page.text[slice(*sentence)]
        for line in heading.split("\n"):
            if chapters and len(line.strip()) <= 30:
                told = _chapter(line, page.year, named, told)
        since = sentence[1]
        yield sentence, page.year, told


def _chapter(line: str, year: int, named: str, told: str) -> str:
    if "政府工作报告" in line:
        return told
    if match := _REVIEW.search(line):
        return f"{int(match[1] or year - 1)}年"
    if _YEARS.search(line):
        return named
    if _PLAN.search(line):
        return f"{year}年"
    if _CHAPTER.match(line):
        return named
    return told
