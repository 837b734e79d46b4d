"""Exact search through a matrix of float16 vectors where it lies, on disk or in memory, and k-means, by FAISS."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.raw import Matrix
from retrieval.vectors.selection import Selection

_PLACE = 0xFFFF_FFFF
# FAISS's stubs know neither its scanner nor what its Python side makes of arrays.
_Codec: Any = faiss.ScalarQuantizer


def scan(matrix: Matrix, query: Vector, limit: int, allowed: Selection) -> tuple[Rows, Vector]:
    """The places of the ``limit`` largest inner products, and these, in no order; fewer where fewer are allowed.

    ``matrix``: float16, shape (n, dim), in one piece; ``query``: float32, shape (dim,).
    """
    count, dim = matrix.shape
    limit = min(limit, allowed.count)
    if limit <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    # FAISS keeps bare pointers: selector, codec, quantizer and query must live until the scan is done.
    selector = selector_of(allowed)
    codec = _Codec(dim, faiss.ScalarQuantizer.QT_fp16)
    quantizer = faiss.IndexFlatIP(dim)
    scanner = codec.select_InvertedListScanner(faiss.METRIC_INNER_PRODUCT, quantizer, True, selector, False)
    try:
        query = np.ascontiguousarray(query, dtype=np.float32)
        scanner.set_query(faiss.swig_ptr(query))
        scanner.set_list(0, 0.0)
        products = np.full(limit, -np.inf, dtype=np.float32)
        places = np.full(limit, -1, dtype=np.int64)
        codes = matrix.view(np.uint8)
        scanner.scan_codes(count, faiss.swig_ptr(codes), None, faiss.swig_ptr(products), faiss.swig_ptr(places), limit)
    finally:
        scanner.__swig_destroy__(scanner)  # FAISS gives the scanner away, and its Python side does not know
    found = places >= 0
    return places[found] & _PLACE, products[found]


def selector_of(allowed: Selection) -> Any:
    """FAISS's form of a selection: None where all is allowed. It keeps the bits alive."""
    bitmap: Any = faiss.IDSelectorBitmap
    return None if allowed.bits is None else bitmap(allowed.bits)


def k_means(points: Vector, count: int, *, rounds: int, most_per_cluster: int) -> Vector:
    """The centres of ``count`` clusters, shape (count, dim), of more points than that, float32, shape (n, dim)."""
    means: Any = faiss.Kmeans(
        points.shape[1], count, niter=rounds, min_points_per_centroid=1, max_points_per_centroid=most_per_cluster
    )
    means.train(points)
    centres: Vector = means.centroids
    return centres


def distance_index(centres: Vector) -> Any:
    """FAISS's exact search for the nearest of some vectors by distance."""
    index: Any = faiss.IndexFlatL2(centres.shape[1])
    index.add(centres)
    return index


def work_alone() -> None:
    """Let FAISS start no threads of its own for what the calling thread asks of it."""
    faiss.omp_set_num_threads(1)
