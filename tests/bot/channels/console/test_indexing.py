from __future__ import annotations

import re

from tests.bot.channels.console.desk import Desk, visible


def preview_of(page: str) -> str:
    found = re.search(r'name="preview" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_a_dry_run_shows_what_would_change_and_changes_nothing(indexed: Desk) -> None:
    before = indexed.place.serving()
    indexed.place.write("新.txt", "新区成立\n\n新区今日成立，面积300平方公里。\n")
    (indexed.place.corpus / "lu.txt").unlink()

    page = indexed.ended(indexed.post("/admin/index/preview"))

    said = visible(page)
    assert "将增加 1" in said
    assert "将去掉 1" in said
    assert "新区成立" in said
    assert "东江大桥今日通车" in said
    assert indexed.place.serving() == before


def test_what_a_dry_run_showed_is_done_after_a_second_word(indexed: Desk) -> None:
    before = indexed.place.serving()
    indexed.place.write("新.txt", "新区成立\n\n新区今日成立，面积300平方公里。\n")
    preview = preview_of(indexed.ended(indexed.post("/admin/index/preview")))

    page = indexed.ended(indexed.post("/admin/index/start", preview=preview))

    assert "增加 1" in visible(page)
    assert "回答的变化" in page
    assert indexed.place.serving() != before
    assert [action for _, action, _ in indexed.trail()] == ["reindex_previewed", "reindex_started"]
    assert "已经更新过" in indexed.post("/admin/index/start", preview=preview, status=409)


def test_nothing_is_started_without_a_dry_run(indexed: Desk) -> None:
    indexed.post("/admin/index/start", status=422)
    indexed.post("/admin/index/start", preview="nope", status=404)
    assert indexed.trail() == []


def test_a_cancelled_dry_run_starts_nothing(indexed: Desk) -> None:
    indexed.place.write("新.txt", "新区成立\n\n新区今日成立。\n")
    preview = preview_of(indexed.ended(indexed.post("/admin/index/preview")))

    indexed.get(indexed.post("/admin/index/cancel", preview=preview))

    assert indexed.client.post("/admin/index/start", data={"preview": preview}).status_code >= 400


def test_an_index_in_line_with_its_sources_offers_nothing_to_start(indexed: Desk) -> None:
    page = indexed.ended(indexed.post("/admin/index/preview"))
    assert "没有要更新的" in page
    assert "/admin/index/start" not in page


def test_progress_is_asked_for_while_a_job_runs_and_not_after(indexed: Desk) -> None:
    indexed.hold.clear()
    where = indexed.post("/admin/index/preview")
    running = indexed.get(where)
    part = indexed.get(where.partition("?")[0] + "/progress")
    indexed.hold.set()

    assert 'hx-trigger="every 1s"' in running
    assert 'http-equiv="refresh"' in running
    assert "<html" not in part
    assert "<progress" in part
    assert "hx-trigger" not in indexed.ended(where)


def test_a_second_job_leads_to_the_one_that_runs(indexed: Desk) -> None:
    indexed.hold.clear()
    where = indexed.post("/admin/index/preview")
    conflict = indexed.post("/admin/index/preview", status=409)
    indexed.hold.set()

    assert f'href="{where}"' in conflict
    indexed.ended(where)


def test_a_running_job_is_asked_to_stop_and_paused(indexed: Desk) -> None:
    indexed.hold.clear()
    where = indexed.post("/admin/index/preview")
    stopped = indexed.get(indexed.post(f"{where}/stop"))
    paused = indexed.get(indexed.post(f"{where}/pause"))
    indexed.post(f"{where}/resume")
    indexed.hold.set()

    assert "正在停下" in stopped
    assert "已暂停" in paused
    assert [action for _, action, _ in indexed.trail()] == [
        "reindex_previewed",
        "job_stopped",
        "embedding_paused",
        "embedding_resumed",
    ]
    indexed.ended(where)
    indexed.post(f"{where}/stop", status=409)


def test_a_snapshot_that_is_held_back_leads_to_the_page_where_it_is_decided_about(indexed: Desk) -> None:
    indexed.place.expect("1.3亿元", gate_points=1.0)
    indexed.place.write("gua.txt", "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜，产值达9.9亿元，带动农户三百多户。\n")
    preview = preview_of(indexed.ended(indexed.post("/admin/index/preview")))

    page = indexed.ended(indexed.post("/admin/index/start", preview=preview))

    assert "回答的变化" in page
    assert "1.3亿元" in page
    found = re.search(r'href="/admin/snapshots#([^"]+)"', page)
    assert found
    assert "等待确认" in indexed.get("/admin/snapshots")
    indexed.get(indexed.post("/admin/snapshots/accept", id=found[1]))
    assert indexed.place.serving() == found[1]


def test_before_the_first_index_the_page_says_what_to_do(desk: Desk) -> None:
    assert "还没有索引" in desk.get("/admin")
    assert "还没有任务" in desk.get("/admin/index")
    assert "还没有快照" in desk.get("/admin/snapshots")
