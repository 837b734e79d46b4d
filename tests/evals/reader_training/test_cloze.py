"""General questions ask for whole parts of a statement, in other words, and near misses are never answered."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import pytest

from evals.datasets import read_lines
from evals.reader_training.cloze.causes import causes
from evals.reader_training.cloze.documents import questions_of
from evals.reader_training.cloze.make import made_questions, write
from evals.reader_training.cloze.near_misses import Names, near_miss
from evals.reader_training.cloze.objects import object_spans
from evals.reader_training.cloze.relations import relations
from evals.reader_training.cloze.sources import SOURCES, Source, SourceDocument, read_source
from evals.reader_training.cloze.spans import date_asks, spans
from evals.reader_training.cloze.statements import Statement, cut, sentences, statements, text_of, to_simplified
from evals.reader_training.leaks import LeakGuard, for_checking

TRADITIONAL = (
    "青河大橋位於新城區東部，全長1200公尺。青河大橋由市交通局負責管理，2003年正式通車。2008年，市交通局更換了全部路燈。"
    "由於車流增加，市交通局在2015年加寬了引橋。市交通局應當公布檢測結果。"
)


def only_statement(sentence: str) -> Statement:
    found = list(statements(cut(sentence, 0)))
    assert len(found) == 1
    return found[0]


def asked(sentence: str) -> dict[str, str]:
    """What can be asked for in the sentence's only statement: kind to answer."""
    statement = only_statement(sentence)
    tokens, border = statement.tokens, len(statement.subject)
    return {
        span.kind: text_of(tokens[span.start : span.end]) for span in (*spans(tokens), *object_spans(tokens, border))
    }


@pytest.mark.parametrize(
    "sentence", ["北京大学创办于1898年", "藏书约三十万册（含古籍）", "𠮷田先生读了《青河志》", "a", "，，", "１２３"]
)
def test_tokens_are_where_they_say(sentence: str) -> None:
    text = f"开头。{sentence}"
    tokens = cut(sentence, 3)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


def test_a_clause_without_subject_takes_the_one_before_it() -> None:
    found = list(statements(cut("2019年5月，新城区图书馆正式开放，收藏了大量古籍", 0)))
    assert [text_of(statement.subject) for statement in found] == ["新城区图书馆", "新城区图书馆"]
    assert [statement.carried for statement in found] == [False, True]
    assert text_of(found[0].time) == "2019年5月"


@pytest.mark.parametrize(
    ("sentence", "kind", "answer"),
    [
        ("北京大学创办于1898年", "date", "1898年"),
        ("市水务局关闭了三座水闸", "quantity", "三座"),
        ("市水务局关闭了三座水闸", "object", "三座水闸"),
        ("张玉华出生于江苏省南京市", "place", "江苏省南京市"),
        ("张玉华出生于江苏省南京市", "person", "张玉华"),
        ("《青河志》记载了水灾", "work", "《青河志》"),
        ("馆内设施包括儿童阅览室、古籍修复室和报告厅", "list", "儿童阅览室、古籍修复室和报告厅"),
        ("市水务局应当公布水质检测结果", "doing", "公布水质检测结果"),
    ],
)
def test_parts_are_whole(sentence: str, kind: str, answer: str) -> None:
    assert asked(sentence)[kind] == answer


def test_a_name_in_a_list_is_not_asked_for() -> None:
    assert "person" not in asked("张玉华、李建新出席了会议")


@pytest.mark.parametrize(
    ("date", "word"), [("1898年", "哪一年"), ("5月4日", "哪一天"), ("18世纪", "哪个世纪"), ("1990年代", "什么年代")]
)
def test_a_date_is_asked_for_as_precisely_as_it_is_given(date: str, word: str) -> None:
    assert word in date_asks(date)


def test_what_is_no_date_is_not_asked_for_as_one() -> None:
    assert date_asks("当年") == ()


def test_a_relation_is_asked_for_in_other_words() -> None:
    statement = only_statement("北京大学创办于1898年")
    found = {one.kind: one for one in relations("北京大学", statement)}
    assert "北京大学是什么时候成立的" in found["founded"].questions
    assert text_of(statement.tokens[found["founded"].start : found["founded"].end]) == "1898年"


def test_a_reason_is_the_clause_that_gives_it() -> None:
    sentence = "由于水位上涨，市水务局关闭了三座水闸"
    tokens = cut(sentence, 0)
    found = list(causes(tokens, next(statements(tokens))))
    assert [(cause.kind, sentence[cause.start : cause.end]) for cause in found] == [("reason", "水位上涨")]
    question = found[0].ask(next(statements(tokens)), "市水务局", random.Random(1))
    assert "水位" not in question


def document(text: str, source: str = "drcd_dev") -> SourceDocument:
    return SourceDocument(next(one for one in SOURCES if one.name == source), "d-1", "青河大橋", text, "")


def test_spans_are_of_the_text_as_it_is_written_and_questions_do_not_hold_them() -> None:
    made = [one for seed in range(8) for one in questions_of(document(TRADITIONAL), seed) if one.span]
    answers = {TRADITIONAL[slice(*one.span)] for one in made if one.span}
    assert {"2008年", "2015年", "車流增加"} <= answers
    for one in made:
        assert one.span
        assert one.anchor[0] <= one.span[0] < one.span[1] <= one.anchor[1]
        assert to_simplified(TRADITIONAL[slice(*one.span)]) not in to_simplified(one.question)
    assert any("為什麼" in one.question for one in made)
    assert any("为什么" in one.question for one in made)


def test_the_same_seed_makes_the_same_questions() -> None:
    assert questions_of(document(TRADITIONAL), 5) == questions_of(document(TRADITIONAL), 5)
    assert sum(not one.near for one in questions_of(document(TRADITIONAL * 3, "laws"), 5)) <= 3


@pytest.mark.parametrize("text", ["", "图", "没有句号也没有主语", "？！。" * 30, "“" * 40])
def test_texts_that_say_nothing_give_no_questions(text: str) -> None:
    assert questions_of(document(text), 1) == []


def test_sentences_keep_their_places_and_broken_ones_are_left_out() -> None:
    text = "短。新城區圖書館昨日重新開放。他說：「今天市圖書館不開。市圖書館明天再開放。"
    assert list(sentences(text)) == [(2, "新城区图书馆昨日重新开放"), (28, "市图书馆明天再开放")]


def test_a_near_miss_exchanges_a_year_that_the_text_does_not_give_for_it() -> None:
    text = "2008年市交通局更换了全部路灯。2015年市水务局新建了水厂。"
    names = Names()
    names.add(cut(text, 0))
    changed = near_miss("2008年市交通局更换了什么？", text, (0, 16), names, random.Random(1))
    assert changed is not None
    assert "2008年" not in changed
    assert changed.endswith("市交通局更换了什么？")


def test_no_near_miss_is_made_of_what_the_text_answers_all_the_same() -> None:
    text = "2008年市交通局更换了全部路灯。市交通局2015年又更换了全部路灯。"
    names = Names()
    names.add(cut(text, 0))
    changed = {near_miss("2008年市交通局更换了什么？", text, (0, 16), names, random.Random(seed)) for seed in range(20)}
    assert not any(question and "2015年" in question for question in changed)


def test_checking_halves_and_leaking_documents_are_not_read(tmp_path: Path) -> None:
    lines = [{"id": f"doc-{number}", "title": "", "text": f"第{number}座水厂建成。" * 20} for number in range(30)]
    lines[0]["text"] = TRADITIONAL
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    source = Source("own", "d.jsonl", None, 4, halved=True)
    read = {one.id for one in read_source(source, tmp_path, LeakGuard.of_texts([TRADITIONAL]), 1)}
    assert read == {str(line["id"]) for line in lines[1:] if not for_checking(str(line["id"]))}


def test_the_file_is_written_whole_and_counted(tmp_path: Path) -> None:
    made = questions_of(document(TRADITIONAL), 3)
    path = tmp_path / "made" / "cloze.jsonl"
    counts = write(iter(made), path, most=2)
    lines = list(read_lines(path))
    assert [line["question"] for line in lines] == [one.question for one in made[:2]]
    assert counts["from drcd_dev"] == 2
    assert set(lines[0]) == {"question", "corpus", "document_id", "spans", "anchor", "kind", "near", "lang"}
    assert [entry.name for entry in path.parent.iterdir()] == ["cloze.jsonl"]


@pytest.mark.shared
@pytest.mark.slow
def test_questions_of_the_shared_data_are_new_and_of_the_training_halves(shared_dir: Path) -> None:
    made = list(islice(made_questions(shared_dir, 3), 200))
    assert len({one.question for one in made}) == len(made)
    halved = {source.name for source in SOURCES if source.halved}
    assert not any(for_checking(one.document_id) for one in made if one.corpus in halved)
    assert any(one.near for one in made)
