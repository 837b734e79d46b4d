"""The scenes of administrators: users, a file that is sent, documents, a new index, open questions, how things are."""

from __future__ import annotations

from evals.telegram_pictures.stage import ADMIN, COLLEAGUE, Stage
from evals.telegram_pictures.transcript import Transcript

LEAFLET = """---
title: 杜阮镇2024年凉瓜产业情况通报
publisher: 杜阮镇农业农村办公室
published_at: 2024-10-15
---

# 杜阮镇2024年凉瓜产业情况通报

凉瓜季已经收官，现将有关情况通报如下。

全镇杜阮凉瓜种植面积为720亩，从业农户230户。

首届杜阮凉瓜节的开幕时间定为2025年6月18日，地点为凉瓜博览馆，为期三天。
"""
_NOTICE = """关于东睦路提前恢复通车的通告
来源:江海区交通运输局 发布时间:2024-10-28
东睦路排水改造已于2024年10月26日完工，自10月28日0时起恢复双向通车，公交K8路同时恢复停靠中东村站。
"""


def users(stage: Stage) -> list[Transcript]:
    """Who may ask."""
    return [_asked(stage, "/users", "用户与群")]


def upload(stage: Stage) -> list[Transcript]:
    """A file is sent, confirmed and indexed; who waited for an answer gets it, and documents differ from now on."""
    admin, colleague = stage.private(ADMIN), stage.private(COLLEAGUE)
    admin.sends("凉瓜产业情况通报.md", LEAFLET)
    received = admin.waits_for("凉瓜产业情况通报", button="加入并更新")
    admin.keep()
    admin.presses(received, "加入并更新")
    admin.waits_for("索引已更新")
    sent = admin.told("upload")
    colleague.waits_for("6月18日")
    noticed = colleague.told("notice")
    colleague.forget()
    colleague.says("杜阮凉瓜种植面积多少？")
    colleague.waits_for("720亩", "650亩", "说法不一")
    return [sent, noticed, colleague.told("differing")]


def reindex(stage: Stage) -> list[Transcript]:
    """What a new index would change, and the index."""
    (stage.program.corpus / "dongmu_road_reopens.txt").write_text(_NOTICE, encoding="utf-8")
    veterans = stage.program.corpus / "jiangnan_veterans.txt"
    text = veterans.read_text(encoding="utf-8")
    veterans.write_text(text.replace("35个", "41个"), encoding="utf-8")
    (stage.program.corpus / "prosecutors_cases.txt").unlink()
    admin = stage.private(ADMIN)
    admin.says("/reindex")
    preview = admin.waits_for("恢复通车", button="开始更新")
    admin.keep()
    admin.presses(preview, "开始更新")
    admin.waits_for("索引已更新")
    return [admin.told("reindex")]


def documents(stage: Stage) -> list[Transcript]:
    """Documents by a word, and one of them."""
    admin = stage.private(ADMIN)
    admin.says("/documents 凉瓜")
    found = admin.waits_for("文档（", "文创", button="1")
    admin.keep()
    admin.presses(found, "1")
    admin.waits_for(" 段", button="停用")
    return [admin.told("documents")]


def gaps(stage: Stage) -> list[Transcript]:
    """What could not be answered."""
    for question in ("潮连街道有几所小学？", "潮连街道小学有多少所？", "棠下中学校长是谁？"):
        chat = stage.private(COLLEAGUE)
        chat.says(question)
        chat.waits_for("没有找到")
    return [_asked(stage, "/gaps", "小学")]


def status(stage: Stage) -> list[Transcript]:
    """How things are."""
    return [_asked(stage, "/status", "段落")]


def _asked(stage: Stage, command: str, *words: str) -> Transcript:
    admin = stage.private(ADMIN)
    admin.says(command)
    admin.waits_for(*words)
    return admin.told(command.removeprefix("/"))


SCENES = (users, upload, reindex, documents, gaps, status)
