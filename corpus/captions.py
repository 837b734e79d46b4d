"""Recognises the words under pictures. They are dropped: torn from their picture they state nothing that can be cited.

Only what shows itself a caption by its own form counts here; bare short lines are judged with their surroundings.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"^[▲▼△▽↑↓◀▶◁▷⬆⬇←→👆👇]")
_MAX_MARKED_CHARS = 60
_MAX_CAPTION_CHARS = 150
_MAX_REPORT_CHARS = 80
_PERSON = r"[\u4e00-\u9fff·]{2,4}"
# 邱昱 摄, 李杰伟/摄, (记者张三 摄), 摄影：王五, 区融媒体中心供图, 资料图片, 新华社发
_AFTER_TEXT = r"(?:^|[\s。！？!?”）)，,；;（(])"
_PEOPLE = rf"{_PERSON}(?:[\s、]+(?:通讯员\s*)?{_PERSON}){{0,3}}"
_CREDIT = re.compile(
    # A name set off from 摄, or one behind a role or a finished sentence: “由省电视台拍摄” is text.
    rf"(?:{_AFTER_TEXT}(?:\S{{0,10}}?(?:记者|通讯员)\s*)?{_PEOPLE}\s*(?:\s|[/／])\s*摄|"
    rf"{_AFTER_TEXT}\S{{0,10}}?(?:记者|通讯员)\s*{_PEOPLE}(?<!拍)摄|[\s。！？!?”）)（(]{_PEOPLE}(?<!拍)摄|"
    rf"[\s。！？!?（(](?:摄影|图|图片|供图)\s*[/／:：|丨]\s*(?:{_PERSON}|\S{{2,12}})(?:\s+{_PERSON}){{0,2}}|"
    rf"[\s。！？!?”（(]\S{{2,14}}(?:供图|提供图片)|[\s。！？!?]{_PERSON}\s+图|[\s。（(](?:资料图片?|新华社发|网络图片|效果图)|"
    rf"[\s（(]\S{{2,12}}摄影)"
    r"(?:影)?(?:报道)?[）)]?。?$"
)
_PERIOD_INSIDE_WORD = re.compile(r"(?:地图|意图|企图|试图|蓝图|版图|宏图|力图|贪图|构图|插图)[）)]?。?$")
_ANNOUNCED = re.compile(
    r"^[（(【\[]?(?:图为|图[①-⑩\d一二三四五]{1,2}\s*[:：为是]|[上下左右]{1,2}图\s*(?:[:：为]|\s)|图\s*[:：/／|]|图片?说明\s*[:：]|资料图\s*[:：])"
)
_SUPPLIED = re.compile(r"^[（(]?(?:本文|文中|以上)?(?:图片|照片|图)(?:均)?(?:由|来自|来源).{2,30}[）)]?$")
_PLACEHOLDER = re.compile(
    r"^[\[【（(]?(?:图片?|视频|音频|动图|海报|GIF|图集)\d{0,2}[\]】）)]?$|^!\[.*\]\(.*\)$", re.IGNORECASE
)
# 陈　松/摄: names of two characters are set as wide as those of three.
_SPACED_NAME = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])[ \u3000]{1,2}([\u4e00-\u9fff])(?=[\s/／、]|摄)")
# What is only ever written under a picture.
_CAPTION_WORDS = re.compile(
    r"(?:(?:活动|会议|比赛|颁奖|签约|仪式|培训|座谈会?|启动|演出|宣讲|调研|走访|慰问|检查|救援|施工|揭牌|授牌|授课|表彰|演练|课堂|直播|开幕|运动会|招聘会|文艺)?现场(?:图|照片)?|"
    r"(?:集体|领导)?合影(?:留念)?|.{0,12}(?:效果图|示意图|平面图|鸟瞰图|航拍图|全景图|截图|资料图|一角|航拍|鸟瞰))$"
)


def is_caption(text: str) -> bool:
    """Whether the line is a caption by its own form: its mark, its photographer, or the words it begins with."""
    if _PLACEHOLDER.match(text) or _SUPPLIED.match(text):
        return True
    # A picture with a whole report under it is the report: kept, though a photographer signs it.
    if len(text) > _MAX_CAPTION_CHARS or (len(text) > _MAX_REPORT_CHARS and text.count("。") > 1):
        return False
    if _CREDIT.search(_SPACED_NAME.sub(r"\1\2", text)) and not _PERIOD_INSIDE_WORD.search(text):
        return True
    if _ANNOUNCED.match(text):
        return True
    # A mark before a longer text is a bullet, not a pointer to a picture.
    return bool(_MARK.match(text)) and len(text) <= _MAX_MARKED_CHARS


def is_caption_word(text: str) -> bool:
    """Whether a bare short line says nothing but what a picture shows: 活动现场, 合影."""
    return len(text) <= 16 and bool(_CAPTION_WORDS.fullmatch(text))
