"""Compares a question with sentences by meaning: what the rule reader asks for where no word can be met."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from embeddings.embedder import Embedder


def sentence_similarity(embedder: Embedder) -> Callable[[str, Sequence[str]], Sequence[float]]:
    """Gives the cosines of a question with sentences, in their order."""

    def similarity(question: str, sentences: Sequence[str]) -> Sequence[float]:
        cosines: list[float] = (embedder.encode_documents(sentences) @ embedder.encode_queries([question])[0]).tolist()
        return cosines

    return similarity
