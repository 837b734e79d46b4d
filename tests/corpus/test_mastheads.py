"""Whose page it is: mastheads and account lines become publisher and date, never a document or part of a title."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.articles import articles_of_page
from corpus.mastheads import account_of, is_sent_line, masthead

_BODY = "区里新建了三座桥,总投资1800万元,方便了沿河六个村的村民出行,也让农产品更快运到县城。"


@pytest.mark.parametrize(
    "text",
    [
        "江岸日报",
        "《江岸日报》",
        "江岸日报　JIANGAN RIBAO",
        "江 岸 日 报",
        "江岸日报 第1234期",
        "江岸日报·数字报",
        "江岸日报 今日8版",
    ],
)
def test_a_masthead_names_its_paper(text: str) -> None:
    assert masthead(text) == "江岸日报"


@pytest.mark.parametrize("text", ["", "江岸新桥通车", "江岸日报创刊三十年", "社会新闻", "JIANGAN RIBAO", "三 座 桥"])
def test_other_lines_are_no_mastheads(text: str) -> None:
    assert masthead(text) is None


@pytest.mark.parametrize(
    "title",
    [
        "石溪东村年度工作简报",
        "防汛情况通报",
        "江岸区统计公报",
        "生态环境状况公报",
        "重点项目建设月报",
        "台风蓝色预警报",
        "清溪镇供销社",
        "惠农政策出台",
        "政务服务平台",
        "城区供水管网",
    ],
)
def test_titles_that_end_as_a_paper_does_stay_titles(title: str) -> None:
    assert masthead(title) is None
    assert articles_of_page(f"{title}\n\n{_BODY}\n")[0].title == title


@pytest.mark.parametrize("name", ["大公报", "国务院公报", "现代快报", "江岸电视台", "江岸网", "新华社", "江岸发布"])
def test_papers_stations_and_agencies_are_still_known(name: str) -> None:
    assert masthead(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "江岸先锋 2024-06-12 18:30 发表于江岸",
        "原创 林叶 江岸先锋 2024年6月12日 18:30 广东",
        "2024-06-12 18:30",
        "江岸先锋 2024-06-12 发布于广东",
    ],
)
def test_the_time_of_sending_is_known_by_its_form(text: str) -> None:
    assert is_sent_line(text)


@pytest.mark.parametrize("text", ["", "2024年6月12日", "江岸2024年6月12日起停水", "江岸新桥 2024年6月12日 通车"])
def test_dates_in_titles_are_no_time_of_sending(text: str) -> None:
    assert not is_sent_line(text)


@pytest.mark.parametrize(
    "lines",
    [
        ["江岸先锋 2024-06-12 18:30 发表于江岸", "三座桥通车", _BODY],
        ["原创 林叶 江岸先锋 2024年6月12日 18:30 广东", "三座桥通车", _BODY],
        ["点击上方“江岸先锋”关注我们", "三座桥通车", _BODY],
        ["点击蓝字，关注我们", "江岸先锋", "三座桥通车", _BODY, "今天起，“江岸先锋”陆续推出优秀案例。"],
        ["江岸先锋", "点击蓝字关注我们", _BODY, "欢迎把故事发给“江岸先锋”。"],
    ],
)
def test_an_account_shows_beside_its_time_or_its_invitation(lines: list[str]) -> None:
    assert account_of(lines) == "江岸先锋"
    (article,) = articles_of_page("\n".join(lines))
    assert article.publisher == "江岸先锋"
    assert article.title in ("三座桥通车", None)
    assert article.text.startswith(_BODY)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["点击蓝字关注我们", "三座桥通车", _BODY],
        ["点击上方“蓝字”关注我们", "三座桥通车", _BODY],
        ["春季招聘会 2024-06-12 9:00", _BODY],
    ],
)
def test_a_title_beside_an_invitation_is_no_account(lines: list[str]) -> None:
    assert account_of(lines) is None


def test_the_account_publishes_not_the_offices_that_gave_the_text() -> None:
    (article,) = articles_of_page(
        f"江岸先锋 2024-06-12 18:30 发表于江岸\n三座桥通车\n{_BODY}\n来源 | 区交通局 区水务局等\n分享 收藏 点赞 在看"
    )
    assert (article.title, article.publisher, article.published_at) == ("三座桥通车", "江岸先锋", date(2024, 6, 12))
    assert article.text == _BODY


@pytest.mark.parametrize(
    "head",
    [
        "江岸日报　JIANGAN RIBAO\n2024年6月12日　星期三　责任编辑：林　叶　校对：何　山\nA2　民生新闻\n",
        "《江岸日报》\n2024年6月12日 星期三\n第05版：要闻\n",
        "综合新闻\n江岸日报 2024年6月12日 第2版\n",
        "江岸日报\nJIANGAN RIBAO\n2024年6月12日 星期三 总第5123期 今日8版\n",
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_the_head_of_a_paper_is_no_document_and_no_part_of_a_title(head: str, between: str) -> None:
    page = (
        f"{head}三座桥通车\n本报讯（记者 林叶）{_BODY}\n小果子铺出大产业\n云溪镇做强“橘”经济\n"
        f"□本报记者 林叶 特约通讯员 云溪\n{_BODY.replace('桥', '冷库')}\n02\n本版投稿邮箱：jab@example.org\n"
        "地址：江岸区河堤路8号 邮编：500000 广告经营许可证：江工商广字001号"
    )
    found = articles_of_page(page.replace("\n", between))
    assert [article.title for article in found] == ["三座桥通车", "小果子铺出大产业 云溪镇做强“橘”经济"]
    assert {(article.publisher, article.published_at) for article in found} == {("江岸日报", date(2024, 6, 12))}
    assert found[1].text.endswith("也让农产品更快运到县城。")


def test_who_took_the_pictures_and_wrote_heads_an_article_of_its_own() -> None:
    found = articles_of_page(
        f"三座桥通车\n本报记者 林叶\n{_BODY}\n夜市点亮老城\n图/文 本报记者 周海\n{_BODY.replace('桥', '夜市')}"
    )
    assert [article.title for article in found] == ["三座桥通车", "夜市点亮老城"]
    assert found[1].text.startswith("图/文 本报记者 周海")


def test_numbers_of_a_table_are_not_taken_for_page_numbers() -> None:
    (article,) = articles_of_page(f"三座桥通车\n{_BODY}\n长度（米）\n128\n12\n- 3 -")
    assert "128" in article.text
    assert article.text.endswith("12")
