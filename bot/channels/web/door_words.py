"""The words of the pages of the door, beside those that every page has: 简体, 繁體, English."""

from __future__ import annotations

from typing import Final

from bot.channels.web.languages import Words

DOOR_WORDS: Final[Words] = {
    "door_title": ("登录", "登入", "Sign in"),
    "door_name": ("用户名", "使用者名稱", "User name"),
    "door_password": ("密码", "密碼", "Password"),
    "door_provider": ("用统一身份认证登录", "以統一身分認證登入", "Sign in with your organisation"),
    "door_or": ("或", "或", "or"),
    "door_account": ("账号", "帳號", "Account"),
    "door_old_password": ("现在的密码", "目前的密碼", "Current password"),
    "door_new_password": ("新密码", "新密碼", "New password"),
    "door_again": ("再输入一次", "再輸入一次", "Once more"),
    "door_rule": (
        "至少 12 个字符；不必有符号或大写，可以用一句只有自己知道的话。",
        "至少 12 個字元；不必有符號或大寫，可以用一句只有自己知道的話。",
        "At least 12 characters; no symbols needed: a sentence only you know will do.",
    ),
    "door_save": ("保存密码", "儲存密碼", "Save password"),
    "door_set_password": ("设置密码", "設定密碼", "Set your password"),
    "door_for": ("{name} 的密码", "{name} 的密碼", "The password of {name}"),
    "door_change": ("修改密码", "修改密碼", "Change password"),
    "door_change_ends": (
        "保存后，所有设备都要重新登录。",
        "儲存後，所有裝置都要重新登入。",
        "Once it is saved you are signed out everywhere.",
    ),
    "door_sessions": ("已登录的设备", "已登入的裝置", "Where you are signed in"),
    "door_unknown_device": ("未知设备", "未知裝置", "Unknown device"),
    "door_end": ("在此退出", "在此登出", "Sign out there"),
    "door_refused": ("没有权限", "沒有權限", "Not allowed"),
    "door_differ": ("两次输入的密码不同。", "兩次輸入的密碼不同。", "The two passwords differ."),
    "door_saved": ("密码已保存，请登录。", "密碼已儲存，請登入。", "Password saved; please sign in."),
    "door_stale": (
        "页面已过期，请再试一次。浏览器须允许本站的 Cookie。",
        "頁面已過期，請再試一次。瀏覽器須允許本站的 Cookie。",
        "The page was out of date; please try again. Your browser must allow cookies of this site.",
    ),
    "door_wrong": (
        "用户名或密码不对，或账号已停用。",
        "使用者名稱或密碼不對，或帳號已停用。",
        "User name or password is wrong, or the account is disabled.",
    ),
    "door_throttled": (
        "试的次数太多，请在 {seconds} 秒后再试。",
        "試的次數太多，請在 {seconds} 秒後再試。",
        "Too many attempts; try again in {seconds} seconds.",
    ),
    "door_unfit": (
        "这个密码不能用：至少 12 个字符，而且不容易猜到。",
        "這個密碼不能用：至少 12 個字元，而且不容易猜到。",
        "This password will not do: at least 12 characters, and not easily guessed.",
    ),
    "door_link_over": (
        "这个链接无效、已用过或已过期。请管理员再发一个。",
        "這個連結無效、已用過或已過期。請管理員再發一個。",
        "This link is wrong, used or over. Ask the administrator for another.",
    ),
    "door_failed": (
        "这次登录没有完成，请重新登录。",
        "這次登入沒有完成，請重新登入。",
        "Signing in came to nothing; please try again.",
    ),
    "door_nobody": (
        "还没有账号：这台机器上的请求不必登录。",
        "還沒有帳號：這台機器上的請求不必登入。",
        "There is no account yet: requests of this machine need none.",
    ),
    "door_first": (
        "需要登录时，在控制台的“账号”里，或用下面的命令新建第一个：",
        "需要登入時，在主控台的「帳號」裡，或用下面的命令新建第一個：",
        "When people are to sign in, make the first account in the console, or by this command:",
    ),
    "door_to_accounts": ("新建账号", "新建帳號", "New account"),
}
