"""Whole pages of several layouts, written for these tests: what becomes a document, what its text is, what goes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import articles_of_page
from corpus.preparing import Article

_PAGES = Path(__file__).parent / "pages"


def articles(name: str) -> list[Article]:
    return articles_of_page((_PAGES / f"{name}.txt").read_text(encoding="utf-8"), file_name=f"{name}.txt")


def headings(article: Article) -> list[str | None]:
    return [section.heading for section in article.sections]


def test_a_page_is_cut_under_its_titles_with_kickers_and_sub_headlines() -> None:
    titles = [article.title for article in articles("two_kickers_page")]
    assert titles == [
        "市生态环境局发布半年公报 上半年空气优良天数171天 “蓝天保卫战”取得阶段成效",
        "社区食堂开到家门口",
    ]


def test_headings_of_sections_stay_in_their_article() -> None:
    first, second = articles("two_kickers_page")
    assert headings(first) == ["机动车排气抽检1.2万辆次", "工业企业深度治理87家"]
    assert first.publisher == "南城晚报"
    assert "许知远 摄" not in second.text
    assert "责任编辑" not in second.text


def test_an_article_continued_on_another_page_is_put_together() -> None:
    first, second = articles("continued_page")
    assert first.title == "河口区推进老旧小区改造 今年将完成42个小区、惠及1.6万户"
    assert "惠及居民1.6万户。" in first.text
    assert first.text.endswith("仅此一项就改动了两次图纸。")
    assert "下转" not in first.text + second.text
    assert "上接" not in first.text + second.text
    assert "新民里小区中心花园" not in first.text


def test_the_head_of_a_page_gives_publisher_and_date_to_all_its_articles() -> None:
    for article in articles("continued_page"):
        assert (article.publisher, article.published_at) == ("青山日报", date(2024, 6, 12))
        assert "第03版" not in article.text
        assert "责编" not in article.text


def test_a_public_account_article_keeps_its_sections_and_loses_captions_credits_and_links() -> None:
    (article,) = articles("account_article")
    assert article.title == "石桥镇:一颗柚子的“甜蜜”账本"
    assert headings(article) == ["产业有“链”", "农民有“利”"]
    assert (article.publisher, article.published_at) == ("石桥发布", date(2023, 11, 8))
    assert article.text.endswith("梅林村集体经济收入去年突破180万元。")
    assert "活动现场" not in article.text
    assert "▲" not in article.text


def test_a_scraped_page_is_its_article_alone() -> None:
    (article,) = articles("scraped_article")
    assert article.title == "云岭区建成首条智慧公交线"
    assert (article.publisher, article.published_at) == ("云岭新闻网", date(2022, 3, 15))
    assert article.text.count("\n") == 2
    assert article.text.endswith("年内覆盖全部6个街道。")


def test_short_news_are_cut_even_where_one_has_no_dateline_and_one_no_title() -> None:
    found = articles("briefs_page")
    assert [article.title for article in found] == [
        "南湖大道7月1日起封闭施工",
        "东山公园荷花进入盛花期",
        "我市新增两处婴幼儿照护驿站 破解“带娃难”",
        None,
    ]
    assert [article.publisher for article in found] == [None, None, None, "新华社"]
    assert all(article.published_at is None for article in found)
    assert "孙浩" not in found[1].text


def test_a_caption_between_the_halves_of_a_number_is_taken_out() -> None:
    (article,) = articles("feature_article")
    assert "由5天缩短到1.8天。" in article.text
    assert "看望独居老人" not in article.text
    assert article.title == "基层治理看河西④ 一根网格线 连起万家灯——河西街道“网格+”服务见闻"


def test_a_notice_keeps_every_line_and_takes_its_date_from_under_the_signature() -> None:
    (article,) = articles("notice")
    assert article.title == "关于2024年城乡居民医疗保险参保缴费的通告"
    assert article.published_at == date(2023, 9, 20)
    assert headings(article) == ["一、缴费标准", "二、缴费时间", "三、缴费方式"]
    printed = (_PAGES / "notice.txt").read_text(encoding="utf-8").splitlines()
    assert article.text.splitlines() == printed[1:]


def test_an_article_printed_twice_is_kept_once_in_the_fuller_form() -> None:
    feature, roadworks = articles("column_page")
    assert feature.title == "“双减”两年看变化 ① 课后服务里的“第二课堂”"
    assert roadworks.title == "海堤路夜间施工 市民可以错峰出行"
    assert roadworks.text.startswith("本报讯(记者 高敏)")
    assert roadworks.aliases == ("海堤路夜间施工 市民可以错峰出行",)
    assert roadworks.publisher == "滨海新报"


def test_broken_columns_are_joined_under_their_headings() -> None:
    feature, _ = articles("column_page")
    assert "参与率达到93.5%。" in feature.text
    assert "走进校园授课。" in feature.text
    assert headings(feature) == ["课程超市任人选", "老师有补贴、能补休"]
    assert feature.published_at == date(2023, 9, 5)


def test_sections_under_units_keep_the_unit_and_lose_bare_captions() -> None:
    (article,) = articles("units_article")
    assert article.title is None
    assert headings(article) == [
        "南岭县林业局党支部 守住一片林 富了一方人",
        "云溪镇党委 一根竹子的全链条",
        "县人民医院党总支 家门口看专家",
    ]
    for caption in ("护林队员巡山", "竹编车间", "医生下乡义诊"):
        assert caption not in article.text
    assert "云溪镇党委\n一根竹子的全链条\n云溪镇有毛竹9.8万亩。" in article.text
    assert article.publisher == "南岭组工"


def test_a_guide_whose_headings_are_all_places_keeps_them() -> None:
    page = "周末去哪里\n" + "\n".join(
        f"{name}\n{name}位于城区以东10公里,全年开放,门票20元,每天接待游客上千人。"
        for name in ("荷花公园", "陶瓷馆", "古码头")
    )
    (article,) = articles_of_page(page)
    assert headings(article) == ["荷花公园", "陶瓷馆", "古码头"]


@pytest.mark.parametrize("blank", ["\n", "\n\n", "\n\u3000\n"])
def test_blank_lines_make_no_difference_to_one_article(blank: str) -> None:
    lines = [
        "区图书馆新馆开放",
        "新馆藏书35万册,设座位1200个,每天开放12小时。",
        "服务读者",
        "全年举办讲座120场,参加读者超",
    ]
    (article,) = articles_of_page(blank.join([*lines, "2万人次。"]))
    assert (
        article.text == "新馆藏书35万册,设座位1200个,每天开放12小时。\n服务读者\n全年举办讲座120场,参加读者超2万人次。"
    )
    assert headings(article) == ["服务读者"]


@pytest.mark.parametrize("text", ["", "\n\n", "责编:张三", "©2024 某某网", "▲活动现场\nEND"])
def test_a_page_without_an_article_gives_none(text: str) -> None:
    assert articles_of_page(text) == []


@pytest.mark.parametrize("text", ["瓜", "𠮷", "👍", "杜阮凉瓜", "没有标点的一句话很长很长" * 20])
def test_the_least_text_is_kept(text: str) -> None:
    (article,) = articles_of_page(text)
    assert (article.title, article.text) == (None, text)


def test_a_date_without_its_year_is_no_date_of_publication() -> None:
    (article,) = articles_of_page(
        "区里开会\n江岸日报讯(记者 林叶)5月30日,区里召开会议,部署防汛工作,要求各镇街做好值守。"
    )
    assert (article.publisher, article.published_at) == ("江岸日报", None)


def test_full_text_below_a_wrong_end_mark_is_not_lost() -> None:
    body = (
        "镇里今年新建了三座桥,总投资1800万元,方便了沿河六个村的村民出行,也让农产品更快运到县城,"
        "村民们都说这是办到心坎上的实事,盼了二十年终于盼来了,今后要管好护好。"
    )
    (article,) = articles_of_page(f"三座桥通车\n{body}\n相关阅读\n{body.replace('三', '四')}\n更多桥梁图片")
    assert body.replace("三", "四") in article.text
    assert "更多桥梁图片" not in article.text


_LINES = st.lists(
    st.sampled_from(
        [
            "凉瓜丰收",
            "镇里开会 部署秋收工作",
            "江岸日报讯(记者 林叶)镇里开会,部署秋收。",
            "□本报记者 林叶",
            "村里今年种植凉瓜650亩,产值达",
            "1.3亿元,比去年多。",
            "村民在采摘凉瓜。 周海 摄",
            "▲凉瓜大棚",
            "凉瓜博览馆",
            "云溪镇党委",
            "(下转第4版)",
            "(上接第1版)路修好了,大家都高兴。",
            "编辑:林叶",
            "相关阅读",
            "2024年6月12日",
            "——林叶",
            "一、总体情况",
        ]
    ),
    max_size=25,
)


@given(_LINES, st.sampled_from(["\n", "\n\n"]))
def test_any_order_of_lines_is_read_and_no_statement_is_lost(lines: list[str], between: str) -> None:
    found = articles_of_page(between.join(lines))
    text = "\n".join(article.text for article in found)
    assert ("1.3亿元" in text) == ("1.3亿元,比去年多。" in lines)
    assert all(article.text.strip() == article.text for article in found)
    for article in found:
        assert all(
            article.text[section.start :].startswith((section.heading or "").split(" ")[0])
            for section in article.sections
        )


def test_a_hundred_thousand_characters_are_read_in_a_moment() -> None:
    (article,) = articles_of_page("镇里种凉瓜" * 20_000)
    assert len(article.text) == 100_000


_SERIAL_PAGE = """05年货节里的云溪
镇里今年办好六件实事,总投入2.6亿元,件件都有回音,今天就来看看其中的四件。
01 镇中心小学
孩子们有了新操场
投入320万元改造操场,新增学位540个,惠及周边三个村的孩子,家长们都说这是盼了多年的事。
孩子们在新操场上课间活动
02 镇卫生院
家门口就能做检查
新添检查设备12台,全年接诊3.2万人次,村民不必再为一张化验单跑上四十公里的山路。
家庭医生走进高坪村
03 镇水务站
3个月,喝上放心水
铺设管网86公里,9个村的5.1万人告别了缺水的日子,水费每立方米2.2元,三年不变。
改建后的云溪水厂
04 镇文化站
把书房搬到老街上
新建书房2座,藏书1.8万册,每天开放到晚上9点,周末还有老师来给孩子们讲故事。"""


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_sections_in_numbers_keep_both_lines_of_their_headings_and_lose_captions(between: str) -> None:
    (article,) = articles_of_page(_SERIAL_PAGE.replace("\n", between))
    assert headings(article) == [
        "01 镇中心小学 孩子们有了新操场",
        "02 镇卫生院 家门口就能做检查",
        "03 镇水务站 3个月,喝上放心水",
        "04 镇文化站 把书房搬到老街上",
    ]
    for caption in ("课间活动", "走进高坪村", "改建后的云溪水厂"):
        assert caption not in article.text
    assert "\n铺设管网86公里" in article.text


def test_short_lines_above_one_number_in_many_are_kept() -> None:
    page = _SERIAL_PAGE.replace("孩子们在新操场上课间活动\n", "").replace("家庭医生走进高坪村\n", "")
    (article,) = articles_of_page(page.replace("改建后的云溪水厂", "沿河九个村的水都从这座新厂来"))
    assert "沿河九个村的水都从这座新厂来" in article.text


@pytest.mark.parametrize(
    "caption", ["果农在分拣鲜果。林　叶/摄", "果农在分拣鲜果。　何　山 摄", "果农在分拣鲜果。周海 摄"]
)
def test_a_caption_inside_a_broken_sentence_does_not_keep_its_halves_apart(caption: str) -> None:
    page = (
        "云溪鲜果走俏\n初冬时节,云溪镇的果园里满是欢声笑语,果农忙着采摘、分级、装箱,一派丰收的景象。"
        "今年镇里安排资金1260万元,比上年增加180万元,重点用于果园"
        f"\n{caption}\n改造、冷库建设和农机补贴。"
    )
    (article,) = articles_of_page(page)
    assert article.text.endswith("重点用于果园改造、冷库建设和农机补贴。")
