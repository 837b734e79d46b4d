"""The frame in three languages; quotes stay as printed."""

from __future__ import annotations

import json

import pytest

from tests.telegram_scenarios.questions import INSURANCE, SEATS
from tests.telegram_scenarios.town import Town


@pytest.mark.parametrize(
    ("word", "said", "heading"),
    [("简", "简体", "出处"), ("繁", "繁體", "出處"), ("en", "English", "Sources"), ("English", "English", "Sources")],
)
def test_lang_chooses_the_words_around_the_answer(town: Town, word: str, said: str, heading: str) -> None:
    person = town.person()
    person.says(f"/lang {word}")
    person.expect_reply(said)
    person.says(INSURANCE.question)
    person.expect_reply(INSURANCE.answer, heading, "2025年度城乡居民基本医疗保险个人缴费标准为每人400元")


def test_without_a_choice_the_question_decides(town: Town) -> None:
    person = town.person()
    person.says("區圖書館暑期自習室設多少個座位？")
    person.expect_reply("260个", "出處")
    person.says(SEATS.question)
    person.expect_reply("260个", "出处")


def test_auto_gives_the_choice_back(town: Town) -> None:
    person = town.person()
    person.says("/lang en")
    person.expect_reply("English")
    person.says("/lang auto")
    person.expect_reply("随提问的文字")
    person.says(SEATS.question)
    person.expect_reply("出处")


def test_an_unknown_language_is_answered_with_those_there_are(town: Town) -> None:
    person = town.person()
    person.says("/lang 火星文")
    person.expect_reply("/lang 繁")


@pytest.mark.parametrize(("word", "help_word"), [("繁", "資料"), ("en", "Just send a question")])
def test_help_speaks_the_chosen_language(town: Town, word: str, help_word: str) -> None:
    person = town.person()
    person.says(f"/lang {word}")
    person.expect_reply()
    person.says("/help")
    person.expect_reply(help_word)


def test_the_menus_hold_what_everybody_may_do(town: Town) -> None:
    menus = [(scope, {each["command"] for each in menu}) for scope, _, menu in town.menus() if '"chat"' not in scope]
    assert {"default", "all_private_chats", "all_group_chats"} <= {json.loads(scope)["type"] for scope, _ in menus}
    assert all("help" in names and not names & {"status", "reindex", "gaps", "users"} for _, names in menus)
    assert all("ask" in names for scope, names in menus if "group" in scope)


def test_the_words_of_a_menu_follow_the_language_of_the_app(town: Town) -> None:
    private = {language: menu for scope, language, menu in town.menus() if "all_private_chats" in scope}
    assert private.keys() >= {"", "en"}
    assert [each["command"] for each in private[""]] == [each["command"] for each in private["en"]]
    assert all(each["description"].isascii() for each in private["en"] if each["command"] != "lang")
    assert not any(each["description"].isascii() for each in private[""])
