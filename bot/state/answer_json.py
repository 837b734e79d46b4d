"""A stored answer as JSON and back, whole: what was shown can be shown again."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.answers import Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind


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
            "ranking": tuple((document, passage) for document, passage in fields["ranking"]),
        }
    )


def _citation(fields: dict[str, Any]) -> Citation:
    published = fields["published_at"]
    return Citation(
        **{
            **fields,
            "published_at": date.fromisoformat(published) if published else None,
            "answer_spans": tuple(AnswerSpan(**span) for span in fields["answer_spans"]),
        }
    )
