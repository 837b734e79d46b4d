"""The trained reader behind the ``Reader`` protocol: ranks, reads and weighs passages with one network.

Passages are read in the order of the search and no further than needed; the rules stand behind it, as witnesses for
each reading and alone where the network does not read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from retrieval.hits import Hit, Reading, Span, TermStatistics
from retrieval.reading.asking import Asked
from retrieval.reading.page import Page, open_page
from retrieval.reading.placing import PageMatch
from retrieval.reading.questions import QuestionForm
from retrieval.reading.rule_reader import Examined, RuleReader
from retrieval.reading.sameness import same_answer
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.decoding import Decoded, Fitness, Row, choose, decode
from retrieval.trained_reader.evidence import evidence_of, spans_of
from retrieval.trained_reader.features import (
    FEATURES,
    FOREIGN_FEATURES,
    Rival,
    RuleView,
    among_others,
    best_wording,
    complete,
    log_odds,
    missing_numbers,
    network_values,
    rule_values,
    search_values,
)
from retrieval.trained_reader.pairs import Pair, prefix_of
from retrieval.trained_reader.shape import shape_for
from retrieval.trained_reader.whole import RULES, Rule, whole

# A reading by the rules alone never passes as an answer beside trained ones; it may still agree with one.
_UNREAD_SHARE = 0.99
# A passage is read after all where the rules think it this probable that it gives another answer, up to so many.
_CONTESTS, _MOST_CONTESTING = 0.2, 4
# Where the network sees no answer (logits) and the rules think that there is one (log odds), the rules are believed.
# On development documents this is worth nothing (2 of 389 answers fewer are right): a candidate for removal.
_NO_ANSWER, _RULES_SURE = -2.0, 0.5
# What the rules see at a place, against the network's own probability: small, since the network is mostly right.
_FITNESS = {"fits": 1.0, "contradicted": -2.0, "missing": -0.5, "agrees": 1.0}


class Session(Protocol):
    """Runs the network."""

    def run(self, pairs: Sequence[Pair]) -> Sequence[Row]:
        """One row of scores a pair, in their order."""
        ...


class Encoder(Protocol):
    """Makes the network's rows."""

    def encode(self, question: str, prefix: str, passage: str) -> list[Pair]:
        """The rows of a passage: one, or several overlapping windows where it is long."""
        ...


@dataclass(frozen=True, slots=True)
class _Question:
    """A question with what is the same for all its passages."""

    text: str
    form: QuestionForm
    asked: tuple[Asked, ...]
    best_score: float
    ruled: Mapping[int, Examined]

    @property
    def names(self) -> Sequence[str]:
        """The features that count for it."""
        return FOREIGN_FEATURES if self.form.is_foreign else FEATURES

    def of_rules(self, hit: Hit) -> RuleView | None:
        found = self.ruled.get(id(hit))
        return RuleView(found.reading.answer_spans, log_odds(found.reading.answer_score)) if found else None


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage that the network has read, not yet compared with the others."""

    hit: Hit
    evidence: Span
    spans: tuple[Span, ...]
    values: dict[str, float]
    score: float

    @property
    def words(self) -> tuple[str, ...]:
        text = self.hit.document.text
        return tuple(text[span.start : span.end] for span in self.spans)


class TrainedReader:
    """Reads passages with the network. Thread-safe as its session is: it keeps nothing between calls."""

    def __init__(
        self,
        session: Session,
        encoder: Encoder,
        rules: RuleReader,
        *,
        calibration: ReaderCalibration | None = None,
        widening: Sequence[Rule] = RULES,
    ) -> None:
        self._session = session
        self._encoder = encoder
        self._rules = rules
        self.calibration = calibration or ReaderCalibration.load()
        self._widening = widening

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        """One reading a hit, best relevance first. Empty input: []."""
        return [examined.reading for examined in self.examine(question, hits, statistics, may_stop=True)]

    def examine(
        self, question: str, hits: Sequence[Hit], statistics: TermStatistics, *, may_stop: bool = False
    ) -> list[Examined]:
        """As ``read``, with what each probability was made from; reads to the end unless it ``may_stop``.

        Of a hit that was not read the values are those of the rules.
        """
        if not hits:
            return []
        asked = self._take_apart(question, hits, statistics)
        done: list[_Read] = []
        found: list[Examined] = []
        for size in self.calibration.batches:
            done += self._read_some(asked, hits[len(done) : len(done) + size])
            found = self._compared(asked, done)
            if len(done) == len(hits) or (may_stop and found[0].reading.answer_score >= self.calibration.stop_at):
                break
        unread = list(hits[len(done) :])
        if contesting := self._contesting(asked, found[0].reading, done, unread):
            done += self._read_some(asked, contesting)
            found = self._compared(asked, done)
            unread = [hit for hit in unread if hit not in contesting]
        return found + self._unread(asked, unread, found[-1].reading.relevance)

    def _contesting(self, asked: _Question, best: Reading, done: Sequence[_Read], unread: Sequence[Hit]) -> list[Hit]:
        """Of the passages that would not be read, those in which the rules see another answer of another document.

        Reading stops where an answer is sure enough; a document that says something else must not go unnoticed then.
        """
        words = _words(best)
        documents = {each.hit.document.id for each in done}
        found: list[Hit] = []
        for hit in unread:
            ruled = asked.ruled.get(id(hit))
            if ruled is None or ruled.reading.answer_score < _CONTESTS or hit.document.id in documents:
                continue
            if ruled.reading.answer_spans and not same_answer(words, _words(ruled.reading)):
                found.append(hit)
                documents.add(hit.document.id)
        return found[:_MOST_CONTESTING]

    def _take_apart(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> _Question:
        forms = self._rules.forms(question)
        best_score = max(hit.score for hit in hits)
        if forms[0].is_foreign:
            return _Question(question, forms[0], (), best_score, {})
        ruled = {id(found.reading.hit): found for found in self._rules.examine(question, hits, statistics)}
        asked = tuple(Asked.of(form, statistics) for form in forms)
        return _Question(question, forms[0], asked, best_score, ruled)

    def _read_some(self, asked: _Question, hits: Sequence[Hit]) -> list[_Read]:
        """Read some passages in one run of the network."""
        pages = [open_page(hit) for hit in hits]
        matched = [best_wording(asked.asked, page) if asked.asked else None for page in pages]
        windows: list[list[Pair]] = []
        for hit, match in zip(hits, matched, strict=True):
            # In the words of the corpus where it has a synonym for the asker's word, else as it was asked.
            changed = match is not None and match[0].form.text != asked.form.text
            wording = match[0].form.text if match is not None and changed else asked.text
            document = hit.document
            prefix = prefix_of(document.title, hit.passage.heading, document.published_at)
            windows.append(self._encoder.encode(wording, prefix, hit.passage.text))
        rows = iter(self._session.run([pair for pairs in windows for pair in pairs]))
        done = []
        for page, match, pairs in zip(pages, matched, windows, strict=True):
            decoded = decode([next(rows) for _ in pairs], [pair.offsets for pair in pairs])
            done.append(self._of_page(asked, page, decoded, match))
        return done

    def _of_page(self, asked: _Question, page: Page, decoded: Decoded, match: tuple[Asked, PageMatch] | None) -> _Read:
        hit = page.hit
        text = hit.passage.text
        shape = shape_for(asked.form)
        fitness = _fitness(asked, page, match)
        widen = lambda low, high: whole(text, low, high, self._widening)  # noqa: E731
        chosen = choose(decoded, text, widen, shape.likelihood, fitness, shape.worth)
        spans = spans_of(asked.form, page, chosen) if chosen else ()
        rules = asked.of_rules(hit)
        if rules and rules.spans and decoded.margin < _NO_ANSWER and rules.log_odds > _RULES_SURE:
            # The network sees no answer here and the rules do: their words are the better guess.
            spans = rules.spans
        evidence = evidence_of(page, spans)
        values = network_values(decoded, chosen)
        values |= search_values(hit, asked.best_score, is_foreign=asked.form.is_foreign)
        values["numbers"] = missing_numbers(asked.text, page)
        if match is not None:
            values |= rule_values(*match, spans, evidence.first, rules)
        score = self._side(asked).score(complete(values, asked.names))
        return _Read(hit, evidence.span, spans, values, score)

    def _compared(self, asked: _Question, done: Sequence[_Read]) -> list[Examined]:
        """What was read so far as readings, best first."""
        rivals = [Rival(each.hit.document.id, each.words, each.score, bool(each.spans)) for each in done]
        found = []
        for each, among in zip(done, among_others(rivals), strict=True):
            values = complete(each.values | among, asked.names)
            probability = self._side(asked).probability(values) if each.spans else 0.0
            reading = Reading(each.hit, each.score, each.evidence, each.spans, probability, 1.0 - probability)
            found.append(Examined(reading, values))
        return sorted(found, key=lambda examined: -examined.reading.relevance)

    def _unread(self, asked: _Question, hits: Sequence[Hit], lowest: float) -> list[Examined]:
        """Passages that were not read, behind those that were: as the rules read them, where they did."""
        of_rules = [asked.ruled[id(hit)] for hit in hits if id(hit) in asked.ruled]
        ordered = sorted(of_rules, key=lambda examined: -examined.reading.relevance)
        ordered += [Examined(_nothing(hit), {}) for hit in hits if id(hit) not in asked.ruled]
        most = _UNREAD_SHARE * self.calibration.threshold
        found = []
        for place, examined in enumerate(ordered, start=1):
            probability = min(examined.reading.answer_score, most)
            reading = replace(
                examined.reading,
                relevance=lowest - place,
                answer_score=probability,
                no_answer_score=1.0 - probability,
            )
            found.append(Examined(reading, examined.values))
        return found

    def _side(self, asked: _Question) -> Coefficients:
        return self.calibration.side(is_foreign=asked.form.is_foreign)


def _words(reading: Reading) -> list[str]:
    text = reading.hit.document.text
    return [text[span.start : span.end] for span in reading.answer_spans]


def _nothing(hit: Hit) -> Reading:
    return Reading(hit, 0.0, Span(hit.passage.start, hit.passage.end), (), 0.0, 1.0)


def _fitness(asked: _Question, page: Page, match: tuple[Asked, PageMatch] | None) -> Fitness:
    """How the rules see words at their place: of the kind asked, beside the year asked, where they would answer."""

    def fitness(low: int, high: int) -> float:
        if match is None:
            return 1.0
        start = page.hit.passage.start
        spans = (Span(start + low, start + high),)
        values = rule_values(*match, spans, evidence_of(page, spans).first, asked.of_rules(page.hit))
        return math.exp(sum(weight * values[name] for name, weight in _FITNESS.items()))

    return fitness
