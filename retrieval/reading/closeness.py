"""How near a passage is to its question in meaning, also where the passage is not embedded yet."""

from __future__ import annotations

from retrieval.hits import Hit

# Mean cosines of the first two hits on training halves (0.878 to 0.894 in Chinese, 0.765 to 0.782 for English questions
# over Chinese documents): neither for nor against. 0 would be a cosine that no passage has.
_USUAL, _USUAL_FOREIGN = 0.885, 0.775


def closeness(hit: Hit, *, is_foreign: bool) -> float:
    """The cosine of question and passage; without a vector what is usual among the first hits."""
    if hit.dense is not None:
        return hit.dense
    return _USUAL_FOREIGN if is_foreign else _USUAL
