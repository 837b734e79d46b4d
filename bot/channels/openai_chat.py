"""Between OpenAI's messages and the service: a conversation into a question, an answer into a completion or its chunks.

Pure: no framework, no service.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.answers import Answer, Citation, Outcome
from bot.channels.http_problems import ProblemError, problem
from bot.channels.openai_wire import (
    Annotation,
    ChatMessage,
    ChatRequest,
    Completion,
    CompletionChoice,
    CompletionMessage,
    ModelBody,
    UrlCitation,
    Usage,
)
from bot.channels.wire import AnswerBody
from bot.earlier import Exchange
from bot.permalinks import permalink

MODEL = "yiju"
# The same answers, with the sources as text below: for clients that show no annotations.
MODEL_WITH_SOURCES = "yiju-sources"
MODELS = (MODEL, MODEL_WITH_SOURCES)
# When these names were given; no more than a date that clients want.
_CREATED = 1_764_547_200
_MARKER = re.compile(r"\[(\d+)\]")
_SOURCES = "来源："
_MAX_SHORT_ANSWER_CHARS = 60
_TOKEN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]|[^\W_]+|[^\w\s]|_")
# Pieces end where a reader breathes; a marker is never torn, nor a number.
_BREAK = r"(?:[，。；：、！？\n]|[,.;:!?](?=\s|\Z))"
_PIECE = re.compile(rf"(?:\[\d+\]|(?!{_BREAK}).){{0,40}}(?:\[\d+\]|{_BREAK})*\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is asked and what was said before."""

    question: str
    earlier: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a completion says; ``yiju`` is None where no question was answered."""

    content: str
    annotations: tuple[Annotation, ...] = ()
    yiju: AnswerBody | None = None
    snapshot: str | None = None


def models() -> list[ModelBody]:
    """Every name to ask by."""
    return [model_named(name) for name in MODELS]


def model_named(name: str) -> ModelBody:
    """The model of that name. Raises: ProblemError: 404."""
    if name not in MODELS:
        detail = f"没有模型 {name[:80]!r}；可用的是 {'、'.join(MODELS)}。"
        raise ProblemError(problem(404, detail, code="model_not_found", extra={"param": "model"}))
    return ModelBody(id=name, created=_CREATED)


def conversation_of(request: ChatRequest) -> Conversation:
    """The last message of the user, and the exchanges before it. Raises: ProblemError: there is none."""
    at = max((n for n, message in enumerate(request.messages) if message.role == "user"), default=None)
    if at is None:
        detail = "messages 中没有 role 为 user 的消息：最后一条用户消息就是问题。"
        raise ProblemError(problem(422, detail, extra={"param": "messages"}))
    return Conversation(request.messages[at].content, tuple(_exchanges(request.messages[:at])))


def _exchanges(messages: Sequence[ChatMessage]) -> Iterator[Exchange]:
    asked: str | None = None
    for message in messages:
        if message.role == "user":
            if asked is not None:
                yield Exchange(asked, None)
            asked = message.content
        elif message.role == "assistant" and asked is not None:
            yield Exchange(asked, _short_answer(message.content))
            asked = None
    if asked is not None:
        yield Exchange(asked, None)


def _short_answer(content: str) -> str | None:
    """The first line of an answer of ours, which is its short answer where there is a marker at its end."""
    line = content.strip().partition("\n")[0]
    words = _MARKER.sub("", line).strip()
    return words if words != line and 0 < len(words) <= _MAX_SHORT_ANSWER_CHARS else None


def said_of(answer: Answer, *, model: str, base_url: str) -> Said:
    """What is said for an answer. ``base_url``: where permalinks begin."""
    urls = {citation.number: _url(citation, base_url) for citation in answer.citations}
    content = answer.text
    if model == MODEL_WITH_SOURCES and answer.outcome is not Outcome.CHAT:
        content += sources_text(answer, urls)
    cited = {citation.number: citation for citation in answer.citations}
    return Said(content, tuple(_annotations(content, cited, urls)), AnswerBody.of(answer), answer.snapshot)


def sources_text(answer: Answer, urls: Mapping[int, str]) -> str:
    """The sources below an answer, a line each; "" where there are none."""
    lines = [_source_line(citation, urls[citation.number]) for citation in answer.citations]
    return "\n\n" + _SOURCES + "\n" + "\n".join(lines) if lines else ""


def _source_line(citation: Citation, url: str) -> str:
    day = citation.published_at and citation.published_at.isoformat()
    about = "，".join(part for part in (citation.publisher, day) if part)
    return f"[{citation.number}] 《{_title(citation)}》{f'（{about}）' if about else ''} {url}"


def _title(citation: Citation) -> str:
    return citation.document_title or citation.source_path.rpartition("/")[2]


def _url(citation: Citation, base_url: str) -> str:
    return citation.url or permalink(base_url, citation.passage_id)


def _annotations(content: str, cited: Mapping[int, Citation], urls: Mapping[int, str]) -> Iterator[Annotation]:
    for match in _MARKER.finditer(content):
        citation = cited.get(int(match[1]))
        if citation is not None:
            yield Annotation(
                url_citation=UrlCitation(
                    start_index=match.start(),
                    end_index=match.end(),
                    title=_title(citation),
                    url=urls[citation.number],
                )
            )


def completion_of(said: Said, request: ChatRequest) -> Completion:
    """A completion that is sent at once."""
    message = CompletionMessage(content=said.content, annotations=list(said.annotations), yiju=said.yiju)
    return Completion(
        id=new_completion_id(),
        created=int(time.time()),
        model=request.model,
        choices=[CompletionChoice(message=message)],
        usage=usage_of(said, request),
        system_fingerprint=said.snapshot,
    )


def new_completion_id() -> str:
    """An id that cannot be guessed."""
    return f"chatcmpl-{secrets.token_urlsafe(18)}"


def usage_of(said: Said, request: ChatRequest) -> Usage:
    """How much was read and written."""
    prompt = sum(count_tokens(message.content) for message in request.messages)
    written = count_tokens(said.content)
    return Usage(prompt_tokens=prompt, completion_tokens=written, total_tokens=prompt + written)


def count_tokens(text: str) -> int:
    """Chinese characters, words of other scripts and marks, each as one: an estimate, as no model is billed by it."""
    return sum(1 for _ in _TOKEN.finditer(text))


def pieces(text: str) -> list[str]:
    """The text in parts of at most some tens of characters, which joined give it again; no marker is torn."""
    return [match[0] for match in _PIECE.finditer(text) if match[0]]


class Chunks:
    """The chunks of one streamed completion, each as a plain object."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._head = {
            "id": new_completion_id(),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": request.model,
        }
        options = request.stream_options
        self._with_usage = bool(options and options.include_usage)

    def opening(self) -> dict[str, object]:
        """Says who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def of(self, said: Said) -> Iterator[dict[str, object]]:
        """The text in pieces, then what it rests on, then how much it was."""
        for piece in pieces(said.content):
            yield self._chunk({"content": piece})
        annotations = [annotation.model_dump(mode="json") for annotation in said.annotations]
        yiju = None if said.yiju is None else said.yiju.model_dump(mode="json")
        yield self._chunk({"annotations": annotations, "yiju": yiju})
        yield self._chunk({}, finish_reason="stop")
        if self._with_usage:
            usage = usage_of(said, self._request).model_dump(mode="json")
            yield {**self._head, "choices": [], "usage": usage}

    def _chunk(self, delta: dict[str, object], finish_reason: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self._with_usage else {}
        return {**self._head, "choices": [choice], **usage}
