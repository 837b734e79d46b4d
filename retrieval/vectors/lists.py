"""Search structure of a large part: vectors in many small lists by cluster, two bits a dimension (RaBitQ), by FAISS.

It says which places are likely to be best; their true products come from the part's matrix. A search looks into the
lists whose clusters promise most, as many as hold ``scanned_vectors`` together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from retrieval.vectors.clustering import ClusterSearch, cluster_centres
from retrieval.vectors.flat import scan, selector_of
from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.raw import Matrix, RawVectors
from retrieval.vectors.selection import Selection
from retrieval.vectors.workers import workers

# Makes an index without vectors from the centres of its clusters and a sample of what it will hold.
MakesEmpty = Callable[[Vector, Matrix], Any]
Codes = npt.NDArray[np.uint8]
_BITS = 2
_BLOCK_ROWS = 32_768
# Vectors of the sample for each cluster.
_SAMPLED = 20
# FAISS's scan is fastest where a vector has a multiple of this many numbers.
_ALIGNED = 16
# Of a cluster's centre c, a question's vector q thinks q.c - _SHRINKAGE * |c|^2 / 2: a cluster whose centre is short is
# a wide one, and may hold a vector far nearer than its centre. At 1 it would be the distance.
_SHRINKAGE = 0.5
# Lists are chosen in this excess, for some are short; as many are searched as hold the vectors.
_MORE_LISTS = 1.5


def lists_for(count: int) -> int:
    """How many clusters a part of this many vectors has."""
    return round(10 * math.sqrt(count))


def scanned_vectors(count: int) -> int:
    """How many of a part's vectors a search looks at: a seventh of 10^5, a fourteenth of 10^6."""
    return round(7 * math.pow(count, 2 / 3))


def two_bits(centres: Vector, _: Matrix) -> Any:
    """An index without vectors for these clusters, whose codes have two bits a dimension; no sample is needed."""
    count, dim = centres.shape
    quantizer: Any = faiss.IndexFlatL2(dim)
    quantizer.add(centres)
    inverted: Any = faiss.IndexIVFRaBitQ
    index = inverted(quantizer, dim, count, faiss.METRIC_INNER_PRODUCT, True, _BITS)
    # There is nothing to learn beside the centres, but it must be told.
    index.train(centres[:0])
    return index


class InvertedLists:
    """The vectors of one part by cluster. Searching is safe from several threads, once nothing is added any more."""

    def __init__(self, index: Any, centres: Vector) -> None:
        self._index = index
        self._centres = centres
        self._routes = _routes(centres)
        self._sizes = np.array([index.invlists.list_size(number) for number in range(len(centres))], dtype=np.int64)

    @classmethod
    def of(cls, raw: RawVectors, empty: MakesEmpty = two_bits) -> InvertedLists:
        """Cluster and encode vectors: a minute or two for a million on two cores.

        ``empty``: makes the index for other codes than the product's, to compare them. Raises: OSError.
        """
        count = lists_for(raw.count)
        drawn = np.random.default_rng(raw.count).permutation(raw.count)[: count * _SAMPLED]
        # Read in the order of the file, then put back into that of the draw.
        sample = raw.stored(np.sort(drawn))[np.argsort(np.argsort(drawn))]
        with workers() as pool:
            centres = cluster_centres(sample, count, pool)
            made = cls(pool.threads.submit(empty, centres, sample).result(), centres)
        made.add(raw, np.arange(raw.count, dtype=np.int64))
        return made

    @classmethod
    def open(cls, path: Path) -> InvertedLists:
        """Mapped into memory. Raises: ValueError: it is not a file of this kind or is cut short."""
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{path.name} cannot be read ({error})") from error
        if not isinstance(index, faiss.IndexIVFRaBitQ):
            raise ValueError(f"{path.name} holds {type(index).__name__}, expected IndexIVFRaBitQ")
        quantizer: Any = faiss.downcast_index(index.quantizer)
        return cls(index, quantizer.reconstruct_n(0, quantizer.ntotal))

    def write(self, path: Path) -> None:
        """Write to disk. Raises: OSError: it cannot be written in full."""
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(str(error)) from error

    @property
    def count(self) -> int:
        """Vectors in the lists."""
        return int(self._index.ntotal)

    @property
    def bytes(self) -> int:
        """About the size of their file."""
        return len(self._centres) * 4 * self.dim + self.count * (8 + int(self._index.code_size))

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return int(self._index.d)

    def fit(self, count: int) -> bool:
        """Whether the clusters are about as many as a part of this size would have."""
        return 0.6 <= len(self._centres) / lists_for(count) <= 1.6

    def emptied(self) -> InvertedLists:
        """New lists with the same clusters."""
        return InvertedLists(two_bits(self._centres, self._routes[:0]), self._centres)

    def add(self, raw: RawVectors, places: Rows) -> None:
        """Encode the vectors at these places of a file. Raises: OSError."""
        blocks = [places[start : start + _BLOCK_ROWS] for start in range(0, len(places), _BLOCK_ROWS)]
        with workers() as pool:
            clusters = pool.threads.submit(ClusterSearch, self._centres).result()
            # No more blocks at once than there are threads: memory stays bounded.
            for start in range(0, len(blocks), pool.count):
                for encoded in pool.threads.map(
                    lambda block: self._encoded(raw.at(block), block, clusters), blocks[start : start + pool.count]
                ):
                    self._take(*encoded)

    def _encoded(self, vectors: Vector, places: Rows, clusters: ClusterSearch) -> tuple[Rows, Rows, Codes]:
        """The numbers of the lists, ascending, and the place and code of each vector in that order."""
        numbers = clusters.nearest(vectors)
        order = np.argsort(numbers, kind="stable")
        numbers, vectors = numbers[order], np.ascontiguousarray(vectors[order])
        codes = np.empty((len(numbers), self._index.code_size), dtype=np.uint8)
        pointer = faiss.swig_ptr
        self._index.encode_vectors(len(numbers), pointer(vectors), pointer(numbers), pointer(codes), False)
        return numbers, places[order], codes

    def _take(self, numbers: Rows, places: Rows, codes: Codes) -> None:
        """Put codes into their lists. ``numbers``: ascending."""
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(numbers)]):
            self._append(int(numbers[start]), places[start:end], codes[start:end])

    def _append(self, number: int, places: Rows, codes: Codes) -> None:
        pointer = faiss.swig_ptr
        self._index.invlists.add_entries(number, len(places), pointer(places), pointer(codes))
        self._index.ntotal += len(places)
        self._sizes[number] += len(places)

    def adopt(self, other: InvertedLists, renamed: Rows) -> None:
        """Take over what lists with the same clusters hold. ``renamed``: the new place for each old one, -1 to drop."""
        source, width = other._index.invlists, self._index.code_size
        for number in np.flatnonzero(other._sizes).tolist():
            size = source.list_size(number)
            places = renamed[faiss.rev_swig_ptr(source.get_ids(number), size)]
            kept = places >= 0
            codes = faiss.rev_swig_ptr(source.get_codes(number), size * width).reshape(size, width)
            if kept.any():
                self._append(number, np.ascontiguousarray(places[kept]), np.ascontiguousarray(codes[kept]))

    def search(self, query: Vector, limit: int, allowed: Selection, most: int) -> Rows:
        """The places that seem best, at most ``limit``, in no order, from about ``most`` vectors.

        ``query``: float32, shape (dim,), in one piece.
        """
        lists = self._promising(query, most, allowed.sizes)
        parameters: Any = faiss.SearchParametersIVF()
        parameters.nprobe = len(lists)
        # FAISS keeps bare pointers: all of these must live until the search is done.
        selector = selector_of(allowed)
        parameters.sel = selector
        unused = np.zeros(len(lists), dtype=np.float32)
        estimates = np.empty(limit, dtype=np.float32)
        places = np.empty(limit, dtype=np.int64)
        pointer = faiss.swig_ptr
        self._index.search_preassigned_c(
            1,
            pointer(query),
            limit,
            pointer(lists),
            pointer(unused),
            pointer(estimates),
            pointer(places),
            False,
            parameters,
        )
        found: Rows = places[places >= 0]
        return found

    def sizes_of(self, allowed: Selection) -> Rows:
        """How many vectors of each list are allowed."""
        if allowed.bits is None:
            return self._sizes
        lists = self._index.invlists
        sizes = np.zeros(len(self._sizes), dtype=np.int64)
        for number in np.flatnonzero(self._sizes).tolist():
            places = faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number))
            sizes[number] = np.count_nonzero(allowed.holds(places))
        return sizes

    def _promising(self, query: Vector, most: int, sizes: Rows | None) -> Rows:
        """The numbers of the lists that promise most, best first, as many as hold ``most`` vectors.

        ``sizes``: what counts of each list; None: all of it.
        """
        routed = np.zeros(self._routes.shape[1], dtype=np.float32)
        routed[: self.dim] = query
        routed[self.dim] = 1
        chosen = math.ceil(_MORE_LISTS * most / self.count * len(self._centres))
        if sizes is not None:
            # What is allowed may all be in a few lists, so none is left out unseen.
            chosen = len(self._centres)
        numbers, promises = scan(self._routes, routed, chosen, Selection(len(self._routes)))
        numbers = numbers[np.argsort(-promises)]
        if sizes is not None:
            numbers = numbers[sizes[numbers] > 0]
        enough = int(np.searchsorted(np.cumsum((self._sizes if sizes is None else sizes)[numbers]), most)) + 1
        return np.ascontiguousarray(numbers[:enough])


def _routes(centres: Vector) -> Matrix:
    """Float16 rows whose product with (question, 1, 0 ...) is what a question thinks of a cluster."""
    count, dim = centres.shape
    width = (dim + _ALIGNED) // _ALIGNED * _ALIGNED
    routes = np.zeros((count, width), dtype=np.float16)
    routes[:, :dim] = centres
    routes[:, dim] = -_SHRINKAGE / 2 * (centres**2).sum(axis=1)
    return routes
