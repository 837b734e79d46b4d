"""`yiju snapshots` and `yiju embedding` over a real index."""

from __future__ import annotations

import pytest

from bot.commands.build_index import rendered
from bot.indexing_jobs import EMBEDDING
from bot.state.jobs import JobProgress
from retrieval.errors import SwitchBlockedError
from tests.bot.command_line import told, yiju
from tests.bot.index_place import OLD, Place


@pytest.fixture(autouse=True)
def settings_of_the_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("snapshots", "embedding"):
        monkeypatch.setattr(f"bot.commands.{module}.settings_for", lambda: place.settings)


def test_snapshots_are_listed_and_gone_back_to(place: Place) -> None:
    first = place.index()["snapshot"]
    place.write("gua.txt", OLD.replace("1.3亿元", "1.5亿元"))
    second = place.index()["snapshot"]

    listed = told("snapshots", "list")["snapshots"]
    back = told("snapshots", "rollback", first)
    after = told("snapshots", "list")
    shown = yiju("snapshots", "list")

    assert [(each["id"], each["serving"], each["complete"]) for each in listed] == [
        (first, False, True),
        (second, True, True),
    ]
    assert back == {"serving": first} == {"serving": place.serving()}
    assert after["rolled_back"]["source"] == second
    assert f"{first}  2 篇  2 段  向量 100%" in shown.stdout
    assert "在用" in shown.stdout.splitlines()[0]
    assert "回退" in shown.stderr


def test_a_rejected_snapshot_waits_no_more(place: Place) -> None:
    place.expect("1.3亿元")
    before = place.index()["snapshot"]
    place.write("gua.txt", OLD.replace("产值达1.3亿元，", ""))
    with pytest.raises(SwitchBlockedError) as caught:
        place.index()

    rejected = told("snapshots", "reject", caught.value.candidate)

    assert rejected == {"rejected": caught.value.candidate}
    assert place.serving() == before
    assert [each["id"] for each in told("snapshots", "list")["snapshots"]] == [before]
    assert told("snapshots", "reject", before, code=1)["error"]["code"] == "snapshot_not_found"
    assert "等待确认" not in yiju("snapshots", "list").stdout


def test_a_dry_run_names_documents_for_people(place: Place) -> None:
    place.index()
    place.write("gua.txt", OLD.replace("1.3亿元", "1.5亿元"))

    dry = rendered(place.index(dry_run=True))

    assert "将更新：1" in dry
    assert "  清溪镇凉瓜丰收" in dry
    assert "将新增" not in dry
    many = {"added": [{"id": f"d{number}", "title": ""} for number in range(30)], "changed": [], "removed": []}
    counts = {"added": 90, "changed": 0, "removed": 0, "unchanged": 0}
    long = rendered({**place.index(dry_run=True), "changes": many, "documents": counts, "mass_removal": True})
    assert "  d19" in long
    assert "另有 70 篇" in long
    assert "--allow-mass-removal" in long


def test_an_unknown_snapshot_is_told(place: Place) -> None:
    place.index()

    assert told("snapshots", "rollback", "nope", code=1)["error"]["code"] == "snapshot_not_found"
    assert told("snapshots", "accept", "nope", code=1)["error"]["code"] == "snapshot_not_found"


def test_verifying_reads_every_file(place: Place) -> None:
    sound = place.index()["snapshot"]
    place.write("gua.txt", OLD.replace("1.3亿元", "1.5亿元"))
    broken = place.index()["snapshot"]
    assert told("snapshots", "verify")["ok"] is True
    rows = place.settings.index_dir / "snapshots" / broken / "versions.npy"
    data = bytearray(rows.read_bytes())
    data[-1] ^= 1
    rows.write_bytes(data)

    found = told("snapshots", "verify", code=1)
    one = yiju("snapshots", "verify", sound)

    assert [each["id"] for each in found["snapshots"] if each["problem"]] == [broken]
    assert one.exit_code == 0
    assert "✓" in one.stdout


def test_nothing_indexed_has_nothing_to_verify_or_list() -> None:
    assert told("snapshots", "verify", code=1)["error"]["code"] == "no_index"
    assert told("snapshots", "list") == {"snapshots": [], "rolled_back": None}
    assert told("embedding", "status")["snapshot"] is None


def test_a_blocked_snapshot_is_listed_and_accepted(place: Place) -> None:
    place.expect("1.3亿元")
    place.index()
    place.write("gua.txt", OLD.replace("产值达1.3亿元，", ""))
    with pytest.raises(SwitchBlockedError) as caught:
        place.index()
    candidate = caught.value.candidate

    waiting = yiju("snapshots", "list")
    accepted = yiju("snapshots", "accept", candidate)

    assert "等待确认：answer_accuracy" in waiting.stdout
    assert accepted.exit_code == 0
    assert place.serving() == candidate


def test_old_snapshots_are_pruned_but_never_the_serving_one(place: Place) -> None:
    made = []
    for number in range(3):
        place.write("neu.txt", f"第{number}号简报\n\n今年修路{number + 3}公里。\n")
        made.append(place.index()["snapshot"])
    told("snapshots", "rollback", made[0])

    removed = told("snapshots", "prune", "--keep", "1")["removed"]

    assert removed == [made[1]]
    assert place.serving() == made[0]


def test_embedding_is_paused_and_resumed_and_its_state_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index_run.EMBEDDED_AT_ONCE", 0)
    place.index(fill=False)
    job_id = place.stores.state.jobs.begin(EMBEDDING, started_by="server")
    place.stores.state.jobs.progress(job_id, JobProgress(1, 2, "filling", 0.5, 2.0))

    paused = told("embedding", "pause")["paused"]
    state = told("embedding", "status")
    shown = yiju("embedding", "status")
    resumed, again = told("embedding", "resume"), told("embedding", "resume")

    assert (state["passages"], state["embedded"], state["embedded_share"]) == (2, 0, 0.0)
    assert state["paused"]["by"] == paused["by"]
    assert (state["job"]["id"], state["job"]["eta_seconds"]) == (job_id, 2.0)
    assert "已暂停" in shown.stdout
    assert "1 / 2，每秒 0.5，还要 2 秒" in shown.stdout
    assert (resumed["was_paused"], again["was_paused"]) == (True, False)
    assert told("embedding", "status")["paused"] is None


def test_a_report_for_people_tells_what_changed_and_what_is_pending(place: Place) -> None:
    place.expect("1.3亿元", gate_points=100)
    report = place.index()
    first = rendered(report)
    place.write("gua.txt", OLD.replace("1.3亿元", "1.5亿元"))
    second = rendered(place.index())

    assert "标准问题：1 个，答对率 （无） → 100.0%" in first
    assert "答对率 100.0% → 0.0%" in second
    assert "1.3亿元 → 1.5亿元（清溪镇凉瓜丰收）" in second
    assert "余 7 段先按文字检索" in rendered({**report, "pending": 7, "embedded_share": 0.3})
