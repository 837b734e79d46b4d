"""Writes the trained reader's network as an ONNX graph, from plain arrays: what was trained, without torch.

A graph reads one row of tokens at a time: there is no padding and so no mask (decision 0003), and what a row gives does
not depend on its company. Two precisions: int8 for service, float32 for measuring it.

In int8 the inputs of the feed-forward products are quantised row by row (decision 0009). A few tokens have activations
twenty times larger than the others; one scale for all would leave the others four bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper, save

from embeddings.errors import ModelDamagedError
from embeddings.narrowing import rows_to_int8
from retrieval.trained_reader.weights import Array, Tensors

PRECISIONS = ("int8", "float32")
_OPSET, _IR_VERSION = 20, 9
_CONTRIB = "com.microsoft"
_EPSILON = 1e-12
# 7 bits: processors without VNNI add pairs of products in 16 bits, which 8-bit weights overflow.
_MOST_WEIGHT = 63
# Below this a row's scale stays: its activations are noise.
_LEAST_ROW = 1e-3


class _Writer:
    """Nodes and constants in the order of writing; every method gives the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[object] = []
        self.constants: list[TensorProto] = []

    def constant(self, array: npt.NDArray[np.generic]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", name: str = "", **attributes: object) -> str:
        return self.nodes_of(
            kind, *inputs, results=(name or f"{kind}_{len(self.nodes)}",), domain=domain, **attributes
        )[0]

    def nodes_of(
        self, kind: str, *inputs: str, results: Sequence[str], domain: str = "", **attributes: object
    ) -> Sequence[str]:
        self.nodes.append(
            helper.make_node(kind, inputs, results, name=f"node_{len(self.nodes)}", domain=domain, **attributes)
        )
        return results


class _Reader:
    """Writes the network's parts."""

    def __init__(self, tensors: Tensors, *, heads: int, int8: bool) -> None:
        self.tensors, self.heads, self.int8 = tensors, heads, int8
        self.hidden = tensors["norm.weight"].shape[0]
        self.write = _Writer()
        self.last = self.write.constant(np.array([-1], np.int64))
        self.split = self.write.constant(np.array([-1, heads, self.hidden // heads], np.int64))
        self.joined = self.write.constant(np.array([-1, self.hidden], np.int64))

    def embedded(self) -> str:
        """Words, positions and kinds of ``input_ids`` and ``kinds``, [tokens, hidden]."""
        write, tensors = self.write, self.tensors
        places = write.constant(tensors["positions.weight"] + tensors["types.weight"][0])
        zero = write.constant(np.array([0], np.int64))
        count = write.node("Shape", "input_ids")
        x = write.node("Add", self.looked_up(tensors["words.weight"]), write.node("Slice", places, zero, count, zero))
        kinds = write.node("Gather", write.constant(tensors["kinds.weight"]), "kinds")
        return write.node("Add", self.normed(x, "norm"), kinds)

    def looked_up(self, table: Array) -> str:
        """The rows of the word table; in int8 with a scale for each row, and only the rows looked up are widened."""
        write = self.write
        if not self.int8:
            return write.node("Gather", write.constant(table), "input_ids")
        narrow, scales = rows_to_int8(table)
        words = write.node("Cast", write.node("Gather", write.constant(narrow), "input_ids"), to=TensorProto.FLOAT)
        return write.node("Mul", words, write.node("Gather", write.constant(scales), "input_ids"))

    def normed(self, x: str, name: str) -> str:
        weight, bias = (self.write.constant(self.tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.write.node("LayerNormalization", x, weight, bias, axis=-1, epsilon=_EPSILON)

    def layer(self, x: str, name: str) -> str:
        """One encoder layer, [tokens, hidden] to the same."""
        write = self.write
        x = self.normed(write.node("Add", x, self.attended(x, name)), f"{name}.norm1")
        inner = write.node("Gelu", self.linear(x, f"{name}.up", by_row=True), domain=_CONTRIB)
        return self.normed(write.node("Add", x, self.linear(inner, f"{name}.down", by_row=True)), f"{name}.norm2")

    def attended(self, x: str, name: str) -> str:
        """All heads' attention over all tokens, and its output matrix."""
        write = self.write
        size = self.hidden // self.heads
        scale = np.ones((3 * self.hidden, 1), np.float32)
        scale[: self.hidden] /= np.sqrt(size)  # of the scores, carried by the queries
        weight, bias = self.tensors[f"{name}.qkv.weight"] * scale, self.tensors[f"{name}.qkv.bias"] * scale[:, 0]
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        write.nodes_of("Split", self.product(x, weight, bias), results=parts, axis=1, num_outputs=3)
        query, key, value = (write.node("Reshape", part, self.split) for part in parts)
        scores = write.node(
            "MatMul",
            write.node("Transpose", query, perm=[1, 0, 2]),
            write.node("Transpose", key, perm=[1, 2, 0]),
        )
        seen = write.node(
            "MatMul", write.node("Softmax", scores, axis=-1), write.node("Transpose", value, perm=[1, 0, 2])
        )
        seen = write.node("Reshape", write.node("Transpose", seen, perm=[1, 0, 2]), self.joined)
        return self.linear(seen, f"{name}.out")

    def linear(self, x: str, name: str, *, by_row: bool = False) -> str:
        return self.product(x, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"], by_row=by_row)

    def product(self, x: str, weight: Array, bias: Array, *, by_row: bool = False, exact: bool = False) -> str:
        """``x`` times ``weight`` transposed plus ``bias``, in the graph's precision or, if ``exact``, in float32."""
        write = self.write
        if exact or not self.int8:
            return write.node("Add", write.node("MatMul", x, write.constant(weight.T)), write.constant(bias))
        narrow, scales = rows_to_int8(weight, most=_MOST_WEIGHT)
        matrix, steps, shift = write.constant(narrow.T), write.constant(scales[:, 0]), write.constant(bias)
        if not by_row:
            return write.node("DynamicQuantizeMatMul", x, matrix, steps, "", shift, domain=_CONTRIB)
        largest = write.node("ReduceMax", write.node("Abs", x), self.last, keepdims=1)
        largest = write.node("Max", largest, write.constant(np.array(_LEAST_ROW, np.float32)))
        even = write.node("DynamicQuantizeMatMul", write.node("Div", x, largest), matrix, steps, domain=_CONTRIB)
        return write.node("Add", write.node("Mul", even, largest), shift)

    def heads_over(self, x: str) -> None:
        """The outputs, in float32: spans of every token, scores of the first."""
        write, tensors = self.write, self.tensors
        spans = self.product(x, tensors["spans.weight"], tensors["spans.bias"], exact=True)
        first = write.node("Gather", x, write.constant(np.array(0, np.int64)), axis=0)
        pooled = write.node("Tanh", self.product(first, tensors["pool.weight"], tensors["pool.bias"], exact=True))
        scores = self.product(pooled, tensors["scores.weight"], tensors["scores.bias"], exact=True)
        write.node("Identity", spans, name="spans")
        write.node("Identity", scores, name="scores")


def write_graph(tensors: Tensors, path: Path, *, heads: int, precision: str) -> None:
    """Write the network's graph. Raises: ModelDamagedError: a tensor of the network is missing."""
    try:
        graph = reader_graph(tensors, heads=heads, precision=precision)
    except KeyError as error:
        raise ModelDamagedError(f"the trained reader's file lacks the tensor {error}; reinstall yiju") from error
    save(graph, path)


def reader_graph(tensors: Tensors, *, heads: int, precision: str) -> ModelProto:
    """The graph for all tensors of the network, by their names in it.

    Inputs ``input_ids`` and ``kinds``: int64 [tokens]. Outputs ``spans``: float32 [tokens, 2], the logits of start and
    end, and ``scores``: float32 [2], relevance and answerability.

    Raises: KeyError: a tensor is missing. ValueError: no such precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"no precision {precision!r}; choose one of {', '.join(PRECISIONS)}")
    reader = _Reader(tensors, heads=heads, int8=precision == "int8")
    x = reader.embedded()
    for index in range(_layers(tensors)):
        x = reader.layer(x, f"layers.{index}")
    reader.heads_over(x)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["tokens"]) for name in ("input_ids", "kinds")]
    outputs = [
        helper.make_tensor_value_info("spans", TensorProto.FLOAT, ["tokens", 2]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [2]),
    ]
    return helper.make_model(
        helper.make_graph(reader.write.nodes, "reader", inputs, outputs, reader.write.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=_IR_VERSION,
        producer_name="yiju",
    )


def _layers(tensors: Tensors) -> int:
    return 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("layers."))
