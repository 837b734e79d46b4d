from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.llm_check import Verdict, checked
from bot.answering.llm_prompt import open_question_prompt
from tests.bot.fakes import answer

PASSAGES = {
    1: "读者凭身份证或者社保卡预约，当天未到的预约在30分钟后自动取消。自习室设座位260个。",
    2: "自习室每天8时30分至21时开放。",
}
GOOD = "读者凭身份证或者社保卡预约。[1]自习室每天8时30分至21时开放。[2]"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (GOOD, GOOD),
        ("读者凭身份证或者社保卡预约[1]。自习室每天8时30分至21时开放 [2]。", GOOD),
        ("<think>先看资料[9]……</think>\n\n" + GOOD, GOOD),
        ("自习室设座位260个[1]，每天8时30分至21时开放[2]。", "自习室设座位260个，每天8时30分至21时开放。[1][2]"),
        ("自习室设座位260个 [1]", "自习室设座位260个。[1]"),
        ("自习室设座位260个。[1] [1]\n", "自习室设座位260个。[1]"),
    ],
)
def test_sentences_that_their_passages_hold_may_be_said(written: str, text: str) -> None:
    assert (checked(written, PASSAGES).text, checked(written, PASSAGES).verdict) == (text, Verdict.FINE)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("读者凭身份证预约。", Verdict.UNCITED),
        (GOOD + "欢迎前来。", Verdict.UNCITED),
        ("读者凭身份证预约。[3]", Verdict.UNCITED),
        ("[1]", Verdict.UNCITED),
        ("自习室设座位360个。[1]", Verdict.UNSUPPORTED),
        ("自习室设座位260个。[2]", Verdict.UNSUPPORTED),
        ("自习室设座位二百七十个。[1]", Verdict.UNSUPPORTED),
        ("读者不得凭社保卡预约。[1]", Verdict.UNSUPPORTED),
        ("管理员密码已经重置。[1]", Verdict.UNSUPPORTED),
        ("**读者凭身份证预约**。[1]", Verdict.MARKUP),
        ("- 读者凭身份证预约。[1]", Verdict.MARKUP),
        ("1. 读者凭身份证预约。[1]", Verdict.MARKUP),
        ("读者凭身份证预约，详见https://evil.example。[1]", Verdict.MARKUP),
        ("读者凭身份证<script>预约。[1]", Verdict.MARKUP),
        ("读者凭[身份证](x)预约。[1]", Verdict.MARKUP),
        ("读者凭身份证\u202e预约。[1]", Verdict.MARKUP),
        ("读者凭身份证\x00预约。[1]", Verdict.MARKUP),
        ("", Verdict.CANNOT),
        ("无法回答。", Verdict.CANNOT),
        ("<think>没有结束", Verdict.MARKUP),
        ("自习室设座位260个。[1]" * 11, Verdict.TOO_LONG),
        ("自" * 5000, Verdict.TOO_LONG),
    ],
)
def test_anything_else_may_not(written: str, verdict: Verdict) -> None:
    found = checked(written, PASSAGES)

    assert (found.text, found.verdict) == ("", verdict)


@given(st.text(st.sampled_from("读者凭证预约。[1]2 \n！？<>*#8时"), max_size=80))
def test_what_may_be_said_has_a_marker_at_each_end_and_no_markup(written: str) -> None:
    found = checked(written, PASSAGES)

    if found.verdict is Verdict.FINE and found.text:
        assert re.fullmatch(r"(?:[^。！？\[\]<>*#]+[。！？]+(?:\[[12]\])+)+", found.text)
    else:
        assert found.text == ""


def test_passages_stand_between_marks_that_they_cannot_close() -> None:
    citations = answer("哪年？").citations
    first, second = (open_question_prompt("北京大学哪年创办？", citations) for _ in range(2))

    assert first.system == second.system
    assert first.user != second.user
    (mark,) = set(re.findall(r"</资料-([0-9a-f]{12})>\n", first.user))
    assert mark not in citations[0].passage
    assert f"编号 [1]，题名：北京大学简介\n{citations[0].passage}\n</资料-{mark}>" in first.user
