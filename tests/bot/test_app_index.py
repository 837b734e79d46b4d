"""Indexing as the command line and the servers do it: with the gate before the switch and embedding behind it."""

from __future__ import annotations

import pytest

from bot import app_index
from bot.answers import Answer, Outcome
from bot.evaluation.errors import QuestionFileError
from retrieval import snapshots
from retrieval.errors import SwitchBlockedError
from tests.bot.index_place import OLD, QUESTION, Place


def asked(place: Place, question: str) -> None:
    answer = Answer("a1", "c", Outcome.ANSWERED, "", "1.3亿元", 0.9, (), (), "s1", 1.0)
    place.stores.state.answers.save(answer, question=question, owner="local")


def test_the_first_index_has_nothing_to_be_compared_with(place: Place) -> None:
    asked(place, QUESTION)

    report = place.index()

    assert report["snapshot"] == place.serving()
    assert report["gate"]["asked"] == 0
    assert place.opened == 0


def test_a_changed_answer_is_told_in_the_report(place: Place) -> None:
    asked(place, QUESTION)
    place.index()
    place.write("gua.txt", OLD.replace("1.3亿元", "1.5亿元"))

    gate = place.index()["gate"]

    assert gate["changes"] == [
        {
            "question": QUESTION,
            "golden": False,
            "before": "1.3亿元",
            "after": "1.5亿元",
            "source_before": "清溪镇凉瓜丰收",
            "source_after": "清溪镇凉瓜丰收",
        }
    ]
    assert "checking" in place.phases


def test_nothing_is_read_where_the_same_passages_are_found(place: Place) -> None:
    asked(place, "东江大桥全长多少公里？")
    place.index()
    place.write("gua.txt", OLD + "\n镇里办起了凉瓜节。\n")
    place.embedder.embedded.clear()

    gate = place.index()["gate"]

    assert (gate["asked"], gate["changed"]) == (1, 0)


def test_a_switch_that_answers_worse_waits_to_be_accepted(place: Place) -> None:
    place.expect("1.3亿元")
    first = place.index()
    place.write("gua.txt", OLD.replace("产值达1.3亿元，", ""))

    with pytest.raises(SwitchBlockedError, match="answer_accuracy") as caught:
        place.index()

    assert place.serving() == first["snapshot"]
    assert caught.value.report is not None
    assert caught.value.report["golden"] == {
        "questions": 1,
        "answer_accuracy": {"before": 1.0, "after": 0.0},
        "refusal_recall": {"before": None, "after": None},
    }
    snapshots.accept(place.settings.index_dir, caught.value.candidate, store_id=place.stores.documents.store_id())
    assert place.serving() == caught.value.candidate


def test_more_points_let_it_through(place: Place) -> None:
    place.expect("1.3亿元", gate_points=100)
    first = place.index()
    place.write("gua.txt", OLD.replace("产值达1.3亿元，", ""))

    assert place.index()["snapshot"] not in (None, first["snapshot"])


def test_a_golden_file_that_is_none_stops_before_anything_is_done(place: Place) -> None:
    place.expect("1.3亿元")
    place.golden.write_text("{", encoding="utf-8")

    with pytest.raises(QuestionFileError, match=r"golden\.jsonl"):
        place.index()

    assert place.serving() is None
    assert place.embedder.embedded == []


def test_a_server_leaves_the_rest_to_the_background(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index_run.EMBEDDED_AT_ONCE", 0)

    report = place.index(fill=False)
    filled = app_index.fill(place.parts(), place.heard)

    assert (report["pending"], report["embedded_share"]) == (2, 0.0)
    assert (filled["pending"], filled["embedded"]) == (0, 2)
    assert filled["snapshot"] == place.serving()


def test_a_dry_run_asks_nothing(place: Place) -> None:
    place.expect("1.3亿元")

    report = place.index(dry_run=True)

    assert (report["snapshot"], report["gate"], place.opened) == (None, None, 0)


def test_wanted_documents_are_embedded_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index_run.EMBEDDED_AT_ONCE", 0)
    place.index(fill=False)
    monkeypatch.setattr(
        type(place.stores.state.answers), "wanted_documents", lambda *_, **__: {_id(place, "清溪镇凉瓜丰收"): 3}
    )

    app_index.fill(place.parts(), place.heard)

    assert "凉瓜" in place.embedder.embedded[0]


def _id(place: Place, title: str) -> str:
    with_title = [info.document_id for info in place.stores.documents.versions(range(1, 10)) if info.title == title]
    return with_title[0]


def test_kept_snapshots_are_as_many_as_the_settings_say(place: Place) -> None:
    place.settings = place.settings.model_copy(
        update={"index": place.settings.index.model_copy(update={"kept_snapshots": 2})}
    )
    for number in range(4):
        place.write("neu.txt", f"第{number}号简报\n\n今年修路{number + 3}公里。\n")
        place.index()

    assert len(snapshots.list_snapshots(place.settings.index_dir)) == 2
