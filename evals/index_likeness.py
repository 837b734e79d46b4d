"""Holds made vectors against real ones: neighbourhoods of passages and questions, and how hard they are to search.

Two trials. In the first as many are made as there are parents; in the second all are made of so few that each has as
many children as among a million. Both have to look like the real ones, as many of them. An index kind that skips most
vectors, the same for all, says whether its recall on made vectors can be believed.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from evals.index_figures import recall
from evals.made_vectors import NEIGHBOURS, NOISE, made_vectors, neighbourhoods
from evals.neighbour_figures import Vectors, nearest, neighbour_figures

# Passages looked at; neighbours are sought among all.
_SAMPLE = 3000
_NEIGHBOURS_SHOWN = 100
# Of fewer parents than this neighbourhoods would be no neighbourhoods.
_LEAST_PARENTS = 10 * NEIGHBOURS
# Vectors in a list of the inverted file, lists that are looked at; links and width of the graph.
_LIST_VECTORS, _LISTS_LOOKED_AT = 64, (4, 8, 16, 32)
_LINKS, _WIDTHS = 16, (16, 32, 64)
_TOP_K = 10


def likeness(real: Vectors, questions: Vectors, *, children: float, seed: int = 7) -> dict[str, Any]:
    """The figures of the real vectors and of both trials. ``real`` in the order of the benchmark, mixed here.

    ``children``: how many each of them has in the largest set of vectors.
    """
    mixed = real[np.random.default_rng(seed).permutation(len(real))]
    parents = mixed[: min(len(mixed), max(round(len(mixed) / max(children, 1.0)), _LEAST_PARENTS))]
    return {
        "recipe": {"neighbours": NEIGHBOURS, "noise": NOISE},
        "vectors": len(mixed),
        "children_of_each_in_the_largest_set": round(children, 1),
        "real": _figures(mixed, questions),
        "made_of_all": _figures(_made(mixed, len(mixed), seed), questions),
        "made_of_few": _figures(_made(parents, len(mixed), seed), questions)
        | {"parents": len(parents), "children_of_each": round(len(mixed) / len(parents), 1)},
    }


def _made(parents: Vectors, count: int, seed: int) -> Vectors:
    made = np.concatenate(list(made_vectors(parents, neighbourhoods(parents), count, seed=seed)))
    # Children stand in the order of their parents' turns; the sample is to be of all.
    mixed: Vectors = made[np.random.default_rng(seed).permutation(count)]
    return mixed


def _figures(vectors: Vectors, questions: Vectors) -> dict[str, Any]:
    _, of_passages = nearest(vectors[:_SAMPLE], vectors, _NEIGHBOURS_SHOWN, own=True)
    _, of_questions = nearest(questions, vectors, _NEIGHBOURS_SHOWN)
    exact = of_questions[:, :_TOP_K]
    return {
        "passages": neighbour_figures(of_passages),
        "questions": neighbour_figures(of_questions),
        "recall@10_of_the_same_index": _inverted(vectors, questions, exact) | _graph(vectors, questions, exact),
    }


def _inverted(vectors: Vectors, questions: Vectors, exact: Vectors) -> dict[str, float]:
    index: Any = faiss.index_factory(
        vectors.shape[1], f"IVF{max(1, len(vectors) // _LIST_VECTORS)},Flat", faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors)
    index.add(vectors)
    found = {}
    for lists in _LISTS_LOOKED_AT:
        index.nprobe = lists
        found[f"inverted file, {lists} lists"] = _recall(index, vectors, questions, exact)
    return found


def _graph(vectors: Vectors, questions: Vectors, exact: Vectors) -> dict[str, float]:
    index: Any = faiss.index_factory(vectors.shape[1], f"HNSW{_LINKS},Flat", faiss.METRIC_INNER_PRODUCT)
    index.add(vectors)
    found = {}
    for width in _WIDTHS:
        index.hnsw.efSearch = width
        found[f"graph, width {width}"] = _recall(index, vectors, questions, exact)
    return found


def _recall(index: Any, vectors: Vectors, questions: Vectors, exact: Vectors) -> float:
    _, places = index.search(questions, _TOP_K)
    found = [np.vecdot(vectors[own[own >= 0]], query) for own, query in zip(places, questions, strict=True)]
    return recall(found, exact)
