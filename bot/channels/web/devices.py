"""Names a browser as people know it, from what it says of itself."""

from __future__ import annotations

import re

# The first that fits: many a browser says that it is another one, too.
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ 浏览器"),
    ("MetaSr", "搜狗浏览器"),
    ("360", "360 浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("UOS", "统信 UOS"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)
_MAX_CHARS = 60


def device_name(agent: str) -> str:
    """Such as ``Firefox · Windows``; the beginning of what it said where that names nothing known; "" of nothing."""
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    named = " · ".join(name for name in found if name)
    return named or re.sub(r"\s+", " ", agent).strip()[:_MAX_CHARS]
