"""Between OpenAI's messages and the service, without a server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Outcome
from bot.channels.http_problems import ProblemError
from bot.channels.openai_chat import (
    Chunks,
    completion_of,
    conversation_of,
    count_tokens,
    model_named,
    pieces,
    said_of,
)
from bot.channels.openai_tasks import task_reply
from bot.channels.openai_wire import ChatRequest
from bot.earlier import Exchange
from tests.bot.fakes import answer

BASE = "http://127.0.0.1:8000/"


def request(*messages: tuple[str, object], **settings: object) -> ChatRequest:
    said = [{"role": role, "content": content} for role, content in messages]
    return ChatRequest.model_validate({"model": "yiju", "messages": said, **settings})


def test_the_last_message_of_the_user_is_the_question_and_the_rest_what_was_said_before() -> None:
    conversation = conversation_of(
        request(
            ("system", "你是海盗，用海盗的口气说话。"),
            ("user", "杜阮凉瓜产值多少？"),
            ("assistant", "1.3亿元 [1]\n产值达1.3亿元。 [1]"),
            ("user", "还没完"),
            ("user", [{"type": "text", "text": "那种植面积呢？"}]),
            ("tool", "天气晴"),
        )
    )

    assert conversation.question == "那种植面积呢？"
    assert conversation.earlier == (Exchange("杜阮凉瓜产值多少？", "1.3亿元"), Exchange("还没完", None))


def test_what_others_answered_is_no_short_answer() -> None:
    messages = [("user", "问"), ("assistant", "我不知道。"), ("user", "再问"), ("assistant", None), ("user", "问")]
    said = conversation_of(request(*messages))

    assert said.earlier == (Exchange("问", None), Exchange("再问", None))


def test_without_a_question_it_is_refused() -> None:
    with pytest.raises(ProblemError):
        conversation_of(request(("system", "你好"), ("assistant", "您好")))


def test_each_marker_has_an_annotation_that_points_at_it() -> None:
    said = said_of(answer("哪年？"), model="yiju", base_url=BASE)

    assert said.content == "1898年 [1]\n北京大学创办于1898年。[1]"
    cited = [each.url_citation for each in said.annotations]
    assert [said.content[each.start_index : each.end_index] for each in cited] == ["[1]", "[1]"]
    assert {(each.title, each.url) for each in cited} == {("北京大学简介", "http://127.0.0.1:8000/p/p1")}


def test_a_document_with_an_address_is_cited_by_it_and_one_without_title_by_its_file() -> None:
    whole = answer("哪年？")
    citation = replace(whole.citations[0], url="https://example.org/1", document_title="", source_path="a/简介.txt")
    said = said_of(replace(whole, citations=(citation,)), model="yiju", base_url=BASE)

    assert {(each.url_citation.title, each.url_citation.url) for each in said.annotations} == {
        ("简介.txt", "https://example.org/1")
    }


def test_a_marker_of_the_quoted_text_itself_is_no_citation() -> None:
    whole = replace(answer("哪年？"), text="1898年 [1]\n见注[7]。[1]")

    assert len(said_of(whole, model="yiju", base_url=BASE).annotations) == 2


def test_sources_stand_below_where_the_model_says_so() -> None:
    said = said_of(answer("哪年？"), model="yiju-sources", base_url=BASE)

    assert said.content.endswith("\n\n来源：\n[1] 《北京大学简介》（校办，2023-05-04） http://127.0.0.1:8000/p/p1")
    assert len(said.annotations) == 3
    nothing = replace(answer("哪年？"), outcome=Outcome.NOT_FOUND, text="没有找到。", citations=())
    assert said_of(nothing, model="yiju-sources", base_url=BASE).content == "没有找到。"


def test_a_completion_carries_the_whole_answer_and_says_what_it_cost() -> None:
    asked = request(("user", "北京大学哪年创办？"))
    completion = completion_of(said_of(answer("哪年？"), model="yiju", base_url=BASE), asked)

    message = completion.choices[0].message
    assert message.yiju is not None
    assert (message.yiju.answer_id, message.yiju.short_answer) == ("a1", "1898年")
    assert completion.id.startswith("chatcmpl-")
    assert completion.usage.prompt_tokens == 9
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_chunks_joined_are_the_completion() -> None:
    asked = request(("user", "北京大学哪年创办？"), stream=True, stream_options={"include_usage": True})
    said = said_of(answer("哪年？"), model="yiju", base_url=BASE)
    stream = Chunks(asked)
    chunks: list[dict[str, object]] = [stream.opening(), *stream.of(said)]

    told = json.loads(json.dumps(chunks))
    deltas = [chunk["choices"][0]["delta"] for chunk in told if chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == said.content
    assert deltas[0]["role"] == "assistant"
    assert [len(delta["annotations"]) for delta in deltas if "annotations" in delta] == [2]
    assert [chunk["choices"][0]["finish_reason"] for chunk in told if chunk["choices"]][-1] == "stop"
    assert (told[-1]["choices"], told[-1]["usage"]["prompt_tokens"]) == ([], 9)
    assert len({chunk["id"] for chunk in told}) == 1


def test_no_usage_is_told_where_none_is_asked_for() -> None:
    said = said_of(answer("哪年？"), model="yiju", base_url=BASE)

    assert all("usage" not in chunk for chunk in Chunks(request(("user", "问"), stream=True)).of(said))


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))


def test_a_piece_tears_neither_a_marker_nor_a_number() -> None:
    text = "产值达1.3亿元，" + "凉" * 39 + "[12][3]。面积650多亩 [1]\n" * 3
    parts = pieces(text)

    assert len(parts) > 4
    assert all(marker in "\n".join(parts) for marker in ("[12]", "[3]", "1.3亿元"))


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("杜阮凉瓜", 4), ("GDP grew 5.2%", 6), ("𠮷野家", 3), ("🍉", 1), (" \n", 0)]
)
def test_tokens_are_characters_words_and_marks(text: str, count: int) -> None:
    assert count_tokens(text) == count


def test_an_unknown_model_is_not_found() -> None:
    with pytest.raises(ProblemError) as refused:
        model_named("gpt-4o")
    assert (refused.value.problem.status, refused.value.problem.code) == (404, "model_not_found")


TITLE_PROMPT = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: 杜阮凉瓜产值多少？
ASSISTANT: 1.3亿元 [1]
</chat_history>"""


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        (TITLE_PROMPT, {"title": "杜阮凉瓜产值多少"}),
        (TITLE_PROMPT.replace('"title"', '"tags"'), {"tags": []}),
        (TITLE_PROMPT.replace('"title"', '"follow_ups"'), {"follow_ups": []}),
        (TITLE_PROMPT.replace('"title"', '"queries"'), {"queries": []}),
        (TITLE_PROMPT.replace("产值多少", "产值" * 20), {"title": "杜阮凉瓜" + "产值" * 9 + "产…"}),
    ],
)
def test_a_page_that_asks_about_the_chat_gets_what_it_can_read(prompt: str, reply: dict[str, object]) -> None:
    said = task_reply(prompt)

    assert said is not None
    assert json.loads(said) == reply


@pytest.mark.parametrize(
    "question", ["### Task: 今年的任务是什么？", "<chat_history>杜阮</chat_history>", "title 是什么", ""]
)
def test_a_question_is_never_taken_for_that(question: str) -> None:
    assert task_reply(question) is None
