"""The rules find who, how much, when, where and which in plain sentences, and leave what they cannot place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from evals.reader_training.making.counts import count_drafts
from evals.reader_training.making.drafts import Draft
from evals.reader_training.making.events import event_drafts
from evals.reader_training.making.figures import figure_drafts
from evals.reader_training.making.laws import law_drafts, passed_drafts
from evals.reader_training.making.lists import list_drafts, run_drafts, whether_drafts
from evals.reader_training.making.offices import office_drafts
from evals.reader_training.making.pages import Page
from evals.reader_training.making.wording import worded


def page(text: str, title: str = "", year: int | None = 2024) -> Page:
    return Page("cctv_2022_2026", "1", title, text, year)


def whole(text: str) -> tuple[int, int]:
    return 0, len(text)


def told(drafts: Iterable[Draft], text: str) -> list[tuple[str, str, str, list[str]]]:
    return [(d.time, d.scope, d.core, [text[slice(*span)] for span in d.spans]) for d in drafts]


def test_an_indicator_and_its_growth_are_asked_for_with_place_and_year() -> None:
    text = "今年上半年，蓬江区财政收入达到35.2亿元，同比增长4.5%。"
    found = told(figure_drafts(page(text), whole(text), 2024, ""), text)
    assert found == [
        ("2024年上半年", "", "蓬江区财政收入", ["35.2亿元"]),
        ("2024年上半年", "", "蓬江区财政收入", ["4.5%"]),
    ]


def test_a_growth_belongs_to_the_nearest_subject() -> None:
    text = "江门市财政收入3.9亿元，比上年增加0.7亿元；工业企业利润总额增长31%，增加0.4亿元。"
    found = told(figure_drafts(page(text), whole(text), 2024, ""), text)
    assert [(core, spans) for _, _, core, spans in found] == [
        ("江门市财政收入", ["3.9亿元"]),
        ("江门市财政收入", ["0.7亿元"]),
        ("工业企业利润总额", ["31%"]),
        ("工业企业利润总额", ["0.4亿元"]),
    ]


@pytest.mark.parametrize("text", ["他的收入是3万元。", "两项收入分别为3万元。", "该镇面积3亩。", "12月31日，3亿元。"])
def test_what_cannot_be_placed_is_left(text: str) -> None:
    assert not list(figure_drafts(page(text), whole(text), 2024, ""))


def test_targets_are_asked_for_as_targets() -> None:
    text = "今年主要预期目标是：江门市生产总值增长5%左右，城镇登记失业率3%以内。"
    forms = [form for draft in figure_drafts(page(text), whole(text), 2024, "") for form in draft.forms]
    assert forms
    assert all("目标" in form or "预期" in form for form in forms)


def test_a_count_is_asked_for_in_place() -> None:
    text = "截至去年底，杜阮镇已累计建成文化广场26个，居民都说好。"
    drafts = list(count_drafts(page(text), whole(text), 2024, ""))
    assert told(drafts, text) == [("截至2023年底", "", "", ["26个"])]
    assert any("建成文化广场多少个" in form for form in drafts[0].forms)


def test_people_and_offices() -> None:
    text = "江门市蓬江区副区长陈大文表示，园区今年开工。"
    drafts = {draft.kind: draft for draft in office_drafts(page(text), whole(text))}
    assert drafts["person"].core == "江门市蓬江区副区长"
    assert text[slice(*drafts["person"].spans[0])] == "陈大文"
    assert drafts["office"].core == "陈大文"
    assert text[slice(*drafts["office"].spans[0])] == "江门市蓬江区副区长"


@pytest.mark.parametrize(
    "text",
    [
        "江门市原副市长陈大文表示，园区今年开工。",
        "该镇镇长陈大文表示，园区今年开工。",
        "江门市副市长、市公安局局长陈大文表示，园区今年开工。",
    ],
)
def test_offices_of_former_days_or_of_several_bodies_are_left(text: str) -> None:
    assert not list(office_drafts(page(text), whole(text)))


def test_when_and_where_something_took_place() -> None:
    text = "第六届凉瓜文化节5月18日在杜阮镇文化广场开幕。"
    found = {draft.kind: (draft.core, text[slice(*draft.spans[0])]) for draft in event_drafts(page(text), whole(text))}
    assert found == {"date": ("第六届凉瓜文化节", "5月18日"), "place": ("第六届凉瓜文化节", "杜阮镇文化广场")}


def test_who_held_it_and_which_rank() -> None:
    text = "第六届凉瓜文化节由蓬江区农业农村局主办，杜阮镇凉瓜产量位居全市第一。"
    found = {draft.kind: text[slice(*draft.spans[0])] for draft in event_drafts(page(text), whole(text))}
    assert found == {"organisation": "蓬江区农业农村局", "ranking": "第一"}


def test_the_year_of_a_name_is_no_date() -> None:
    text = "2024年中国凉瓜大会将在江门举行。"
    assert [draft.kind for draft in event_drafts(page(text), whole(text))] == ["place"]


@pytest.mark.parametrize(
    ("text", "make", "run"),
    [
        ("杜阮镇特色农产品包括凉瓜、葡萄和火龙果。", list_drafts, "凉瓜、葡萄和火龙果"),
        ("目前江门、佛山、中山等地将有大到暴雨。", run_drafts, "江门、佛山、中山"),
        ("蓬江区已经建成图书馆、博物馆和美术馆。", run_drafts, "图书馆、博物馆和美术馆"),
    ],
)
def test_an_enumeration_is_answered_whole(
    text: str, make: Callable[[Page, tuple[int, int]], Iterable[Draft]], run: str
) -> None:
    assert [text[slice(*draft.spans[0])] for draft in make(page(text), whole(text))] == [run]


def test_whether_is_answered_by_the_words_that_say_so() -> None:
    text = "江门大道北延线已全部建成通车，沿线居民出行更方便。"
    (draft,) = whether_drafts(page(text), whole(text))
    assert (draft.core, text[slice(*draft.spans[0])]) == ("江门大道北延线", "已全部建成通车")


def test_laws_tell_penalties_limits_force_and_meaning() -> None:
    text = (
        "第三条 本条例所称凉瓜，是指在本市种植的苦瓜。\n"
        "市农业部门应当自收到申请之日起十五日内作出决定。\n"
        "第九条 违反本条例规定，擅自砍伐古树的，由林业部门责令改正，处五千元以上五万元以下罚款。\n"
        "第十条 禁止在水源地倾倒垃圾。\n"
        "第十一条 本条例自2024年5月1日起施行。\n"
    )
    law = Page("laws", "1", "江门市凉瓜条例", text, 2024)
    found = {(draft.kind, text[slice(*draft.spans[0])]) for s in law.sentences() for draft in law_drafts(law, s)}
    assert found >= {
        ("definition", "在本市种植的苦瓜"),
        ("duration", "十五日"),
        ("penalty", "五千元以上五万元以下"),
        ("whether", "禁止在水源地倾倒垃圾"),
        ("date", "2024年5月1日"),
    }


def test_who_passed_a_law_is_told_where_one_line_tells_it() -> None:
    line = "2023年11月2日 江门市第十六届人民代表大会常务委员会第八次会议通过\n"
    law = Page("laws", "1", "江门市凉瓜条例", line + "第一条 为了凉瓜，制定本条例。", 2024)
    assert [law.text[slice(*draft.spans[0])] for draft in passed_drafts(law)] == [
        "2023年11月2日",
        "江门市第十六届人民代表大会常务委员会第八次会议",
    ]
    assert not list(passed_drafts(Page("laws", "1", "江门市凉瓜条例", line + line, 2024)))


def test_wordings_vary_and_the_same_seed_words_the_same() -> None:
    text = "今年上半年，蓬江区财政收入达到35.2亿元。"
    (draft,) = figure_drafts(page(text), whole(text), 2024, "")
    questions = {worded(draft, random.Random(seed)) for seed in range(60)}
    assert len(questions) > 15
    assert all("财政收入" in question and "{" not in question for question in questions)
    assert worded(draft, random.Random(4)) == worded(draft, random.Random(4))
    assert all("2024年上半年" in worded(draft, random.Random(seed), whole=True) for seed in range(30))
