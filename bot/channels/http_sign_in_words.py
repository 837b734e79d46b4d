"""The words of the pages for signing in, in Chinese of both scripts and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.channels.http_clients import cookie_of

LANGUAGE_COOKIE = "yiju_lang"
_SIMPLIFIED, _TRADITIONAL, _ENGLISH = "zh-Hans", "zh-Hant", "en"

_TABLE = {
    "title": ("登录", "登入", "Sign in"),
    "name": ("用户名", "使用者名稱", "User name"),
    "password": ("密码", "密碼", "Password"),
    "sign_in": ("登录", "登入", "Sign in"),
    "provider": ("用统一身份认证登录", "以統一身分認證登入", "Sign in with your organisation"),
    "account": ("账号", "帳號", "Account"),
    "colon": ("：", "：", ": "),
    "old_password": ("现在的密码", "目前的密碼", "Current password"),
    "new_password": ("新密码", "新密碼", "New password"),
    "again": ("再输入一次", "再輸入一次", "Once more"),
    "rule": (
        "至少 12 个字符；不必有符号或大写，可以用一句只有自己知道的话。",
        "至少 12 個字元；不必有符號或大寫，可以用一句只有自己知道的話。",
        "At least 12 characters; no symbols needed: a sentence only you know will do.",
    ),
    "save": ("保存密码", "儲存密碼", "Save password"),
    "set_password": ("设置密码", "設定密碼", "Set your password"),
    "change": ("修改密码", "修改密碼", "Change password"),
    "sessions": ("已登录的设备", "已登入的裝置", "Where you are signed in"),
    "end": ("在此退出", "在此登出", "Sign out there"),
    "sign_out": ("退出登录", "登出", "Sign out"),
    "home": ("返回首页", "返回首頁", "Back to the start"),
    "refused": ("没有权限", "沒有權限", "Not allowed"),
    "differ": ("两次输入的密码不同。", "兩次輸入的密碼不同。", "The two passwords differ."),
    "saved": ("密码已保存，请登录。", "密碼已儲存，請登入。", "Password saved; please sign in."),
    "stale": (
        "页面已过期，请再试一次。浏览器须允许本站的 Cookie。",
        "頁面已過期，請再試一次。瀏覽器須允許本站的 Cookie。",
        "The page was out of date; please try again. Your browser must allow cookies of this site.",
    ),
    "wrong": (
        "用户名或密码不对，或账号已停用。",
        "使用者名稱或密碼不對，或帳號已停用。",
        "User name or password is wrong, or the account is disabled.",
    ),
    "nobody": (
        "还没有账号：这台机器上的请求不必登录。在这台机器上新建：yiju accounts create NAME --role admin",
        "還沒有帳號：這台機器上的請求不必登入。在這台機器上新建：yiju accounts create NAME --role admin",
        "There is no account yet: requests of this machine need none. Make one here: "
        "yiju accounts create NAME --role admin",
    ),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    language: {key: forms[place] for key, forms in _TABLE.items()}
    for place, language in enumerate((_SIMPLIFIED, _TRADITIONAL, _ENGLISH))
}


def language_of(headers: Mapping[str, Sequence[str]]) -> str:
    """The language to answer a browser in: what its user chose here, else what it asks for first that there is."""
    chosen = cookie_of(headers.get("cookie", ()), LANGUAGE_COOKIE)
    if chosen is not None and chosen in WORDS:
        return chosen
    for wanted in ",".join(headers.get("accept-language", ())).lower().split(","):
        tag = wanted.partition(";")[0].strip()
        if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
            return _TRADITIONAL
        if tag.startswith("zh"):
            return _SIMPLIFIED
        if tag.startswith("en"):
            return _ENGLISH
    return _SIMPLIFIED
