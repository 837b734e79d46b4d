"""Every word that the Telegram channel says by itself, in three frames: 简体, 繁體, English.

Quotes and short answers are never here: they stay as in the source. ``{...}`` fields are filled by the callers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language
from bot.channels.telegram import (
    access_phrases,
    admin_phrases,
    interruption_phrases,
    job_phrases,
    notice_phrases,
    talk_phrases,
)
from bot.channels.telegram.access_phrases import AccessPhrases
from bot.channels.telegram.admin_phrases import AdminPhrases
from bot.channels.telegram.interruption_phrases import InterruptionPhrases
from bot.channels.telegram.job_phrases import JobPhrases
from bot.channels.telegram.notice_phrases import NoticePhrases
from bot.channels.telegram.talk_phrases import TalkPhrases


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one frame."""

    help: str
    help_admin: str
    new_conversation: str
    ask_usage: str
    language_chosen: str
    language_usage: str
    sources_heading: str
    agreeing_sources: str
    unknown_date: str
    original: str
    file: str
    no_sources: str
    not_found: str
    nearest_documents: str
    try_asking: str
    feedback_thanks: str
    text_only: str
    unknown_command: str
    admins_only: str
    busy: str
    invalid_question: str
    not_ready: str
    passage_gone: str
    answer_gone: str
    failed: str
    status_heading: str
    corpus_heading: str
    job_states: dict[str, str]
    status_labels: dict[str, str]
    never: str
    reindex_usage: str
    reindex_conflict: str
    reindex_started: str
    reindex_running: str
    reindex_done: str
    reindex_failed: str
    reindex_left: str
    reindex_counts: str
    reindex_failures: str
    reindex_more: str
    no_gaps: str
    gaps_heading: str
    upload_too_big: str
    upload_bad_type: str
    command_menu: dict[str, str]
    jobs: JobPhrases
    admin: AdminPhrases
    interruptions: InterruptionPhrases
    access: AccessPhrases
    notices: NoticePhrases
    talk: TalkPhrases


SIMPLIFIED: Final = Phrases(
    help=(
        "直接发问题即可，例如：某镇去年的产值是多少？\n回答先给结论，再给原文那句话和出处；按编号按钮看原文段落，"
        "👍 👎 告诉我们答得对不对。资料里没有的，会如实说没有。\n在群里请用 /ask 提问、@我，或回复我的消息。\n\n"
        "/new 忘掉前面的对话\n/sources 上一个回答的出处和资料概况\n/mine 在等答案的问题\n/feedback 补充评价的原因\n"
        "/lang 界面文字：简 / 繁 / English\n/help 本说明"
    ),
    help_admin=(
        "\n\n管理员：\n/status 运行状况\n/reindex 更新索引（先看会变什么，再确认）\n"
        "/documents 查找、停用文档\n/gaps 没答上来的问题\n/users 批准、移除用户和群\n发送文件即可加入资料"
    ),
    new_conversation="好的，前面的对话已经忘掉，请问新问题。",
    ask_usage="请把问题写在命令后面，例如：/ask 某镇去年的产值是多少？",
    language_chosen="界面文字已设为简体中文。引文仍保持原样。",
    language_usage="请选择界面文字：/lang 简、/lang 繁、/lang en；/lang auto 随提问的文字。",
    sources_heading="出处",
    agreeing_sources="{count} 处资料说法一致",
    unknown_date="发布日期不明",
    original="原文链接",
    file="文件：{path}",
    no_sources="本对话还没有带出处的回答。",
    not_found="资料里没有找到这个问题的答案。",
    nearest_documents="最接近的资料：",
    try_asking="可以试着这样问：",
    feedback_thanks="谢谢，已经记下。",
    text_only="目前只能回答文字问题。",
    unknown_command="没有这个命令。发 /help 看可以做什么。",
    admins_only="这个命令只有管理员可以用。",
    busy="现在提问的人较多，请过一会儿再发一次。",
    invalid_question="这个问题没法回答：可能是空的、太长，或不是文字。请换个说法再试。",
    not_ready="资料还没有准备好，请稍后再问。管理员可用 /status 查看、/reindex 建立索引。",
    passage_gone="这段原文已经不在资料里了。",
    answer_gone="这个回答已经过期，没有记下。",
    failed="出了点问题，没能完成。请稍后再试；若一直这样，请把编号 {request_id} 告诉管理员。",
    status_heading="运行状况",
    corpus_heading="资料概况",
    job_states={"queued": "排队中", "running": "运行中", "succeeded": "成功", "failed": "失败"},
    status_labels={
        "snapshot": "索引版本",
        "documents": "文档",
        "passages": "段落",
        "created_at": "更新时间",
        "embedded_share": "向量",
        "pending_documents": "待处理文档",
        "failed_documents": "失败文档",
        "blocked": "等待确认的快照",
        "paused_by": "暂停者",
        "retired": "已停用文档",
        "last_job": "最近一次更新",
        "embedding_job": "后台计算",
    },
    never="无",
    reindex_usage=(
        "用法：/reindex（先看会变什么）、full（全部重建）、allow（允许大量删除）；"
        "pause、resume、stop（暂停、继续、停止）"
    ),
    reindex_conflict="已有任务 {job_id} 在运行，下面是它的进度。",
    reindex_started="开始更新索引（任务 {job_id}）……",
    reindex_running="正在更新索引：{done} / {total}",
    reindex_done="索引已更新。",
    reindex_failed="索引没有更新成功，原来的索引照常使用。\n{error}",
    reindex_left="任务 {job_id} 还在运行，进度请稍后用 /status 查看。",
    reindex_counts=(
        "新增 {added}，修改 {changed}，删除 {removed}，未变 {unchanged}；"
        "段落 {passages}，新计算向量 {embedded}，用时 {seconds} 秒。"
    ),
    reindex_failures="有 {count} 个文件没有读成：",
    reindex_more="……另有 {count} 个",
    no_gaps="最近没有答不上来的问题。",
    gaps_heading="最近没答上来的问题",
    upload_too_big="文件太大：{size_mb} MB，上限 {max_mb} MB。",
    upload_bad_type="不支持这种文件。可以发送：{suffixes}",
    command_menu={
        "ask": "提问",
        "new": "忘掉前面的对话",
        "sources": "出处和资料概况",
        "lang": "简 / 繁 / English",
        "mine": "在等答案的问题",
        "feedback": "评价与意见",
        "help": "使用说明",
        "status": "运行状况",
        "reindex": "更新索引",
        "documents": "查找、停用文档",
        "gaps": "没答上来的问题",
        "users": "用户与群",
    },
    jobs=job_phrases.SIMPLIFIED,
    admin=admin_phrases.SIMPLIFIED,
    interruptions=interruption_phrases.SIMPLIFIED,
    access=access_phrases.SIMPLIFIED,
    notices=notice_phrases.SIMPLIFIED,
    talk=talk_phrases.SIMPLIFIED,
)

TRADITIONAL: Final = Phrases(
    help=(
        "直接發問題即可，例如：某鎮去年的產值是多少？\n回答先給結論，再給原文那句話和出處；按編號按鈕看原文段落，"
        "👍 👎 告訴我們答得對不對。資料裏沒有的，會如實說沒有。\n在群組裏請用 /ask 提問、@我，或回覆我的訊息。\n\n"
        "/new 忘掉前面的對話\n/sources 上一個回答的出處和資料概況\n/mine 在等答案的問題\n/feedback 補充評價的原因\n"
        "/lang 介面文字：简 / 繁 / English\n/help 本說明"
    ),
    help_admin=(
        "\n\n管理員：\n/status 運行狀況\n/reindex 更新索引（先看會變甚麼，再確認）\n"
        "/documents 查找、停用文檔\n/gaps 沒答上來的問題\n/users 批准、移除用戶和群\n傳送檔案即可加入資料"
    ),
    new_conversation="好的，前面的對話已經忘掉，請問新問題。",
    ask_usage="請把問題寫在命令後面，例如：/ask 某鎮去年的產值是多少？",
    language_chosen="介面文字已設為繁體中文。引文仍保持原樣。",
    language_usage="請選擇介面文字：/lang 简、/lang 繁、/lang en；/lang auto 隨提問的文字。",
    sources_heading="出處",
    agreeing_sources="{count} 處資料說法一致",
    unknown_date="發佈日期不明",
    original="原文連結",
    file="檔案：{path}",
    no_sources="本對話還沒有帶出處的回答。",
    not_found="資料裏沒有找到這個問題的答案。",
    nearest_documents="最接近的資料：",
    try_asking="可以試着這樣問：",
    feedback_thanks="謝謝，已經記下。",
    text_only="目前只能回答文字問題。",
    unknown_command="沒有這個命令。發 /help 看可以做甚麼。",
    admins_only="這個命令只有管理員可以用。",
    busy="現在提問的人較多，請過一會兒再發一次。",
    invalid_question="這個問題沒法回答：可能是空的、太長，或不是文字。請換個說法再試。",
    not_ready="資料還沒有準備好，請稍後再問。管理員可用 /status 查看、/reindex 建立索引。",
    passage_gone="這段原文已經不在資料裏了。",
    answer_gone="這個回答已經過期，沒有記下。",
    failed="出了點問題，沒能完成。請稍後再試；若一直這樣，請把編號 {request_id} 告訴管理員。",
    status_heading="運行狀況",
    corpus_heading="資料概況",
    job_states={"queued": "排隊中", "running": "運行中", "succeeded": "成功", "failed": "失敗"},
    status_labels={
        "snapshot": "索引版本",
        "documents": "文檔",
        "passages": "段落",
        "created_at": "更新時間",
        "embedded_share": "向量",
        "pending_documents": "待處理文檔",
        "failed_documents": "失敗文檔",
        "blocked": "等待確認的快照",
        "paused_by": "暫停者",
        "retired": "已停用文檔",
        "last_job": "最近一次更新",
        "embedding_job": "後台計算",
    },
    never="無",
    reindex_usage=(
        "用法：/reindex（先看會變甚麼）、full（全部重建）、allow（允許大量刪除）；"
        "pause、resume、stop（暫停、繼續、停止）"
    ),
    reindex_conflict="已有任務 {job_id} 在運行，下面是它的進度。",
    reindex_started="開始更新索引（任務 {job_id}）……",
    reindex_running="正在更新索引：{done} / {total}",
    reindex_done="索引已更新。",
    reindex_failed="索引沒有更新成功，原來的索引照常使用。\n{error}",
    reindex_left="任務 {job_id} 還在運行，進度請稍後用 /status 查看。",
    reindex_counts=(
        "新增 {added}，修改 {changed}，刪除 {removed}，未變 {unchanged}；"
        "段落 {passages}，新計算向量 {embedded}，用時 {seconds} 秒。"
    ),
    reindex_failures="有 {count} 個檔案沒有讀成：",
    reindex_more="……另有 {count} 個",
    no_gaps="最近沒有答不上來的問題。",
    gaps_heading="最近沒答上來的問題",
    upload_too_big="檔案太大：{size_mb} MB，上限 {max_mb} MB。",
    upload_bad_type="不支援這種檔案。可以傳送：{suffixes}",
    command_menu={
        "ask": "提問",
        "new": "忘掉前面的對話",
        "sources": "出處和資料概況",
        "lang": "简 / 繁 / English",
        "mine": "在等答案的問題",
        "feedback": "評價與意見",
        "help": "使用說明",
        "status": "運行狀況",
        "reindex": "更新索引",
        "documents": "查找、停用文檔",
        "gaps": "沒答上來的問題",
        "users": "用戶與群",
    },
    jobs=job_phrases.TRADITIONAL,
    admin=admin_phrases.TRADITIONAL,
    interruptions=interruption_phrases.TRADITIONAL,
    access=access_phrases.TRADITIONAL,
    notices=notice_phrases.TRADITIONAL,
    talk=talk_phrases.TRADITIONAL,
)

ENGLISH: Final = Phrases(
    help=(
        "Just send a question. The answer comes first, then the sentence it stands in and its sources; the numbered "
        "buttons show the passage, 👍 👎 tell us whether it was right. What the documents do not say is not made up.\n"
        "In a group use /ask, mention me, or reply to one of my messages.\n\n"
        "/new forgets the conversation so far\n/sources the last answer's sources and what the corpus holds\n"
        "/mine questions that wait for an answer\n/feedback says more about your last 👍 or 👎\n"
        "/lang words around the answer: 简 / 繁 / English\n/help this text"
    ),
    help_admin=(
        "\n\nAdministrators:\n/status how things are\n/reindex shows what has changed, then brings the index up to "
        "date\n/documents finds and retires documents\n/gaps questions without an answer\n"
        "/users approves and removes users and groups\nSend a file to add it to the corpus"
    ),
    new_conversation="The conversation so far is forgotten. Ask away.",
    ask_usage="Write the question after the command: /ask What was the output last year?",
    language_chosen="The words around answers are now in English. Quotes stay as printed.",
    language_usage="Choose: /lang 简, /lang 繁, /lang en; /lang auto follows the question.",
    sources_heading="Sources",
    agreeing_sources="{count} sources agree",
    unknown_date="date unknown",
    original="Original page",
    file="File: {path}",
    no_sources="No answer with sources in this conversation yet.",
    not_found="The documents do not answer this question.",
    nearest_documents="Nearest documents:",
    try_asking="You could ask:",
    feedback_thanks="Thank you, noted.",
    text_only="Only written questions can be answered for now.",
    unknown_command="There is no such command. /help tells what there is.",
    admins_only="Only administrators may do that.",
    busy="Many people are asking just now. Please send it again in a moment.",
    invalid_question="This cannot be answered: it is empty, too long, or not text. Please put it another way.",
    not_ready="The documents are not ready yet. Administrators: /status, then /reindex.",
    passage_gone="This passage is no longer in the corpus.",
    answer_gone="This answer has expired; nothing was noted.",
    failed="Something went wrong. Please try again; if it goes on, tell an administrator this number: {request_id}.",
    status_heading="Status",
    corpus_heading="What the corpus holds",
    job_states={"queued": "queued", "running": "running", "succeeded": "succeeded", "failed": "failed"},
    status_labels={
        "snapshot": "Snapshot",
        "documents": "Documents",
        "passages": "Passages",
        "created_at": "Indexed",
        "embedded_share": "Embedded",
        "pending_documents": "Pending documents",
        "failed_documents": "Failed documents",
        "blocked": "Snapshots to accept",
        "paused_by": "Paused by",
        "retired": "Retired documents",
        "last_job": "Last re-index",
        "embedding_job": "Background embedding",
    },
    never="none",
    reindex_usage="Use: /reindex (shows first what has changed), full, allow (lets it remove many documents); "
    "pause, resume, stop",
    reindex_conflict="Job {job_id} is running already; this is its progress.",
    reindex_started="Indexing has started (job {job_id})…",
    reindex_running="Indexing: {done} / {total}",
    reindex_done="The index is up to date.",
    reindex_failed="Indexing failed; the old index goes on serving.\n{error}",
    reindex_left="Job {job_id} is still running; ask /status later.",
    reindex_counts=(
        "{added} added, {changed} changed, {removed} removed, {unchanged} unchanged; "
        "{passages} passages, {embedded} embedded, {seconds} s."
    ),
    reindex_failures="{count} files could not be read:",
    reindex_more="… and {count} more",
    no_gaps="No unanswered questions of late.",
    gaps_heading="Questions without an answer",
    upload_too_big="The file is too big: {size_mb} MB, at most {max_mb} MB.",
    upload_bad_type="Files of this type are not supported. Send: {suffixes}",
    command_menu={
        "ask": "Ask a question",
        "new": "Forget the conversation",
        "sources": "Sources and corpus",
        "lang": "简 / 繁 / English",
        "mine": "Questions that wait for an answer",
        "feedback": "Ratings and comments",
        "help": "How to use this bot",
        "status": "How things are",
        "reindex": "Bring the index up to date",
        "documents": "Find and retire documents",
        "gaps": "Questions without an answer",
        "users": "Users and groups",
    },
    jobs=job_phrases.ENGLISH,
    admin=admin_phrases.ENGLISH,
    interruptions=interruption_phrases.ENGLISH,
    access=access_phrases.ENGLISH,
    notices=notice_phrases.ENGLISH,
    talk=talk_phrases.ENGLISH,
)

PHRASES: Final[dict[Language, Phrases]] = {"zh-Hans": SIMPLIFIED, "zh-Hant": TRADITIONAL, "en": ENGLISH}
