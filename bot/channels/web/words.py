"""Every word that the pages for askers say by themselves: 简体, 繁體, English.

Quotes, titles and answers are never here: they stay as in the source. ``{...}`` fields are filled where they are said.
"""

from __future__ import annotations

from typing import Final

from bot.channels.web.languages import Words

_FRAME: Final[Words] = {
    "name": ("依据", "依據", "Yiju"),
    "motto": ("问得准，有出处", "問得準，有出處", "Answers with their source"),
    "skip": ("跳到提问框", "跳到提問框", "Skip to the question box"),
    "language": ("界面文字", "介面文字", "Language"),
    "zh-Hans": ("简体", "简体", "简体"),
    "zh-Hant": ("繁體", "繁體", "繁體"),
    "en": ("English", "English", "English"),
    "theme": ("深浅色", "深淺色", "Appearance"),
    "theme_auto": ("随系统", "隨系統", "As the system"),
    "theme_light": ("浅色", "淺色", "Light"),
    "theme_dark": ("深色", "深色", "Dark"),
    "sign_in": ("登录", "登入", "Sign in"),
    "sign_out": ("退出登录", "登出", "Sign out"),
    "console": ("管理", "管理", "Console"),
    "back": ("返回提问", "返回提問", "Back to asking"),
    "close": ("关闭", "關閉", "Close"),
    "cancel": ("取消", "取消", "Cancel"),
    "no_script": (
        "提问需要启用 JavaScript。也可以用命令行 yiju ask，或通过接口 POST /v1/ask 提问。",
        "提問需要啟用 JavaScript。也可以用命令列 yiju ask，或透過介面 POST /v1/ask 提問。",
        "Asking on this page needs JavaScript. There are also the command yiju ask and the interface POST /v1/ask.",
    ),
}
_ASKING: Final[Words] = {
    "question": ("问题", "問題", "Question"),
    "question_hint": (
        "例如：某镇去年的产值是多少？",
        "例如：某鎮去年的產值是多少？",
        "For example: what was the town's output last year?",
    ),
    "question_keys": (
        "按回车键提问，Shift 加回车换行",
        "按 Enter 鍵提問，Shift 加 Enter 換行",
        "Enter asks, Shift and Enter start a new line",
    ),
    "ask": ("提问", "提問", "Ask"),
    "stop": ("停止", "停止", "Stop"),
    "welcome": ("想查什么，直接问", "想查什麼，直接問", "Ask what you want to know"),
    "welcome_1": (
        "先给答案，再给原文那句话和出处。",
        "先給答案，再給原文那句話和出處。",
        "The answer first, then the sentence it stands in and where that is from.",
    ),
    "welcome_2": (
        "点 [1] 看原文，可复制为公文引用或 GB/T 7714。",
        "點 [1] 看原文，可複製為公文引用或 GB/T 7714。",
        "[1] opens the source; copy it as a citation for official writing or as GB/T 7714.",
    ),
    "welcome_3": (
        "文件里没有的，会如实说没有找到。",
        "文件裡沒有的，會如實說沒有找到。",
        "What the documents do not say, it does not say.",
    ),
    "stage_waiting": ("正在提交…", "正在提交…", "Sending…"),
    "stage_searching": ("正在查找…", "正在查找…", "Searching…"),
    "stage_reading": ("正在阅读原文…", "正在閱讀原文…", "Reading the passages…"),
    "stage_composing": ("正在整理回答…", "正在整理回答…", "Putting the answer together…"),
    "stopped": ("已停止。", "已停止。", "Stopped."),
    "ask_again": ("重新提问", "重新提問", "Ask again"),
    "answered": ("已回答：{answer}", "已回答：{answer}", "Answered: {answer}"),
    "not_found": ("没有找到", "沒有找到", "Not found"),
    "nearest": ("内容相近的文件", "內容相近的文件", "Documents closest to it"),
    "try_asking": ("可以试着这样问", "可以試著這樣問", "You could ask"),
    "follow_up": ("接着问", "接著問", "Go on with"),
    "too_long": (
        "问题有 {count} 个字，最多 {most} 个字。",
        "問題有 {count} 個字，最多 {most} 個字。",
        "The question has {count} characters; at most {most} are taken.",
    ),
    "composed": (
        "回答由语言模型据所引原文整理，请以原文为准。",
        "回答由語言模型據所引原文整理，請以原文為準。",
        "A language model put this together from the sources; what counts is what they say.",
    ),
    "index_partial": (
        "索引{percent}%已向量化，完成前个别答案可能找不到。",
        "索引{percent}%已向量化，完成前個別答案可能找不到。",
        "{percent}% of the index has vectors; until that is done some answers may be missed.",
    ),
    "locked": ("需要登录后才能提问", "需要登入後才能提問", "Sign in to ask"),
    "locked_hint": (
        "这里收录的文件只向登记的人员开放。没有账号的，请联系管理员。",
        "這裡收錄的文件只向登記的人員開放。沒有帳號的，請聯絡管理員。",
        "These documents are open to registered people only. Ask the administrator for an account.",
    ),
}
_ANSWER: Final[Words] = {
    "sources": ("出处", "出處", "Sources"),
    "source_number": ("出处 {number}：{title}", "出處 {number}：{title}", "Source {number}: {title}"),
    "agreeing": ("共 {count} 份文件说法一致", "共 {count} 份文件說法一致", "{count} documents agree"),
    "differing": ("另有文件说法不同", "另有文件說法不同", "Other documents say"),
    "undated": ("日期不明", "日期不明", "undated"),
    "copy_answer": ("复制回答", "複製回答", "Copy answer"),
    "copied": ("已复制", "已複製", "Copied"),
    "copy_failed": (
        "浏览器不允许复制，请选中文字手动复制。",
        "瀏覽器不允許複製，請選取文字手動複製。",
        "The browser did not allow copying; select the text and copy it by hand.",
    ),
    "link": ("链接", "連結", "Link"),
    "helpful": ("有用", "有用", "Helpful"),
    "not_helpful": ("没用", "沒用", "Not helpful"),
    "thanks": ("谢谢，已经记下。", "謝謝，已經記下。", "Thank you, noted."),
    "what_is_wrong": ("哪里不对？", "哪裡不對？", "What is wrong with it?"),
    "reason_wrong_answer": ("答案不对", "答案不對", "Wrong answer"),
    "reason_wrong_source": ("出处不对", "出處不對", "Wrong source"),
    "reason_incomplete": ("不完整", "不完整", "Incomplete"),
    "reason_outdated": ("已过时", "已過時", "Out of date"),
    "reason_missed": ("文件里有，没找到", "文件裡有，沒找到", "The documents do say it"),
    "reason_other": ("其他", "其他", "Something else"),
    "comment": ("补充说明（可不填）", "補充說明（可不填）", "In your own words (optional)"),
    "send": ("提交", "提交", "Send"),
}
_SOURCE: Final[Words] = {
    "source": ("原文", "原文", "Source"),
    "cite_official": ("公文引用", "公文引用", "Official citation"),
    "cite_gbt7714": ("GB/T 7714", "GB/T 7714", "GB/T 7714"),
    "copy": ("复制", "複製", "Copy"),
    "copy_as": ("复制{form}", "複製{form}", "Copy: {form}"),
    "open_page": ("单独打开", "單獨打開", "Open alone"),
    "original": ("发布网页", "發布網頁", "Published at"),
    "file": ("文件", "檔案", "File"),
    "loading_source": ("正在打开原文…", "正在打開原文…", "Opening the source…"),
    "changed_source": (
        "原文在回答之后有更新，下面是当时引用的段落。",
        "原文在回答之後有更新，下面是當時引用的段落。",
        "The document has changed since the answer; this is the passage as it was cited.",
    ),
    "legend_quote": ("引用的句子", "引用的句子", "quoted sentence"),
    "legend_answer": ("答案", "答案", "answer"),
    "legend_passage": ("引用的段落", "引用的段落", "cited passage"),
    "to_passage": ("跳到引用的段落", "跳到引用的段落", "Go to the cited passage"),
    "print": ("打印", "列印", "Print"),
}
_CONVERSATIONS: Final[Words] = {
    "conversations": ("对话", "對話", "Conversations"),
    "new_conversation": ("新对话", "新對話", "New conversation"),
    "no_conversations": ("还没有对话", "還沒有對話", "None yet"),
    "more": ("更多", "更多", "More"),
    "delete_conversation": ("删除对话：{title}", "刪除對話：{title}", "Delete conversation: {title}"),
    "delete_ask": ("删除这个对话？", "刪除這個對話？", "Delete this conversation?"),
    "delete": ("删除", "刪除", "Delete"),
    "deleted": ("对话已删除。", "對話已刪除。", "Conversation deleted."),
    "kept_for": (
        "对话在最后一次提问后保留 {hours} 小时。",
        "對話在最後一次提問後保留 {hours} 小時。",
        "Conversations are kept for {hours} hours after the last question.",
    ),
    "today": ("今天", "今天", "Today"),
    "earlier": ("更早", "更早", "Earlier"),
    "answer_gone": ("这个回答已不再保存。", "這個回答已不再保存。", "This answer is no longer kept."),
    "conversation_gone": ("这个对话已不再保存。", "這個對話已不再保存。", "This conversation is no longer kept."),
}
_TROUBLE: Final[Words] = {
    "retry": ("重试", "重試", "Try again"),
    "retry_in": ("{seconds} 秒后自动重试", "{seconds} 秒後自動重試", "Trying again in {seconds} s"),
    "request_id": ("编号 {id}", "編號 {id}", "Reference {id}"),
    "offline": (
        "网络已断开，恢复后可以继续提问。",
        "網路已中斷，恢復後可以繼續提問。",
        "You are offline; ask again once the network is back.",
    ),
    "error_network": (
        "连接不上服务。请检查网络，然后重试。",
        "連接不上服務。請檢查網路，然後重試。",
        "The service cannot be reached. Check the network and try again.",
    ),
    "error_broken": (
        "回答没有传完，请重试。",
        "回答沒有傳完，請重試。",
        "The answer broke off. Try again.",
    ),
    "error_busy": (
        "现在提问的人较多，稍后会自动重试。",
        "現在提問的人較多，稍後會自動重試。",
        "Many people are asking just now; this is tried again by itself.",
    ),
    "error_too_many_requests": (
        "提问太频繁，稍后会自动重试。",
        "提問太頻繁，稍後會自動重試。",
        "That was too many questions at once; this is tried again by itself.",
    ),
    "error_not_ready": (
        "正在加载模型与索引，稍后会自动重试。",
        "正在載入模型與索引，稍後會自動重試。",
        "Model and index are being loaded; this is tried again by itself.",
    ),
    "error_no_index": (
        "还没有收录文件。请管理员添加文件并更新索引。",
        "還沒有收錄文件。請管理員新增文件並更新索引。",
        "There are no documents yet. The administrator has to add some and update the index.",
    ),
    "error_unauthorized": (
        "登录已失效，请重新登录。",
        "登入已失效，請重新登入。",
        "You are not signed in any more. Sign in again.",
    ),
    "error_scope": (
        "您没有这项权限，请联系管理员。",
        "您沒有這項權限，請聯絡管理員。",
        "You may not do this; ask the administrator.",
    ),
    "error_local_only": (
        "现在只能在运行本服务的电脑上使用。",
        "現在只能在執行本服務的電腦上使用。",
        "For now this works only on the computer that runs the service.",
    ),
    "error_not_found": (
        "没有找到：可能已更新、删除或停用，请重新提问。",
        "沒有找到：可能已更新、刪除或停用，請重新提問。",
        "Not there: it was changed, deleted or retired. Ask again.",
    ),
    "error_answer_not_found": (
        "这个回答已不再保存。",
        "這個回答已不再保存。",
        "This answer is no longer kept.",
    ),
    "error_invalid_question": (
        "这个问题没法回答：可能是空的、太长，或不是文字。请换个说法。",
        "這個問題沒法回答：可能是空的、太長，或不是文字。請換個說法。",
        "This question cannot be answered: it is empty, too long, or not text. Put it differently.",
    ),
    "error_internal": (
        "程序出了点问题。请稍后再试；若一直这样，请把编号告诉管理员。",
        "程式出了點問題。請稍後再試；若一直這樣，請把編號告訴管理員。",
        "Something went wrong. Try again later; if it stays so, tell the administrator the reference.",
    ),
    "error_any": (
        "没能完成，请稍后再试。",
        "沒能完成，請稍後再試。",
        "That could not be done. Try again later.",
    ),
    "trouble": ("没能打开", "沒能打開", "This cannot be shown"),
}
WORDS: Final[Words] = {**_FRAME, **_ASKING, **_ANSWER, **_SOURCE, **_CONVERSATIONS, **_TROUBLE}
