"""Citations in writing: what is known is said in the right place, what is not known is left out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citing import Source, cited, document_number, gbt7714_reference, official_citation

DAY = date(2024, 6, 12)
TODAY = date(2026, 11, 22)
QUOTE = "过去一年杜阮凉瓜全产业链的总产值为1.3亿元。"


@pytest.mark.parametrize(
    ("publisher", "lead"),
    [
        ("江门日报", "据《江门日报》2024年6月12日报道"),
        ("《江门日报》", "据《江门日报》2024年6月12日报道"),
        ("蓬江新闻", "据《蓬江新闻》2024年6月12日报道"),
        ("新华社", "据新华社2024年6月12日报道"),
        ("中央广播电视总台", "据中央广播电视总台2024年6月12日报道"),
        ("江門日報", "据《江門日報》2024年6月12日报道"),
    ],
)
def test_a_report_is_cited_by_paper_and_day(publisher: str, lead: str) -> None:
    source = Source("小凉瓜串起一条长链", publisher, DAY, None)
    assert official_citation(source, quote=QUOTE) == f"{lead}，“{QUOTE}”"
    assert official_citation(source) == f"{lead}。"


@pytest.mark.parametrize(
    ("source", "citation"),
    [
        (Source("小凉瓜串起一条长链", "江门日报", None, None), "据《江门日报》报道。"),
        (
            Source("关于做好防汛工作的通知", "江门市人民政府", DAY, None),
            "根据江门市人民政府2024年6月12日发布的《关于做好防汛工作的通知》。",
        ),
        (Source("江门市人民政府关于做好防汛工作的通知", "江门市人民政府", DAY, None),
         "根据《江门市人民政府关于做好防汛工作的通知》（2024年6月12日）。"),
        (Source("关于印发《管理办法》的通知", None, None, None), "根据《关于印发〈管理办法〉的通知》。"),
        (Source("工作简报", "市农业农村局", None, None), "根据市农业农村局《工作简报》。"),
        (Source("关于防汛的通知（江府〔2024〕5号）", "江门日报", DAY, None),
         "根据《江门日报》2024年6月12日刊发的《关于防汛的通知（江府〔2024〕5号）》。"),
        (Source("关于防汛的通知", "江门市人民政府", DAY, None, "江府〔2024〕5号"),
         "根据江门市人民政府2024年6月12日发布的《关于防汛的通知》（江府〔2024〕5号）。"),
    ],
)  # fmt: skip
def test_an_official_document_is_cited_by_title(source: Source, citation: str) -> None:
    assert official_citation(source) == citation


def test_quotation_marks_within_a_quote_become_single_and_lines_are_joined() -> None:
    source = Source("通知", None, None, None)
    assert official_citation(source, quote="坚持“三三五五”\n工作法。") == "根据《通知》，“坚持‘三三五五’工作法。”"


@pytest.mark.parametrize(
    ("source", "reference"),
    [
        (Source("小凉瓜串起一条长链", "江门日报", DAY, None), "小凉瓜串起一条长链[N]. 江门日报, 2024-06-12."),
        (
            Source("小凉瓜串起一条长链", "江门日报", DAY, "https://jm.example/1.html"),
            "小凉瓜串起一条长链[N/OL]. 江门日报, 2024-06-12[2026-11-22]. https://jm.example/1.html.",
        ),
        (
            Source("关于做好防汛工作的通知", "江门市人民政府", DAY, "https://jm.example/2.html"),
            "江门市人民政府. 关于做好防汛工作的通知[EB/OL]. (2024-06-12)[2026-11-22]. https://jm.example/2.html.",
        ),
        (Source("关于防汛的通知", "江门市人民政府", DAY, None), "江门市人民政府. 关于防汛的通知[Z]. 2024-06-12."),
        (Source("工作简报", None, None, None), "工作简报[Z]."),
        (
            Source("工作简报", None, None, "https://jm.example/3"),
            "工作简报[EB/OL]. [2026-11-22]. https://jm.example/3.",
        ),
    ],
)
def test_a_reference_has_the_form_of_its_kind(source: Source, reference: str) -> None:
    assert gbt7714_reference(source, accessed=TODAY) == reference


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("江府〔2024〕5号", "江府〔2024〕5号"),
        ("江府办[2024]第 012 号", "江府办〔2024〕12号"),
        ("粤发（2023）8号", "粤发〔2023〕8号"),
        ("江门市人民政府文件\n江府〔2024〕5号\n关于防汛的通知", "江府〔2024〕5号"),
        ("按照江府〔2023〕3号文件精神，", None),
        ("\n" * 20 + "江府〔2024〕5号", None),
        ("2024年5号", None),
        ("", None),
    ],
)
def test_the_number_of_a_document_gets_the_brackets_of_the_standard(text: str, number: str | None) -> None:
    assert document_number(text) == number


@given(
    title=st.text(max_size=40), publisher=st.none() | st.text(max_size=20), day=st.none() | st.dates(), quote=st.text()
)
def test_whatever_a_document_says_of_itself_both_forms_are_one_line(
    title: str, publisher: str | None, day: date | None, quote: str
) -> None:
    forms = cited(Source(title, publisher, day, None), quote=quote, accessed=TODAY)
    assert "\n" not in forms.official
    assert forms.official.startswith(("据", "根据"))
    assert forms.official.endswith(("。", "”"))
    assert forms.gbt7714.endswith(".")
    assert "None" not in forms.official.replace(title, "").replace(quote, "").replace(publisher or "", "")
