"""Questions in English order: the question word goes to the front, with the auxiliary the rest needs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from evals.reader_training.english.forms import participle, past, plural, present
from evals.reader_training.english.phrases import Phrases, Statement, take_apart, time_phrase
from evals.reader_training.english.tokens import Token

# Nouns for which “多少” asks an amount, not a count.
_AMOUNTS = (
    "money",
    "income",
    "revenue",
    "investment",
    "water",
    "output",
    "output value",
    "grain",
    "area",
    "profit",
    "net profit",
)
_REACH = frozenset({"达", "达到", "达到了", "共有", "超过"})


@dataclass(slots=True)
class _Asked:
    """The question phrase: its kind (who, what, …), its English, and the tokens around it in their Chinese order."""

    kind: str
    english: str
    preposition: str
    before: list[Token]
    after: list[Token]


def english_question(tokens: list[Token], chance: random.Random) -> str:
    """The question the tokens ask; as a statement where no question word is among them."""
    phrases = Phrases(chance)
    clauses = _clauses(tokens)
    main = next((at for at, clause in enumerate(clauses) if _question_word(clause) is not None), len(clauses) - 1)
    said = _main(clauses[main], phrases, chance)
    asides = [phrases.statement(clause) for at, clause in enumerate(clauses) if at != main]
    opening = [
        _opened(clause, aside)
        for clause, aside in zip((c for at, c in enumerate(clauses) if at != main), asides, strict=True)
    ]
    opening = [aside for aside in opening if aside]
    if opening and chance.random() < 0.3:
        said = f"{said} {', '.join(opening)}"
    elif opening:
        said = f"{', '.join(opening)}, {said}"
    return said


def _opened(clause: list[Token], aside: str) -> str:
    return time_phrase(aside) if len(clause) == 1 and clause[0].kind == "t" and aside[:2] != "in" else aside


def _clauses(tokens: list[Token]) -> list[list[Token]]:
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "x" and any(mark in token.text for mark in "，,；;。：:"):
            clauses.append([])
        elif token.kind not in "xu":
            clauses[-1].append(token)
    return [clause for clause in clauses if clause] or [[]]


def _question_word(tokens: list[Token]) -> int | None:
    return next((at for at, token in enumerate(tokens) if token.kind.startswith("w")), None)


def _main(tokens: list[Token], phrases: Phrases, chance: random.Random) -> str:
    place = _question_word(tokens)
    if place is None:
        said = phrases.statement(tokens)
        return f"what is {said}" if chance.random() < 0.5 else said
    if tokens[place].kind == "wwhether":
        return _yes_no([token for at, token in enumerate(tokens) if at != place], phrases)
    tokens, place = _without_frame(tokens, place)
    asked = _asked(tokens, place, phrases, chance)
    return " ".join(_ask(asked, phrases, chance).split())


def _without_frame(tokens: list[Token], place: int) -> tuple[list[Token], int]:
    """Drops the frame 是 … 的 around a question about time, place or manner: 他是什么时候来的."""
    copula = next((at for at in range(place) if tokens[at].kind == "k"), None)
    if tokens[-1].kind == "e" and place < len(tokens) - 1:
        tokens = tokens[:-1]
        if copula is not None and any(token.kind == "v" for token in tokens[place:]):
            tokens = tokens[:copula] + tokens[copula + 1 :]
            place -= 1
    return tokens, place


def _asked(tokens: list[Token], place: int, phrases: Phrases, chance: random.Random) -> _Asked:
    kind = tokens[place].kind[1:]
    start, end = place, place + 1
    noun: list[Token] = []
    if kind in ("what", "which", "much"):
        while (
            end < len(tokens)
            and tokens[end].kind in ("n", "s", "q", "b", "m", "vn", "c")
            and not (tokens[end].kind == "c" and end + 1 == len(tokens))
        ):
            end += 1
        # “什么” + verb + noun at the end: the verb is part of the name (什么研究项目).
        noun = [token for token in tokens[place + 1 : end] if token.english]
    word = tokens[place].english
    if end + 1 < len(tokens) and tokens[end].kind == "e":
        return _of_asked(tokens, place, end, phrases, chance)
    english = _with_noun(kind, word, phrases.noun(noun), chance)
    preposition = ""
    before = tokens[:start]
    if (
        before
        and before[-1].kind == "p"
        or len(before) > 1
        and before[-1].kind == "c"
        and kind != "much"
        and before[-2].kind in "vk"
    ):
        preposition, before = before[-1].english, before[:-1]
        if kind in ("when", "why", "how") or (kind == "where" and preposition in ("in", "at", "on")):
            preposition = ""
    after = tokens[end:]
    if preposition and after and after[0].kind == "f":
        preposition, after = after[0].english, after[1:]
    return _Asked(kind, english, preposition, before, after)


def _of_asked(tokens: list[Token], place: int, end: int, phrases: Phrases, chance: random.Random) -> _Asked:
    """“谁的项目”, “哪个国家的人口”: whose project, the population of which country."""
    stop = end + 1
    while stop < len(tokens) and tokens[stop].kind in ("n", "s", "b", "m", "vn", "e"):
        stop += 1
    head = phrases.noun(tokens[end + 1 : stop])
    kind = tokens[place].kind[1:]
    owner = _with_noun(kind, tokens[place].english, phrases.noun(tokens[place + 1 : end]), chance)
    if kind == "who":
        english = f"whose {head}"
    elif kind == "what" and end == place + 1:
        english = f"what {head}" if chance.random() < 0.5 else f"the {head} of what"
    else:
        english = f"the {head} of {owner}"
    preposition, before = "", tokens[:place]
    if before and before[-1].kind == "p":
        preposition, before = before[-1].english, before[:-1]
    return _Asked("what", english, preposition, before, tokens[stop:])


def _with_noun(kind: str, word: str, noun: str, chance: random.Random) -> str:
    if kind == "much" and word.startswith("how many"):
        if not noun:
            return word if len(word.split()) > 2 else chance.choice(("how much", "how many"))
        if noun in _AMOUNTS or noun.startswith(("percent", "yuan", "10,000", "100 million", "hundred million")):
            return f"how much {noun}" if chance.random() < 0.6 else f"how many {noun}"
        return f"{word} {plural(noun)}"
    if word.endswith(("kind of", "type of")) and not noun:
        return word.removesuffix(" of").replace("kind", "kind")
    return f"{word} {noun}".strip()


def _ask(asked: _Asked, phrases: Phrases, chance: random.Random) -> str:
    clause = take_apart(asked.before, phrases)
    if asked.preposition:
        return _adverbial_question(asked, f"{asked.preposition} {_objective(asked.english)}", phrases, chance)
    if not clause.subject and clause.verb is None:
        return _subject_question(asked, clause, phrases, chance)
    ends_in_verb = bool(asked.before) and _last_word(asked.before).kind in "vkh"
    if clause.verb is not None and ends_in_verb:
        return _object_question(asked, clause, phrases, chance)
    if asked.after and asked.kind in ("when", "where", "why", "how", "much"):
        return _adverbial_question(asked, asked.english, phrases, chance)
    if not asked.after:
        return _final_question(asked, clause, phrases, chance)
    return _in_place(asked, phrases)


def _subject_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """The question word stands first: 谁发明了电话, 哪位建筑师被要求."""
    if asked.kind in ("when", "where", "why", "how") and asked.after:
        return _adverbial_question(asked, asked.english, phrases, chance)
    rest = take_apart(asked.after, phrases)
    ends = [*rest.adverbials, *clause.adverbials]
    finished = rest.finished or _tells_past(asked.before + asked.after) or chance.random() < 0.4
    if rest.verb is None:
        return _join(asked.english, "is" if rest.subject else "", phrases.noun(rest.subject), *rest.adverbs, *ends)
    thing = phrases.noun(rest.object)
    if rest.passive:
        agent = f"by {phrases.noun(rest.subject)}" if rest.subject else ""
        return _join(
            asked.english,
            "was" if finished else "is",
            *rest.adverbs,
            participle(rest.verb.english),
            thing,
            agent,
            *ends,
        )
    if rest.subject:
        # 什么东西他用了: the question word is the object after all.
        return _join(
            asked.english,
            _auxiliary(rest.verb, finished),
            phrases.noun(rest.subject),
            *rest.adverbs,
            _bare(rest.verb),
            thing,
            *ends,
        )
    return _join(asked.english, *rest.adverbs, _finite(rest.verb, finished), thing, *ends)


def _object_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """A verb stands before the question word: 他提交了什么论文, 镇上有多少人, 首都是哪里."""
    assert clause.verb is not None
    subject, verb = phrases.noun(clause.subject), clause.verb
    finished = clause.finished or _tells_past(asked.before) or chance.random() < 0.3
    after = take_apart(asked.after, phrases)
    ends = [*clause.adverbials]
    if verb.kind == "k" and not clause.object:
        be = "was" if finished else "is"
        tail = phrases.statement(asked.after) if asked.after else ""
        if verb.text in _REACH and chance.random() < 0.3 and not tail:
            return _join(asked.english, "did" if finished else "does", subject, "reach", *ends)
        if not subject:
            return _join(asked.english, *clause.adverbs, be, tail, *ends)
        if asked.english in ("how many", "how much"):
            return _join("what" if chance.random() < 0.7 else "how much", be, *clause.adverbs, subject, tail, *ends)
        return _join(asked.english, be, *clause.adverbs, subject, tail, *ends)
    if verb.kind == "h" and after.verb is not None and after.verb.english:
        return _join(
            asked.english,
            *after.adverbs,
            _finite(after.verb, finished),
            phrases.noun(after.object),
            *_place(subject),
            *ends,
            *after.adverbials,
        )
    if verb.kind == "h" and asked.kind == "much" and (not subject or chance.random() < 0.5):
        return _join(
            asked.english, "were" if finished else "are", "there", *_place(subject), phrases.noun(after.subject), *ends
        )
    if clause.passive:
        return _join(
            asked.english,
            "was",
            subject,
            *clause.adverbs,
            participle(verb.english),
            phrases.statement(asked.after),
            *ends,
        )
    if not subject:
        return _join(
            asked.english,
            "was" if finished else "is",
            *clause.adverbs,
            participle(verb.english),
            phrases.statement(asked.after),
            *ends,
        )
    if (
        verb.english.startswith("be ")
        and verb.english.endswith((" in", " at", " from", " of"))
        and chance.random() < 0.5
        and asked.kind != "where"
    ):
        stem, _, preposition = verb.english[3:].rpartition(" ")
        return _join(preposition, asked.english, "was" if finished else "is", subject, *clause.adverbs, stem, *ends)
    bare = _bare(verb)
    if asked.kind == "where":
        bare = bare.removesuffix(" in").removesuffix(" at")
    thing = phrases.noun(clause.object)
    return _join(
        asked.english,
        _auxiliary(verb, finished),
        subject,
        *clause.adverbs,
        bare,
        thing,
        phrases.statement(asked.after),
        *ends,
    )


def _adverbial_question(asked: _Asked, opening: str, phrases: Phrases, chance: random.Random) -> str:
    """When, where, why, how, to whom, in which …: the rest of the question is a statement turned round."""
    clause = take_apart(asked.before + asked.after, phrases)
    subject = phrases.noun(clause.subject)
    finished = clause.finished or _tells_past(asked.before + asked.after) or chance.random() < 0.5
    be = "was" if finished else "is"
    if clause.verb is None:
        return _join(opening, be, subject, *clause.adverbs, *clause.adverbials)
    thing = phrases.noun(clause.object)
    if (
        clause.passive
        or not subject
        or (not thing and clause.verb.english in ("found", "establish", "build", "hold", "publish", "release"))
    ):
        return _join(
            opening,
            be,
            subject or thing,
            *clause.adverbs,
            participle(clause.verb.english),
            thing if subject else "",
            *clause.adverbials,
        )
    if clause.verb.kind == "k":
        return _join(opening, be, subject, *clause.adverbs, thing, *clause.adverbials)
    return _join(
        opening,
        _auxiliary(clause.verb, finished),
        subject,
        *clause.adverbs,
        _bare(clause.verb),
        thing,
        *clause.adverbials,
    )


def _final_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """The question word stands last without a verb before it: 凉瓜产值多少, 比上年增长多少, 主任是谁 without 是."""
    finished = clause.finished or _tells_past(asked.before)
    subject = phrases.noun(clause.subject)
    if clause.verb is None:
        word = "what" if asked.english in ("how many", "how much") and chance.random() < 0.7 else asked.english
        return _join(word, "was" if finished else "is", *clause.adverbs, subject, *clause.adverbials)
    thing = phrases.noun(clause.object)
    return _join(
        asked.english,
        _auxiliary(clause.verb, finished),
        subject,
        *clause.adverbs,
        _bare(clause.verb),
        thing,
        *clause.adverbials,
    )


def _in_place(asked: _Asked, phrases: Phrases) -> str:
    """The question word where it stands: he took part in which event."""
    token = Token(asked.english, "n", asked.english)
    return phrases.statement([*asked.before, token, *asked.after])


def _yes_no(tokens: list[Token], phrases: Phrases) -> str:
    clause = take_apart(tokens, phrases)
    subject, thing = phrases.noun(clause.subject), phrases.noun(clause.object)
    finished = clause.finished or _tells_past(tokens)
    if clause.verb is None or clause.verb.kind == "k":
        return _join("was" if finished else "is", subject, *clause.adverbs, thing, *clause.adverbials)
    if clause.passive:
        return _join("was", subject, *clause.adverbs, participle(clause.verb.english), thing, *clause.adverbials)
    return _join(
        _auxiliary(clause.verb, finished), subject, *clause.adverbs, _bare(clause.verb), thing, *clause.adverbials
    )


def _auxiliary(verb: Token, finished: bool) -> str:
    if verb.english.startswith("be ") or verb.kind == "k":
        return "was" if finished else "is"
    return "did" if finished else "does"


def _bare(verb: Token) -> str:
    return "" if verb.kind == "k" else verb.english.removeprefix("be ")


def _finite(verb: Token, finished: bool) -> str:
    if verb.kind == "k":
        return "was" if finished else "is"
    return past(verb.english) if finished else present(verb.english)


def _objective(said: str) -> str:
    return said.replace("who", "whom", 1) if said == "who" else said


def _place(subject: str) -> list[str]:
    return [f"in {subject}"] if subject else []


def _tells_past(tokens: list[Token]) -> bool:
    return any(
        token.kind == "l" or (token.kind == "t" and token.english[-4:-2] in ("17", "18", "19", "20"))
        for token in tokens
    )


def _last_word(tokens: list[Token]) -> Token:
    return next((token for token in reversed(tokens) if token.kind not in "lud"), tokens[-1])


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
