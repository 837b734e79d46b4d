"""Words put in for search engines: found where proven, and nothing else touched."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from corpus.articles import articles_of_page
from corpus.bigrams import build_table, shipped_table, unpack_table
from corpus.injected import injected_spans, without_injected

_CLEAN = (
    "盛夏时节,记者走进清溪镇,千亩荷花次第开放。游客沿着木栈道缓缓前行,不时停下脚步拍照。\n"
    "清溪镇依托荷花资源,做起了乡村旅游的文章。去年以来,镇里投入800万元修建栈道、停车场和游客中心,开发荷花宴、莲子糕等特色产品。\n"
    "“周末一天能卖出两百多份莲子糕。”村民李大姐高兴地说。今年上半年,全镇接待游客26万人次,收入达到3100万元,带动就业460人。\n"
    "为了让游客留得下来,镇里还改造了18栋闲置农房,发展精品民宿,床位达到260张。接下来,清溪镇将办好第五届荷花节,推动文旅融合发展。"
)


def injected(pieces: tuple[str, ...], text: str = _CLEAN) -> str:
    """The text with the pieces in turn in front of every second clause."""
    turn = cycle(pieces)
    clauses = text.replace(",", ",\0").replace("。", "。\0").replace("、", "、\0").split("\0")
    return "".join(
        next(turn) + clause if index % 2 and clause.strip() else clause for index, clause in enumerate(clauses)
    )


def test_a_ring_of_torn_pieces_is_taken_out() -> None:
    pieces = ("引客来文", "合富万", "得民党走", "兴绘新")
    assert "\n".join(without_injected(injected(pieces).split("\n"))) == _CLEAN


def test_an_advertised_name_is_taken_out_with_what_it_advertises() -> None:
    dirty = _CLEAN.replace("千亩荷花", "QY超星汇千亩荷花").replace("全镇接待", "QY超星汇入口全镇接待")
    assert "\n".join(without_injected(dirty.split("\n"))) == _CLEAN


def test_the_same_characters_stay_where_the_author_wrote_them() -> None:
    text = "\n".join(without_injected(injected(("引客来文", "合富万", "文旅", "兴绘新")).split("\n")))
    assert "推动文旅融合发展。" in text


def test_a_page_with_its_title_cut_up_is_cleaned() -> None:
    page = (Path(__file__).parent / "pages" / "injected_page.txt").read_text(encoding="utf-8")
    (article,) = articles_of_page(page)
    for piece in ("引客来文", "合富万", "BTY", "星耀会"):
        assert piece not in article.text
    assert "清溪镇依托荷花资源,做起了乡村旅游的文章。" in article.text
    assert article.publisher == "荷塘新闻网"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "瓜",
        "𠮷👍",
        _CLEAN,
        "企业用AI技术看病,医生用AI技术读片,AI技术入口在首页,AI技术登录要密码。",
        "职工登录OA系统办事,领导打开OA系统审批,OA系统入口在内网首页,OA系统下载见附件。",
        "3A级景区有5家,VR体验馆有2家,SYE创客工作室有1家,VOCs整改完成36家。",
        "凉瓜" * 50_000,
    ],
)
def test_clean_text_comes_through_unchanged(text: str) -> None:
    assert injected_spans(text) == []
    assert without_injected([text]) == [text]


def test_a_list_that_repeats_in_order_is_no_ring() -> None:
    text = "".join(
        f"{village}村今年新修道路{length}公里。{village}村种植蜜柚{area}亩。{village}村集体收入{income}万元。"
        for village, length, area, income in (
            ("上巷", 3, 200, 30),
            ("龙眠", 5, 310, 42),
            ("北芦", 2, 150, 25),
            ("长乔", 4, 90, 18),
        )
    )
    assert injected_spans(text) == []


def test_the_table_of_pairs_survives_packing() -> None:
    table = unpack_table(build_table(["凉瓜丰收，" * 64]))
    assert table.characters["凉"] == 64
    assert table.pairs["凉瓜"] == 64.0
    assert table.cohesion("凉", "瓜") > 1 > table.cohesion("凉", "收")


def test_the_shipped_table_knows_words_from_torn_ones() -> None:
    table = shipped_table()
    assert table.cohesion("群", "众") > 5
    assert table.cohesion("群", "车") < 0


@pytest.mark.shared
def test_clean_documents_are_not_touched(shared_dir: Path) -> None:
    import json

    touched = []
    for line in (shared_dir / "data" / "news" / "documents.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if injected_spans(record["text"], title=record["title"]):
            touched.append(record["id"])
    assert touched == []
