"""Vectors of passages by row: immutable parts on disk, searched together. FAISS stays inside this package."""

from retrieval.vectors.index import Rows, Vector, VectorIndex
from retrieval.vectors.merging import dead_counts, merge_parts, plan_merges
from retrieval.vectors.part import VectorPart
from retrieval.vectors.part_writer import write_part
from retrieval.vectors.parted import PartedVectorIndex

__all__ = [
    "PartedVectorIndex",
    "Rows",
    "Vector",
    "VectorIndex",
    "VectorPart",
    "dead_counts",
    "merge_parts",
    "plan_merges",
    "write_part",
]
