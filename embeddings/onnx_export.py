"""Exports a sentence-transformers folder to one ONNX graph and measures that it agrees with torch.

Runs as a process of its own (see ``conversion``): torch's memory goes with it, and serving never has torch loaded.
The graph takes token ids alone. It has no attention mask, because every batch holds texts of one length (``batching``).
"""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer

from embeddings.agreement import SENTENCES, Agreement, compare
from embeddings.apart import answer, say
from embeddings.narrowing import rows_to_int8
from embeddings.onnx_runtime import OnnxEncoder
from embeddings.sentence_transformer import prompts_of

_OPSET = 17
_CONVERTERS = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime")


class _Vectors(torch.nn.Module):
    """All modules of a sentence-transformers model as one function of token ids, with rows of length 1."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.encoder = model[0].auto_model
        self.rest = torch.nn.ModuleList(list(model)[1:])

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        # Without a mask the encoder adds none to its attention scores: 7% of the time of a passage.
        features = {
            "token_embeddings": self.encoder(input_ids=input_ids)[0],
            "attention_mask": torch.ones_like(input_ids),
        }
        for module in self.rest:
            features = module(features)
        return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)


def export(source: Path, graph: Path, *, int8: bool, threads: int) -> dict[str, Any]:
    """Write the graph for the folder ``source`` and say how it agrees with torch and how its texts are encoded."""
    torch.set_num_threads(threads)
    model = SentenceTransformer(
        str(source), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    ).eval()
    say("exporting to ONNX")
    if int8:
        with tempfile.TemporaryDirectory(dir=graph.parent) as folder:
            plain = Path(folder) / "plain.onnx"
            _export_plain(model, plain)
            say("quantising to int8")
            _quantise(plain, graph)
    else:
        _export_plain(model, graph)
    say("comparing with torch")
    agreement = _measure(model, source, graph, threads=threads)
    query, document = prompts_of(model)
    return {
        "agreement": {"mean": agreement.mean, "minimum": agreement.minimum},
        "dim": int(model.get_embedding_dimension() or 0),
        "max_tokens": _max_tokens(model),
        "query_prompt": query,
        "document_prompt": document,
        "made_with": {name: importlib.metadata.version(name) for name in _CONVERTERS},
    }


def _max_tokens(model: SentenceTransformer) -> int:
    return int(model.max_seq_length or 512)


def _export_plain(model: SentenceTransformer, path: Path) -> None:
    example = torch.full((2, 16), int(model.tokenizer.convert_tokens_to_ids(model.tokenizer.tokenize("一")[0])))
    torch.onnx.export(
        _Vectors(model),
        (example,),
        str(path),
        input_names=["input_ids"],
        output_names=["embedding"],
        dynamic_axes={"input_ids": {0: "texts", 1: "tokens"}, "embedding": {0: "texts"}},
        opset_version=_OPSET,
        # onnxruntime's fusions do not recognise what the newer exporter writes.
        dynamo=False,
    )


def _quantise(plain: Path, graph: Path) -> None:
    quantize_dynamic(
        plain,
        graph,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        # 7 bits: processors without VNNI add pairs of products in 16 bits, which 8-bit weights overflow.
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    model = onnx.load(graph)
    _quantise_word_embeddings(model.graph)
    onnx.save(model, graph)


def _quantise_word_embeddings(graph: onnx.GraphProto) -> None:
    """Keep the table of word embeddings in 8 bits with a scale for each row, and widen only the rows looked up.

    quantize_dynamic has one scale for the whole table, which costs rare words their precision.
    """
    tables = {tensor.name: tensor for tensor in graph.initializer}
    lookups = [node for node in graph.node if node.op_type == "Gather" and node.input[1] == "input_ids"]
    if len(lookups) != 1 or lookups[0].input[0] not in tables:
        return
    node, position = lookups[0], list(graph.node).index(lookups[0])
    name, looked_up = node.input[0], node.output[0]
    narrow, scales = rows_to_int8(numpy_helper.to_array(tables[name]))
    graph.initializer.remove(tables[name])
    graph.initializer.append(numpy_helper.from_array(narrow, f"{name}_int8"))
    graph.initializer.append(numpy_helper.from_array(scales, f"{name}_scale"))
    graph.node.remove(node)
    replacement = [
        helper.make_node("Gather", [f"{name}_int8", "input_ids"], ["word_int8"]),
        helper.make_node("Cast", ["word_int8"], ["word_wide"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scale", "input_ids"], ["word_scale"]),
        helper.make_node("Mul", ["word_wide", "word_scale"], [looked_up]),
    ]
    for offset, new in enumerate(replacement):
        graph.node.insert(position + offset, new)


def _measure(model: SentenceTransformer, source: Path, graph: Path, *, threads: int) -> Agreement:
    encoder = OnnxEncoder(graph, source / "tokenizer.json", max_tokens=_max_tokens(model), threads=threads)
    prompted = [prompt + sentence for prompt in prompts_of(model) for sentence in SENTENCES]
    original = model.encode(prompted, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    return compare(original, encoder.encode(prompted))


def _work(arguments: Sequence[str]) -> dict[str, Any]:
    source, graph, precision, threads = arguments
    return export(Path(source), Path(graph), int8=precision == "int8", threads=int(threads))


def main() -> None:
    """Called by ``conversion`` with: source folder, graph path, int8 or float32, threads."""
    answer(_work)
