"""Answers and passages as messages: what stands where, what is marked, what hangs below."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from bot.answering.language import Language
from bot.answers import Alternative, Outcome, Suggestion, SuggestionKind
from bot.channels.telegram.access_phrases import AccessPhrases
from bot.channels.telegram.admin_phrases import AdminPhrases
from bot.channels.telegram.interruption_phrases import InterruptionPhrases
from bot.channels.telegram.job_phrases import JobPhrases
from bot.channels.telegram.language import LANGUAGES, language_named
from bot.channels.telegram.notice_phrases import NoticePhrases
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.rendering import language_choice, numbered, read_feedback_data, render_answer, source_list
from bot.channels.telegram.reports import job_text, status_text
from bot.channels.telegram.requests import Outgoing
from bot.channels.telegram.talk_phrases import TalkPhrases
from bot.channels.telegram.text import plain, to_html
from tests.bot.channels.telegram.admin_fakes import REPORT, FakeAdministration, FakeJob, previewed, succeeded
from tests.bot.channels.telegram.fakes import PASSAGE, QUOTE, answered, citation, not_found
from tests.telegram_server.markup import entity_text, parse_html


def other(short_answer: str, published_at: date | None, *, title: str = "青石镇年鉴") -> Alternative:
    quote = f"苦瓜产值{short_answer}。"
    return Alternative(
        short_answer=short_answer,
        document_id=f"d-{title}",
        document_title=title,
        published_at=published_at,
        passage_id=f"p-{title}",
        quote=quote,
        start=20,
        end=20 + len(quote),
        publisher="年鉴编辑部",
        url="https://example.org/yearbook",
        source_path="年鉴.txt",
        passage_start=15,
    )


PARTS = (JobPhrases, AdminPhrases, NoticePhrases, TalkPhrases, AccessPhrases, InterruptionPhrases)


def marked(message: Outgoing, kind: str) -> list[str]:
    text, entities = parse_html(to_html(message.text))
    return [entity_text(text, entity) for entity in entities if entity["type"] == kind]


def labels(message: Outgoing) -> list[str]:
    return [button.label for row in message.buttons for button in row]


def test_short_answer_comes_first_in_bold_then_the_sentence_then_the_sources() -> None:
    message = render_answer(answered(), "zh-Hans")
    assert plain(message.text) == (
        f"超3000万元 [1]\n\n{QUOTE}[1]\n\n出处\n[1] 《青石镇苦瓜丰收》 · 青石镇政府 · 2023-06-01"
    )
    assert marked(message, "bold") == ["超3000万元", "超3000万元"]
    assert marked(message, "underline") == ["超3000万元"]
    assert marked(message, "text_link") == ["《青石镇苦瓜丰收》"]


def test_each_source_and_each_rating_has_a_button_that_fits() -> None:
    message = render_answer(answered(citations=(citation(), citation(2, document_title="很" * 80))), "zh-Hans")
    assert labels(message) == ["[1] 青石镇苦瓜丰收", "[2] " + "很" * 23 + "…", "👍", "👎"]
    assert all(len(button.data.encode()) <= 64 for row in message.buttons for button in row)


def test_unknown_date_is_said_and_unknown_publisher_is_left_out() -> None:
    message = render_answer(answered(citations=(citation(publisher=None, published_at=None, url=None),)), "zh-Hans")
    assert plain(message.text).endswith("[1] 《青石镇苦瓜丰收》 · 发布日期不明")
    assert marked(message, "text_link") == []


def test_untitled_document_is_named_by_its_file() -> None:
    message = render_answer(answered(citations=(citation(document_title="", source_path="甲/乙.txt"),)), "zh-Hans")
    assert "《乙.txt》" in plain(message.text)
    assert labels(message)[0] == "[1] 甲/乙.txt"


@pytest.mark.parametrize(
    ("language", "heading", "unknown"),
    [("zh-Hans", "出处", "发布日期不明"), ("zh-Hant", "出處", "發佈日期不明"), ("en", "Sources", "date unknown")],
)
def test_frame_changes_and_quote_stays(language: Language, heading: str, unknown: str) -> None:
    message = render_answer(answered(citations=(citation(published_at=None),)), language)
    assert all(words in plain(message.text) for words in (heading, unknown, QUOTE, "超3000万元"))


def test_answer_without_short_answer_is_shown_whole() -> None:
    message = render_answer(answered(short_answer=None, text=f"{QUOTE}[1]"), "zh-Hans")
    assert plain(message.text).startswith(f"{QUOTE}[1]\n\n出处")


def test_what_a_language_model_wrote_is_shown_whole_and_named_so() -> None:
    text = f"{QUOTE}[1]另一句。[1]\n[1] 发布日期不明，文中的时间请以原文为准。"
    message = render_answer(answered(text=text, composed_by="qwen"), "zh-Hans")

    shown = plain(message.text)
    assert text in shown
    assert "由语言模型据下列原文整理" in shown
    assert "由语言模型" not in plain(render_answer(answered(), "zh-Hans").text)


def test_words_of_the_answer_beyond_quotes_are_kept() -> None:
    text = f"超3000万元 [1]\n{QUOTE}[1]\n注意：这份资料的发布日期不明。"
    assert "注意：这份资料的发布日期不明。" in plain(render_answer(answered(text=text), "zh-Hans").text)


def test_same_quote_in_two_sources_is_marked_at_both_numbers() -> None:
    text = f"超3000万元 [1][2]\n{QUOTE}[1]\n{QUOTE}[2]"
    message = render_answer(answered(text=text, citations=(citation(1), citation(2, document_id="d2"))), "zh-Hans")
    assert marked(message, "underline") == ["超3000万元", "超3000万元"]
    assert "2 处资料说法一致" in plain(message.text)


def test_documents_that_agree_are_counted_beyond_those_that_are_shown() -> None:
    shown = tuple(citation(number, document_id=f"d{number}") for number in (1, 2, 3))
    message = render_answer(answered(citations=shown, sources=5), "zh-Hans")
    assert "出处 · 5 处资料说法一致\n[1] " in plain(message.text)


def test_documents_that_differ_are_a_dated_list_with_the_newest_marked() -> None:
    message = render_answer(answered(alternatives=(other("2亿元", date(2024, 2, 29)),)), "zh-Hans")
    text = plain(message.text)
    assert (
        "⚠️ 资料说法不一，按发布日期列出：\n"
        "· 2024-02-29（最新） 2亿元 [2]\n"
        "· 2023-06-01 超3000万元 [1]\n\n"
        "出处\n"
        "[1] 《青石镇苦瓜丰收》 · 青石镇政府 · 2023-06-01\n"
        "[2] 《青石镇年鉴》 · 年鉴编辑部 · 2024-02-29"
    ) in text
    assert marked(message, "text_link") == ["《青石镇苦瓜丰收》", "《青石镇年鉴》"]
    assert labels(message)[:2] == ["[1] 青石镇苦瓜丰收", "[2] 青石镇年鉴"]
    assert message.buttons[1][0].data == f"p:s:p-青石镇年鉴:5:{5 + len('苦瓜产值2亿元。')}"


def test_the_answer_may_be_the_newest_and_undated_ones_come_last_unmarked() -> None:
    said = answered(alternatives=(other("2亿元", None, title="无日期"), other("1亿元", date(2020, 1, 1))))
    text = plain(render_answer(said, "zh-Hans").text)
    assert "· 2023-06-01（最新） 超3000万元 [1]\n· 2020-01-01 1亿元 [2]\n· 发布日期不明 2亿元 [3]\n" in text


def test_where_no_date_is_known_none_is_the_newest() -> None:
    undated = citation(published_at=None)
    text = plain(render_answer(answered(citations=(undated,), alternatives=(other("2亿元", None),)), "zh-Hans").text)
    assert "资料说法不一" in text
    assert "最新" not in text


def test_documents_that_agree_are_counted_without_those_that_differ() -> None:
    two = (citation(), citation(2, document_id="d2", published_at=date(2025, 1, 1)))
    text = plain(render_answer(answered(citations=two, alternatives=(other("2亿元", None),)), "zh-Hans").text)
    assert "出处 · 2 处资料说法一致\n" in text
    # The newest of those that agree stands for them.
    assert "· 2025-01-01（最新） 超3000万元 [2]" in text


def test_more_answers_than_a_message_can_hold_are_counted() -> None:
    many = tuple(other(f"{n}亿元", date(2000 + n, 1, 1), title=f"第{n}卷") for n in range(1, 9))
    message = render_answer(answered(alternatives=many), "zh-Hans")
    assert "……另有 3 种说法" in plain(message.text)
    assert len(message.buttons) == 1 + 5 + 1


def test_related_questions_have_a_button_where_there_are_any() -> None:
    assert "相关问题" not in labels(render_answer(answered(), "zh-Hans"))
    message = render_answer(answered(), "zh-Hans", related=True)
    assert labels(message) == ["[1] 青石镇苦瓜丰收", "相关问题", "👍", "👎"]
    assert message.buttons[1][0].data == "q:" + "a" * 32


def test_a_question_that_does_not_stand_in_the_chat_is_said_first() -> None:
    message = render_answer(answered(), "zh-Hans", asked="青石镇苦瓜产值多少？")
    assert plain(message.text).startswith("问：青石镇苦瓜产值多少？\n\n超3000万元 [1]")


def test_languages_are_chosen_by_their_own_names() -> None:
    assert labels(language_choice(PHRASES["en"])) == ["简体", "繁體", "English", "As the question"]


def test_spans_that_do_not_fit_the_quote_mark_nothing() -> None:
    message = render_answer(answered(citations=(citation(start=30, end=30 + len(QUOTE)),)), "zh-Hans")
    assert marked(message, "underline") == []
    assert QUOTE in plain(message.text)


def test_not_found_says_so_and_offers_the_nearest_documents() -> None:
    message = render_answer(not_found(), "zh-Hans")
    assert plain(message.text) == "资料里没有找到这个问题的答案。\n\n最接近的资料：\n· 《青石镇苦瓜丰收》"
    assert labels(message) == ["🔔 有答案时通知我", "👍", "👎"]


def test_nearest_documents_can_be_opened_where_a_passage_came_up() -> None:
    made = replace(not_found(), ranking=(("d9", "p9"), ("d1", PASSAGE.id), ("d1", "p-later")))
    message = render_answer(made, "zh-Hans")
    assert labels(message) == ["📄 青石镇苦瓜丰收", "🔔 有答案时通知我", "👍", "👎"]
    assert message.buttons[0][0].data == f"p:s:{PASSAGE.id}:0:0"


def test_sources_without_any_are_a_heading() -> None:
    assert plain(source_list([], PHRASES["zh-Hans"])) == "出处\n"
    assert [source.number for source in numbered(answered(alternatives=(other("2亿元", None),)))] == [1, 2]


def test_chat_has_no_buttons() -> None:
    suggestion = Suggestion(SuggestionKind.QUESTION, "青石镇苦瓜产值多少？", None)
    made = answered(outcome=Outcome.CHAT, text="您好！", short_answer=None, citations=(), suggestions=(suggestion,))
    message = render_answer(made, "zh-Hans")
    assert plain(message.text) == "您好！\n\n可以试着这样问：\n· 青石镇苦瓜产值多少？"
    assert not message.buttons


@pytest.mark.parametrize("data", ["", "p", "p:x:1:2:3", "q:s:1:2:3", "u", "u:", "x:1", ":::::", "p:s:a:b"])
def test_foreign_button_data_is_no_rating(data: str) -> None:
    assert read_feedback_data(data) is None


def test_feedback_data_is_read_back() -> None:
    assert read_feedback_data("u:a1") == ("up", "a1")
    assert read_feedback_data("d:a1") == ("down", "a1")


def test_progress_grows_to_the_full_bar() -> None:
    bars = [plain(job_text(FakeJob(done=done, total=12), PHRASES["zh-Hans"])) for done in (0, 6, 12, 20)]
    assert [bar.count("▓") for bar in bars] == [0, 6, 12, 12]
    assert plain(job_text(FakeJob(state="queued"), PHRASES["zh-Hans"])).count("░") == 12


def test_progress_tells_phase_speed_and_time_left() -> None:
    job = FakeJob(done=3, total=100, phase="embedding", rate=26.4, eta_seconds=7 * 3600 + 125, paused=True)
    told = plain(job_text(job, PHRASES["zh-Hans"]))
    assert told.endswith("计算向量 · 每秒 26 · 还要 7 小时 2 分 · 已暂停，/reindex resume 继续")
    assert "2 min 5 s left" in plain(job_text(FakeJob(eta_seconds=125.0), PHRASES["en"]))
    assert "每秒 2.5" in plain(job_text(FakeJob(phase="filling", rate=2.5), PHRASES["zh-Hant"]))
    assert "还要" not in plain(job_text(FakeJob(phase="odd"), PHRASES["zh-Hans"]))


def test_report_tells_what_the_switch_changed() -> None:
    change = {"question": "产值？", "before": "1.3亿元", "after": None, "source_before": "甲", "source_after": None}
    gate = {
        "golden": {"answer_accuracy": {"before": 0.9, "after": 0.95}},
        "changed": 12,
        "changes": [change] * 12,
    }
    report = {**REPORT, "embedded_share": 0.99999, "gate": gate}
    text = plain(job_text(FakeJob(state="succeeded", report=report), PHRASES["zh-Hans"]))
    assert "向量已算 99.9%" in text
    assert "标准问题答对率 90% → 95%" in text
    assert text.count("· 产值？ 1.3亿元 → 未找到（甲 → 未找到）") == 10
    assert "另有 2 个" in text
    assert "向量已算" not in plain(job_text(succeeded(), PHRASES["zh-Hans"]))


def test_report_counts_documents_and_names_failures() -> None:
    text = plain(job_text(succeeded(), PHRASES["zh-Hans"]))
    assert "新增 3，修改 1，删除 0，未变 16" in text
    assert "有 1 个文件没有读成：\n· 坏<1>.txt: 编码不明 & 读不出" in text
    assert "3.2 秒" in text


def test_dry_run_and_failure_say_that_nothing_changed() -> None:
    dry = previewed()
    failed = FakeJob(state="failed", error="磁盘已满")
    assert "没有改动" in plain(job_text(dry, PHRASES["zh-Hans"]))
    assert plain(job_text(failed, PHRASES["zh-Hans"])).endswith("原来的索引照常使用。\n磁盘已满")


def test_many_failures_are_counted() -> None:
    files = [{"path": f"{number}.txt", "failure": "坏" * 500} for number in range(50)]
    text = plain(job_text(FakeJob(state="succeeded", report={"snapshot": "s", "files": files}), PHRASES["zh-Hans"]))
    assert "有 50 个文件" in text
    assert "另有 40 个" in text


def test_status_shows_known_figures() -> None:
    text = plain(status_text(FakeAdministration().status(), PHRASES["zh-Hans"], heading="概况"))
    assert text.startswith("概况\n")
    assert "文档: 17" in text
    assert "更新时间: 无" in text
    assert "最近一次更新: job1 成功" in text


def test_status_tells_the_embedded_share_and_what_needs_an_administrator() -> None:
    figures = {"embedded_share": 0.351, "blocked": ["s2", "s3"], "paused_by": "local", "pending_documents": 0}
    job = FakeJob(done=5, total=10, phase="filling", eta_seconds=20)
    text = plain(status_text({**figures, "embedding_job": job}, PHRASES["zh-Hans"], heading="概况"))
    assert "向量: 35.1%" in text
    assert "等待确认的快照: s2, s3" in text
    assert "暂停者: local" in text
    assert "待处理文档" not in text
    assert "后台计算: job1 运行中 5/10 补算向量（新索引已在使用） · 还要 20 秒" in text


def test_frames_have_the_same_fields_and_placeholders() -> None:
    def placeholders(value: Any) -> Any:
        if isinstance(
            value, JobPhrases | AdminPhrases | NoticePhrases | TalkPhrases | AccessPhrases | InterruptionPhrases
        ):
            return {name: placeholders(getattr(value, name)) for name in value.__slots__}
        if isinstance(value, dict):
            return sorted(value)
        return sorted(part.split("}")[0] for part in value.split("{")[1:])

    assert set(PHRASES) == set(get_args(Language)) == set(LANGUAGES)
    shapes = [
        {name: placeholders(getattr(phrases, name)) for name in phrases.__slots__} for phrases in PHRASES.values()
    ]
    assert shapes[0] == shapes[1] == shapes[2]


def test_languages_are_known_by_several_names() -> None:
    assert [language_named(name) for name in ("简", "繁體", "EN", "火星文")] == ["zh-Hans", "zh-Hant", "en", None]


@pytest.mark.parametrize(("share", "told"), [(0.25, True), (1.0, False), (None, False)])
def test_not_found_says_where_documents_are_still_being_embedded(share: float | None, told: bool) -> None:
    text = plain(render_answer(replace(not_found(), embedded=share), "zh-Hans").text)
    assert text.endswith("资料还在后台处理（25%），稍后再问可能会找到。") == told


def test_untitled_nearest_documents_are_left_out() -> None:
    suggestions = (Suggestion(SuggestionKind.DOCUMENT, "", "d1"), Suggestion(SuggestionKind.DOCUMENT, "甲", "d2"))
    message = render_answer(replace(not_found(), suggestions=suggestions), "zh-Hans")
    assert plain(message.text).endswith("最接近的资料：\n· 《甲》")
