"""Answers and a service made by hand, for the tests of the evaluation."""

from __future__ import annotations

from collections.abc import Callable

from bot.answers import Answer, Citation, Outcome
from bot.evaluation.judging import DocumentNames
from corpus.visibility import PUBLIC_ONLY, Clearance


def citation(document_id: str, *, passage: str = "凉瓜产值达1.3亿元。", source_path: str = "新闻/a.txt") -> Citation:
    return Citation(
        number=1,
        document_id=document_id,
        document_title="标题",
        publisher=None,
        published_at=None,
        url=None,
        source_path=source_path,
        passage_id=f"{document_id}-p1",
        heading=None,
        passage=passage,
        passage_start=0,
        quote=passage,
        start=0,
        end=len(passage),
        answer_spans=(),
    )


def answer(
    short_answer: str | None = None,
    *,
    outcome: Outcome | None = None,
    confidence: float = 0.5,
    citations: tuple[Citation, ...] = (),
    ranking: tuple[tuple[str, str], ...] = (),
    conversation_id: str = "c1",
) -> Answer:
    return Answer(
        answer_id="a1",
        conversation_id=conversation_id,
        outcome=outcome or (Outcome.ANSWERED if short_answer else Outcome.NOT_FOUND),
        text=short_answer or "没有找到。",
        short_answer=short_answer,
        confidence=confidence,
        citations=citations,
        suggestions=(),
        snapshot="s1",
        latency_ms=1.0,
        ranking=ranking,
    )


def only_itself(document_id: str) -> DocumentNames:
    """A document that nothing was joined to, from a file named after it."""
    return DocumentNames(frozenset({document_id}), frozenset({f"文件/{document_id}.txt"}))


class ScriptedService:
    """Answers each question as scripted and remembers how it was asked; conversations are numbered."""

    def __init__(self, script: Callable[[str], Answer]) -> None:
        self._script = script
        self.asked: list[tuple[str, str, str | None]] = []

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> Answer:
        self.asked.append((question, owner, conversation_id))
        scripted = self._script(question)
        return answer(
            scripted.short_answer,
            outcome=scripted.outcome,
            confidence=scripted.confidence,
            citations=scripted.citations,
            ranking=scripted.ranking[:top_k],
            conversation_id=conversation_id or f"conversation-{len(self.asked)}",
        )
