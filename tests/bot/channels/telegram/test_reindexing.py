"""/reindex in Telegram: what would change, then, once somebody says so, progress in one edited message."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from bot.indexing_jobs import JobEndedError
from tests.bot.channels.telegram.admin_fakes import FakeJob, previewed, succeeded
from tests.bot.channels.telegram.world import ADMIN, GROUP, World
from tests.telegram_server.client import buttons

BY = f"telegram:{ADMIN}"
SNAPSHOT = "20260101T000000000000-abcdef"


def edited(world: World, holding: str) -> dict[str, Any]:
    """The next edit that shows the words; the message as it is then."""
    found = world.server.expect(
        "editMessageText", where=lambda call: holding in (call.get("result") or {}).get("text", "")
    )
    message: dict[str, Any] = found["result"]
    return message


def preview(world: World, command: str = "/reindex") -> dict[str, Any]:
    world.server.say(command, user=ADMIN)
    return edited(world, "还没有改动任何东西")


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons(message)]


def test_what_would_change_is_shown_by_name_and_nothing_is_begun(live: World) -> None:
    message = preview(live)
    assert "新增 2，修改 0，删除 12，未变 5" in message["text"]
    assert "新增 2\n· 停水<通知>\n· n2" in message["text"]
    assert "删除 12\n· 第0号简报" in message["text"]
    assert "另有 4 篇" in message["text"]
    assert "坏.txt: 编码不明" in message["text"]
    assert labels(message) == ["开始更新", "取消"]
    assert live.admin.started == [
        {"full": False, "dry_run": True, "allow_mass_removal": False, "started_by": BY},
    ]


def test_a_confirmed_reindex_is_followed_in_the_same_message(live: World) -> None:
    live.admin.steps = [FakeJob(done=done, total=8) for done in range(8) for _ in range(4)] + live.admin.steps[-1:]
    message = preview(live)
    begun = len(live.server.calls("editMessageText"))
    live.server.press(message, "开始更新", user=ADMIN)
    final = edited(live, "新增 3")
    edits = live.server.calls("editMessageText")[begun:]
    assert {edit["result"]["message_id"] for edit in edits} == {message["message_id"]}
    assert final == edits[-1]["result"]
    assert "编码不明 & 读不出" in final["text"]
    assert 2 <= len(edits) <= 10
    assert labels(edits[0]["result"]) == ["⏸ 暂停", "⏹ 停止"]
    assert labels(final) == []
    assert all(late["at"] - early["at"] > 0.15 for early, late in pairwise(edits[:-1]))
    assert [each["dry_run"] for each in live.admin.started] == [True, False]


def test_nothing_to_do_offers_nothing(live: World) -> None:
    live.admin.dry_steps = [previewed(documents={"added": 0, "changed": 0, "removed": 0, "unchanged": 9}, files=[])]
    live.server.say("/reindex", user=ADMIN)
    assert labels(edited(live, "已经是最新的")) == []


def test_removing_most_documents_has_to_be_allowed(live: World) -> None:
    live.admin.dry_steps = [previewed(mass_removal=True)]
    message = preview(live)
    assert "会删除过半文档" in message["text"]
    assert labels(message) == ["允许删除并更新", "取消"]
    live.server.press(message, "允许", user=ADMIN)
    edited(live, "新增 3")
    assert live.admin.started[-1]["allow_mass_removal"] is True


def test_a_full_reindex_is_offered_where_nothing_has_changed(live: World) -> None:
    live.admin.dry_steps = [previewed(documents={}, files=[])]
    live.server.say("/reindex 全部", user=ADMIN)
    message = edited(live, "已经是最新的")
    live.server.press(message, "开始更新", user=ADMIN)
    edited(live, "新增 3")
    assert [(each["full"], each["dry_run"]) for each in live.admin.started] == [(True, True), (True, False)]


def test_cancelling_leaves_the_message_without_buttons(live: World) -> None:
    message = preview(live)
    live.server.press(message, "取消", user=ADMIN)
    cancelled = edited(live, "已取消，没有改动任何东西")
    assert cancelled["message_id"] == message["message_id"]
    assert "停水<通知>" in cancelled["text"]
    assert labels(cancelled) == []
    assert len(live.admin.started) == 1


def test_an_old_button_starts_nothing(live: World) -> None:
    message = preview(live)
    live.admin.outdated = True
    live.server.press(message, "开始更新", user=ADMIN)
    late = edited(live, "已经过时")
    assert labels(late) == []
    assert len(live.admin.started) == 1


def test_pressed_twice_it_follows_the_one_that_runs(live: World) -> None:
    message = preview(live)
    live.admin.conflict = True
    live.server.press(message, "开始更新", user=ADMIN)
    edited(live, "新增 3")
    assert len(live.admin.started) == 1


@pytest.mark.parametrize("data", ["k:", "k:?:x", "k:s", "k:s::", "k:f:gone:", "k:e:gone:", "k:y:none:gone", "k:p:gone"])
def test_a_button_of_nothing_stops_turning(live: World, data: str) -> None:
    message = preview(live)
    callback_id = live.server.press_data(message, data, user=ADMIN)
    live.server.expect(
        "answerCallbackQuery", where=lambda call: call["params"]["callback_query_id"] == callback_id and call["ok"]
    )
    assert live.admin.orders == []
    assert len(live.admin.started) == 1


def test_running_embedding_is_paused_and_resumed_by_buttons(live: World) -> None:
    live.admin.steps = [FakeJob(done=1, total=2, phase="embedding")]
    message = preview(live)
    live.server.press(message, "开始更新", user=ADMIN)
    running = edited(live, "1 / 2")
    live.server.press(running, "暂停", user=ADMIN)
    live.server.expect("answerCallbackQuery")
    live.admin.steps = [FakeJob(done=1, total=2, phase="embedding", paused=True)]
    paused = edited(live, "已暂停")
    assert labels(paused) == ["▶ 继续", "⏹ 停止"]
    live.server.press(paused, "继续", user=ADMIN)
    live.server.expect("answerCallbackQuery")
    live.admin.steps = [succeeded()]
    edited(live, "新增 3")
    assert live.admin.orders == [("pause", BY), ("resume", BY)]


def test_a_running_job_is_stopped_by_its_button(live: World) -> None:
    live.admin.steps = [FakeJob(done=1, total=2)]
    message = preview(live)
    live.server.press(message, "开始更新", user=ADMIN)
    live.server.press(edited(live, "1 / 2"), "停止", user=ADMIN)
    assert "应要求停止" in edited(live, "原来的索引照常使用")["text"]
    assert live.admin.orders == [("stop job1", BY)]


def test_a_button_of_a_job_that_has_ended_orders_nothing(live: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(job_id: str, *, by: str) -> FakeJob:
        raise JobEndedError("已经结束")

    monkeypatch.setattr(live.admin, "stop_job", ended)
    message = preview(live)
    live.admin.steps = [FakeJob(), succeeded()]
    live.server.press_data(message, "k:e:job1:", user=ADMIN)
    edited(live, "新增 3")
    live.server.press_data(message, "k:p:job1:", user=ADMIN)
    answer = live.server.expect("answerCallbackQuery", where=lambda call: "已经结束" in call["params"].get("text", ""))
    assert answer["ok"]
    assert live.admin.orders == []


@pytest.mark.parametrize(("label", "order", "told"), [("接受", "accept", "已启用"), ("保留", "reject", "新的已放弃")])
def test_a_blocked_switch_is_decided_by_buttons(live: World, label: str, order: str, told: str) -> None:
    live.admin.blocked = [SNAPSHOT]
    gate = {"changed": 1, "changes": [{"question": "产值？", "before": "1.3亿元", "after": None}]}
    live.admin.steps = [FakeJob(state="failed", error="答得更差", report={"candidate": SNAPSHOT, "gate": gate})]
    live.server.press(preview(live), "开始更新", user=ADMIN)
    blocked = edited(live, "答得更差")
    assert "1.3亿元 → 未找到" in blocked["text"]
    assert labels(blocked) == ["接受新索引", "保留旧的"]
    live.server.press(blocked, label, user=ADMIN)
    decided = edited(live, told)
    assert labels(decided) == []
    assert live.admin.orders == [(f"{order} {SNAPSHOT}", BY)]
    live.server.press_data(blocked, f"k:y:{SNAPSHOT}:job1", user=ADMIN)
    live.server.expect("answerCallbackQuery", where=lambda call: "处理过" in call["params"].get("text", ""))
    assert len(live.admin.orders) == 1


def test_questions_are_answered_while_reindexing(live: World) -> None:
    live.admin.steps = [FakeJob(done=1, total=2)]
    live.server.press(preview(live), "开始更新", user=ADMIN)
    edited(live, "1 / 2")
    live.server.say("产值？", user=ADMIN)
    live.server.expect_message("超3000万元", chat=ADMIN)


def test_a_second_reindex_follows_the_first(live: World) -> None:
    live.admin.conflict = True
    live.server.say("/reindex", user=ADMIN)
    live.server.expect_message("已有任务 job0")
    edited(live, "新增 3")


def test_a_failed_reindex_says_why(live: World) -> None:
    live.admin.steps = [FakeJob(state="failed", error="磁盘已满：还差 <3> GB")]
    live.server.press(preview(live), "开始更新", user=ADMIN)
    edited(live, "<3> GB")


def test_a_result_whose_message_is_gone_is_sent_anew(live: World) -> None:
    message = preview(live)
    live.server.fail("editMessageText", status=400, description="Bad Request: message to edit not found", count=50)
    live.server.press(message, "开始更新", user=ADMIN)
    live.server.expect_message("新增 3", chat=ADMIN)


def test_a_result_longer_than_a_message_is_told_whole(live: World) -> None:
    files = [{"path": f"{'很长的文件名' * 40}{number}.txt", "failure": "坏" * 190} for number in range(10)]
    live.admin.steps = [FakeJob(state="succeeded", report={"snapshot": "s", "documents": {}, "files": files})]
    live.server.press(preview(live), "开始更新", user=ADMIN)
    edited(live, "索引已更新")
    live.server.expect_message("9.txt", chat=ADMIN)


def test_progress_in_a_group_is_edited_half_as_often(live: World) -> None:
    live.admin.dry_steps = [FakeJob("dry1", kind="dry_run", done=done, total=40) for done in range(40)] + [previewed()]
    live.server.say("/reindex", user=ADMIN, chat=GROUP)
    edited(live, "还没有改动任何东西")
    edits = live.server.calls("editMessageText")
    assert all(late["at"] - early["at"] > 0.3 for early, late in pairwise(edits[:-1]))


def test_a_stopped_channel_leaves_a_button_to_go_on(world: World) -> None:
    world.admin.steps = [FakeJob(done=1, total=2)]
    with world.running():
        world.server.press(preview(world), "开始更新", user=ADMIN)
        edited(world, "1 / 2")
    left = edited(world, "还在运行")
    assert labels(left) == ["查看进度"]
    world.admin.steps = [FakeJob(done=2, total=2), succeeded()]
    with world.running():
        world.server.press(left, "查看进度", user=ADMIN)
        assert edited(world, "新增 3")["message_id"] == left["message_id"]


def test_other_words_are_refused(live: World) -> None:
    live.server.say("/reindex now", user=ADMIN)
    live.server.expect_message("用法")
    assert live.admin.started == []


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [("pause", "pause", "已暂停"), ("继续", "resume", "继续进行"), ("停止", "stop", "job1 停止")],
)
def test_embedding_is_paused_resumed_and_stopped(live: World, text: str, order: str, told: str) -> None:
    live.server.say(f"/reindex {text}", user=ADMIN)
    live.server.expect_message(told)
    assert live.admin.orders == [(order, BY)]
    assert live.admin.started == []


def test_there_may_be_nothing_to_stop(live: World) -> None:
    live.admin.running = None
    live.server.say("/reindex stop", user=ADMIN)
    live.server.expect_message("没有任务在运行")
