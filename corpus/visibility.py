"""Who may see a document: the label it carries, and the clearance of who asks.

Pure rules, the same for every layer above. Who has which clearance is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from corpus.documents import PUBLIC

# In a list of labels: every label there is.
ALL_LABELS = "*"
MAX_LABEL_CHARS = 64
_LABEL = re.compile(rf"[\w.-]{{1,{MAX_LABEL_CHARS}}}")
_BETWEEN = re.compile(r"[,，、\s]+")


@dataclass(frozen=True, slots=True)
class Clearance:
    """The labels somebody may see beside ``public``; ``everything``: all of them, those of tomorrow too."""

    labels: frozenset[str] = frozenset()
    everything: bool = False

    def allows(self, label: str) -> bool:
        """Whether a document with this label may be seen."""
        return self.everything or label == PUBLIC or label in self.labels

    def covers(self, labels: Collection[str]) -> bool:
        """Whether documents of all these labels may be seen, so that nothing need be left out."""
        return self.everything or all(self.allows(label) for label in labels)

    def stated(self) -> tuple[str, ...]:
        """What ``clearance_of`` reads: ``("*",)`` for everything, else the labels beside ``public``, sorted."""
        return (ALL_LABELS,) if self.everything else tuple(sorted(self.labels - {PUBLIC}))


PUBLIC_ONLY = Clearance()
EVERYTHING = Clearance(everything=True)


def clearance_of(labels: Iterable[str]) -> Clearance:
    """The clearance that a list of labels states. Raises: ValueError: one of them is no label."""
    stated = [label.strip() for label in labels]
    if ALL_LABELS in stated:
        return EVERYTHING
    wrong = next((label for label in stated if not is_label(label)), None)
    if wrong is not None:
        raise ValueError(f"{wrong[:80]!r} is no label: 1 to {MAX_LABEL_CHARS} letters, digits, _, . and -")
    return Clearance(frozenset(stated) - {PUBLIC})


def labels_in(text: str) -> tuple[str, ...]:
    """What somebody typed between commas or spaces; whether these are labels ``clearance_of`` says."""
    return tuple(part for part in _BETWEEN.split(text) if part)


def is_label(text: str) -> bool:
    """Whether this can be the label of a document: letters of any script, digits, ``_``, ``.``, ``-``."""
    return _LABEL.fullmatch(text) is not None
