"""The words about access in the three frames: strangers and their codes, who is let in, limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.answering.language import Language


@dataclass(frozen=True, slots=True)
class AccessPhrases:
    """The words of one frame. ``states`` by the standing of ``Person``; ``told`` by what somebody now is."""

    code: str
    group_code: str
    turned_down: str
    group_turned_down: str
    too_many_requests: str
    slow_down: str
    asks: str
    approve: str
    reject: str
    remove: str
    readmit: str
    make_admin: str
    make_user: str
    back: str
    users_heading: str
    nobody: str
    found: str
    found_more: str
    not_found: str
    private_only: str
    not_yourself: str
    decided: str
    set_by_settings: str
    order_in_private: str
    sees: str
    sees_all: str
    sees_public: str
    sees_usage: str
    no_label: str
    not_let_in: str
    by_settings: str
    group: str
    user: str
    id: str
    standing: str
    requested: str
    decided_by: str
    command_line: str
    states: dict[str, str]
    demoted: str
    told: dict[str, str]
    told_group: dict[str, str]


SIMPLIFIED: Final = AccessPhrases(
    code=(
        "您还没有使用权限。\n配对码：{code}（{minutes} 分钟内有效）\n您的 ID：{user_id}\n\n"
        "请把配对码告诉管理员，由管理员批准；批准后会在这里告诉您。"
    ),
    group_code=(
        "本群还没有使用权限。\n配对码：{code}（{minutes} 分钟内有效）\n群 ID：{chat_id}，您的 ID：{user_id}\n\n"
        "请把配对码告诉管理员，由管理员批准；批准后会在这里告诉大家。"
    ),
    turned_down="您没有使用权限。您的 ID 是 {user_id}；如有疑问，请联系管理员。",
    group_turned_down="本群没有使用权限。群 ID 是 {chat_id}；如有疑问，请联系管理员。",
    too_many_requests="您还没有使用权限，而现在申请的人太多。您的 ID 是 {user_id}，请直接告诉管理员，或明天再试。",
    slow_down="问得有点快，请过 {seconds} 秒再发。",
    asks="有人申请使用",
    approve="批准",
    reject="拒绝",
    remove="移除",
    readmit="重新批准",
    make_admin="设为管理员",
    make_user="取消管理员",
    back="« 返回名单",
    users_heading="用户与群（{count}）",
    nobody="还没有别人。对方给机器人发 /start 就会得到配对码。",
    found="找到 {count} 个",
    found_more="找到 {count} 个，列出前 {shown} 个；请写得更具体些",
    not_found="没有找到“{word}”。可以写名字、@用户名、ID 或配对码。",
    private_only="名单不宜在群里显示，请在与我的私聊中发 /users。",
    not_yourself="不能改自己的权限。",
    decided="已经处理过，没有改动。",
    set_by_settings="由设置指定，请改设置后重新启动。",
    order_in_private="资料里有本群不能看的文档，请在与我的私聊中发管理命令。",
    sees="可看",
    sees_all="全部资料",
    sees_public="公开资料",
    sees_usage="改可看的资料：/users {id} 可看 标签（多个用逗号分隔；* 为全部，public 为只看公开的）",
    no_label="“{word}”里有的不是标签。标签由字母、汉字、数字、_ . - 组成，多个用逗号分隔。",
    not_let_in="还没有使用权限，请先批准。",
    by_settings="设置指定",
    group="群",
    user="用户",
    id="ID",
    standing="权限",
    requested="申请时间",
    decided_by="{by} 于 {at} 决定",
    command_line="命令行（{name}）",
    states={
        "pending": "等待批准",
        "approved:user": "可以提问",
        "approved:admin": "管理员",
        "rejected": "已拒绝",
        "removed": "已移除",
    },
    demoted="您不再是管理员，仍然可以提问。",
    told={
        "approved:user": "您现在可以提问了。发 /help 看用法。",
        "approved:admin": "您现在是管理员。发 /help 看可以做什么。",
        "rejected": "管理员没有批准您的申请。",
        "removed": "您的使用权限已被取消。",
    },
    told_group={
        "approved:user": "本群已获批准：用 /ask 提问，或 @我。",
        "rejected": "管理员没有批准本群的申请。",
        "removed": "本群的使用权限已被取消。",
    },
)

TRADITIONAL: Final = AccessPhrases(
    code=(
        "您還沒有使用權限。\n配對碼：{code}（{minutes} 分鐘內有效）\n您的 ID：{user_id}\n\n"
        "請把配對碼告訴管理員，由管理員批准；批准後會在這裏告訴您。"
    ),
    group_code=(
        "本群還沒有使用權限。\n配對碼：{code}（{minutes} 分鐘內有效）\n群 ID：{chat_id}，您的 ID：{user_id}\n\n"
        "請把配對碼告訴管理員，由管理員批准；批准後會在這裏告訴大家。"
    ),
    turned_down="您沒有使用權限。您的 ID 是 {user_id}；如有疑問，請聯絡管理員。",
    group_turned_down="本群沒有使用權限。群 ID 是 {chat_id}；如有疑問，請聯絡管理員。",
    too_many_requests="您還沒有使用權限，而現在申請的人太多。您的 ID 是 {user_id}，請直接告訴管理員，或明天再試。",
    slow_down="問得有點快，請過 {seconds} 秒再發。",
    asks="有人申請使用",
    approve="批准",
    reject="拒絕",
    remove="移除",
    readmit="重新批准",
    make_admin="設為管理員",
    make_user="取消管理員",
    back="« 返回名單",
    users_heading="用戶與群（{count}）",
    nobody="還沒有別人。對方給機器人發 /start 就會得到配對碼。",
    found="找到 {count} 個",
    found_more="找到 {count} 個，列出前 {shown} 個；請寫得更具體些",
    not_found="沒有找到“{word}”。可以寫名字、@用戶名、ID 或配對碼。",
    private_only="名單不宜在群裏顯示，請在與我的私聊中發 /users。",
    not_yourself="不能改自己的權限。",
    decided="已經處理過，沒有改動。",
    set_by_settings="由設定指定，請改設定後重新啟動。",
    order_in_private="資料裡有本群不能看的文件，請在與我的私聊中發管理命令。",
    sees="可看",
    sees_all="全部資料",
    sees_public="公開資料",
    sees_usage="改可看的資料：/users {id} 可看 標籤（多個用逗號分隔；* 為全部，public 為只看公開的）",
    no_label="“{word}”裡有的不是標籤。標籤由字母、漢字、數字、_ . - 組成，多個用逗號分隔。",
    not_let_in="還沒有使用權限，請先批准。",
    by_settings="設定指定",
    group="群",
    user="用戶",
    id="ID",
    standing="權限",
    requested="申請時間",
    decided_by="{by} 於 {at} 決定",
    command_line="命令行（{name}）",
    states={
        "pending": "等待批准",
        "approved:user": "可以提問",
        "approved:admin": "管理員",
        "rejected": "已拒絕",
        "removed": "已移除",
    },
    demoted="您不再是管理員，仍然可以提問。",
    told={
        "approved:user": "您現在可以提問了。發 /help 看用法。",
        "approved:admin": "您現在是管理員。發 /help 看可以做甚麼。",
        "rejected": "管理員沒有批准您的申請。",
        "removed": "您的使用權限已被取消。",
    },
    told_group={
        "approved:user": "本群已獲批准：用 /ask 提問，或 @我。",
        "rejected": "管理員沒有批准本群的申請。",
        "removed": "本群的使用權限已被取消。",
    },
)

ENGLISH: Final = AccessPhrases(
    code=(
        "You are not allowed to ask yet.\nPairing code: {code} (good for {minutes} minutes)\nYour id: {user_id}\n\n"
        "Give the code to an administrator, who lets you in; you will hear of it here."
    ),
    group_code=(
        "This group is not allowed to ask yet.\nPairing code: {code} (good for {minutes} minutes)\n"
        "The group's id: {chat_id}, yours: {user_id}\n\n"
        "Give the code to an administrator, who lets you in; you will hear of it here."
    ),
    turned_down="You are not allowed to ask. Your id is {user_id}; an administrator can tell you more.",
    group_turned_down="This group is not allowed to ask. Its id is {chat_id}; an administrator can tell you more.",
    too_many_requests=(
        "You are not allowed to ask yet, and too many people ask for access just now. Your id is {user_id}: tell it to "
        "an administrator, or try again tomorrow."
    ),
    slow_down="That was quick. Please send it again in {seconds} s.",
    asks="Somebody asks for access",
    approve="Approve",
    reject="Turn down",
    remove="Remove",
    readmit="Approve again",
    make_admin="Make administrator",
    make_user="No longer administrator",
    back="« All",
    users_heading="Users and groups ({count})",
    nobody="Nobody else yet. Whoever sends /start to the bot gets a pairing code.",
    found="{count} found",
    found_more="{count} found, the first {shown} listed; be more specific",
    not_found="Nobody found for “{word}”. Give a name, @username, id or pairing code.",
    private_only="The list is not for a group: send /users in a private chat with me.",
    not_yourself="You cannot change your own access.",
    decided="Somebody has decided already; nothing was changed.",
    set_by_settings="Named in the settings: change them and start again.",
    order_in_private="This group may not see all documents: please send me administrators' commands in private.",
    sees="May see",
    sees_all="all documents",
    sees_public="public documents",
    sees_usage="To change that: /users {id} sees LABELS (between commas; * for all, public for public ones alone)",
    no_label="Not all of “{word}” are labels: letters, digits, _ . and -, with commas between them.",
    not_let_in="Not let in yet: approve them first.",
    by_settings="named in the settings",
    group="Group",
    user="User",
    id="Id",
    standing="Access",
    requested="Asked",
    decided_by="Decided by {by}, {at}",
    command_line="command line ({name})",
    states={
        "pending": "waiting",
        "approved:user": "may ask",
        "approved:admin": "administrator",
        "rejected": "turned down",
        "removed": "removed",
    },
    demoted="You are no longer an administrator; you may still ask.",
    told={
        "approved:user": "You may ask now. /help tells how.",
        "approved:admin": "You are an administrator now. /help tells what you can do.",
        "rejected": "An administrator turned your request down.",
        "removed": "You may no longer ask.",
    },
    told_group={
        "approved:user": "This group may ask now: with /ask, or by mentioning me.",
        "rejected": "An administrator turned this group's request down.",
        "removed": "This group may no longer ask.",
    },
)

ACCESS_PHRASES: Final[dict[Language, AccessPhrases]] = {
    "zh-Hans": SIMPLIFIED,
    "zh-Hant": TRADITIONAL,
    "en": ENGLISH,
}
