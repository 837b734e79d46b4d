"""Which language a page is in, and that all its words are there in each."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.assets import CHANNELS_DIR
from bot.channels.web.door_words import DOOR_WORDS
from bot.channels.web.languages import LANGUAGES, accepted_language, translator
from bot.channels.web.words import WORDS
from tests.bot.http_site import Site

HTML = {"Accept": "text/html"}
EVERY_WORD = {**WORDS, **DOOR_WORDS}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK,en", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("en-GB,en;q=0.9", "zh-Hans"),
        ("en-US,en;q=0.9,zh-CN;q=0.8,zh-TW;q=0.7", "zh-Hans"),
        ("en-US,en;q=0.9,zh-TW;q=0.8,zh-CN;q=0.7", "zh-Hant"),
        ("zh;q=0.4,zh-TW;q=0.5", "zh-Hant"),
        ("zh-TW;q=0", "zh-Hans"),
        ("fr", "zh-Hans"),
        ("*", "zh-Hans"),
        ("zh-TW;q=much", "zh-Hans"),
    ],
)
def test_pages_are_chinese_in_the_script_that_the_browser_prefers(accepted: str, language: str) -> None:
    assert accepted_language(accepted) == language


@given(st.text(max_size=600))
def test_any_header_gives_a_language(accepted: str) -> None:
    assert accepted_language(accepted) in LANGUAGES


def test_a_chosen_language_is_remembered(site: Site) -> None:
    chosen = site.client.get("/?lang=zh-Hant", headers={**HTML, "Accept-Language": "en"})
    assert '<html lang="zh-Hant"' in chosen.text
    assert "yiju_lang=zh-Hant" in chosen.headers["set-cookie"]
    assert {"httponly", "samesite=lax", "path=/"} <= set(re.split(r";\s*", chosen.headers["set-cookie"].lower()))

    later = site.client.get("/", headers={**HTML, "Accept-Language": "en"})
    assert '<html lang="zh-Hant"' in later.text
    assert "set-cookie" not in later.headers


@pytest.mark.parametrize("query", ["?lang=fr", "?lang=", "?lang=%22%3E%3Cscript%3E"])
def test_an_unknown_language_changes_nothing(site: Site, query: str) -> None:
    page = site.client.get(f"/{query}", headers=HTML)
    assert '<html lang="zh-Hans"' in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["/", "/p/p1", "/login", "/account", "/admin", "/nowhere"])
def test_english_is_chosen_and_never_guessed(site: Site, path: str) -> None:
    english = {**HTML, "Accept-Language": "en-GB,en;q=0.9"}
    assert '<html lang="zh-Hans"' in site.client.get(path, headers=english).text
    assert '<html lang="en"' in site.client.get(f"{path}?lang=en", headers=english).text
    assert '<html lang="en"' in site.client.get(path, headers=HTML).text


def test_another_language_is_a_link_to_the_same_page(site: Site) -> None:
    page = site.client.get("/p/p1?q=0-3&lang=en", headers=HTML).text
    assert 'href="/p/p1?q=0-3&amp;lang=zh-Hant"' in page


@pytest.mark.parametrize("key", EVERY_WORD)
def test_words_take_the_same_fields_in_every_language(key: str) -> None:
    fields = [{name for _, name, _, _ in Formatter().parse(words) if name} for words in EVERY_WORD[key]]
    assert fields[0] == fields[1] == fields[2]
    assert all(words.strip() for words in EVERY_WORD[key])


def test_the_traditional_column_has_no_simplified_characters_and_the_english_one_no_chinese() -> None:
    own_names = {"zh-Hans", "zh-Hant"}
    for key, (_, traditional, english) in EVERY_WORD.items():
        if key in own_names:
            continue
        assert not SIMPLIFIED_ONLY & set(traditional), key
        assert not re.search(r"[\u3400-\u9fff]", english), key


# The most frequent characters that only 简体 has.
SIMPLIFIED_ONLY = set(
    "这个们问题错误询还没时间网络连开关击复制链删对话数据库载义务员码认证讯术语业产发东书写读种类记录试请让谢点终"
)


def test_every_word_that_templates_and_scripts_ask_for_is_there() -> None:
    folder = CHANNELS_DIR / "web"
    for path in [*folder.glob("templates/**/*.html"), *folder.glob("static/*.js")]:
        asked = re.findall(r"""\bt\(\s*["']([\w-]+)["']\s*[,)]""", path.read_text("utf-8"))
        assert [key for key in asked if key not in EVERY_WORD] == [], path.name


def test_a_missing_word_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        translator(WORDS, "en")("no_such_words")
