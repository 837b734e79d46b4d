"""Exports a sentence-transformers folder to one ONNX graph and measures that it agrees with torch.

Runs as a process of its own (see ``conversion``): torch's memory goes with it, and serving never has torch loaded.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from sentence_transformers import SentenceTransformer

from embeddings.agreement import SENTENCES, Agreement, compare
from embeddings.onnx_runtime import OnnxEncoder

_OPSET = 17
_CONVERTERS = ("torch", "transformers", "sentence-transformers", "onnx", "onnxruntime")


class _Vectors(torch.nn.Module):
    """All modules of a sentence-transformers model as one function of two tensors, with rows of length 1."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        embedding = self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]
        return torch.nn.functional.normalize(embedding, dim=-1)


def export(source: Path, graph: Path, *, int8: bool, threads: int) -> dict[str, Any]:
    """Write the graph for the folder ``source`` and say how it agrees with torch."""
    torch.set_num_threads(threads)
    model = SentenceTransformer(
        str(source), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    ).eval()
    plain, fused = graph.with_suffix(".plain"), graph.with_suffix(".fused")
    try:
        _say("exporting to ONNX")
        _export_plain(model, plain)
        _say("fusing attention and normalisation")
        _fuse(model, plain, fused)
        _say("quantising to int8" if int8 else "writing the graph")
        if int8:
            _quantise(fused, graph)
        else:
            fused.rename(graph)
    finally:
        plain.unlink(missing_ok=True)
        fused.unlink(missing_ok=True)
    _say("comparing with torch")
    agreement = _measure(model, source, graph, threads=threads)
    query, document = _prompts(model)
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


def _prompts(model: SentenceTransformer) -> tuple[str, str]:
    """The prompts that ``encode_query`` and ``encode_document`` would use."""
    prompts = model.prompts or {}
    document = next((prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name)), "")
    return prompts.get("query") or "", document


def _export_plain(model: SentenceTransformer, path: Path) -> None:
    ids = torch.randint(5, 100, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    batch = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        _Vectors(model),
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["embedding"],
        dynamic_axes={"input_ids": batch, "attention_mask": batch, "embedding": {0: "batch"}},
        opset_version=_OPSET,
        # The graph of the older exporter is the one that onnxruntime's fusions recognise.
        dynamo=False,
    )


def _fuse(model: SentenceTransformer, plain: Path, fused: Path) -> None:
    config = model[0].auto_model.config
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # would hide the word embeddings from quantisation
    optimised = optimizer.optimize_model(
        str(plain),
        model_type="bert",
        num_heads=int(config.num_attention_heads),
        hidden_size=int(config.hidden_size),
        optimization_options=options,
        opt_level=0,
    )
    optimised.save_model_to_file(str(fused))


def _quantise(fused: Path, graph: Path) -> None:
    quantize_dynamic(
        fused,
        graph,
        op_types_to_quantize=["MatMul", "Gather", "Attention"],
        per_channel=True,
        # 7 bits: processors without VNNI add pairs of products in 16 bits, which 8-bit weights overflow.
        reduce_range=True,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def _measure(model: SentenceTransformer, source: Path, graph: Path, *, threads: int) -> Agreement:
    encoder = OnnxEncoder(graph, source / "tokenizer.json", max_tokens=_max_tokens(model), threads=threads)
    prompted = [prompt + sentence for prompt in _prompts(model) for sentence in SENTENCES]
    original = model.encode(prompted, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
    return compare(original, encoder.encode(prompted))


def _say(message: str) -> None:
    sys.stdout.write(json.dumps({"progress": message}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Called by ``conversion`` with: source folder, graph path, int8 or float32, threads."""
    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR)
    source, graph, precision, threads = sys.argv[1:5]
    result = export(Path(source), Path(graph), int8=precision == "int8", threads=int(threads))
    sys.stdout.write(json.dumps({"result": result}) + "\n")
