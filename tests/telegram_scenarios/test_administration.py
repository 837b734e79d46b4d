"""What administrators do in chat."""

from __future__ import annotations

from tests.telegram_scenarios.questions import UNANSWERED
from tests.telegram_scenarios.town import Town


def test_help_tells_administrators_more(town: Town) -> None:
    administrator = town.administrator()
    administrator.says("/help")
    administrator.expect_reply("/reindex", "/gaps", "/status")


def test_status_tells_how_things_are(town: Town) -> None:
    administrator = town.administrator()
    administrator.says("/status")
    administrator.expect_reply("段落", "文档")


def test_gaps_lists_what_was_not_answered(town: Town) -> None:
    administrator, person = town.administrator(), town.person()
    person.says(UNANSWERED)
    person.expect_reply("没有找到")
    administrator.says("/gaps")
    administrator.expect_reply(UNANSWERED)


def test_files_of_unknown_types_are_declined(town: Town) -> None:
    administrator = town.administrator()
    administrator.sends_file("游戏.exe", b"MZ")
    administrator.expect_reply("不支持", ".txt")


def test_files_beyond_the_limit_are_declined_without_a_download(town: Town) -> None:
    administrator = town.administrator()
    first = town.server.state()["calls"]
    administrator.sends_file("大.txt", b"", size=21 * 1024 * 1024)
    administrator.expect_reply("太大", "20 MB")
    assert "getFile" not in [call["method"] for call in town.server.calls_from(first, 0)]
