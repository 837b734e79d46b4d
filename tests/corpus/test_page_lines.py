"""What single lines are: captions, bylines, datelines, furniture, headings."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.captions import is_caption, is_caption_word
from corpus.datelines import date_in_file_name, full_date, has_dateline, is_byline, publisher_of
from corpus.furniture import Furniture, furniture, source_of
from corpus.lines import ends_sentence, is_heading_like, is_title_like, joined, lines_of


@pytest.mark.parametrize(
    "text",
    [
        "▲党员走访企业",
        "村民在采摘凉瓜。 周海 摄",
        "村民在采摘凉瓜。周海/摄",
        "凉瓜大棚(记者 周海 摄)",
        "图为凉瓜大棚。",
        "图①:大棚外景",
        "新桥通车。资料图片",
        "大棚丰收 本报记者 周海 通讯员 李木 摄",
        "（图片由镇政府提供）",
        "果农在分拣鲜果。林　叶/摄",
        "新修的河堤。　周　海 摄",
        "[图片]",
    ],
)
def test_captions_show_themselves(text: str) -> None:
    assert is_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "这部纪录片由省电视台拍摄",
        "全市绘出发展蓝图",
        "▲一是加强领导。各镇街要成立专班,明确分工,把任务落实到人,每周报告一次进展,年底逐项考核,不得拖延,不得走过场,务求实效。",
        "村民在采摘凉瓜。",
        "台风登陆,镇里转移群众1200人。截至昨晚,没有人员伤亡报告,12个安置点物资充足,供电供水已经恢复,"
        "道路也已抢通,受损农田正在排水,农技人员分片指导补种。 周海 摄",
    ],
)
def test_body_text_is_no_caption(text: str) -> None:
    assert not is_caption(text)


def test_some_words_are_only_ever_captions() -> None:
    assert is_caption_word("活动现场")
    assert is_caption_word("园区一角")
    assert not is_caption_word("推动产业连片发展")


@pytest.mark.parametrize(
    "text",
    [
        "□江岸日报记者 林叶 通讯员 区农水",
        "◎本报记者 林叶",
        "文/图 林叶 周海",
        "本报记者 林叶 实习生 何山",
        "江岸日报/江岸网记者 欧阳小叶",
        "文/江岸日报全媒体记者 林叶",
        "(记者 林叶)",
        "□本报记者 林叶 特约通讯员 云溪",
        "◎江岸日报记者　林　叶　文/图",
        "作者:林叶",
    ],
)
def test_bylines_are_told_by_the_names_in_them(text: str) -> None:
    assert is_byline(text)


@pytest.mark.parametrize(
    "text", ["", "记者走基层 看乡村新变化", "记者调查", "通讯员队伍越来越大", "记者从区里获悉,路修好了。"]
)
def test_headlines_about_reporters_are_no_bylines(text: str) -> None:
    assert not is_byline(text)


@pytest.mark.parametrize(
    ("text", "publisher"),
    [
        ("江岸日报讯(记者/林叶)近日,", "江岸日报"),
        ("本报讯 近日,", None),
        ("本报讯(记者 林叶)近日,", None),
        ("新华社北京6月1日电(记者 林叶)", "新华社"),
        ("江岸晚报6月1日讯 ", "江岸晚报"),
        ("央视网消息（新闻联播）：", "央视网"),
        ("(江岸日报记者 林叶)近日,", "江岸日报"),
    ],
)
def test_datelines_name_the_publisher_or_nobody(text: str, publisher: str | None) -> None:
    assert has_dateline(text + "区里召开会议。")
    assert publisher_of(text + "区里召开会议。") == publisher


@pytest.mark.parametrize(
    "text", ["", "新华社区开展电影放映活动。", "通讯员培训班开班。", "电视台来了。", "记者近日走访。"]
)
def test_other_openings_are_no_datelines(text: str) -> None:
    assert not has_dateline(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("编辑 | 小叶", Furniture.CREDIT),
        ("编 辑:林 叶", Furniture.CREDIT),
        ("一审一校:林 叶", Furniture.CREDIT),
        ("责编 林叶 美编 周海 校对 何山", Furniture.CREDIT),
        ("【责任编辑:林叶】", Furniture.CREDIT),
        ("来源:江岸区委组织部", Furniture.CREDIT),
        ("-END-", Furniture.CREDIT),
        ("热门跟贴", Furniture.TAIL),
        ("相关阅读", Furniture.TAIL),
        ("上一篇:河堤加固", Furniture.TAIL),
        ("©2024 江岸网 版权所有", Furniture.TAIL),
        ("文中看法属于作者，与本站无关；文章仅代表作者观点。", Furniture.TAIL),
        ("未经本网书面授权不得转载", Furniture.TAIL),
        ("如有侵权请联系我们删除", Furniture.TAIL),
        ("南ICP备05001234号-1", Furniture.TAIL),
        ("分享到:", Furniture.HEAD),
        ("长按识别二维码关注我们", Furniture.HEAD),
        ("第03版", Furniture.HEAD),
        ("A05 社会新闻", Furniture.HEAD),
        ("B3　民生新闻", Furniture.HEAD),
        ("第05版：要闻", Furniture.HEAD),
        ("【打印本页】　【关闭窗口】　分享到：微信　微博", Furniture.HEAD),
        ("阅读 1.2万 赞 56", Furniture.HEAD),
        ("原标题：江岸新桥通车", Furniture.HEAD),
        ("来源：江岸区融媒体中心 编辑：林叶 审核：周海", Furniture.CREDIT),
        ("责任编辑/林叶 版式/周海 校对/何山", Furniture.CREDIT),
        ("本版稿件除署名外均由本报记者采写", Furniture.CREDIT),
        ("本版投稿邮箱：jab@example.org", Furniture.CREDIT),
        ("地址：江岸区河堤路8号 邮编：500000 印刷：江岸印务", Furniture.TAIL),
        ("广告经营许可证：江工商广字001号", Furniture.TAIL),
        ("主办：江岸区人民政府办公室　技术支持：江岸数据中心", Furniture.TAIL),
        ("网站标识码：4400000001", Furniture.TAIL),
        ("首页 > 新闻 > 正文", Furniture.HEAD),
    ],
)
def test_furniture_is_known_by_its_kind(text: str, kind: Furniture) -> None:
    assert furniture(text, in_body=True) is kind


@pytest.mark.parametrize(
    "text",
    [
        "2024年6月12日",
        "时间:6月12日上午9点",
        "咨询电话:0750-3230000",
        "点赞街道的上门服务",
        "编辑部里的故事很多,老李讲了一上午。",
        "来源地证明由企业自行打印。",
        "发布会上公布了三项措施。",
        "完成投资3亿元",
        "第三条 未经许可临时占用绿地的，责令限期改正，并处罚款。",
        "平台知道商家侵犯商标权的，应当及时删除链接。",
        "未经同意不得收集、使用个人信息；",
        "发布广告应当取得广告经营许可证，并向登记机关备案。",
        "阅读推广活动举办了56场。",
        "本版规划由市政府批准，期限为2021年至2035年。",
        "打印机和关闭阀门的采购另行公告。",
        "技术支持单位应当派人驻场，随叫随到。",
        "综合新闻",
        "128",
    ],
)
def test_text_that_only_looks_like_furniture_stays(text: str) -> None:
    assert furniture(text, in_body=True) is None


def test_a_date_above_the_text_belongs_to_the_page() -> None:
    assert furniture("2024年6月12日 星期三", in_body=False) is Furniture.HEAD
    assert furniture("发布时间:2024-06-12 来源:江岸网", in_body=False) is Furniture.HEAD
    assert furniture("2024-06-12 10:20 江岸发布", in_body=False) is Furniture.HEAD
    assert furniture("1995年7月28日 省政府发布", in_body=False) is None


def test_the_label_of_a_section_belongs_to_the_page_only_above_the_text() -> None:
    assert furniture("综合新闻", in_body=False) is Furniture.HEAD
    assert furniture("综合治理", in_body=False) is None


def test_sources_and_editors_name_publishers() -> None:
    assert source_of("来源 | 区委组织部") == ("区委组织部", None)
    assert source_of("编辑 | 江岸发布编辑部") == (None, "江岸发布")
    assert source_of("来源:江岸网 发布时间:2024-06-12") == ("江岸网", None)
    assert source_of("来源：江岸网 编辑：林叶 审核：周海") == ("江岸网", None)


@pytest.mark.parametrize(
    "text",
    [
        "建强乡村振兴工作队",
        "党建引领强根基,乡村振兴谱新篇",
        "一、总体情况",
        "确保防汛工作有序进行",
        "科技、文化、卫生三下乡",
    ],
)
def test_headings_are_short_and_even(text: str) -> None:
    assert is_heading_like(text)


@pytest.mark.parametrize(
    "text",
    [
        "36次,是老周在去年上门开展",
        "近年来,工厂从人工加速走",
        "在梅林村,工作组察看梅林",
        "新区靠什么?",
        "名村民参加培训。",
        "为老人提供贴心的",
        "，继续前进",
    ],
)
def test_broken_sentences_are_no_headings(text: str) -> None:
    assert not is_heading_like(text)


def test_titles_may_ask_and_exclaim() -> None:
    assert is_title_like("凉瓜卖得怎么样?")
    assert not is_title_like("凉瓜卖得不错。")


def test_sentences_may_end_before_quotes_and_remarks() -> None:
    assert ends_sentence("他说好。”")
    assert ends_sentence("路通了。(记者 林叶)")
    assert not ends_sentence("他说“好”")


def test_halves_are_joined_with_a_space_only_between_latin_words() -> None:
    assert joined("有2460", "名村民") == "有2460名村民"
    assert joined("Digital", "Village") == "Digital Village"


def test_invisible_characters_and_margins_are_not_part_of_lines() -> None:
    assert [line.text for line in lines_of("\ufeff\u3000凉\u200b瓜\xa0\n \n丰收")] == ["凉瓜", "丰收"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024年6月12日 星期三", date(2024, 6, 12)),
        ("2024-06-12 10:20", date(2024, 6, 12)),
        ("2024/6/2", date(2024, 6, 2)),
        ("2023年2月30日", None),
        ("5月30日", None),
        ("12024-06-123", None),
    ],
)
def test_only_full_dates_count(text: str, found: date | None) -> None:
    assert full_date(text) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("page_2024-06-12.txt", date(2024, 6, 12)),
        ("20240612.txt", date(2024, 6, 12)),
        ("2024年6月2日.txt", date(2024, 6, 2)),
        ("001_1417d20240612a.txt", None),
        ("20241332.txt", None),
        ("凉瓜.txt", None),
    ],
)
def test_file_names_may_spell_out_a_date(name: str, found: date | None) -> None:
    assert date_in_file_name(name) == found
