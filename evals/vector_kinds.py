"""The kinds of vector index that were compared, each over the same vectors.

All but the first find candidates whose products are then taken from a file of float16 vectors, as the product does.
Lists of every code have the clusters of the product's and look into the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import faiss
import numpy as np

from retrieval.vectors import Rows, Vector
from retrieval.vectors.flat import scan
from retrieval.vectors.lists import InvertedLists, MakesEmpty, scanned_vectors, two_bits
from retrieval.vectors.raw import Matrix, RawVectors
from retrieval.vectors.selection import Selection

# Settings: how far a search in a graph looks (efSearch); how many vectors one in lists does, the product's number
# being 1.
BREADTHS = (100, 200, 400, 800)
SHARES = (0.125, 0.25, 0.5, 1.0, 2.0)
_BLOCK = 20_000
_TRAINED_ON = 50_000
# FAISS's stubs do not know it.
_HNSWParameters: Any = getattr(faiss, "SearchParametersHNSW")  # noqa: B009
Search = Callable[[Vector, int], Rows]


@dataclass(frozen=True, slots=True)
class Built:
    """A kind of index over some vectors. ``searches``: by setting; each gives the places of the best, best first.

    ``bytes_a_vector``: what a search looks through, without the file that true products are taken from.
    """

    searches: Mapping[str, Search]
    bytes_a_vector: float
    build_cpu_seconds: float


def flat32(matrix: Vector, _: RawVectors) -> Built:
    started = time.process_time()
    count, dim = matrix.shape
    index: Any = faiss.IndexFlatIP(dim)
    for start in range(0, count, _BLOCK):
        index.add(matrix[start : start + _BLOCK])
    return Built({"all": lambda q, k: index.search(q[None], k)[1][0]}, 4 * dim, time.process_time() - started)


def flat16(_: Vector, raw: RawVectors) -> Built:
    matrix = raw.matrix()
    everything = Selection(raw.count)
    return Built({"all": lambda q, k: _best(raw, q, scan(matrix, q, k, everything)[0], k)}, 2 * raw.dim, 0.0)


def hnsw(_: Vector, raw: RawVectors) -> Built:
    """32 links, 8 bits a dimension."""
    started = time.process_time()
    graph: Any = faiss.IndexHNSWSQ
    index = graph(raw.dim, faiss.ScalarQuantizer.QT_8bit, 32, faiss.METRIC_INNER_PRODUCT)
    index.train(raw.at(np.arange(min(raw.count, _TRAINED_ON))))
    index.hnsw.efConstruction = 80
    for vectors in _blocks(raw):
        index.add(vectors)
    taken = time.process_time() - started

    def search(breadth: int, query: Vector, limit: int) -> Rows:
        parameters = _HNSWParameters()
        parameters.efSearch = breadth
        return _best(raw, query, index.search(query[None], limit, params=parameters)[1][0], limit)

    searches = {str(breadth): partial(search, breadth) for breadth in BREADTHS}
    return Built(searches, len(faiss.serialize_index(index)) / raw.count, taken)


def lists_of(empty: MakesEmpty, candidates: int, _: Vector, raw: RawVectors) -> Built:
    """Lists as the product has them, with one kind of code or another."""
    started = time.process_time()
    lists = InvertedLists.of(raw, empty)
    taken = time.process_time() - started
    everything = Selection(raw.count)

    def search(share: float, query: Vector, limit: int) -> Rows:
        most = round(share * scanned_vectors(raw.count))
        return _best(raw, query, lists.search(query, candidates, everything, most), limit)

    searches = {f"{share:g}": partial(search, share) for share in SHARES}
    return Built(searches, lists.bytes / raw.count, taken)


def one_bit(centres: Vector, _: Matrix) -> Any:
    kind: Any = faiss.IndexIVFRaBitQ
    index = kind(_quantizer(centres), *centres.shape[::-1], faiss.METRIC_INNER_PRODUCT, True, 1)
    index.train(centres[:0])
    return index


def eight_bits(centres: Vector, sample: Matrix) -> Any:
    kind: Any = faiss.IndexIVFScalarQuantizer
    codec = faiss.ScalarQuantizer.QT_8bit
    index = kind(_quantizer(centres), *centres.shape[::-1], codec, faiss.METRIC_INNER_PRODUCT, False)
    index.train(sample[:_TRAINED_ON].astype(np.float32))
    return index


def product_codes(centres: Vector, sample: Matrix) -> Any:
    """96 bytes a vector, each for four dimensions."""
    kind: Any = faiss.IndexIVFPQ
    index = kind(_quantizer(centres), *centres.shape[::-1], 96, 8, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.train(sample[:_TRAINED_ON].astype(np.float32))
    return index


# Each is made from float32 vectors, shape (n, dim), and the file of the same as float16.
KINDS: Mapping[str, Callable[[Vector, RawVectors], Built]] = {
    "flat float32": flat32,
    "flat float16": flat16,
    "hnsw, 8 bits": hnsw,
    "lists, 8 bits": partial(lists_of, eight_bits, 200),
    "lists, product codes": partial(lists_of, product_codes, 400),
    "lists, 1 bit": partial(lists_of, one_bit, 400),
    "lists, 2 bits": partial(lists_of, two_bits, 200),
}


def _quantizer(centres: Vector) -> Any:
    index: Any = faiss.IndexFlatL2(centres.shape[1])
    index.add(centres)
    return index


def _blocks(raw: RawVectors) -> Iterator[Vector]:
    for start in range(0, raw.count, _BLOCK):
        yield raw.at(np.arange(start, min(start + _BLOCK, raw.count)))


def _best(raw: RawVectors, query: Vector, places: Rows, limit: int) -> Rows:
    products = np.vecdot(raw.at(places), query)
    best: Rows = places[np.argsort(-products)[:limit]]
    return best
