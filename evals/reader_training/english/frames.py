"""Questions in English order: the question word goes to the front, with the auxiliary the rest needs."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from evals.reader_training.english.forms import participle, past, plural, present
from evals.reader_training.english.phrases import MODALS, Phrases, Statement, join, take_apart
from evals.reader_training.english.tokens import Token

# Nouns for which “多少” asks an amount, not a count.
_AMOUNTS = ("money", "income", "revenue", "investment", "water", "output", "grain", "area", "profit", "net profit")
_AMOUNT_STARTS = ("percent", "yuan", "10,000", "100 million", "hundred million")
# Verbs that have no object here are said of what is asked about: 公司何时成立 is “when was the company founded”.
_DONE_TO = frozenset(
    {"found", "establish", "build", "hold", "publish", "release", "set up", "host", "open", "issue", "announce"}
    | {"complete", "abolish", "rebuild", "name", "sign"}
)
_HAPPENING = frozenset({"happen", "occur", "take place", "exist", "appear"})
_ADVERBIAL = ("when", "where", "why", "how")
_NOUN_KINDS = frozenset({"n", "s", "q", "b", "m", "vn"})


@dataclass(slots=True)
class _Asked:
    """The question phrase: its kind (who, what, …), its English, and the tokens around it in their Chinese order."""

    kind: str
    english: str
    preposition: str
    before: list[Token]
    after: list[Token]
    past: bool


def english_question(tokens: list[Token], chance: random.Random) -> str:
    """The question the tokens ask; as a statement where no question word is among them."""
    phrases = Phrases(chance)
    tokens = _how_often(tokens)
    clauses = [_with_verb(clause) for clause in _clauses(tokens)]
    main = next((at for at, clause in enumerate(clauses) if _question_word(clause) is not None), len(clauses) - 1)
    said = _main(clauses[main], phrases, chance)
    asides = [_aside(clause, phrases) for at, clause in enumerate(clauses) if at != main]
    aside = ", ".join(part for part in asides if part)
    if not aside:
        return said
    return f"{said}, {aside}" if chance.random() < 0.25 else f"{aside}, {said}"


def _how_often(tokens: list[Token]) -> list[Token]:
    """多久 … 一次 asks how often, 多久 alone how long."""
    texts = [token.text for token in tokens]
    if "多久" not in texts or "一次" not in texts:
        return tokens
    often = Token("多久", "whow", "how often")
    return [often if token.text == "多久" else token for token in tokens if token.text != "一次"]


def _aside(clause: list[Token], phrases: Phrases) -> str:
    if clause[0].kind == "p" and not any(token.kind in "vkh" for token in clause):
        return phrases.adverbial(clause[0], clause[1:])
    return phrases.statement(clause)


def _clauses(tokens: list[Token]) -> list[list[Token]]:
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "x" and any(mark in token.text for mark in "，,；;。：:"):
            clauses.append([])
        elif token.kind not in "xu":
            clauses[-1].append(token)
    return [clause for clause in clauses if clause] or [[]]


def _with_verb(clause: list[Token]) -> list[Token]:
    """Where nothing else can be the verb, the last word that can be both is one."""
    if any(token.kind in "vkh" and token.english for token in clause):
        return clause
    asked = _question_word(clause)
    limit = len(clause) if asked in (None, 0) else asked
    for at in range(limit - 1, 0, -1):
        if clause[at].kind == "vn" and clause[at].verb and (asked is not None or at > 1):
            token = replace(clause[at], kind="v", english=clause[at].verb)
            return [*clause[:at], token, *clause[at + 1 :]]
    return clause


def _question_word(tokens: list[Token]) -> int | None:
    return next((at for at, token in enumerate(tokens) if token.kind.startswith("w")), None)


def _main(tokens: list[Token], phrases: Phrases, chance: random.Random) -> str:
    place = _question_word(tokens)
    if place is None and len(tokens) > 1 and tokens[-1].kind == "k":
        # 首都是？
        place, tokens = len(tokens), [*tokens, Token("什么", "wwhat", "what")]
    if place is None:
        clause = take_apart(tokens, phrases)
        plain = clause.verb is None and clause.subject
        said = join(phrases.subject(clause.subject), *clause.adverbials) if plain else phrases.subject(tokens)
        return f"what is {said}" if chance.random() < 0.6 else said
    if tokens[place].kind == "wwhether":
        rest = tokens[:place] + tokens[place + 1 :]
        return _turned("", take_apart(rest, phrases), phrases, _tells_past(rest))
    tokens, place = _without_frame(tokens, place)
    return _ask(_asked(tokens, place, phrases, chance), phrases, chance)


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
    """Takes the question phrase out: the question word, the noun it belongs to, a preposition before it."""
    kind = tokens[place].kind[1:]
    end = place + 1
    while kind in ("what", "which", "much") and end < len(tokens) and tokens[end].kind in _NOUN_KINDS:
        end += 1
    if tokens[place].english.endswith(" of") and end == place + 1 and end < len(tokens) and tokens[end].kind == "e":
        end += 1
        while end < len(tokens) and tokens[end].kind in _NOUN_KINDS:
            end += 1
    english = _with_noun(kind, tokens[place].english, phrases.noun(tokens[place + 1 : end]), chance)
    if end + 1 < len(tokens) and tokens[end].kind == "e":
        start = end + 1
        end = start
        while end < len(tokens) and (tokens[end].kind in _NOUN_KINDS or tokens[end].kind in "e"):
            end += 1
        english = _owned(kind, english, phrases.noun(tokens[start:end]), chance)
        kind = "what"
    preposition, before, after = "", tokens[:place], tokens[end:]
    if before and (before[-1].kind == "p" or (before[-1].kind == "c" and kind != "much" and not after)):
        preposition, before = before[-1].english, before[:-1]
        if kind in _ADVERBIAL and preposition in ("in", "at", "on", "because of", "for", "due to", "as"):
            preposition = ""
    elif len(before) > 1 and before[-1].kind == "e" and not any(token.kind in "vkhpj" for token in before):
        # 法国的哪一项法令: which decree of France.
        english, before = f"{english} of {phrases.noun(before)}", []
    if preposition and after and after[0].kind == "f":
        preposition, after = after[0].english, after[1:]
    return _Asked(kind, english, preposition, before, after, _tells_past(tokens))


def _owned(kind: str, asked: str, thing: str, chance: random.Random) -> str:
    """“谁的项目”, “哪个国家的人口”: whose project, the population of which country."""
    if kind == "who":
        return f"whose {thing}"
    if kind == "what" and asked == "what" and chance.random() < 0.6:
        return f"what {thing}"
    return f"the {thing} of {asked}"


def _with_noun(kind: str, word: str, noun: str, chance: random.Random) -> str:
    if kind == "much" and word == "how many":
        if not noun:
            return chance.choice(("how much", "how many"))
        if noun.startswith(_AMOUNT_STARTS) or noun in _AMOUNTS:
            return f"how much {noun}" if chance.random() < 0.6 else f"how many {noun}"
        return f"how many {plural(noun)}"
    if not noun:
        return word.removesuffix(" of")
    return f"{word} {noun}"


def _ask(asked: _Asked, phrases: Phrases, chance: random.Random) -> str:
    if asked.preposition:
        opening = f"{asked.preposition} {'whom' if asked.english == 'who' else asked.english}"
        return _turned(opening, take_apart(asked.before + asked.after, phrases), phrases, asked.past)
    last = next((at for at in range(len(asked.before) - 1, -1, -1) if asked.before[at].kind not in "ld"), None)
    if last is not None and asked.before[last].kind in "vkh" and asked.before[last].english:
        return _object_question(asked, last, phrases, chance)
    if asked.kind in _ADVERBIAL and asked.after:
        clause = take_apart(asked.before + asked.after, phrases)
        return _turned(asked.english, clause, phrases, asked.past or chance.random() < 0.3)
    clause = take_apart(asked.before, phrases)
    if not clause.subject and clause.verb is None:
        return _subject_question(asked, clause, phrases, chance)
    return _late_question(asked, clause, phrases, chance)


def _late_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """Something else than a verb stands before the question word."""
    if not asked.after:
        return _final_question(asked, clause, phrases, chance)
    if asked.kind == "much":
        return _turned(asked.english, take_apart(asked.before + asked.after, phrases), phrases, asked.past)
    # The question word stays where it is: he took part in which event.
    return phrases.statement([*asked.before, Token(asked.english, "n", asked.english), *asked.after])


def _subject_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """The question word stands first: 谁发明了电话, 哪位建筑师被要求."""
    rest = take_apart(asked.after, phrases)
    ends = [*rest.adverbials, *clause.adverbials]
    finished = rest.finished or asked.past or chance.random() < 0.4
    adverbs = [*clause.adverbs, *rest.adverbs]
    if rest.verb is None:
        return join(asked.english, "is" if rest.subject else "", phrases.subject(rest.subject), *adverbs, *ends)
    if rest.passive:
        agent = f"by {phrases.noun(rest.subject)}" if rest.subject else ""
        be = "was" if finished else "is"
        return join(asked.english, be, *adverbs, participle(rest.verb.english), phrases.noun(rest.object), agent, *ends)
    if rest.subject:
        # 什么东西他用了: the question word is the object after all.
        rest.adverbials = ends
        return _turned(asked.english, rest, phrases, finished)
    verb = past(rest.verb.english) if finished else present(rest.verb.english)
    if any(adverb in MODALS for adverb in adverbs):
        verb = rest.verb.english
    return join(asked.english, *adverbs, verb, phrases.subject(rest.object), *ends)


def _object_question(asked: _Asked, last: int, phrases: Phrases, chance: random.Random) -> str:
    """A verb stands before the question word: 他提交了什么论文, 镇上有多少人, 首都是哪里."""
    verb = asked.before[last]
    # 计划推出什么: verbs that follow each other are one; what stands before 是 is its subject, whatever it is made of.
    alone = verb.kind == "k" or last == 0 or asked.before[last - 1].kind != "v"
    clause = take_apart(asked.before, phrases, main=last if alone else None)
    finished = clause.finished or asked.past or chance.random() < 0.25
    if verb.kind == "k":
        word = asked.english
        if word in ("how many", "how much"):
            word = "what" if chance.random() < 0.75 else "how much"
        clause.object += asked.after
        return _turned(word, clause, phrases, finished)
    if verb.kind == "h":
        return _having_question(asked, clause, phrases, finished)
    if asked.after:
        clause.adverbials.insert(0, phrases.statement(asked.after))
    return _turned(asked.english, clause, phrases, finished, where=asked.kind == "where")


def _having_question(asked: _Asked, clause: Statement, phrases: Phrases, finished: bool) -> str:
    """Questions with 有: how many people are there in a place, died in a place; what a thing has."""
    owner = phrases.subject(clause.subject)
    place = f"in {owner}" if owner else ""
    after = take_apart(asked.after, phrases)
    if after.verb is not None:
        verb = past(after.verb.english) if finished else present(after.verb.english)
        if after.passive:
            verb = f"{'was' if finished else 'is'} {participle(after.verb.english)}"
        things = (phrases.noun(after.object), *clause.adverbials, *after.adverbials)
        return join(asked.english, *after.adverbs, verb, *things, place)
    if not owner or (asked.kind == "much" and len(asked.english) % 2):
        return join(asked.english, "were" if finished else "are", "there", place, *clause.adverbials)
    return _turned(asked.english, clause, phrases, finished)


def _final_question(asked: _Asked, clause: Statement, phrases: Phrases, chance: random.Random) -> str:
    """The question word stands last without a verb before it: 凉瓜产值多少, 比上年增长多少."""
    finished = asked.past
    if clause.verb is None:
        word = asked.english
        if word in ("how many", "how much"):
            word = "what" if chance.random() < 0.7 else "how much"
        return _turned(word, clause, phrases, finished)
    if asked.english.startswith("how many ") or not clause.object:
        return _turned(asked.english, clause, phrases, finished)
    if asked.english in ("how many", "how much") and chance.random() < 0.4:
        # 接待游客多少人次: the amount is that of what stands before it.
        thing, clause.object = phrases.noun(clause.object), []
        return _turned(f"how many {plural(thing)}", clause, phrases, finished)
    return _turned(asked.english, clause, phrases, finished)


def _turned(opening: str, clause: Statement, phrases: Phrases, finished: bool, *, where: bool = False) -> str:
    """The opening, the auxiliary, the subject, and what is left of the statement."""
    finished = finished or clause.finished
    modal = next((adverb for adverb in clause.adverbs if adverb in MODALS), "")
    adverbs = [adverb for adverb in clause.adverbs if adverb != modal]
    subject, thing = phrases.subject(clause.subject), phrases.noun(clause.object)
    ends = clause.adverbials
    finished = finished or (clause.verb is not None and clause.verb.english.startswith("be born"))
    be = modal or ("was" if finished else "is")
    if clause.verb is None or clause.verb.kind == "k":
        return join(opening, be, *([] if subject else adverbs), subject, *(adverbs if subject else []), thing, *ends)
    verb = clause.verb.english
    if where:
        verb = verb.removesuffix(" in").removesuffix(" at")
    done_to = (
        not thing and verb in _DONE_TO and opening.split()[:1] in ([w] for w in ("when", "where", "in", "on", "by"))
    )
    if not subject and verb in _HAPPENING:
        return join(opening, past(verb) if finished else present(verb), *adverbs, thing, *ends)
    if clause.passive or done_to or not subject:
        return join(opening, be, subject or thing, *adverbs, participle(verb), thing if subject else "", *ends)
    if verb.startswith("be ") and not modal:
        return join(opening, be, subject, *adverbs, verb[3:], thing, *ends)
    return join(opening, modal or ("did" if finished else "does"), subject, *adverbs, verb, thing, *ends)


def _tells_past(tokens: list[Token]) -> bool:
    return any(
        token.kind == "l" or (token.kind == "t" and token.english[-4:-2] in ("17", "18", "19", "20"))
        for token in tokens
    )
