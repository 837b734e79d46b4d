"""Drafts that ask for several: the whole run of an enumeration is the answer, and drafts that ask whether."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.reader_training.making.drafts import Draft, Span
from evals.reader_training.making.pages import Page, tagged
from evals.reader_training.making.subjects import is_named
from evals.reader_training.making.times import leading_time, strip_lead

_ITEM = r"[^，。；：、？！（）()和及与“”《》]{2,14}"
_NAME = rf"(?:{_ITEM}|《[^》]{{2,24}}》|“[^”]{{2,16}}”)"
_RUN = rf"{_NAME}(?:、{_NAME})+(?:(?:和|及|以及|与){_NAME})?"
_INCLUDES = re.compile(
    rf"(?:(?<=[，。；\n])|^)(?P<subject>[^，。；：\n]{{4,28}}?)(?P<verb>主要包括|包括|包含|涵盖|分别是|"
    rf"分为|主要有|推出了|推出|开设了|引进了|查获了|培育了|展出了|走访了|参观了|考察了|调研了|覆盖|设有|"
    rf"种植|销往|来自|出口到|出口至)(?P<run>{_RUN})(?P<etc>等[^，。；]{{0,14}})?(?=[，。；])"
)
_COUNTED = re.compile(
    rf"(?P<run>{_RUN})等?(?P<number>[两三四五六七八九十]|\d{{1,2}})(?P<unit>个|省|市|地|县|区|国|部门|"
    rf"家|位|名|项|所|大|类|种)(?P<noun>[\u4e00-\u9fff]{{0,4}}?)(?P<rest>(?:联合(?!声明)|共同|已|正式|"
    rf"均|相继|获|被|参加|开展|启动|启用|发布|印发|召开|举行|成为|入选|实现|举办)[^，。；]{{2,30}})"
    rf"(?=[，。；])"
)
# 云南四省市, 献县共104个行政村: the number sums up, it is not of the last name.
_COUNT_AT_END = re.compile(
    r"(?:共计|共|等)?(?:[两三四五六七八九十]+|\d+)(?:余|多)?(?:省|市|地|个|国|县|区|大|类|家|项|种|名|位|款)[^、]{0,8}$"
)
_BAD = re.compile(
    r"[他她其该此这那们您你我某]|记者|有关|如果|不仅|没|[\d]{1,2}日|据|说|称|表示|近年|分别$|仅|只|也$|还$"
)
_OBJECTS = re.compile(
    rf"(?:(?<=[，。；\n])|^)(?P<head>[^，。；：、\n“”《》（）]{{7,40}})(?P<run>(?:、{_NAME})+(?:(?:和|及|以及|与){_NAME})?)"
    rf"(?P<etc>等[^，。；、的]{{0,6}})?(?=[，。；])"
)
_SUBJECTS = re.compile(
    rf"(?:(?<=[，。；\n])|^)(?P<run>{_RUN})等(?:多|\d+|[一二三四五六七八九十]+余?)?(?:个|家|位|种|项|名|"
    rf"类|所)?(?P<noun>地区|省份|省区市|城市|国家|部门|企业|单位|公司|地方|领域|行业|产品|高校|学校|"
    rf"机构|项目|作物|地)(?P<rest>[^，。；、\n]{{4,26}})(?=[，。；])"
)
_TAKING_WORDS = (
    "推出 开设 设立 引进 查获 培育 种植 生产 销售 展出 发放 配备 安装 新建 建成 建设 打造 成立 获得 荣获 出口 进口 "
    "采购 检查 走访 考察 修订 制定 出台 公布 发布 检测 提供 使用 添加 需要 支持 覆盖 涉及 连接 途经 穿越 经过 流经 邀请"
)
_TAKING = frozenset(_TAKING_WORDS.split())
_WHETHER = re.compile(
    r"(?:(?<=[，。；\n])|^)(?P<subject>[^，。；：\n“”]{4,26}?)(?P<said>(?P<adverb>已|已经|正式|全面|"
    r"顺利|全部|全线|成功|均已|已全部|已正式)(?P<verb>建成通车|建成投产|建成投用|完工|建成|通车|投产|"
    r"投用|投入使用|投入运营|开通|开工|竣工|启动|恢复供电|恢复通车|恢复|上线|落地|开放|贯通|完成|关闭|"
    r"结束|启用|签署|获批|发布|脱贫|复工|生效))(?P<rest>[^，。；]{0,14})(?=[，。；])"
)
_WHETHER_NOT = re.compile(
    r"(?:(?<=[，。；\n])|^)(?P<subject>[^，。；：\n“”]{4,26}?)(?P<said>(?P<verb>尚未|没有|未(?!来|成年|"
    r"婚)|并未|仍未|暂未|不再|不会)(?P<rest>[\u4e00-\u9fff]{2,16}))(?=[，。；])"
)


def list_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """What a sentence enumerates."""
    yield from _included(page.text, sentence)
    yield from _counted(page.text, sentence)


def _included(text: str, sentence: Span) -> Iterator[Draft]:
    for match in _INCLUDES.finditer(text, *sentence):
        run = _trimmed(text, match.start("run"), match.end("run"))
        subject = match["subject"].strip()
        if not _subject(subject) or not _items(text[slice(*run)]) or (match["etc"] and len(match["etc"]) > 12):
            continue
        verb = match["verb"].removeprefix("主要")
        noun = _counted_noun(match["etc"] or "")
        yield Draft(
            kind="list",
            spans=(run,),
            anchor=sentence,
            forms=_include_forms(verb, noun),
            core=subject,
            about=(subject[-4:], verb),
        )


def _counted(text: str, sentence: Span) -> Iterator[Draft]:
    for match in _COUNTED.finditer(text, *sentence):
        run = _trimmed(text, match.start("run"), match.end("run"))
        if (
            not _items(text[slice(*run)])
            or _BAD.search(match["rest"])
            or text[run[0] - 1 : run[0]] not in "，。；：\n由"
        ):
            continue
        unit = match["unit"] + match["noun"]
        unit = unit if unit[0] in "个家位名项所大类种" else "个" + unit if unit[0] not in "省市地县区国" else unit
        which = [f"哪{match['number']}{unit}", "哪些" + _plural(unit)]
        yield Draft(
            kind="list",
            spans=(run,),
            anchor=sentence,
            forms=(
                *(word + "{c}" + mark for word in which for mark in ("？", "？", "")),
                "{c}的是" + which[0] + "？",
                "{c}的有哪些" + _plural(unit) + "？",
            ),
            core=match["rest"],
            about=(match["rest"][:4],),
        )


def run_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """Runs of names that a verb takes, or that do what the clause tells."""
    yield from _taken(page.text, sentence)
    yield from _doing(page.text, sentence)


def _taken(text: str, sentence: Span) -> Iterator[Draft]:
    for match in _OBJECTS.finditer(text, *sentence):
        before = _to_verb(match["head"])
        if not before or _BAD.search(before) or tagged(before)[0][1][0] not in "njbsl" or not is_named(before):
            continue
        run = _trimmed(text, match.start("head") + len(before), match.end("run"))
        if not _items(text[slice(*run)]):
            continue
        noun = _counted_noun(match["etc"] or "")
        forms = (
            "{c}哪些" + noun + "？",
            "{c}了哪些" + noun + "？",
            "{c}哪些" + noun,
            "{c}的" + (noun or "内容") + "有哪些？",
        )
        yield Draft("list", (run,), sentence, forms, before, about=(before[-4:],))


def _to_verb(head: str) -> str:
    """The words up to the last verb that takes a list, "" where there is none or nothing is left behind it."""
    position, end = 0, 0
    for word, _ in tagged(head):
        position += len(word)
        end = position if word in _TAKING else end
    return head[:end] if len(head) - end >= 2 else ""


def _doing(text: str, sentence: Span) -> Iterator[Draft]:
    for match in _SUBJECTS.finditer(text, *sentence):
        run = _trimmed(text, match.start("run"), match.end("run"))
        rest, noun = match["rest"], match["noun"]
        if (
            not _items(text[slice(*run)])
            or _BAD.search(rest)
            or "的" in rest[:4]
            or not 4 <= len(rest) <= 26
            or tagged(rest)[0][1] not in ("v", "d", "ad")
        ):
            continue
        noun = "地方" if noun == "地" else noun
        forms = tuple(
            f"{which}" + "{c}" + mark for which in ("哪些" + noun, "有哪些" + noun) for mark in ("？", "？", "")
        )
        yield Draft("list", (run,), sentence, forms, rest, about=(rest[:4],))


def whether_drafts(page: Page, sentence: Span) -> Iterator[Draft]:
    """What a sentence says to have happened, or not to: asked with 是否 and 吗, answered by the words that say so."""
    for match in _WHETHER.finditer(page.text, *sentence):
        subject = match["subject"].strip()
        if not _subject(subject) or not is_named(subject) or match["rest"][:1] in ("的", "后", "时", "前", "以", "之"):
            continue
        rest = match["rest"] if match["rest"] and tagged(match["rest"])[-1][1].startswith("n") else ""
        if match["rest"] and not rest:
            continue
        verb = match["verb"] + rest
        yield Draft(
            kind="whether",
            spans=((match.start("said"), match.end("rest")),),
            anchor=sentence,
            forms=(
                "{c}是否已经" + verb + "？",
                "{c}" + verb + "了吗？",
                "{c}是否" + verb,
                "{c}有没有" + verb + "？",
                "{c}已经" + verb + "了吗",
                "{c}" + verb + "了没有？",
            ),
            core=subject,
            about=(subject[-4:], match["verb"]),
        )
    for match in _WHETHER_NOT.finditer(page.text, *sentence):
        subject, rest = match["subject"].strip(), match["rest"]
        if (
            not _subject(subject)
            or not is_named(subject)
            or not tagged(rest)[0][1].startswith("v")
            or rest.endswith(("的", "时", "前", "后"))
        ):
            continue
        yield Draft(
            kind="whether",
            spans=(match.span("said"),),
            anchor=sentence,
            forms=("{c}是否" + rest + "？", "{c}有没有" + rest + "？", "{c}" + rest + "了吗？", "{c}是否" + rest)
            if match["verb"] not in ("不再", "不会")
            else ("{c}会不会" + rest + "？", "{c}是否会" + rest + "？", "{c}还会" + rest + "吗？"),
            core=subject,
            about=(subject[-4:],),
        )


def _include_forms(verb: str, noun: str) -> tuple[str, ...]:
    if verb in ("种植", "生产", "设有"):
        return (
            "{c}" + verb + "哪些" + noun + "？",
            "{c}" + verb + "了哪些" + (noun or "东西") + "？",
            "{c}都" + verb + "什么？",
        )
    if verb in ("来自", "销往", "出口到", "出口至"):
        return (
            "{c}" + verb + "哪些" + (noun or "地方") + "？",
            "{c}" + verb + "哪里？",
            "{c}都" + verb + "哪些" + (noun or "地方"),
        )
    if verb == "分别是":
        return ("{c}有哪些" + noun + "？", "{c}分别是什么？", "{c}是哪些？", "{c}有哪些" + noun)
    if verb.endswith("了") or verb in ("推出", "主要有"):
        verb = verb.removesuffix("了").replace("主要有", "有")
        return ("{c}" + verb + "了哪些" + noun + "？", "{c}" + verb + "哪些" + noun + "？", "{c}都" + verb + "了什么？")
    return (
        "{c}" + verb + "哪些" + noun + "？",
        "{c}" + verb + "哪些" + (noun or "内容") + "？",
        "{c}具体" + verb + "什么？",
        "{c}都" + verb + "哪些" + noun + "？",
        "{c}" + verb + "什么",
        "{c}有哪些" + noun + "？",
    )


def _counted_noun(etc: str) -> str:
    match = re.match(
        r"等(?:多|\d+|[一二三四五六七八九十]+余?|数十)?(?:个|种|类|家|项|大类|款)?(?P<noun>[\u4e00-\u9fff]{2,6})$", etc
    )
    return match["noun"] if match and not match["noun"].startswith(("多", "在", "方面", "个")) else ""


def _plural(unit: str) -> str:
    bare = re.sub(r"^[个家位名项所大类种]", "", unit)
    return {"": "", "地": "地方", "省": "省份", "市": "城市", "国": "国家", "县": "县", "区": "区"}.get(bare, bare)


def _subject(subject: str) -> bool:
    if _BAD.search(subject) or len(subject) < 4:
        return False
    words = tagged(subject)
    return words[0][1][0] not in "vpcudrma" and words[-1][1].startswith(("n", "vn", "l", "j", "v"))


def _trimmed(text: str, start: int, end: int) -> Span:
    start += strip_lead(text[start:end])
    start += leading_time(text[start:end])
    tail = _COUNT_AT_END.search(text[start:end])
    end = start + tail.start() if tail else end
    while end > start and text[end - 1] in "等 ":
        end -= 1
    return start, end


def _items(run: str) -> bool:
    """Whether a run is of three things and more of one sort: names or nouns, none a clause."""
    items = re.split(r"、|以及|[和及与]", run)
    if not 3 <= len(items) <= 12 or any(not item for item in items):
        return False
    if len({item[-1] for item in items}) > 1 and max(map(len, items)) > 3 * min(map(len, items)) + 2:
        return False
    if tagged(items[0])[0][1][0] in "vdamp" or re.search(r"^(?:[一二三四五六]是|要|将)|在|会同|对|由|将|\d", items[0]):
        return False
    return all(tagged(item)[-1][1][0] in "nvljsx" and tagged(item)[0][1][0] not in "pcudr" for item in items)
