"""A question in the corpus's other words: every synonym of the terms list put in the place of the asker's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retrieval.terms import Terms

_MOST = 6


def wordings(terms: Terms) -> Callable[[str], Sequence[str]]:
    """Gives a folded question first as it is, then with one word changed at a time; at most six wordings."""

    def of(question: str) -> list[str]:
        found = [question]
        for match in terms.pattern.finditer(question) if terms.pattern else ():
            for other in terms.synonyms[match.group()]:
                found.append(question[: match.start()] + other + question[match.end() :])
        return list(dict.fromkeys(found))[:_MOST]

    return of
