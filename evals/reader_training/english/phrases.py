"""Noun phrases and statements in English order: what stands before 的 goes behind, adverbials go to the end."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from evals.reader_training.english.forms import gerund, participle, past, present
from evals.reader_training.english.tokens import Token

_JOINING = {"c"}


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

    def noun(self, tokens: list[Token]) -> str:
        """A noun phrase."""
        tokens = [token for token in tokens if token.kind not in "lu"]
        last = _last(tokens, "e")
        if last is not None:
            return self._with_modifier(tokens[:last], tokens[last + 1 :])
        split = next((at for at, token in enumerate(tokens) if token.kind == "c" and 0 < at < len(tokens) - 1), None)
        if split is not None:
            return f"{self.noun(tokens[:split])} {tokens[split].english or 'and'} {self.noun(tokens[split + 1 :])}"
        if tokens and tokens[-1].kind == "f" and len(tokens) > 1:
            return f"{tokens[-1].english} {self.noun(tokens[:-1])}"
        if len(tokens) > 2 and tokens[0].kind == "v" and tokens[0].english:
            return f"{gerund(tokens[0].english)} {self.noun(tokens[1:])}"
        words = [token for token in tokens if token.english and token.kind not in "xqjg"]
        if words and all(word.kind == "v" for word in words):
            return " ".join([gerund(word.english) for word in words])
        times = [word.english for word in words if word.kind == "t" and word is not words[-1]]
        said = " ".join(word.english for word in words if word.english not in times)
        return f"{said} in {' '.join(times)}" if times and said else said or " ".join(times)

    def _with_modifier(self, modifier: list[Token], head: list[Token]) -> str:
        if not head:
            return self.noun(modifier)
        said = self.noun(head)
        if not modifier:
            return said
        if any(token.kind in "vkhj" for token in modifier) and (len(modifier) > 1 or modifier[0].kind == "v"):
            return self._relative(modifier, said)
        if modifier[-1].kind in "bd" and len(modifier) <= 2:
            return f"{self.noun(modifier)} {said}"
        owner = self.noun(modifier)
        way = self._chance.random()
        if way < 0.25 and len(owner.split()) <= 3:
            return f"{owner}'s {said}".replace("s's ", "s' ")
        if way < 0.45 and len(owner.split()) <= 2:
            return f"{owner} {said}"
        return f"the {said} of {owner}" if not said.startswith(("the ", "what", "which")) else f"{said} of {owner}"

    def _relative(self, modifier: list[Token], said: str) -> str:
        clause = take_apart(modifier, self)
        if clause.verb is None:
            return f"{said} of {self.noun(modifier)}"
        ends = " ".join([*([self.noun(clause.object)] if clause.object else []), *clause.adverbials])
        if clause.passive:
            return f"{said} {participle(clause.verb.english)} {self._agent(clause)} {ends}".strip()
        if clause.subject:
            form = past(clause.verb.english) if clause.finished or self._chance.random() < 0.5 else clause.verb.english
            return f"{said} that {self.noun(clause.subject)} {form} {ends}".strip()
        if self._chance.random() < 0.5 and not clause.verb.english.startswith("be "):
            return f"{said} {gerund(clause.verb.english)} {ends}".strip()
        form = past(clause.verb.english) if clause.finished else present(clause.verb.english)
        return f"{said} that {form} {ends}".strip()

    def _agent(self, clause: Statement) -> str:
        return f"by {self.noun(clause.subject)}" if clause.subject else ""

    def statement(self, tokens: list[Token]) -> str:
        """A clause as it is told, for what stands before a comma."""
        clause = take_apart(tokens, self)
        if clause.verb is None:
            return " ".join([self.noun(clause.subject), *clause.adverbials]).strip()
        form = past(clause.verb.english)
        if clause.passive:
            form = f"was {participle(clause.verb.english)}"
        elif not clause.subject:
            form = gerund(clause.verb.english)
        parts = [self.noun(clause.subject), *clause.adverbs, form, self.noun(clause.object), *clause.adverbials]
        return " ".join(part for part in parts if part)

    def adverbial(self, preposition: Token | None, tokens: list[Token]) -> str:
        """A phrase of time or place, with the English preposition that fits."""
        if tokens and tokens[-1].kind == "f" and len(tokens) > 1:
            inner = tokens[:-1]
            has_verb = any(token.kind in "vh" for token in inner[:-1] or inner) and not any(
                token.kind == "e" for token in inner
            )
            said = self.statement(inner) if has_verb else self.noun(inner)
            return f"{tokens[-1].english} {said}"
        said = self.noun(tokens)
        if not said:
            return ""
        if tokens[-1].kind == "t" and (preposition is None or preposition.text in ("在", "于")):
            return time_phrase(said)
        return f"{preposition.english} {said}" if preposition else said


def time_phrase(said: str) -> str:
    """“in 2023”, “on March 12”, “last year”."""
    if said[:1].isdigit() or said.startswith(("the ", "early", "mid")):
        return f"in {said}"
    month = said.split()[0] in "January February March April May June July August September October November December"
    if month:
        words = said.replace(",", "").split()
        return f"on {said}" if len(words) > 1 and len(words[1]) <= 2 else f"in {said}"
    return said


def take_apart(tokens: list[Token], phrases: Phrases) -> Statement:
    """A clause without question words into subject, verb, object and adverbials."""
    clause = Statement()
    rest: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        scope = clause_scope(tokens, place)
        if scope > place:
            # What belongs to a later 的 stays together.
            (rest if clause.verb is None else clause.object).extend(tokens[place:scope])
            place = scope
        elif token.kind == "p" and place + 1 < len(tokens):
            end = phrase_end(tokens, place + 1)
            clause.adverbials.append(phrases.adverbial(token, tokens[place + 1 : end]))
            place = end
        elif token.kind == "j":
            clause.passive = True
            clause.subject, rest = rest, []
            place += 1
        elif token.kind == "g":
            clause.subject, rest = rest, []
            end = phrase_end(tokens, place + 1)
            clause.object += tokens[place + 1 : end]
            place = end
        elif token.kind == "t" and (place == 0 or clause.verb is None) and not _followed(tokens, place, "ef"):
            clause.adverbials.append(time_phrase(token.english))
            place += 1
        elif token.kind == "d" and clause.verb is None:
            clause.adverbs.append(token.english)
            place += 1
        elif token.kind == "l":
            clause.finished = True
            place += 1
        elif token.kind in "vkh" and clause.verb is None and token.english:
            clause.verb = token
            if clause.passive and clause.subject:
                clause.subject, rest = clause.subject, rest
                if rest:
                    clause.adverbials.append(f"by {phrases.noun(rest)}")
                    rest = []
            else:
                clause.subject, rest = clause.subject + rest, []
            place += 1
        elif token.kind in "ux":
            place += 1
        else:
            (rest if clause.verb is None else clause.object).append(token)
            place += 1
    clause.subject += rest
    return clause


def clause_scope(tokens: list[Token], place: int) -> int:
    """Where the noun begins that a clause before 的 describes, if the token opens or is inside such a clause; else ``place``."""
    if tokens[place].kind not in "vkhjpt":
        return place
    for at in range(place + 1, len(tokens)):
        if tokens[at].kind == "e" and at + 1 < len(tokens):
            inner = [token.kind for token in tokens[place:at] if token.kind in "vkhj"]
            after = [token for token in tokens[at + 1 :] if token.kind in "vkh"]
            close = at - place == 1 and tokens[place].kind == "v"
            if (inner and after) or close or (inner and tokens[at - 1].kind == "v"):
                return at + 1
            return place
    return place


def phrase_end(tokens: list[Token], start: int) -> int:
    """Where the noun phrase after a preposition ends: at its localiser, or before the next verb."""
    for at in range(start, len(tokens)):
        if tokens[at].kind == "f" and (at + 1 == len(tokens) or tokens[at + 1].kind != "e"):
            return at + 1
    for at in range(start, len(tokens)):
        if tokens[at].kind in "vkhjgdpx" and at > start and clause_scope(tokens, at) == at:
            return at
        if tokens[at].kind == "t" and at == start and not _followed(tokens, at, "ef"):
            return at + 1
    return len(tokens)


def _followed(tokens: list[Token], place: int, kinds: str) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].kind in kinds


def _last(tokens: list[Token], kind: str) -> int | None:
    return next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at].kind == kind and at + 1 < len(tokens)), None)
