"""A stored answer as JSON and back, whole: what was shown can be shown again."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.answers import Alternative, Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind


def answer_to_json(answer: Answer) -> str:
    """One JSON object; dates in ISO form."""
    return json.dumps(asdict(answer), ensure_ascii=False, default=date.isoformat, separators=(",", ":"))


def answer_from_json(body: str) -> Answer:
    """The answer that ``answer_to_json`` was given."""
    fields: dict[str, Any] = json.loads(body)
    return Answer(
        **{
            **fields,
            "outcome": Outcome(fields["outcome"]),
            "citations": tuple(_citation(each) for each in fields["citations"]),
            "suggestions": tuple(
                Suggestion(SuggestionKind(each["kind"]), each["text"], each["document_id"])
                for each in fields["suggestions"]
            ),
            # Answers that were stored by earlier versions have none.
            "alternatives": tuple(_alternative(each) for each in fields.get("alternatives", ())),
            "labels": tuple(fields.get("labels", ())),
            "ranking": tuple((document, passage) for document, passage in fields["ranking"]),
        }
    )


def _alternative(fields: dict[str, Any]) -> Alternative:
    return Alternative(**{**fields, "published_at": _date(fields["published_at"])})


def _citation(fields: dict[str, Any]) -> Citation:
    return Citation(
        **{
            **fields,
            "published_at": _date(fields["published_at"]),
            "answer_spans": tuple(AnswerSpan(**span) for span in fields["answer_spans"]),
        }
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
