"""What stands on a page beside its articles: page heads, credits of editors, links to other stories, legal lines.

Dropped, because no question is answered by it and it would be cited as if it were. What it says of publisher and date
is kept. Never dropped is a full paragraph: see ``is_full_paragraph``.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from corpus.lines import NUMBERED

_SEPARATOR = r"\s*[:：|丨｜/／]\s*"
# Those who made the page, not the event: the words may be spaced out (编 辑).
_LABELS = (
    "编辑|责编|责任编辑|本版编辑|本版责编|美编|美术编辑|新媒体编辑|值班编辑|图片编辑|文字编辑|编审|编校|编委|值班编委|编发|"
    "校对|校审|审核|审校|审签|审定|审读|审稿|初审|复审|终审|一审|二审|三审|一校|二校|三校|一审一校|二审二校|三审三校|"
    "监制|总监制|监审|值班主任|值班总编|主编|执行主编|总编辑|副总编辑|出品|出品人|统筹|策划|总策划|签发|发布|运营|推送|"
    "制图|制作|排版|版式|版式设计|组版|设计|视觉|摄影|摄像|图片|图源|供图|供稿|来稿|投稿|剪辑|配音"
)
_SOURCE_LABELS = "来源|稿源|信息来源|文章来源|稿件来源|内容来源|素材来源|转自|转载自|综合"


def _alternatives(labels: str) -> str:
    spaced = (r"\s*".join(label) for label in sorted(labels.split("|"), key=len, reverse=True))
    return "(?:" + "|".join(spaced) + ")"


_CREDIT_LABEL = _alternatives(_LABELS)
_SOURCE_LABEL = _alternatives(_SOURCE_LABELS)
_NAMES = r"[\u4e00-\u9fff·A-Za-z]{1,4}(?:\s+[\u4e00-\u9fff]{1,4})*"
_CREDIT = re.compile(
    rf"^[（(【\[]?\s*(?:本期|本版|今日)?{_CREDIT_LABEL}(?:\s*[/、&／]\s*{_CREDIT_LABEL})*{_SEPARATOR}[^。！？!?；]{{1,80}}$|"
    rf"^[（(【\[]?(?:{_CREDIT_LABEL}(?:{_SEPARATOR}|\s+){_NAMES}[\s,，;；]*)+[）)】\]]?$"
)
_SOURCE = re.compile(rf"^[（(【\[]?\s*{_SOURCE_LABEL}{_SEPARATOR}(?P<source>[^。！？!?；]{{1,80}}?)[）)】\]]?$")
_EDITORS_OF = re.compile(r"(?P<medium>[\u4e00-\u9fffA-Za-z]{2,14}?)(?:编辑部|编辑室|采编部)")
_END_SIGN = re.compile(r"^[-—–=·•~\s【\[（(]*(?:END|The\s*End|全文完|本文完|完)[-—–=·•~\s】\]）)]*$", re.IGNORECASE)
# After these stand links to other stories, readers' comments or the site's own words, never the article.
_TAIL_HEADERS = re.compile(
    r"^[■●◆▶>【\[\s]*(?:友情链接|相关(?:阅读|新闻|推荐|报道|文章|稿件|资讯)|推荐(?:阅读|文章|新闻)|延伸阅读|(?:热门|最新|精彩|全部|网友)(?:跟贴|跟帖|评论|推荐|文章|新闻|资讯)|"
    r"猜你喜欢|大家都在看|往期(?:回顾|推荐|精彩|内容)|更多(?:精彩|阅读|新闻|推荐|资讯|内容)|为你推荐|热点(?:推荐|新闻|排行)|点击排行|(?:新闻|阅读|热点)排行榜?|"
    r"跟贴|评论区|发表评论|我要评论|合作伙伴|站点导航|网站导航)[\s】\]:：>]*(?:\d+\s*条)?$|^(?:上|下)一[篇条页](?:\s*[:：].*)?$"
)
# The site's or account's own words. Law speaks of permission, infringement and deletion too, so these need a word for
# itself (本站, 本文), a registration, or the reprint.
_OURSELVES = r"(?:本(?:站|网|文|公众号|号|平台|账号|报|刊|稿|页)|我们|小编)"
_LEGAL = re.compile(
    r"©|\(c\)\s*\d{4}|copyright\b|all\s+rights\s+reserved|powered\s+by|ICP[备证]\s*(?:案|字|第)?\s*\d|公网安备|网站地图|"
    r"版权(?:等|侵权)?(?:问题|联系)[^。]{0,40}(?:联系|电话)|^[【\[]?(?:版权|免责|特别|郑重)(?:声明|说明)|^(?:[\u4e00-\u9fffA-Za-z]{2,16}\s+)?版权所有|"
    r"仅代表(?:作者|本人|个人)(?:本人|个人)?(?:的)?观点|不代表"
    + _OURSELVES
    + r"|未经[^，,。]{0,12}[，,]?\s*(?:不得|禁止|严禁|请勿)(?:擅自)?转载|"
    r"转载(?:请|须|时请)[^。]{0,10}(?:注明|联系)|(?:侵权|侵犯|侵害)[^。]{0,24}(?:联系我们|联系删除|联系"
    + _OURSELVES
    + r"|告知删除|立即删除|"
    r"即删|与"
    + _OURSELVES
    + r"联系)|"
    + _OURSELVES
    + r"[^。]{0,12}内容来(?:源|自)于?(?:互联网|网络)|违法和不良信息举报|"
    r"(?:信息网络传播视听节目|互联网新闻信息服务)许可证(?:号|[:：]|\s*\d)|"
    # What papers and offices must print about themselves; law names these papers too, but gives no number.
    r"广告(?:经营|发布)?(?:许可证|登记)(?:编?号)?\s*[:：]|国内统一(?:连续出版物|刊)号\s*[:：]|邮发代号\s*[:：]|"
    r"网站标识码\s*[:：]?\s*[a-z\d]|^(?:主办|承办|主管)(?:单位)?\s*[:：].{2,40}(?:技术支持|技术维护|承办|协办|网站)\S{0,4}\s*[:：]|"
    r"^(?:地址|社址|报社地址)\s*[:：].{4,60}(?:邮编|邮政编码|印刷|承印)\s*[:：]|^(?:技术支持|技术维护)\s*[:：]",
    re.IGNORECASE,
)
# Buttons and invitations: dropped where they stand, the article may go on below.
_BUTTONS = re.compile(
    r"^[\[【>*★☆👇👆\s]*(?:分享(?:到|至)?.{0,20}|打印(?:本页|本文|文章)?|关闭(?:窗口|本页|页面)?|返回(?:顶部|首页|列表|上页)|收藏(?:本文)?|字[号体]\s*[:：]?.{0,16}|"
    r"(?:长按|扫一?扫|扫码|扫描|识别).{0,24}(?:关注|二维码|添加|加入|阅读|查看|下载)?.{0,6}|点击.{0,16}(?:关注|阅读|查看|收听|播放|原文|订阅|我们|蓝字|卡片|下载)|关注(?:我们|公众号|本号)|阅读原文|"
    r"(?:点?赞|在看|转发|喜欢|星标|点个.{1,4})(?:[\s、，,和+]*(?:点?赞|在看|转发|分享|收藏|喜欢|评论|星标))*[!！~]*|举报|纠错|展开全文|收起|听新闻|语音播报|(?:大|中|小)(?:\s+(?:大|中|小))+)[\]】<*\s]*$"
)
# Several buttons in a row, and where they share to.
_BUTTON_GAP = re.compile(r"[\s\u3000|丨/／【】\[\]:：]+")
_SHARED_TO = re.compile(
    r"^(?:微信(?:好友)?|朋友圈|(?:新浪)?微博|QQ(?:好友|空间)?|复制链接|更多|本页|窗口|[大中小]|\d{1,3}|A[+-]?)$",
    re.IGNORECASE,
)
# 阅读 1.2万 赞 56
_READERS = re.compile(
    r"^(?:(?:阅读|浏览|播放|点?赞|在看|转发|评论|留言|分享|收藏|喜欢)(?:次数|数|量)?\s*[:：]?\s*\d[\d.,]*\s*[万wW]?\+?\s*次?[\s|丨·]*)+$"
)
# 本版稿件除署名外均由……, 本版投稿邮箱：…: what a page says of itself.
_OF_THIS_PAGE = re.compile(
    r"^[（(]?本版(?:稿件|图片|照片|文图|图文|摄影|文字|投稿|邮箱|热线|电话|联系|监制|策划|主编|统筹)[^。]{0,60}[）)。]?$"
)
_FORMER_TITLE = re.compile(r"^[（(]?原标题\s*[:：]")
# The name of a section over a page's stories; below text it may be a heading.
_SECTION_LABEL = re.compile(
    r"^(?:综合|本地|本市|全市|全区|全县|城事|社会|民生|时政|地方|区域|镇街|县区|国内|国际|财经|经济|教育|文化|文体|体育|健康|专题|广告|"
    r"公益|副刊|头版|重点)?(?:新闻|要闻|综合|版|副刊)$"
)
# A page's number, - 2 - or 02: other numbers on a line of their own may be a table's. In a broken sentence 02 may be a
# figure too, so who asks must know that none is open.
LONE_NUMBER = re.compile(r"^(?:[-—–·]+\s*\d{1,3}\s*[-—–·]+|0\d)$")
_WAY_HERE = re.compile(r"^(?:您?的?(?:当前|现在|所在)的?位置|首页\s*[>»›＞/])|[>»›＞]\s*(?:正文|详情|内容)$")
# 第03版 要闻, A03：民生, 2024年6月12日 星期三
_PAGE_NUMBER = re.compile(
    r"^(?:第?\s*[A-Z]?\d{1,2}\s*版(?:[\s:：·|丨/].{0,12}|[\u4e00-\u9fff]{0,4})?|[A-Z]\d{2}(?:[\s:：·|丨].{0,12})?|[A-Z]\d[\s:：·|丨]+[\u4e00-\u9fff]{0,6}(?:新闻|要闻|综合|版|专题|副刊)|[\u4e00-\u9fff]{2,6}\s*第?[A-Z]?\d{1,2}版)$"
)
_DAY = r"(?:19|20)\d{2}\s*[年\-/.]\s*\d{1,2}\s*[月\-/.]\s*\d{1,2}\s*日?"
DATE_LINE = re.compile(
    rf"^(?:[\u4e00-\u9fff]{{2,10}}\s+)?{_DAY}(?:[\s,，|丨]*(?:\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?:\s+[\u4e00-\u9fff]{{2,10}}(?:发布|报|网|在线|新闻))?|星期[一二三四五六日天]|周[一二三四五六日]|"
    rf"农历\S{{0,14}}|(?:今日|本期)\d{{1,3}}版|总?第?[A-Z]?\d{{1,6}}[版期]\S{{0,6}}(?:\s+[\u4e00-\u9fff]{{2,6}})?))*$"
)
_FACT_LINE = re.compile(
    r"^(?:发布(?:时间|日期)|发表(?:时间|日期)|更新(?:时间|日期)|(?:成文|印发|刊发)日期|(?:信息|文章|稿件|内容)?来源|作者|时间|日期|浏览(?:次数|量)?|点击(?:数|量)?|阅读(?:数|量)?)\s*[:：]"
)
_COUNTERS = re.compile(r"(?:浏览|点击|阅读)(?:次数|数|量)?\s*[:：]?\s*\d+|字[号体]\s*[:：]|分享到")
_FOLLOWED_BY_FACT = re.compile(rf"^{_DAY}.{{0,12}}(?:来源|作者|编辑|浏览|点击|阅读|发布)\s*[:：|丨].{{0,60}}$")
_FACT_SOURCE = re.compile(r"来源\s*[:：|丨]\s*(?P<source>[^\s:：|丨，,。]{2,24})")
_NEXT_FACT = re.compile(
    r"\s+(?:发布|发表|更新|时间|日期|作者|编辑|责编|责任编辑|校对|审核|初审|终审|监制|浏览|点击|阅读|字[号体]).*$"
)
CONTINUED = re.compile(r"\s*[（(\[【]\s*(?:下转|转)\s*第?\s*[A-Z]?\d{1,2}\s*版[^）)\]】]{0,12}[）)\]】]\s*")
CONTINUES = re.compile(r"\s*[（(\[【]\s*(?:上接|紧接)\s*第?\s*[A-Z]?\d{1,2}\s*版[^）)\]】]{0,12}[）)\]】]\s*")
_FULL_PARAGRAPH_CHARS = 80


class Furniture(Enum):
    """What a line of furniture means for the lines after it."""

    CREDIT = auto()  # closes an article, another may follow
    TAIL = auto()  # links, comments and legal lines follow
    HEAD = auto()  # belongs to the page: numbers, dates, the way here, buttons


def furniture(text: str, *, in_body: bool) -> Furniture | None:
    """What kind of furniture the line is; None for a line of an article.

    ``in_body``: text of an article stands above. A date after it belongs to what is told, before it to the page.
    """
    if _TAIL_HEADERS.match(text) or _is_legal(text):
        return Furniture.TAIL
    if (
        _END_SIGN.match(text)
        or _OF_THIS_PAGE.match(text)
        or (len(text) <= 120 and (_CREDIT.match(text) or _SOURCE.match(text)))
    ):
        return Furniture.CREDIT
    return Furniture.HEAD if _is_of_page(text, in_body=in_body) else None


def _is_of_page(text: str, *, in_body: bool) -> bool:
    """Whether the line belongs to the page; some do so only above the first article, some only below it."""
    if _are_buttons(text) or _WAY_HERE.search(text) or _PAGE_NUMBER.match(text) or _counts_readers(text):
        return True
    if in_body:
        return len(text) <= 80 and bool(_FORMER_TITLE.match(text))
    return bool(
        DATE_LINE.match(text) or _FOLLOWED_BY_FACT.match(text) or _SECTION_LABEL.match(text) or _is_fact_line(text)
    )


def _is_legal(text: str) -> bool:
    return len(text) <= 160 and not NUMBERED.match(text) and bool(_LEGAL.search(text))


def _are_buttons(text: str) -> bool:
    """Whether the line is buttons and nothing else: 【打印】 【关闭窗口】 分享到：微信."""
    if _BUTTONS.match(text):
        return True
    words = [word for word in _BUTTON_GAP.split(text) if word]
    return (
        len(words) > 1
        and bool(_BUTTONS.match(words[0]))
        and all(_BUTTONS.match(word) or _SHARED_TO.match(word) for word in words)
    )


def _counts_readers(text: str) -> bool:
    """2024-06-12 来源：…… 浏览：123 次: a line of facts wherever it stands, as only web pages count their readers."""
    if _READERS.match(text):
        return True
    if len(text) > 120 or "。" in text or not _COUNTERS.search(text):
        return False
    return bool(_FACT_LINE.match(text) or re.match(_DAY, text))


def _is_fact_line(text: str) -> bool:
    """发布时间：…… and the like; 时间： alone may announce an event, so it needs a full date."""
    if not _FACT_LINE.match(text) or len(text) > 120 or "。" in text:
        return False
    return not text.startswith(("时间", "日期")) or bool(re.search(_DAY, text))


def source_of(text: str) -> tuple[str | None, str | None]:
    """(the source that a line of credits names, the medium whose editors it names); None where it names none."""
    match = _SOURCE.match(text) or _FACT_SOURCE.search(text)
    editors = _EDITORS_OF.search(text) if _CREDIT.match(text) else None
    source = _NEXT_FACT.sub("", match["source"]).strip() if match else ""
    return source or None, (editors["medium"] if editors else None)


def is_full_paragraph(text: str) -> bool:
    """Whether a line in the tail of a page is still text of an article: long and of finished sentences.

    A tail that was recognised wrongly must not cost body text; headlines and notices are shorter or do not end so.
    """
    return (
        len(text) >= _FULL_PARAGRAPH_CHARS
        and text.rstrip("”’」』）)").endswith(("。", "！", "？"))
        and not _is_legal(text)
    )
