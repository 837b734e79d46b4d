"""Forms of English verbs and nouns, as far as rough questions need them."""

from __future__ import annotations

# Base form, past, participle.
_IRREGULAR = """
be was been|become became become|begin began begun|break broke broken|bring brought brought|build built built
buy bought bought|catch caught caught|choose chose chosen|come came come|cut cut cut|do did done|draw drew drawn
drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feel felt felt|fight fought fought
find found found|fly flew flown|forget forgot forgotten|get got gotten|give gave given|go went gone|grow grew grown
have had had|hear heard heard|hit hit hit|hold held held|keep kept kept|know knew known|lead led led|leave left left
lend lent lent|let let let|lie lay lain|lose lost lost|make made made|mean meant meant|meet met met|pay paid paid
put put put|read read read|rise rose risen|run ran run|say said said|see saw seen|sell sold sold|send sent sent
set set set|shoot shot shot|show showed shown|shut shut shut|sing sang sung|sink sank sunk|sit sat sat
speak spoke spoken|spend spent spent|spread spread spread|stand stood stood|steal stole stolen|strike struck struck
swim swam swum|take took taken|teach taught taught|tell told told|think thought thought|throw threw thrown
understand understood understood|wear wore worn|win won won|write wrote written|die died died|tie tied tied
lay laid laid|bear bore born|defend defended defended|arise arose arisen|hurt hurt hurt|cost cost cost|cast cast cast
feed fed fed|hide hid hidden|ride rode ridden|seek sought sought|withdraw withdrew withdrawn|beat beat beaten
undergo underwent undergone|overcome overcame overcome|freeze froze frozen|swear swore sworn|tear tore torn
dig dug dug|shine shone shone|sweep swept swept|bind bound bound|hang hung hung|burst burst burst|split split split
quit quit quit|deal dealt dealt|mislead misled misled|uphold upheld upheld|rebuild rebuilt rebuilt
broadcast broadcast broadcast|forbid forbade forbidden|oversee oversaw overseen|undertake undertook undertaken
blow blew blown|shake shook shaken|sleep slept slept|stick stuck stuck|swing swung swung|wind wound wound
learn learned learned|ring rang rung|spring sprang sprung|spin spun spun|slide slid slid|bend bent bent
breed bred bred|bleed bled bled|flee fled fled|dream dreamed dreamed
""".replace("\n", "|").strip("|")
_PARTS = {forms.split()[0]: forms.split() for forms in _IRREGULAR.split("|")}
_PLURALS = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "foot": "feet",
    "mu": "mu",
    "jin": "jin",
    "yuan": "yuan",
}
_NO_PLURAL = frozenset(
    {
        "people",
        "area",
        "population",
        "grain",
        "money",
        "percent",
        "output",
        "equipment",
        "information",
        "water",
        "income",
    }
)
_DOUBLED = frozenset(
    {
        "plan",
        "stop",
        "ban",
        "drop",
        "rob",
        "ship",
        "step",
        "strip",
        "admit",
        "commit",
        "permit",
        "refer",
        "transfer",
        "occur",
        "control",
    }
)


def past(verb: str) -> str:
    """The verb phrase in the past: “take part” is “took part”."""
    return _inflect(verb, 1)


def participle(verb: str) -> str:
    """The verb phrase as after “been”: “take” is “taken”; “be born” is “born”."""
    return verb.removeprefix("be ") if verb.startswith("be ") else _inflect(verb, 2)


def present(verb: str) -> str:
    """The verb phrase as after “it”."""
    if not verb.isascii():
        return verb
    first, _, rest = verb.partition(" ")
    irregular = {"be": "is", "have": "has", "do": "does", "go": "goes"}
    if first in irregular:
        formed = irregular[first]
    elif first.endswith(("s", "sh", "ch", "x", "z", "o")):
        formed = first + "es"
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        formed = first[:-1] + "ies"
    else:
        formed = first + "s"
    return f"{formed} {rest}".strip()


def gerund(verb: str) -> str:
    """The verb phrase with -ing."""
    if not verb.isascii():
        return verb
    first, _, rest = verb.partition(" ")
    if first.endswith("ie"):
        formed = first[:-2] + "ying"
    elif first.endswith("e") and not first.endswith(("ee", "oe", "ye")) and first != "be":
        formed = first[:-1] + "ing"
    elif first in _DOUBLED or first in {
        "win",
        "run",
        "put",
        "set",
        "get",
        "cut",
        "hit",
        "swim",
        "begin",
        "sit",
        "let",
        "dig",
    }:
        formed = first + first[-1] + "ing"
    else:
        formed = first + "ing"
    return f"{formed} {rest}".strip()


def plural(noun: str) -> str:
    """The noun phrase with its last word (the word before “of”) in the plural."""
    if " of " in noun:
        head, _, rest = noun.partition(" of ")
        return f"{plural(head)} of {rest}"
    before, _, last = noun.rpartition(" ")
    if last in _PLURALS:
        last = _PLURALS[last]
    elif not last or not last[-1].isalpha() or last in _NO_PLURAL or last[0].isupper() or last.endswith("s"):
        return noun
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    elif last.endswith(("sh", "ch", "x", "z")):
        last += "es"
    else:
        last += "s"
    return f"{before} {last}".strip()


def _inflect(verb: str, part: int) -> str:
    if not verb.isascii():
        return verb
    first, _, rest = verb.partition(" ")
    if first in _PARTS:
        formed = _PARTS[first][part]
    elif first.endswith("e"):
        formed = first + "d"
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        formed = first[:-1] + "ied"
    elif first in _DOUBLED:
        formed = first + first[-1] + "ed"
    else:
        formed = first + "ed"
    return f"{formed} {rest}".strip()
