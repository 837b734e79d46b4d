from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation.errors import QuestionFileError
from bot.evaluation.questions import load_cases


def write(folder: Path, *lines: str, name: str = "questions.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_full_line_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"id": "q1", "question": "产值多少？", "answers": ["1.3亿元"], "type": "figure", "context_id": "d1",'
        ' "alt_context_ids": ["d2", "d3"], "doc": "a.txt", "evidence": "产值达1.3亿元"}',
    )
    (case,) = load_cases([path])
    (question,) = case.turns
    assert not case.is_dialogue
    assert (question.id, question.text, question.type) == ("q1", "产值多少？", "figure")
    assert question.answers == ("1.3亿元",)
    assert question.context_ids == {"d1", "d2", "d3"}
    assert (question.doc, question.evidence) == ("a.txt", "产值达1.3亿元")
    assert question.answerable
    assert question.names_document


@pytest.mark.parametrize("nothing", ["", "null", '""'])
def test_absent_null_and_empty_mean_the_same(tmp_path: Path, nothing: str) -> None:
    names = ["type", "context_id", "alt_context_ids", "doc", "evidence", "answers", "answers_all", "turns"]
    if nothing == '""':
        names.remove("turns")
    extra = "".join(f', "{name}": {nothing}' for name in names) if nothing else ""
    path = write(tmp_path, f'{{"id": "q1", "question": "谁？"{extra}}}')
    plain = write(tmp_path, '{"id": "q1", "question": "谁？"}', name="plain.jsonl")
    assert load_cases([path]) == load_cases([plain])
    assert not load_cases([path])[0].turns[0].answerable


@pytest.mark.parametrize("answers", ["[]", '[""]', "[null]", '""', "null"])
def test_no_answers_means_unanswerable(tmp_path: Path, answers: str) -> None:
    path = write(tmp_path, f'{{"id": "q1", "question": "谁？", "answers": {answers}}}')
    assert not load_cases([path])[0].turns[0].answerable


def test_answers_all_makes_a_question_answerable(tmp_path: Path) -> None:
    path = write(tmp_path, '{"id": "q1", "question": "哪些？", "answers": [], "answers_all": ["甲", "乙"]}')
    question = load_cases([path])[0].turns[0]
    assert question.answerable
    assert question.answers_all == ("甲", "乙")


def test_a_dialogue_is_one_case_and_its_turns_get_ids_and_type(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"id": "d1", "type": "follow-up", "turns": [{"question": "产值？", "answers": ["1.3亿元"]},'
        ' {"question": "面积？"}]}',
    )
    (case,) = load_cases([path])
    assert case.is_dialogue
    assert [turn.id for turn in case.turns] == ["d1/1", "d1/2"]
    assert [turn.type for turn in case.turns] == ["follow-up", "follow-up"]
    assert [turn.answerable for turn in case.turns] == [True, False]


def test_files_are_read_in_order_and_blank_lines_skipped(tmp_path: Path) -> None:
    first = write(tmp_path, '{"id": "b", "question": "谁？"}', "", "  ", name="1.jsonl")
    second = write(tmp_path, '{"id": "a", "question": "谁？"}', name="2.jsonl")
    assert [case.id for case in load_cases([first, second])] == ["b", "a"]


def test_a_byte_order_mark_and_a_line_separator_inside_a_string_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "a", "question": "甲\u2028乙？"}\r\n', encoding="utf-8-sig", newline="")
    assert load_cases([path])[0].turns[0].text == "甲\u2028乙？"


def test_a_line_without_id_is_named_by_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, "", '{"question": "谁？"}')
    assert load_cases([path])[0].id == "questions.jsonl:2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ('{"id": ' + "1" * 5000 + "}", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "a JSON object is needed"),
        ('{"id": "q"}', '"question"'),
        ('{"id": "q", "question": 3}', '"question" (a string)'),
        ('{"id": "q", "question": "谁？", "answers": "甲"}', '"answers" must be a list of strings'),
        ('{"id": "q", "question": "谁？", "answers": [1]}', '"answers" must be a list of strings'),
        ('{"id": "q", "question": "谁？", "doc": ["a.txt"]}', '"doc" must be a string'),
        ('{"id": "q", "turns": []}', '"turns"'),
        ('{"id": "q", "turns": ["谁？"]}', '"turns"'),
        ('{"id": "q", "turns": [{"answers": []}]}', '"question"'),
        ('{"id": "q", "question": "谁？", "turns": [{"question": "谁？"}]}', "exclude each other"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, '{"id": "ok", "question": "谁？"}', line)
    with pytest.raises(QuestionFileError, match="line 2") as caught:
        load_cases([path])
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_an_empty_question_is_a_question(tmp_path: Path) -> None:
    path = write(tmp_path, '{"id": "q1", "question": "", "answers": ["甲"]}')
    assert load_cases([path])[0].turns[0].text == ""


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match=r"no\.jsonl"):
        load_cases([tmp_path / "no.jsonl"])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('{"question": "谁？"}'.encode("gb18030"))
    with pytest.raises(QuestionFileError, match="not UTF-8"):
        load_cases([path])


@pytest.mark.shared
def test_every_shared_question_file_is_read(shared_dir: Path) -> None:
    files = sorted((shared_dir / "data").rglob("questions*.jsonl")) + sorted((shared_dir / "eval").glob("*.jsonl"))
    assert files
    for path in files:
        assert load_cases([path])
