"""Re-indexing after a preview, files, documents and gaps, over the real program."""

from __future__ import annotations

import pytest

from tests.telegram_scenarios.chats import Chat, Message, shown_text
from tests.telegram_scenarios.questions import STATIONS
from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons

SCHOOL = "云溪小学迎来校庆\n\n云溪小学创办于1923年，现有学生338名。\n"
BRIDGE = "云溪大桥通车\n\n云溪大桥全长2.6公里，总投资四千万元。\n"
# A re-index of the first scenario starts the process that indexes.
INDEXED = 240.0


def labels(message: Message) -> list[str]:
    return [button["text"] for button in buttons(message)]


def previewed(administrator: Chat, *words: str) -> Message:
    """The message of /reindex once it shows what would change."""
    administrator.says("/reindex")
    return administrator.expect_edit(administrator.expect_reply("正在查看"), *words, within=INDEXED)


def indexed(administrator: Chat, *words: str) -> Message:
    """Have the index brought up to date; the message with the result."""
    message = previewed(administrator, "还没有改动任何东西")
    administrator.presses(message, "开始更新")
    return administrator.expect_edit(message, "索引已更新", *words, within=INDEXED)


@pytest.fixture
def school(town: Town) -> str:
    """A file in the corpus that is not indexed yet; the name of it."""
    path = town.program.corpus / "云溪小学.txt"
    path.write_text(SCHOOL, encoding="utf-8")
    return path.name


def test_a_reindex_is_previewed_confirmed_and_followed_in_one_message(town: Town, school: str) -> None:
    administrator, person = town.administrator(), town.person()
    preview = previewed(administrator, "新增 1", "· 云溪小学迎来校庆")
    assert labels(preview) == ["开始更新", "取消"]
    assert administrator.presses(preview, "开始更新") == ""
    done = administrator.expect_edit(preview, "索引已更新", "新增 1", within=INDEXED)
    assert labels(done) == []
    person.says("云溪小学有多少名学生？")
    person.expect_reply("338名", "《云溪小学迎来校庆》")

    assert "已经过时" in administrator.presses_data(preview, buttons(preview)[0]["callback_data"])
    administrator.expect_edit(preview, "请重新发 /reindex")

    (town.program.corpus / school).unlink()
    indexed(administrator, "删除 1")
    administrator.says("/reindex")
    unchanged = administrator.expect_edit(administrator.expect_reply(), "已经是最新的", within=INDEXED)
    assert labels(unchanged) == []


def test_a_cancelled_reindex_changes_nothing(town: Town, school: str) -> None:
    administrator, person = town.administrator(), town.person()
    preview = previewed(administrator, "· 云溪小学迎来校庆")
    administrator.presses(preview, "取消")
    assert labels(administrator.expect_edit(preview, "已取消", "云溪小学迎来校庆")) == []
    assert "已经过时" in administrator.presses(preview, "开始更新")
    person.says("云溪小学有多少名学生？")
    assert "338" not in shown_text(person.expect_reply())
    (town.program.corpus / school).unlink()


def test_two_administrators_who_start_at_once_start_one_job(town: Town, school: str) -> None:
    first, second = town.administrator(), town.administrator()
    one = previewed(first, "新增 1")
    two = previewed(second, "新增 1")
    first.presses(one, "开始更新")
    note = second.presses(two, "开始更新")
    first.expect_edit(one, "索引已更新", "新增 1", within=INDEXED)
    if not note:
        second.expect_edit(two, "索引已更新", "新增 1", within=INDEXED)
    (town.program.corpus / school).unlink()
    indexed(first, "删除 1")


def test_a_file_is_added_found_retired_and_restored(town: Town) -> None:
    administrator, person = town.administrator(), town.person()
    question = "云溪大桥有多长？"
    administrator.sends_file("云溪大桥.txt", BRIDGE.encode())
    asked = administrator.expect_reply("收到 1 个文件", "云溪大桥.txt", "1 篇：《云溪大桥通车》")
    assert labels(asked) == ["加入", "加入并更新索引", "不要"]
    administrator.presses(asked, "加入并更新")
    administrator.expect_edit(asked, "已加入 1 个文件")
    administrator.expect_edit(administrator.expect_reply("开始更新索引"), "索引已更新", "新增 1", within=INDEXED)
    person.says(question)
    person.expect_reply("2.6公里")

    administrator.says("/documents 云溪 大橋")
    administrator.presses(administrator.expect_reply("文档（1 篇）", "1. 《云溪大桥通车》"), "1")
    card = administrator.expect_reply("@uploads/云溪大桥.txt", "云溪大桥全长2.6公里")
    administrator.presses(card, "停用")
    administrator.presses(administrator.expect_edit(card, "停用这篇文档吗"), "确定停用")
    retired = administrator.expect_edit(card, "已停用")
    person.says(question)
    assert "2.6公里" not in shown_text(person.expect_reply())
    administrator.presses(retired, "恢复")
    administrator.expect_edit(card, "已恢复")
    person.says(question)
    person.expect_reply("2.6公里")

    (town.program.data_dir / "uploads" / "云溪大桥.txt").unlink()
    indexed(administrator, "删除 1")


def test_a_file_that_is_thrown_away_cannot_be_added_any_more(town: Town) -> None:
    administrator = town.administrator()
    administrator.sends_file("草稿.txt", SCHOOL.encode())
    asked = administrator.expect_reply("收到 1 个文件", "草稿.txt")
    administrator.presses(asked, "不要")
    administrator.expect_edit(asked, "没有加入：草稿.txt")
    assert "已经处理过" in administrator.presses(asked, "加入并更新")
    administrator.expect_edit(asked, "重新发送")
    assert not (town.program.data_dir / "uploads" / "草稿.txt").exists()


def test_files_of_an_album_are_asked_about_in_one_message(town: Town) -> None:
    administrator = town.administrator()
    administrator.sends_album([(f"附件{number}.txt", SCHOOL.encode()) for number in range(3)])
    asked = administrator.expect_reply("加入资料吗")
    if "收到 3 个文件" not in shown_text(asked):
        asked = administrator.expect_edit(asked, "收到 3 个文件")
    administrator.presses(asked, "不要")
    administrator.expect_edit(asked, "附件0.txt", "附件2.txt")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("空.txt", b"", "文件是空的"),
        ("报告.txt", b"%PDF-1.7 ...", "PDF"),
        ("坏.jsonl", b"{not json}\n", "读不出任何文档"),
        (".txt", SCHOOL.encode(), "没有收下"),
    ],
)
def test_a_file_without_text_is_refused_with_the_reason(town: Town, name: str, content: bytes, told: str) -> None:
    administrator = town.administrator()
    administrator.sends_file(name, content)
    administrator.expect_reply("没有收下", told)


def test_files_of_others_are_refused(town: Town) -> None:
    person = town.person()
    person.sends_file("新闻.txt", SCHOOL.encode())
    person.expect_reply("只有管理员")


def test_documents_are_listed_in_pages(town: Town) -> None:
    administrator = town.administrator()
    administrator.says("/documents")
    first = administrator.expect_reply("文档（", "1. 《", "8. 《")
    assert "◀" not in labels(first)
    administrator.presses(first, "▶")
    second = administrator.expect_edit(first, "1. 《")
    assert shown_text(second) != shown_text(first)
    administrator.presses(second, "◀")
    assert shown_text(administrator.expect_edit(first, "1. 《")) == shown_text(first)
    administrator.presses(first, "看已停用的")
    assert labels(administrator.expect_edit(first, "没有找到这样的文档")) == ["看在用的"]


def test_documents_are_searched_in_either_script(town: Town) -> None:
    administrator = town.administrator()
    for words in ("凉瓜", "涼瓜"):
        administrator.says(f"/documents {words}")
        administrator.expect_reply("凉瓜")
    administrator.says(f"/documents {'没有这样的文档' * 20}")
    administrator.expect_reply("没有找到这样的文档")


def test_buttons_of_administration_are_for_administrators(town: Town) -> None:
    administrator, person, stranger = town.administrator(), town.person(), town.stranger()
    administrator.says("/documents 凉瓜")
    listed = administrator.expect_reply("凉瓜")
    for data in (buttons(listed)[0]["callback_data"], "g:y:1", "k:d", "k:u:x", "k:s:x:"):
        assert "只有管理员" in person.presses_data(listed, data)
        stranger.presses_data(listed, data)
    stranger.forgets_unread()


@pytest.mark.parametrize(
    "data", ["k:", "k:s", "k:s:nope:", "k:f:nope:", "k:e:nope:", "k:u:..", "g:s:999999", "g:l:x", "g:", "k:y:x:y"]
)
def test_buttons_of_nothing_stop_turning(town: Town, data: str) -> None:
    administrator = town.administrator()
    administrator.says("/documents 凉瓜")
    administrator.presses_data(administrator.expect_reply("凉瓜"), data)
    town.settle()


def test_the_same_question_of_two_people_is_one_gap(town: Town) -> None:
    first, second, administrator = town.person(), town.person(), town.administrator()
    first.says("木星上的观景台有多少层台阶？")
    first.expect_reply("没有找到")
    second.says("請問木星上的觀景台一共有幾層台階")
    second.expect_reply()
    administrator.says("/gaps")
    text = shown_text(administrator.expect_reply("木星"))
    assert text.count("台阶") + text.count("台階") == 2
    assert "2 次 · 2 处" in text[text.index("木星") :]


def test_status_tells_speed_errors_disk_and_version(town: Town) -> None:
    administrator, person = town.administrator(), town.person()
    person.says(STATIONS.question)
    person.expect_reply(STATIONS.answer)
    administrator.says("/status")
    administrator.expect_reply("最近一小时提问", "95% 在", "最近一天错误", "磁盘: 可用", "程序版本: ", "正在处理: ")
