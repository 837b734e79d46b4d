"""Files of questions and dialogues, read and checked. Nothing here asks or judges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot.evaluation.errors import QuestionFileError


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer.

    ``answers`` are alternatives, of ``answers_all`` every one is needed; both empty: the corpus does not say.
    ``context_ids`` are the ids of the documents that hold the answer, ``doc`` the name of their source file.
    """

    id: str
    text: str
    answers: tuple[str, ...] = ()
    answers_all: tuple[str, ...] = ()
    type: str | None = None
    context_ids: frozenset[str] = frozenset()
    doc: str | None = None
    evidence: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether the corpus holds the answer; if not, the right outcome is ``not_found``."""
        return bool(self.answers or self.answers_all)

    @property
    def names_document(self) -> bool:
        """Whether it is known where the answer stands."""
        return bool(self.context_ids or self.doc)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked in one conversation: a single question, or the turns of a dialogue in order."""

    id: str
    turns: tuple[Question, ...]
    is_dialogue: bool


def load_cases(paths: Sequence[Path]) -> list[Case]:
    """Every line of the files, in order; blank lines are skipped.

    Raises: QuestionFileError: names the file and the line.
    """
    return [case for path in paths for case in _cases_of(path)]


def _cases_of(path: Path) -> Iterator[Case]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionFileError(f"question file '{path}' cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"question file '{path}' is not UTF-8 ({error}); convert it first") from error
    # Not splitlines(): U+2028 and the like may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _case_of(_Line(path, number), line)


@dataclass(frozen=True, slots=True)
class _Line:
    path: Path
    number: int

    def error(self, what: str) -> QuestionFileError:
        return QuestionFileError(f"{self.path}, line {self.number}: {what}")


def _case_of(line: _Line, text: str) -> Case:
    try:
        fields = json.loads(text)
    # Beyond JSONDecodeError: ValueError for a number of thousands of digits, RecursionError for deep nesting.
    except (ValueError, RecursionError) as error:
        raise line.error(f"not JSON ({error}); one object a line is needed") from error
    if not isinstance(fields, dict):
        raise line.error(f"a JSON object is needed, this is {type(fields).__name__}")
    case_id = _optional_string(line, fields, "id") or f"{line.path.name}:{line.number}"
    turns = fields.get("turns")
    if turns is None:
        return Case(case_id, (_question_of(line, fields, case_id, None),), is_dialogue=False)
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        raise line.error('"turns" must be a list of at least one question object')
    if fields.get("question"):
        raise line.error('"question" and "turns" exclude each other: a question line or a dialogue line')
    dialogue_type = _optional_string(line, fields, "type")
    questions = [
        _question_of(line, turn, f"{case_id}/{number}", dialogue_type) for number, turn in enumerate(turns, start=1)
    ]
    return Case(case_id, tuple(questions), is_dialogue=True)


def _question_of(line: _Line, fields: Mapping[str, object], default_id: str, default_type: str | None) -> Question:
    text = fields.get("question")
    # Public sets have a few empty questions: they are asked, and refused, like any other.
    if not isinstance(text, str):
        raise line.error('"question" (a string) or "turns" is needed')
    context_id = _optional_string(line, fields, "context_id")
    context_ids = frozenset(_strings(line, fields, "alt_context_ids")) | ({context_id} if context_id else set())
    return Question(
        id=_optional_string(line, fields, "id") or default_id,
        text=text,
        answers=_strings(line, fields, "answers"),
        answers_all=_strings(line, fields, "answers_all"),
        type=_optional_string(line, fields, "type") or default_type,
        context_ids=context_ids,
        doc=_optional_string(line, fields, "doc"),
        evidence=_optional_string(line, fields, "evidence"),
    )


def _optional_string(line: _Line, fields: Mapping[str, object], name: str) -> str | None:
    """The field's text; None where it is absent, null or empty, which all mean the same."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise line.error(f'"{name}" must be a string, this is {json.dumps(value, ensure_ascii=False)[:80]}')
    return value


def _strings(line: _Line, fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The field's texts without empty ones; () where it is absent, null or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(entry is None or isinstance(entry, str) for entry in value):
        raise line.error(f'"{name}" must be a list of strings, this is {json.dumps(value, ensure_ascii=False)[:80]}')
    return tuple(entry for entry in cast("list[str | None]", value) if entry)
