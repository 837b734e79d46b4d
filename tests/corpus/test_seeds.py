"""The real files as they come. What is asked of them is asked of no name: these are figures and shapes only."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.documents import FileOutcome
from corpus.intake import list_sources, read_source

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def outcomes(shared_dir: Path) -> list[FileOutcome]:
    return [read_source(source) for source in list_sources(shared_dir / "seeds", None)]


def texts(outcomes: list[FileOutcome], start: str) -> list[str]:
    (outcome,) = [outcome for outcome in outcomes if outcome.path.startswith(start)]
    return [prepared.document.text for prepared in outcome.documents]


def test_there_are_seventeen_documents_seven_from_each_newspaper_page(outcomes: list[FileOutcome]) -> None:
    assert [len(outcome.documents) for outcome in outcomes] == [1, 7, 7, 1, 1]
    assert all(outcome.failures == () for outcome in outcomes)


def test_one_article_is_printed_twice_and_joined(outcomes: list[FileOutcome]) -> None:
    assert sum(len(prepared.aliases) for outcome in outcomes for prepared in outcome.documents) == 1


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("001", ("超50万元", "还带动沿线", "礼乐街道乌纱村", "企业开展党建工作")),
        ("002", ("1338名学生", "加速迈向", "备考环境", "群众得实惠", "听取上巷村")),
    ],
)
def test_broken_sentences_are_whole(outcomes: list[FileOutcome], start: str, words: tuple[str, ...]) -> None:
    whole = "\n".join(texts(outcomes, start))
    for word in words:
        assert word in whole


def test_no_caption_credit_or_link_is_text(outcomes: list[FileOutcome]) -> None:
    whole = "\n".join(text for outcome in outcomes for text in texts(outcomes, outcome.path))
    for word in (
        "▲",
        " 摄",
        "热门跟贴",
        "友情链接",
        "一审一校",
        "©",
        "梅州",
        "同场比拼。\n江门",
        "棠下检察室",
        "上巷富民工坊",
    ):
        assert word not in whole


def test_injected_words_are_gone_and_written_ones_stay(outcomes: list[FileOutcome]) -> None:
    (text,) = texts(outcomes, "004")
    for word in ("AG超玩会", "党建得民党走", "众跟", "九游", "的心人", "民群车", "基层当"):
        assert word not in text
    for word in ("城市基层党建", "人民群众", "党群服务中心人来车往", "SYE创客工作室"):
        assert word in text


def test_publishers_are_taken_from_what_is_printed(outcomes: list[FileOutcome]) -> None:
    publishers = [{prepared.document.publisher for prepared in outcome.documents} for outcome in outcomes]
    assert publishers == [{"蓬江发布"}, {"江门日报"}, {"江门日报"}, {None}, {"雅安日报"}]
    assert all(prepared.document.published_at is None for outcome in outcomes for prepared in outcome.documents)


def test_units_head_their_sections(outcomes: list[FileOutcome]) -> None:
    headings = {passage.heading for prepared in outcomes[0].documents for passage in prepared.passages}
    assert len([heading for heading in headings if heading and "党" in heading.split()[0]]) == 3
