"""Requests and answers of the OpenAI-compatible routes: what is understood, what is refused, what is passed over.

Settings of a language model (temperature, max_tokens and the like) mean nothing here and are passed over, as is
whatever a client adds of its own. Refused is what would have to change the answer: images, more than one choice, tools
that must be called, JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.channels.wire import AnswerBody, Text

MAX_MESSAGES = 1000
_TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal"})


def _plain(content: Any) -> Any:
    """A message's text, from a string or from parts. Images, sound and files are refused: nothing here reads them."""
    if content is None:
        return ""
    if not isinstance(content, list):
        return content
    texts = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str) or kind not in _TEXT_PARTS:
            raise ValueError(f"只支持文字（text），不支持 {str(kind)[:40]}")
        text = part.get("text", part.get("refusal", ""))
        if not isinstance(text, str):
            raise ValueError("text 应为文字")
        texts.append(text)
    return "\n".join(texts)


def _single(count: int) -> int:
    if count != 1:
        raise ValueError("每次只给一个回答，n 应为 1")
    return count


def _optional_tools(choice: Any) -> Any:
    if choice not in (None, "auto", "none"):
        raise ValueError("不会调用工具，tool_choice 应为 auto 或 none")
    return choice


def _text_format(value: Any) -> Any:
    kind = value.get("type") if isinstance(value, Mapping) else value
    if kind not in (None, "text"):
        raise ValueError("response_format 只支持 text；结构化的结果见 choices[0].message.yiju 或 /v1/ask")
    return value


def _no_logprobs(value: bool) -> bool:
    if value:
        raise ValueError("没有逐词概率，logprobs 应为 false；把握有多大见 message.yiju.confidence")
    return value


def _text_only(kinds: list[str]) -> list[str]:
    if any(kind != "text" for kind in kinds):
        raise ValueError("只给文字，modalities 应为 text")
    return kinds


_CONTENT = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
                "required": ["type", "text"],
            },
        },
        {"type": "null"},
    ]
}
Content = Annotated[Text, BeforeValidator(_plain), WithJsonSchema(_CONTENT)]


class _Lenient(BaseModel):
    """What clients of many kinds send: unknown keys are passed over, wrong types are not."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class ChatMessage(_Lenient):
    """One message. Those of the system, of developers and of tools are not read."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = ""


class StreamOptions(_Lenient):
    """What a stream ends with."""

    include_usage: bool | None = None


class ChatRequest(_Lenient):
    """A conversation whose last message of the user is the question."""

    model: Text
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, AfterValidator(_single)] | None = None
    tool_choice: Annotated[Any, AfterValidator(_optional_tools)] = None
    function_call: Annotated[Any, AfterValidator(_optional_tools)] = None
    response_format: Annotated[Any, AfterValidator(_text_format)] = None
    logprobs: Annotated[bool, AfterValidator(_no_logprobs)] | None = None
    modalities: Annotated[list[str], AfterValidator(_text_only)] | None = None


class UrlCitation(BaseModel):
    """Where a marker leads: ``content[start_index:end_index]`` is the marker (code points)."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(BaseModel):
    """A source of the answer."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class CompletionMessage(BaseModel):
    """The answer; ``yiju`` is the whole answer object, null for what is no question."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]
    yiju: AnswerBody | None


class CompletionChoice(BaseModel):
    """The one choice."""

    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(BaseModel):
    """How much was read and written; counted as ``openai_chat.count_tokens`` does."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(BaseModel):
    """An answer as OpenAI's clients read it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: Usage
    system_fingerprint: str | None


class ModelBody(BaseModel):
    """A name to ask by."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "yiju"


class ModelListBody(BaseModel):
    """All names to ask by."""

    object: Literal["list"] = "list"
    data: list[ModelBody]
