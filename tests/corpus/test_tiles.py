"""A title cut up and strewn over its page, and advertised names in Chinese alone: taken out, clean pages untouched."""

from __future__ import annotations

from itertools import cycle

from corpus.injected import injected_spans, without_injected

_TITLE = "橘子洲畔橘子红 柳湾镇走活富农一盘棋"
_PIECES = ("橘子洲畔橘", "子红柳湾镇", "走活富农一", "盘棋")
_CLEAN = (
    "初冬时节,柳湾镇的橘园里满是欢声笑语,果农忙着采摘、分级、装箱,货车在路边排起长队,等着把鲜果运往外地。\n"
    "全镇现有橘园1.6万亩,年产鲜果3.2万吨,产值达到2.1亿元,带动农户4300多户,户均增收8600元,成为当地的支柱产业。\n"
    "早些年可不是这样,品种老化,管理粗放,遇上丰收年景,一斤只卖三毛钱,不少人砍了树,外出打工,果园一度荒了三成。\n"
    "转变来自2018年,镇党委请来专家,逐村测土,更换良种,又组织党员带头示范,办起6家合作社,统一供肥,统一销售。\n"
    "“合作社包技术、包销路,我们只管种好树。”果农老郑说,去年他家12亩橘园收入9.8万元,今年预计超过11万元。\n"
    "销路也在变宽,镇里建成冷库4座,引进加工企业2家,开发果汁、果酒、陈皮等产品18种,电商销售占到四成以上。\n"
    "接下来,柳湾镇将扩建分拣中心,新增生产线3条,培训果农1200人次,把这条走了多年的路,走得更稳。"
)


def strewn(pieces: tuple[str, ...], text: str = _CLEAN) -> str:
    """The text with the pieces in turn in front of every second clause."""
    turn = cycle(pieces)
    clauses = text.replace(",", ",\0").replace("。", "。\0").split("\0")
    return "".join(
        next(turn) + clause if index % 2 and clause.strip("\n”") else clause for index, clause in enumerate(clauses)
    )


def cleaned(text: str, title: str = _TITLE) -> str:
    return "\n".join(without_injected(text.split("\n"), title=title))


def test_a_title_cut_up_from_end_to_end_is_taken_out() -> None:
    assert cleaned(strewn(_PIECES)) == _CLEAN


def test_the_title_quoted_by_its_author_stays() -> None:
    quoting = _CLEAN + f"\n这篇报道题为《{_TITLE}》,橘子洲畔橘子红了。"
    assert cleaned(strewn(_PIECES) + f"\n这篇报道题为《{_TITLE}》,橘子洲畔橘子红了。") == quoting


def test_an_advertised_name_in_chinese_is_taken_out_wherever_it_stands() -> None:
    dirty = strewn(("金蟾棋牌官网",)).replace("冷库4座", "冷库金蟾棋牌官网4座")
    assert cleaned(dirty) == _CLEAN


def test_a_site_that_is_written_of_stays() -> None:
    text = (
        "省体育彩票官网公布了结果。省体育彩票官网显示,奖池有3亿元。省体育彩票官网上可以查询。\n"
        "家长登录教育局官网报名,教育局官网开放三天,教育局官网设有专栏,教育局官网新增了地图,教育局官网将检修。"
    )
    assert injected_spans(text, title="省体育彩票开奖结果公布") == []


def test_words_of_a_title_that_come_back_in_its_article_stay() -> None:
    title = "柳湾镇党建引领产业发展 橘园富农"
    words = ("柳湾镇", "党建", "引领", "产业发展", "橘园", "富农")
    verbs = ("惠及果农", "改造旧房", "扩大面积", "巩固成果", "带动就业")
    # Each verb turns the order round: taking turns strictly would be a ring.
    text = "".join(f"{word}{verb}。" for place, verb in enumerate(verbs) for word in words[:: (-1) ** place])
    assert injected_spans(text, title=title) == []


def test_a_page_without_a_title_or_with_a_short_one_is_untouched() -> None:
    assert injected_spans(_CLEAN) == []
    assert injected_spans(_CLEAN, title="橘子红了") == []
    assert injected_spans("", title=_TITLE) == []
