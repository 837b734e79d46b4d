from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.answers import Answer
from bot.errors import InvalidQuestionError, NotReadyError
from bot.evaluation.errors import QuestionFailedError
from bot.evaluation.judging import DocumentNames
from bot.evaluation.runner import EVALUATION_OWNER, run_eval
from tests.bot.evaluation.fakes import ScriptedService, answer, citation, only_itself


def write(folder: Path, *lines: object, name: str = "questions.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def scripted(question: str) -> Answer:
    if "产值" in question:
        return answer("1.3亿元", confidence=0.9, citations=(citation("d1"),), ranking=(("d1", "p1"), ("d2", "p2")))
    return answer(None, confidence=0.2, ranking=(("d2", "p2"),))


def ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


OUTPUT_VALUE = {"id": "q1", "type": "figure", "question": "产值多少？", "answers": ["1.3亿元"], "context_id": "d1"}
MAYOR = {"id": "q2", "type": "unanswerable", "question": "市长是谁？", "answers": []}
DIALOGUE = {"id": "d1", "turns": [{"question": "产值多少？", "answers": ["1.3亿元"]}, {"question": "面积呢？"}]}


def test_questions_are_asked_and_added_up(tmp_path: Path) -> None:
    report = run_eval(
        ScriptedService(scripted), [write(tmp_path, OUTPUT_VALUE, MAYOR)], names=only_itself, progress=ignore
    )
    assert report["questions"] == 2
    assert report["hit@1"] == report["answer_accuracy"] == report["refusal_recall"] == 1
    assert report["turn_accuracy"] is None


def test_the_first_question_is_asked_once_more_and_not_counted(tmp_path: Path) -> None:
    service = ScriptedService(scripted)
    report = run_eval(service, [write(tmp_path, OUTPUT_VALUE)], names=only_itself, progress=ignore)
    assert [asked[0] for asked in service.asked] == ["产值多少？", "产值多少？"]
    assert report["questions"] == 1


def test_every_question_has_a_conversation_of_its_own(tmp_path: Path) -> None:
    service = ScriptedService(scripted)
    run_eval(service, [write(tmp_path, OUTPUT_VALUE, MAYOR)], names=only_itself, progress=ignore)
    assert [asked[1:] for asked in service.asked] == [(EVALUATION_OWNER, None)] * 3


def test_the_turns_of_a_dialogue_share_one(tmp_path: Path) -> None:
    service = ScriptedService(scripted)
    report = run_eval(service, [write(tmp_path, DIALOGUE, DIALOGUE)], names=only_itself, progress=ignore)
    conversations = [asked[2] for asked in service.asked]
    assert conversations == [None, None, "conversation-2", None, "conversation-4"]
    assert report["questions"] == 4
    assert report["turn_accuracy"] == 1


def test_the_limit_counts_lines_over_all_files(tmp_path: Path) -> None:
    files = [write(tmp_path, OUTPUT_VALUE, name="1.jsonl"), write(tmp_path, DIALOGUE, MAYOR, name="2.jsonl")]
    report = run_eval(ScriptedService(scripted), files, names=only_itself, progress=ignore, limit=2)
    assert report["questions"] == 3


def test_progress_counts_questions(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run_eval(
        ScriptedService(scripted),
        [write(tmp_path, DIALOGUE, MAYOR)],
        names=only_itself,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_empty_file_gives_an_empty_report(tmp_path: Path) -> None:
    service = ScriptedService(scripted)
    report = run_eval(service, [write(tmp_path)], names=only_itself, progress=ignore)
    assert report["questions"] == 0
    assert report["latency_ms"] == {"p50": None, "p95": None}
    assert service.asked == []


def test_a_question_that_the_service_does_not_take_counts_as_refused(tmp_path: Path) -> None:
    def refuse_empty(question: str) -> Answer:
        if not question:
            raise InvalidQuestionError("the question is empty")
        return scripted(question)

    path = write(tmp_path, {**OUTPUT_VALUE, "question": ""}, OUTPUT_VALUE, MAYOR)
    report = run_eval(ScriptedService(refuse_empty), [path], names=only_itself, progress=ignore)
    assert report["questions"] == 3
    assert report["answer_accuracy"] == report["hit@1"] == report["refusal_precision"] == 0.5


def test_a_service_that_fails_stops_the_run_and_names_the_question(tmp_path: Path) -> None:
    def fail(question: str) -> Answer:
        raise NotReadyError(f"no index for {question}")

    with pytest.raises(QuestionFailedError, match=r"'q1'.*no index") as caught:
        run_eval(ScriptedService(fail), [write(tmp_path, OUTPUT_VALUE)], names=only_itself, progress=ignore)
    assert isinstance(caught.value.__cause__, NotReadyError)


def test_the_ranking_is_asked_for_as_deep_as_it_is_judged(tmp_path: Path) -> None:
    def ninth(_question: str) -> Answer:
        return answer("1.3亿元", ranking=(*((f"d{number}", "p") for number in range(2, 10)), ("d1", "p")))

    report = run_eval(ScriptedService(ninth), [write(tmp_path, OUTPUT_VALUE)], names=only_itself, progress=ignore)
    assert report["mrr@10"] == pytest.approx(1 / 9)


def test_names_are_looked_up_once_a_document(tmp_path: Path) -> None:
    looked_up: list[str] = []

    def names(document_id: str) -> DocumentNames:
        looked_up.append(document_id)
        return only_itself(document_id)

    path = write(tmp_path, OUTPUT_VALUE, OUTPUT_VALUE, OUTPUT_VALUE)
    run_eval(ScriptedService(scripted), [path], names=names, progress=ignore)
    assert looked_up == ["d1"]
