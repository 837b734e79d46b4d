"""Near misses are not answered, English names are those of officials, and kept documents stay out of training."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from evals.reader_training.making.drafts import Draft, Made
from evals.reader_training.making.english import in_english, person, place_name
from evals.reader_training.making.make_figures import Questions, as_line, is_clear, kept_out, write_lines
from evals.reader_training.making.near_misses import near_miss
from evals.reader_training.making.pages import Page

TEXT = "2023年江门市凉瓜产量达到3000吨，副镇长陈大文介绍了经验。2021年葡萄产量不高。"
DRAFT = Draft("weight", ((13, 18),), (0, 31), ("{t}{s}{c}是多少？",), "江门市凉瓜产量", "2023年", about=("凉瓜产量",))


def page(text: str = TEXT, corpus: str = "news_2023", number: int = 1) -> Page:
    return Page(corpus, f"id-{number}", "江门市农业简报", text, 2023)


@pytest.mark.parametrize("seed", range(20))
def test_a_near_miss_changes_one_thing_that_the_document_does_not_tell(seed: int) -> None:
    question = "2023年江门市凉瓜产量是多少？"
    swapped = near_miss(question, DRAFT, page(), random.Random(seed))
    assert swapped is not None
    assert swapped != question
    assert "凉瓜" in swapped
    year = swapped[:4]
    assert year == "2023" or f"{year}年江门市凉瓜" not in TEXT


def test_the_deputy_is_no_answer_for_the_head_unless_both_are_named() -> None:
    draft = Draft("person", ((22, 25),), (0, 31), ("{c}是谁？",), "杜阮镇副镇长", about=("杜阮镇副镇长",))
    assert (
        near_miss("杜阮镇副镇长是谁？", draft, page("杜阮镇副镇长陈大文介绍经验。"), random.Random(1))
        == "杜阮镇镇长是谁？"
    )
    both = page("杜阮镇副镇长陈大文和镇长李小明介绍经验。")
    assert near_miss("杜阮镇副镇长是谁？", draft, both, random.Random(1)) is None


def test_nothing_to_swap_gives_no_near_miss() -> None:
    draft = Draft("count", ((0, 2),), (0, 9), ("{c}？",), "会员有多少")
    assert near_miss("会员有多少？", draft, page("会员三百名，都来了。"), random.Random(1)) is None


def test_english_names_are_those_that_officials_use() -> None:
    assert place_name("江门市蓬江区杜阮镇") == "Duruan Town, Pengjiang District, Jiangmen City"
    assert place_name("美国") == "the United States"
    assert place_name("凉瓜") is None
    assert person("陈大文") == "Chen Dawen"


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (
            Draft("money", (), (0, 1), (), "财政收入", "2023年上半年", "江门市", english="level"),
            ("fiscal revenue", "2023"),
        ),
        (
            Draft("growth", (), (0, 1), (), "江门市财政收入", "2023年4月", english="growth"),
            ("Jiangmen City", "April 2023"),
        ),
        (Draft("person", (), (0, 1), (), "杜阮镇镇长", english="who"), ("Duruan Town", "town mayor")),
        (Draft("office", (), (0, 1), (), "陈大文", english="office"), ("Chen Dawen",)),
    ],
)
def test_figures_and_offices_are_asked_in_english(draft: Draft, words: tuple[str, ...]) -> None:
    question = in_english(draft, random.Random(1))
    assert question is not None
    assert all(word in question for word in words)


def test_what_has_no_english_words_is_not_asked_in_english() -> None:
    assert in_english(Draft("money", (), (0, 1), (), "凉瓜指数", english="level"), random.Random(1)) is None
    assert in_english(DRAFT, random.Random(1)) is None


def test_one_document_in_ten_and_one_year_in_six_are_kept_out() -> None:
    kept = sum(kept_out(page(number=number)) for number in range(2000))
    assert 150 < kept < 260
    years = [kept_out(Page("government_reports", "x", "", "", year)) for year in range(1900, 2100)]
    assert 15 < sum(years) < 60


def test_a_figure_told_twice_is_not_clear() -> None:
    draft = Draft("weight", ((0, 1),), (0, 9), (), "凉瓜产量", "2022年", english="level")
    report = page("凉瓜产量3000吨。", "government_reports")
    assert is_clear(report, draft, [draft])
    assert not is_clear(page("凉瓜产量3000吨，其后凉瓜产量4000吨。", "government_reports"), draft, [draft])
    assert not is_clear(page("凉瓜产量3000吨。"), draft, [draft])


def test_lines_point_into_the_document_and_near_misses_have_no_span(tmp_path: Path) -> None:
    lines = [as_line(page(), Made("问？", DRAFT)), as_line(page(), Made("问？", DRAFT, near=True))]
    write_lines(tmp_path / "new" / "made.jsonl", lines)
    read = [json.loads(line) for line in (tmp_path / "new" / "made.jsonl").read_text("utf-8").splitlines()]
    assert [(line["spans"], line["near"]) for line in read] == [([[13, 18]], False), ([], True)]
    assert read[0]["corpus"] == "news_2023"


def test_the_same_seed_makes_the_same_questions() -> None:
    def made() -> list[dict[str, object]]:
        questions, chance = Questions(), random.Random(5)
        for number in range(30):
            questions.add(page(TEXT.replace("3000", str(3000 + number)), number=number), chance)
        return questions.training + questions.kept

    first = made()
    assert first == made()
    assert first
    asked = [line["question"] for line in first]
    assert len(asked) == len(set(asked))
