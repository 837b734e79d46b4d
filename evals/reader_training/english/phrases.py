"""Noun phrases and statements in English order: what stands before 的 goes behind, adverbials go to the end."""

from __future__ import annotations

import random
from calendar import month_name
from dataclasses import dataclass, field

from evals.reader_training.english.forms import gerund, participle, past, present
from evals.reader_training.english.tokens import Token

# Localisers that end a clause of time.
_TIMES = frozenset({"之后", "以后", "后", "之前", "以前", "时", "时候", "期间", "以来"})
MODALS = frozenset({"can", "will", "would", "should", "must", "may"})


@dataclass(slots=True)
class Statement:
    """A clause taken apart. ``verb`` is None where it has none; ``adverbials`` are English already."""

    subject: list[Token] = field(default_factory=list)
    adverbs: list[str] = field(default_factory=list)
    verb: Token | None = None
    passive: bool = False
    finished: bool = False
    object: list[Token] = field(default_factory=list)
    adverbials: list[str] = field(default_factory=list)


class Phrases:
    """Puts tokens into English; choices between ways of saying it are by chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def subject(self, tokens: list[Token]) -> str:
        """A noun phrase, now and then with “the”."""
        said = self.noun(tokens)
        common = said[:1].islower() and not said.startswith(
            ("the ", "a ", "what ", "which ", "how ", "he", "they", "it")
        )
        return f"the {said}" if common and tokens[-1].kind in ("n", "vn") and self._chance.random() < 0.6 else said

    def noun(self, tokens: list[Token]) -> str:
        """A noun phrase."""
        tokens = [token for token in tokens if token.kind not in "lu"]
        while tokens and tokens[-1].kind == "e":
            tokens = tokens[:-1]
        last = next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at].kind == "e"), None)
        if last is not None:
            return self._with_modifier(tokens[:last], tokens[last + 1 :])
        split = next((at for at, token in enumerate(tokens) if token.kind == "c" and 0 < at < len(tokens) - 1), None)
        if split is not None:
            return f"{self.noun(tokens[:split])} {tokens[split].english or 'and'} {self.noun(tokens[split + 1 :])}"
        if len(tokens) > 1 and tokens[-1].kind == "f":
            return f"{tokens[-1].english} {self.noun(tokens[:-1])}"
        return self._run(tokens)

    def _run(self, tokens: list[Token]) -> str:
        """Words that follow each other without 的; verbs among them name actions."""
        words = [token for token in tokens if token.english and token.kind not in "xqjg"]
        parts: list[str] = []
        for at, word in enumerate(words):
            if word.kind != "v":
                parts.append(word.english)
            elif word.noun and at:
                parts.append(word.noun)
            else:
                parts.append(gerund(word.english) if at in (0, len(words) - 1) else word.english)
        times = [part for part, word in zip(parts, words, strict=True) if word.kind == "t" and word is not words[-1]]
        said = " ".join(part for part in parts if part not in times)
        return f"{said} in {' '.join(times)}" if times and said else said or " ".join(times)

    def _with_modifier(self, modifier: list[Token], head: list[Token]) -> str:
        said = self.noun(head)
        if not modifier or not said:
            return said or self.noun(modifier)
        if any(token.kind in "vkhj" for token in modifier) and (len(modifier) > 1 or not modifier[0].noun):
            return self._relative(modifier, said)
        if modifier[-1].kind == "f" and len(modifier) > 1:
            return f"{said} {self.noun(modifier)}"
        if modifier[-1].kind in "bd" and len(modifier) <= 2:
            return f"{self.noun(modifier)} {said}"
        return self._owned(self.noun(modifier), said)

    def _owned(self, owner: str, said: str) -> str:
        way = self._chance.random()
        if way < 0.25 and len(owner.split()) <= 3:
            return f"{owner}'s {said}".replace("s's ", "s' ")
        if way < 0.45 and len(owner.split()) <= 2:
            return f"{owner} {said}"
        return f"{said} of {owner}" if said.startswith(("the ", "what", "which")) else f"the {said} of {owner}"

    def _relative(self, modifier: list[Token], said: str) -> str:
        clause = take_apart(modifier, self)
        if clause.verb is None:
            return self._owned(self.noun(modifier), said)
        ends = join(self.noun(clause.object), *clause.adverbials)
        verb = clause.verb.english
        if clause.passive:
            return join(said, participle(verb), f"by {self.noun(clause.subject)}" if clause.subject else "", ends)
        if clause.subject:
            form = past(verb) if clause.finished or self._chance.random() < 0.5 else present(verb)
            return join(said, "that", self.noun(clause.subject), *clause.adverbs, form, ends)
        if self._chance.random() < 0.5 and clause.verb.kind == "v" and not verb.startswith("be "):
            return join(said, gerund(verb), ends)
        return join(said, "that", *clause.adverbs, past(verb) if clause.finished else present(verb), ends)

    def statement(self, tokens: list[Token]) -> str:
        """A clause as it is told, for what stands before a comma."""
        clause = take_apart(tokens, self)
        if clause.verb is None:
            return join(self.noun(clause.subject), *clause.adverbials)
        form = past(clause.verb.english)
        if clause.passive:
            form = f"was {participle(clause.verb.english)}"
        elif not clause.subject:
            form = gerund(clause.verb.english)
        return join(self.noun(clause.subject), *clause.adverbs, form, self.noun(clause.object), *clause.adverbials)

    def adverbial(self, preposition: Token | None, tokens: list[Token]) -> str:
        """A phrase of time or place, with the English preposition that fits."""
        if len(tokens) > 1 and tokens[-1].kind == "f":
            inner = tokens[:-1]
            has_verb = any(token.kind in "vh" for token in inner) and not any(token.kind == "e" for token in inner)
            before = tokens[-1].english or (preposition.english if preposition else "")
            if preposition is not None and preposition.text in ("除", "除了"):
                before = preposition.english
            return join(before, self.statement(inner) if has_verb else self.subject(inner))
        said = self.subject(tokens)
        if said and tokens[-1].kind == "t" and (preposition is None or preposition.text in ("在", "于", "")):
            return time_phrase(said)
        return join(preposition.english if preposition else "", said) if said else ""


def take_apart(tokens: list[Token], phrases: Phrases, main: int | None = None) -> Statement:
    """A clause into subject, verb, object and adverbials; ``main``: where its verb is, if known."""
    clause = Statement()
    taker = _Taker(clause, phrases, tokens, main)
    place = taker.opening()
    while place < len(tokens):
        place = taker.take(place)
    clause.subject += taker.rest
    return clause


class _Taker:
    """Takes a clause apart from left to right."""

    def __init__(self, clause: Statement, phrases: Phrases, tokens: list[Token], main: int | None) -> None:
        self._clause = clause
        self._phrases = phrases
        self._tokens = tokens
        self._main = main
        self.rest: list[Token] = []

    def opening(self) -> int:
        """Takes a clause of time before the statement (他毕业后…) and gives where the statement begins."""
        kinds = [token.kind for token in self._tokens]
        for at, token in enumerate(self._tokens):
            if token.text in _TIMES and 0 < at < len(kinds) - 1 and kinds[at + 1] != "e" and kinds[0] != "p":
                self._clause.adverbials.append(self._phrases.adverbial(None, self._tokens[: at + 1]))
                return at + 1
            ends = at + 1 == len(kinds) or kinds[at + 1] in "vkhd"
            if token.kind == "f" and at and ends and not set(kinds[:at]) & set("vkhpjgdlt"):
                self._clause.adverbials.append(self._phrases.adverbial(None, self._tokens[: at + 1]))
                return at + 1
        return 0

    def take(self, place: int) -> int:
        """Takes the token at a place, and what belongs to it; gives the next place."""
        tokens, clause = self._tokens, self._clause
        token = tokens[place]
        scope = clause_scope(tokens, place)
        if scope > place and (self._main is None or self._main >= scope):
            (self.rest if clause.verb is None else clause.object).extend(tokens[place:scope])
            return scope
        if token.kind == "p" and place + 1 < len(tokens):
            end = phrase_end(tokens, place + 1)
            clause.adverbials.append(self._phrases.adverbial(token, tokens[place + 1 : end]))
            return end
        if token.kind == "g":
            clause.subject, self.rest = self.rest, []
            end = phrase_end(tokens, place + 1)
            clause.object += tokens[place + 1 : end]
            return end
        self._take_one(place, token)
        return place + 1

    def _take_one(self, place: int, token: Token) -> None:
        clause = self._clause
        is_main = place == self._main if self._main is not None else token.kind in "vkh" and bool(token.english)
        if token.kind == "j":
            clause.passive = True
            clause.subject, self.rest = self.rest, []
        elif token.kind == "l":
            clause.finished = True
        elif token.kind == "t" and clause.verb is None and not _followed(self._tokens, place, "ef"):
            clause.adverbials.append(time_phrase(token.english))
        elif token.kind == "d" and clause.verb is None:
            clause.adverbs.append(token.english)
        elif clause.verb is None and is_main:
            self._take_verb(token)
        elif token.kind not in "ux":
            (self.rest if clause.verb is None else clause.object).append(token)

    def _take_verb(self, token: Token) -> None:
        clause = self._clause
        clause.verb = token
        if not (clause.passive and clause.subject):
            clause.subject += self.rest
        elif self.rest:
            clause.adverbials.append(f"by {self._phrases.noun(self.rest)}")
        self.rest = []


def clause_scope(tokens: list[Token], place: int) -> int:
    """Where a clause that describes a noun ends, behind its 的, if one begins at ``place``; else ``place``."""
    if tokens[place].kind not in "vhjpt":
        return place
    for at in range(place + 1, len(tokens) - 1):
        if tokens[at].kind == "e":
            inner = any(token.kind in "vkhj" for token in tokens[place:at])
            after = any(token.kind in "vkh" for token in tokens[at + 1 :])
            return at + 1 if inner and (after or tokens[at - 1].kind == "v") else place
    return place


def phrase_end(tokens: list[Token], start: int) -> int:
    """Where the noun phrase after a preposition ends: at its localiser, or before the next verb."""
    for at in range(start, len(tokens)):
        if tokens[at].kind == "f" and not _followed(tokens, at, "e"):
            return at + 1
    for at in range(start, len(tokens)):
        if at > start and tokens[at].kind in "vkhjgdpx" and clause_scope(tokens, at) == at:
            return at
        if tokens[at].kind == "t" and at == start and not _followed(tokens, at, "ef"):
            return at + 1
    return len(tokens)


def time_phrase(said: str) -> str:
    """“in 2023”, “on March 12”, “last year”."""
    words = said.replace(",", "").split() or [""]
    if any(word in month_name[1:] for word in words[:2]):
        dated = len(words) > 1 and any(len(word) <= 2 for word in words[:2])
        return f"{'on' if dated else 'in'} {said}"
    return f"in {said}" if said[:1].isdigit() or said.startswith(("the ", "early", "mid")) else said


def join(*parts: str) -> str:
    """The parts that say something, with spaces between."""
    return " ".join(part for part in parts if part)


def _followed(tokens: list[Token], place: int, kinds: str) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].kind in kinds
