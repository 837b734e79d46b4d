"""The words of administration in the three frames: previews, files that were sent, documents, gaps, health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language


@dataclass(frozen=True, slots=True)
class AdminPhrases:
    """The words of one frame."""

    looking: str
    preview_heading: str
    preview_nothing: str
    preview_counts: str
    preview_kinds: dict[str, str]
    more_documents: str
    mass_removal: str
    start: str
    start_allowed: str
    cancel: str
    cancelled: str
    outdated: str
    pause: str
    resume: str
    stop: str
    progress: str
    accept: str
    keep_old: str
    accepted: str
    kept_old: str
    blocked_gone: str
    pressed_late: str
    received: str
    file: str
    file_documents: str
    file_replaces: str
    add: str
    add_and_index: str
    discard: str
    added: str
    discarded: str
    conflict_after_adding: str
    upload_gone: str
    index_now: str
    refused_file: str
    documents_heading: str
    documents_retired_heading: str
    no_documents: str
    list_gone: str
    retired_list: str
    live_list: str
    page: str
    card_retired: str
    card_not_live: str
    card_figures: str
    retire: str
    retire_sure: str
    retire_yes: str
    retired: str
    restore: str
    restored: str
    restored_later: str
    document_gone: str
    gap: str
    gap_also: str
    asked: str
    nothing_asked: str
    hour: str
    day: str
    errors: str
    last_error: str
    queue: str
    disk: str
    version: str


SIMPLIFIED: Final = AdminPhrases(
    looking="正在查看资料有哪些变化",
    preview_heading="更新索引会有这些变化，现在还没有改动任何东西：",
    preview_nothing="资料没有变化，索引已经是最新的。",
    preview_counts="新增 {added}，修改 {changed}，删除 {removed}，未变 {unchanged}。",
    preview_kinds={"added": "新增", "changed": "修改", "removed": "删除"},
    more_documents="……另有 {count} 篇",
    mass_removal="⚠ 会删除过半文档。若不是有意删除，请先检查资料文件夹。",
    start="开始更新",
    start_allowed="允许删除并更新",
    cancel="取消",
    cancelled="已取消，没有改动任何东西。",
    outdated="这次查看已经过时（之后更新过，或时间太久）。请重新发 /reindex。",
    pause="⏸ 暂停",
    resume="▶ 继续",
    stop="⏹ 停止",
    progress="查看进度",
    accept="接受新索引",
    keep_old="保留旧的",
    accepted="已启用新索引。",
    kept_old="保留原来的索引，新的已放弃。",
    blocked_gone="这个索引已经处理过了。",
    pressed_late="这个任务已经结束。",
    received="收到 {count} 个文件，加入资料吗？",
    file="{name}（{size}）",
    file_documents="{count} 篇：{titles}",
    file_replaces="替换同名文件",
    add="加入",
    add_and_index="加入并更新索引",
    discard="不要",
    added="已加入 {count} 个文件：{names}。更新索引后即可查到。",
    discarded="没有加入：{names}。",
    conflict_after_adding="任务 {job_id} 正在运行，等它结束后请再更新索引。",
    upload_gone="这些文件已经处理过，或等待太久已被删除；要加入资料请重新发送。",
    index_now="更新索引",
    refused_file="{name} 没有收下：{reason}",
    documents_heading="文档（{total} 篇）",
    documents_retired_heading="已停用的文档（{total} 篇）",
    no_documents="没有找到这样的文档。",
    list_gone="这个列表已经过期，请重新发 /documents。",
    retired_list="看已停用的",
    live_list="看在用的",
    page="第 {page} / {pages} 页",
    card_retired="已停用：不再用来回答。",
    card_not_live="不在当前索引里：更新索引后才会用来回答。",
    card_figures="{passages} 段，{chars} 字",
    retire="停用",
    retire_sure="停用这篇文档吗？停用后不再用来回答，更新索引也不会恢复；原文件不动，随时可以恢复。",
    retire_yes="确定停用",
    retired="已停用，不再用来回答。",
    restore="恢复",
    restored="已恢复，即刻可以用来回答。",
    restored_later="已恢复，更新索引（/reindex）后才会用来回答。",
    document_gone="这个文档已不在资料里，请重新发 /documents 查找。",
    gap="{times} 次 · {people} 处 · 最近 {last}",
    gap_also="也问：{questions}",
    asked="{when}提问 {questions} 次（{not_found} 次未找到，{failed} 次出错），一半在 {p50} 内，95% 在 {p95} 内答出",
    nothing_asked="{when}没有提问",
    hour="最近一小时",
    day="最近一天",
    errors="最近一天错误: {count}",
    last_error="（最近 {time}：{event}）",
    queue="正在处理: {busy} / {capacity}",
    disk="磁盘: 可用 {free}，共 {total}",
    version="程序版本: {version}，已运行 {uptime}",
)

TRADITIONAL: Final = AdminPhrases(
    looking="正在查看資料有哪些變化",
    preview_heading="更新索引會有這些變化，現在還沒有改動任何東西：",
    preview_nothing="資料沒有變化，索引已經是最新的。",
    preview_counts="新增 {added}，修改 {changed}，刪除 {removed}，未變 {unchanged}。",
    preview_kinds={"added": "新增", "changed": "修改", "removed": "刪除"},
    more_documents="……另有 {count} 篇",
    mass_removal="⚠ 會刪除過半文檔。若不是有意刪除，請先檢查資料資料夾。",
    start="開始更新",
    start_allowed="允許刪除並更新",
    cancel="取消",
    cancelled="已取消，沒有改動任何東西。",
    outdated="這次查看已經過時（之後更新過，或時間太久）。請重新發 /reindex。",
    pause="⏸ 暫停",
    resume="▶ 繼續",
    stop="⏹ 停止",
    progress="查看進度",
    accept="接受新索引",
    keep_old="保留舊的",
    accepted="已啟用新索引。",
    kept_old="保留原來的索引，新的已放棄。",
    blocked_gone="這個索引已經處理過了。",
    pressed_late="這個任務已經結束。",
    received="收到 {count} 個檔案，加入資料嗎？",
    file="{name}（{size}）",
    file_documents="{count} 篇：{titles}",
    file_replaces="取代同名檔案",
    add="加入",
    add_and_index="加入並更新索引",
    discard="不要",
    added="已加入 {count} 個檔案：{names}。更新索引後即可查到。",
    discarded="沒有加入：{names}。",
    conflict_after_adding="任務 {job_id} 正在運行，等它結束後請再更新索引。",
    upload_gone="這些檔案已經處理過，或等待太久已被刪除；要加入資料請重新傳送。",
    index_now="更新索引",
    refused_file="{name} 沒有收下：{reason}",
    documents_heading="文檔（{total} 篇）",
    documents_retired_heading="已停用的文檔（{total} 篇）",
    no_documents="沒有找到這樣的文檔。",
    list_gone="這個列表已經過期，請重新發 /documents。",
    retired_list="看已停用的",
    live_list="看在用的",
    page="第 {page} / {pages} 頁",
    card_retired="已停用：不再用來回答。",
    card_not_live="不在目前的索引裏：更新索引後才會用來回答。",
    card_figures="{passages} 段，{chars} 字",
    retire="停用",
    retire_sure="停用這篇文檔嗎？停用後不再用來回答，更新索引也不會恢復；原檔案不動，隨時可以恢復。",
    retire_yes="確定停用",
    retired="已停用，不再用來回答。",
    restore="恢復",
    restored="已恢復，即刻可以用來回答。",
    restored_later="已恢復，更新索引（/reindex）後才會用來回答。",
    document_gone="這個文檔已不在資料裏，請重新發 /documents 查找。",
    gap="{times} 次 · {people} 處 · 最近 {last}",
    gap_also="也問：{questions}",
    asked="{when}提問 {questions} 次（{not_found} 次未找到，{failed} 次出錯），一半在 {p50} 內，95% 在 {p95} 內答出",
    nothing_asked="{when}沒有提問",
    hour="最近一小時",
    day="最近一天",
    errors="最近一天錯誤: {count}",
    last_error="（最近 {time}：{event}）",
    queue="正在處理: {busy} / {capacity}",
    disk="磁碟: 可用 {free}，共 {total}",
    version="程式版本: {version}，已運行 {uptime}",
)

ENGLISH: Final = AdminPhrases(
    looking="Looking at what has changed in the documents",
    preview_heading="A re-index would do this; nothing is changed yet:",
    preview_nothing="Nothing has changed; the index is up to date.",
    preview_counts="{added} added, {changed} changed, {removed} removed, {unchanged} unchanged.",
    preview_kinds={"added": "Added", "changed": "Changed", "removed": "Removed"},
    more_documents="… and {count} more",
    mass_removal="⚠ More than half of the documents would go. If that is not meant, look at the corpus folder first.",
    start="Start",
    start_allowed="Remove and re-index",
    cancel="Cancel",
    cancelled="Cancelled; nothing was changed.",
    outdated="This is out of date (indexed since, or too long ago). Send /reindex again.",
    pause="⏸ Pause",
    resume="▶ Go on",
    stop="⏹ Stop",
    progress="Show progress",
    accept="Accept the new index",
    keep_old="Keep the old one",
    accepted="The new index answers now.",
    kept_old="The old index stays; the new one was discarded.",
    blocked_gone="This index was decided about already.",
    pressed_late="This job has ended.",
    received="{count} files received. Add them to the corpus?",
    file="{name} ({size})",
    file_documents="{count} documents: {titles}",
    file_replaces="replaces the file of that name",
    add="Add",
    add_and_index="Add and re-index",
    discard="No",
    added="{count} files added: {names}. They are found after the next re-index.",
    discarded="Not added: {names}.",
    conflict_after_adding="Job {job_id} is running; re-index once it has ended.",
    upload_gone="These files were dealt with, or waited too long and were deleted; send them again to add them.",
    index_now="Re-index",
    refused_file="{name} was not taken: {reason}",
    documents_heading="Documents ({total})",
    documents_retired_heading="Retired documents ({total})",
    no_documents="There is no such document.",
    list_gone="This list has expired; send /documents again.",
    retired_list="Retired ones",
    live_list="Those in use",
    page="Page {page} of {pages}",
    card_retired="Retired: it is not used for answers.",
    card_not_live="Not in the serving index: it answers after the next re-index.",
    card_figures="{passages} passages, {chars} characters",
    retire="Retire",
    retire_sure="Retire this document? It is then never used for answers, also after a re-index, until it is restored. "
    "Its file stays as it is.",
    retire_yes="Retire it",
    retired="Retired; it is not used for answers any more.",
    restore="Restore",
    restored="Restored; it answers at once.",
    restored_later="Restored; it answers after the next re-index (/reindex).",
    document_gone="This document is no longer there; look for it with /documents.",
    gap="asked {times} times in {people} places, last {last}",
    gap_also="also: {questions}",
    asked="{when}: {questions} questions ({not_found} not found, {failed} failed), half within {p50}, 95% within {p95}",
    nothing_asked="{when}: no questions",
    hour="Last hour",
    day="Last day",
    errors="Errors of the last day: {count}",
    last_error=" (last at {time}: {event})",
    queue="At work: {busy} of {capacity}",
    disk="Disk: {free} free of {total}",
    version="Version: {version}, up for {uptime}",
)

ADMIN_PHRASES: Final[dict[Language, AdminPhrases]] = {
    "zh-Hans": SIMPLIFIED,
    "zh-Hant": TRADITIONAL,
    "en": ENGLISH,
}
