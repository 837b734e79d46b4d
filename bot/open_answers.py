"""Answers to open questions (what, how, why) put together by a language model from the passages already cited.

Whatever goes wrong, the extractive answer is what stands. A model that keeps failing is left alone for a while.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.answering.composing import Composed, time_notes
from bot.answering.frames import frame_for
from bot.answering.language import question_language
from bot.answering.llm_check import Verdict, checked
from bot.answering.llm_prompt import Prompt, open_question_prompt
from bot.answers import Citation, Outcome
from bot.errors import LlmError
from corpus.folding import fold
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.reading.questions import AnswerKind, analyse

# A list as long as this says more as sentences.
_LONG_LIST_CHARS = 40
# Asked so, a noun that is usually counted (补贴) does not make it a question for an amount.
_OPEN = re.compile(
    r"为什么|为何|为啥|怎么|怎样|如何|什么(?:是|意思|原因|内容|流程|程序|步骤|措施|做法|条件|要求|办法|规定|情况|区别|意义|影响|作用|经验)"
    r"|(?:做|采取|开展|取得)了?(?:什么|哪些)|介绍|说明|概括|总结|归纳"
)
_MARKER = re.compile(r"\[(\d{1,3})\]")
_COUNTED = re.compile(r"多少|几[个名人家天年月日元次条项]")
USED, FAILED, RESTING, BUSY = "used", "failed", "resting", "busy"
OUTCOMES = (USED, RESTING, BUSY, FAILED, *(str(verdict) for verdict in Verdict if verdict is not Verdict.FINE))
_LOG = structlog.get_logger(__name__)


class Writer(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """Its name."""
        ...

    def complete(self, prompt: Prompt) -> str:
        """What it writes. Raises: LlmError."""
        ...


@dataclass(slots=True)
class Breaker:
    """Lets nothing through for a while after so many failures in a row; then one, to see. Thread-safe."""

    failures: int = 3
    rest_seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _failed: int = 0
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self) -> bool:
        """Whether to try; the one who tries after a rest has the others wait for what comes of it."""
        with self._lock:
            if self._failed < self.failures:
                return True
            now = self.clock()
            if now < self._until:
                return False
            self._until = now + self.rest_seconds
            return True

    def worked(self) -> None:
        """It answered."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failed += 1
            if self._failed >= self.failures:
                self._until = self.clock() + self.rest_seconds


class OpenAnswers:
    """Rewrites answers to open questions. Thread-safe.

    ``concurrency``: how many at once; more are not waited for. ``sent``: of which documents passages may be sent.
    ``counted`` learns what became of each question that was open, one of ``OUTCOMES``, and the seconds that the model
    took; None where it was not asked.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        concurrency: int = 2,
        sent: Clearance = PUBLIC_ONLY,
        breaker: Breaker | None = None,
        counted: Callable[[str, float | None], None] = lambda *_: None,
    ) -> None:
        self._writer = writer
        self._places = threading.BoundedSemaphore(concurrency)
        self._sent = sent
        self._breaker = breaker or Breaker()
        self._counted = counted
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many open questions came to what, by outcome."""
        with self._lock:
            return {outcome: self._counts[outcome] for outcome in OUTCOMES}

    def rewritten(
        self,
        question: str,
        resolved: str,
        composed: Composed,
        labels: Mapping[str, str],
        *,
        further: Sequence[Citation] = (),
    ) -> Composed:
        """The answer in the model's words, where it is an open one and they hold; else ``composed`` itself.

        ``question`` as it was typed, ``resolved`` complete; ``labels`` of the documents by their ids: one that is not
        known is not sent. ``further``: passages of the same documents; those that the text cites are cited too.
        """
        if not is_open(question, resolved, composed) or not self._may_send((*composed.citations, *further), labels):
            return composed
        if not self._places.acquire(blocking=False):
            self._count(BUSY)
            return composed
        try:
            if not self._breaker.admits():
                self._count(RESTING)
                return composed
            return self._asked(question, resolved, composed, further)
        finally:
            self._places.release()

    def _asked(self, question: str, resolved: str, composed: Composed, further: Sequence[Citation]) -> Composed:
        started = time.perf_counter()
        citations = (*composed.citations, *further)
        try:
            written = self._writer.complete(open_question_prompt(resolved, citations))
        except LlmError as error:
            self._breaker.failed()
            self._count(FAILED, started, reason=error.kind)
            return composed
        except Exception as error:  # noqa: BLE001 - the extractive answer is there, whatever happened
            self._breaker.failed()
            self._count(FAILED, started, reason=type(error).__name__)
            return composed
        self._breaker.worked()
        found = checked(written, {citation.number: citation.passage for citation in citations})
        if found.verdict is not Verdict.FINE:
            self._count(str(found.verdict), started, reason="check")
            return composed
        self._count(USED, started)
        return _with_text(found.text, question, resolved, composed, further, self._writer.model)

    def _may_send(self, citations: Sequence[Citation], labels: Mapping[str, str]) -> bool:
        cited = (labels.get(citation.document_id) for citation in citations)
        return all(label is not None and self._sent.allows(label) for label in cited)

    def _count(self, outcome: str, started: float | None = None, reason: str | None = None) -> None:
        with self._lock:
            self._counts[outcome] += 1
        seconds = None if started is None else time.perf_counter() - started
        self._counted(outcome, seconds)
        log = _LOG.warning if outcome == FAILED else _LOG.info
        log("llm", outcome=outcome, reason=reason, ms=None if seconds is None else round(seconds * 1000))


def is_open(question: str, resolved: str, composed: Composed) -> bool:
    """Whether an answer would gain by being put together: to what, how and why, in Chinese; never where none was found.

    What is written in another language than the documents cannot be held against them.
    """
    if composed.outcome is not Outcome.ANSWERED or question_language(question) == "en":
        return False
    folded = fold(resolved)
    if _COUNTED.search(folded):
        return False
    kind = analyse(folded).kind
    long_list = kind is AnswerKind.LIST and len(composed.short_answer or "") > _LONG_LIST_CHARS
    return kind is AnswerKind.CLAUSE or long_list or _OPEN.search(folded) is not None


def _with_text(
    text: str, question: str, resolved: str, composed: Composed, further: Sequence[Citation], model: str
) -> Composed:
    """The answer with this text; of the further passages, those that it cites, numbered without a gap."""
    used = {int(number) for number in _MARKER.findall(text)}
    numbers = {citation.number: citation.number for citation in composed.citations}
    added: list[Citation] = []
    for citation in further:
        if citation.number in used:
            numbers[citation.number] = len(composed.citations) + len(added) + 1
            added.append(replace(citation, number=numbers[citation.number]))
    text = _MARKER.sub(lambda match: f"[{numbers[int(match[1])]}]", text)
    language = question_language(question)
    notes = time_notes(resolved, frame_for(language), language, composed.citations)
    citations = (*composed.citations, *added)
    return replace(composed, text="\n".join([text, *notes]), citations=citations, composed_by=model)
