"""Writes a graph of the trained reader to be measured: ``python -m evals.reader_training.export GRAPH``.

Out of the shipped file, or with ``--checkpoint`` out of the trained weights as they were before packing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.numpy import load_file

from embeddings.bundled import locate_weights, read_bundled_weights
from retrieval.trained_reader.base import base_tensors
from retrieval.trained_reader.graph import PRECISIONS, write_graph
from retrieval.trained_reader.making import merged
from retrieval.trained_reader.weights import SHIPPED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help="where to write it, e.g. /tmp/reader.onnx")
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--shipped", type=Path, default=SHIPPED, help="the packed file")
    parser.add_argument("--checkpoint", type=Path, help="reader.safetensors of a run, instead of the packed file")
    arguments = parser.parse_args()
    weights = read_bundled_weights(locate_weights(), progress=print)
    if arguments.checkpoint:
        tensors = base_tensors(weights) | load_file(arguments.checkpoint)
    else:
        tensors = merged(weights, arguments.shipped)
    write_graph(tensors, arguments.graph, heads=weights.architecture.heads, precision=arguments.precision)
    print(f"{arguments.graph}: {arguments.graph.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
