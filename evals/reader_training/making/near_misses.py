"""Turns a made question into one that its document does not answer, by one change that a careless reader overlooks.

What is swapped: the year, the place, the ordinal, the office, the indicator. Every swap is checked against the text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft
from evals.reader_training.making.pages import Page
from evals.reader_training.making.subjects import KNOWN_GROUPS, places

_PAIRS = (
    "出口/进口 城镇/农村 男/女 死亡/受伤 新建/改建 确诊/疑似 第一产业/第二产业 第二产业/第三产业 "
    "第一产业/第三产业 小麦/玉米 水稻/大豆 粮食/棉花 粮食/油料 夏粮/早稻 秋粮/夏粮 原油/天然气 "
    "原煤/焦炭 钢/铝 汽车/船舶 "
    "高铁/地铁 铁路/公路 公路/水运 机场/港口 航空/铁路 旅客/货物 客运/货运 营业收入/营业成本 "
    "净利润/毛利润 利润/亏损 收入/支出 存款/贷款 总产量/单产 总投资/年投资 总面积/绿化面积 "
    "建筑面积/占地面积 面积/长度 "
    "上半年/下半年 一季度/二季度 一季度/四季度 前三季度/一季度 三季度/二季度 同比/环比 最高/最低 "
    "最大/最小 最低/最高 最长/最短 开幕/闭幕 开工/竣工 通车/开工 投产/停产 主办/承办 承办/协办 "
    "举办/承办 "
    "小学/中学 中学/小学 大学/中学 幼儿园/小学 医院/学校 医生/护士 教师/学生 学生/教师 党员/团员 "
    "儿童/老人 老年人/儿童 失业率/就业率 增加值/总产值 销量/产量 产量/销量 出境/入境 入境/出境 "
    "流入/流出 主力/散户 买入/卖出 "
    "国有企业/民营企业 民营企业/国有企业 外资企业/民营企业 制造业/建筑业 服务业/制造业 工业/农业 "
    "农业/工业 固定资产/流动资产 社会消费品/生产资料 居民消费价格/工业生产者出厂价格 光伏/风电 "
    "风电/水电 水电/核电 核电/火电 "
    "电动汽车/燃油汽车 新能源汽车/燃油汽车 高速公路/农村公路 高等级公路/农村公路 出生率/死亡率 "
    "人口/户数 住房/商铺 大桥/隧道 隧道/大桥 水库/河道 耕地/林地 林地/草地 "
    "手机/电脑 电影/电视剧 图书/期刊 图书馆/博物馆 博物馆/美术馆 刑事/民事 民事/行政 行政/刑事 "
    "一审/二审 人民法院/人民检察院 公安机关/检察机关 养老保险/医疗保险 医疗保险/失业保险 "
    "失业保险/工伤保险 "
    "首届/第二届 一期/二期 二期/一期 三期/一期 东部/西部 西部/东部 中部/东部 北部/南部 南部/北部 "
    "左岸/右岸 上游/下游 下游/上游 本土/境外输入 成立/解散 发布/废止 施行/废止 签署/终止 主席/副主席 "
    "市长/副市长 镇长/副镇长 "
    "书记/副书记 主任/副主任 局长/副局长 院长/副院长 校长/副校长 部长/副部长 会长/副会长 "
    "董事长/总经理 总经理/董事长 总裁/董事长 总统/总理 总理/总统 总统/副总统 国防部长/外交部长 "
    "外交部长/国防部长 所长/副所长 站长/副站长 "
    "党委书记/纪委书记 省委书记/省长 省长/省委书记 市委书记/市长 市长/市委书记 镇长/镇党委书记 "
    "党支部书记/村委会主任 发言人/部长 司令/参谋长"
)
_SWAPS = [tuple(pair.split("/")) for pair in _PAIRS.split()]
_FORMER = re.compile(r"副(?=[\u4e00-\u9fff]{1,3}(?:是|由|叫|姓|$|？)|[\u4e00-\u9fff]*[长席任记裁理])")
# Names of bodies and offices of which there is no other kind.
_FIXED = re.compile(r"最高人民(?:法院|检察院)|国务院总理|中国人民银行|国家主席")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_ORDINAL = re.compile(r"第([一二三四五六七八九十\d]+)(?=[届次批期轮季场号])")
_HAN = "一二三四五六七八九十"
_NEAR_CHARS = 60


def near_miss(question: str, draft: Draft, page: Page, chance: random.Random) -> str | None:
    """The question with one thing swapped so that the document does not answer it, or None where none is safe."""
    found = list(_changes(question, draft, page, chance))
    chance.shuffle(found)
    # One that uses words of the same document is the harder one.
    found.sort(key=lambda change: change[1] not in page.text)
    for old, new in found[:6]:
        swapped = question.replace(old, new, 1)
        if swapped != question and _unanswered(old, new, draft, page):
            return swapped
    return None


def _changes(question: str, draft: Draft, page: Page, chance: random.Random) -> Iterator[tuple[str, str]]:
    if years := _YEAR.findall(question):
        year = int(years[0])
        for other in {*map(int, _YEAR.findall(page.text)), year - 1, year + 1, year - 2} - {year}:
            if abs(other - year) <= 6:
                yield str(year), str(other)
    for place in places(question)[:2]:
        for group in KNOWN_GROUPS:
            if place in group:
                yield place, chance.choice(group)
                yield from ((place, other) for other in group if other in page.text and other != place)
        if len(place) >= 3 and place[-1] in "省市县区镇乡":
            others = [
                other
                for other in places(page.text[:1500])
                if other[-1] == place[-1] and other not in place and place not in other
            ]
            yield from ((place, other) for other in others[:4])
        yield from _of_law(place, draft, chance)
    fixed = _FIXED.search(question)
    for old, new in _SWAPS:
        if (fixed and old in fixed[0]) or ("中小学" in question and "学" in old):
            continue
        if old in question and new not in question and "副" + old not in question:
            yield old, new
    if match := _FORMER.search(question):
        word = question[match.start() : match.start() + 3]
        yield word, word[1:]
    if match := _ORDINAL.search(question):
        yield match[0], "第" + _other_ordinal(match[1], chance)


def _of_law(place: str, draft: Draft, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Another province's law of the same name."""
    if draft.english == "law" and place.endswith("省"):
        yield place, chance.choice(KNOWN_GROUPS[0][4:23]) + "省"


def _other_ordinal(number: str, chance: random.Random) -> str:
    if number.isdigit():
        return str(max(1, int(number) + chance.choice((-1, 1, 2))))
    if number in _HAN:
        place = _HAN.index(number)
        return _HAN[place + 1 if place < 9 and (place == 0 or chance.random() < 0.5) else place - 1]
    return number


def _unanswered(old: str, new: str, draft: Draft, page: Page) -> bool:
    """Whether what is asked now is not told: the new word does not stand by what the question is about."""
    text = page.text
    sentence = text[slice(*draft.anchor)]
    if _YEAR.fullmatch(new):
        keys = [key for key in draft.about if key]
        relative = page.year is not None and int(new) in (page.year, page.year - 1)
        return (
            new not in sentence
            and bool(keys)
            and not (relative and text.count(keys[0]) > 1)
            and not _beside(new, keys, text)
        )
    if new in old:  # 副镇长 to 镇长
        return not re.search(rf"(?<!副){re.escape(new)}", text)
    if new in sentence:
        return False
    if (old, new) in _SWAPS:
        return new not in text or (
            not _beside(new, [key.replace(old, "") for key in draft.about], text) and new not in draft.core
        )
    return not _beside(new, [key.replace(old, "")[-4:] for key in (*draft.about, draft.core)], text)


def _beside(word: str, keys: list[str], text: str) -> bool:
    keys = [key for key in keys if len(key) >= 2]
    for match in re.finditer(re.escape(word), text):
        around = text[max(0, match.start() - _NEAR_CHARS) : match.end() + _NEAR_CHARS]
        if not keys or any(key in around for key in keys):
            return True
    return False
