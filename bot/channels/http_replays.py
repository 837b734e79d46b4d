"""Which answers that were kept for a request sent again may still be told: labels change, clearances too.

What shows documents is looked for anew with the clearance that the asker has now; all else shows none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.channels.http_access import Asker
from bot.channels.http_services import Administration, Questions

_ASK, _DOCUMENTS = "/v1/ask", "/v1/documents/"


@dataclass(frozen=True, slots=True)
class StillTold:
    """Raises UnknownAnswerError or DocumentNotFoundError where the asker may not be told any more."""

    questions: Questions
    documents: Administration

    def __call__(self, asker: Asker, method: str, path: str, body: bytes) -> None:
        """Look whether what a kept answer shows may be seen."""
        if path == _ASK:
            answer_id = str(json.loads(body)["answer_id"])
            self.questions.answer(answer_id, owner=asker.owner, clearance=asker.clearance)
        elif method == "PATCH" and path.startswith(_DOCUMENTS):
            self.documents.document(path.removeprefix(_DOCUMENTS), clearance=asker.clearance)
