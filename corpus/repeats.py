"""Joins articles that one file prints twice: the fuller text stays, the other's title becomes an alias.

Only within a file. Near-duplicates across a corpus are another matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.folding import fold_title
from corpus.preparing import Article
from corpus.sentences import sentence_spans

# Share of the shorter text that must occur in the fuller one, by sentences: the first may differ by a dateline.
_SAME_TITLE = 0.75
_OTHER_TITLE = 0.9
_LEAST_CHARS = 100


def joined_repeats(articles: Sequence[Article]) -> list[Article]:
    """The articles in order, each only once; those without a title are never aliases of one with."""
    kept: list[Article] = []
    for article in articles:
        for index, other in enumerate(kept):
            if _repeats(article, other):
                kept[index] = _joined(other, article)
                break
        else:
            kept.append(article)
    return kept


def _repeats(one: Article, other: Article) -> bool:
    if one.visibility != other.visibility:
        # Joined, either text would be seen by who may see the other.
        return False
    shorter, longer = sorted((one, other), key=lambda article: len(article.text))
    same_title = fold_title(one.title or "") == fold_title(other.title or "") and one.title is not None
    if not same_title and len(shorter.text) < _LEAST_CHARS:
        return False
    return contained_share(shorter.text, longer.text) >= (_SAME_TITLE if same_title else _OTHER_TITLE)


def contained_share(text: str, other: str) -> float:
    """Share of the text's letters that stand in sentences which occur in the other text, spacing and marks aside."""
    whole = fold_title(other)
    sentences = [fold_title(text[start:end]) for start, end in sentence_spans(text)]
    total = sum(map(len, sentences))
    return sum(len(sentence) for sentence in sentences if sentence in whole) / total if total else 0.0


def _joined(first: Article, second: Article) -> Article:
    fuller, other = (second, first) if len(second.text) > len(first.text) else (first, second)
    aliases = (*fuller.aliases, *other.aliases, *((other.title,) if other.title is not None else ()))
    return replace(
        fuller,
        publisher=fuller.publisher or other.publisher,
        published_at=fuller.published_at or other.published_at,
        aliases=aliases,
    )
