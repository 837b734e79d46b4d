"""Forms of English verbs and nouns, as far as rough questions need them."""

from __future__ import annotations

from evals.reader_training.english.word_list import IRREGULAR

_PARTS = {forms.split()[0]: forms.split() for forms in IRREGULAR.split("|")}
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
