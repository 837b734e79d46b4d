"""How fast the default embedder is, beside SentenceTransformer.encode with torch and a plain dynamic int8 session.

python -m evals.embedding_benchmark [--seconds N] [--corpus FILE.jsonl] [--models-dir DIR] [--out FILE]

All three run warm in this process with two threads each, taking turns on the same texts, so that a busy machine slows
all alike: the ratios count, not the absolute figures. Beside the time on the clock stands the time on all cores (cpu);
where others use the machine, threads that wait for each other lose more on the clock than they would alone.

A corpus is JSON Lines with "text"; without one the texts are put together from sentences of ours. The plain session is
what an export and onnxruntime's quantize_dynamic give.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from embeddings.agreement import SENTENCES
from embeddings.bundled import prepare_bundled
from embeddings.embedder import Vectors
from embeddings.onnx_runtime import OnnxEmbedder
from embeddings.prepared import read_manifest
from evals.run_record import run_record

THREADS = 2
PASSAGE_CHARS = 300
PASSAGES_A_ROUND = 16
QUERIES_A_ROUND = 8
LEAST_ROUNDS = 2
Encode = Callable[[Sequence[str]], Vectors]


@dataclass
class Contestant:
    """One way to embed, with what was measured of it."""

    queries: Encode
    documents: Encode
    query_ms: list[float] = field(default_factory=list)
    documents_per_second: list[float] = field(default_factory=list)
    query_cpu_ms: list[float] = field(default_factory=list)
    document_cpu_ms: list[float] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)


class _Exported(torch.nn.Module):
    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
        embedding: torch.Tensor = features["sentence_embedding"]
        return embedding


def plain_session(model: SentenceTransformer, folder: Path) -> Encode:
    """What anyone gets from export and quantize_dynamic: padded batches of 16, sorted by length, two threads inside."""
    ids = torch.full((2, 16), 100)
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        _Exported(model),
        (ids, torch.ones_like(ids)),
        str(folder / "fp32.onnx"),
        input_names=["input_ids", "attention_mask"],
        output_names=["embedding"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        folder / "fp32.onnx",
        folder / "int8.onnx",
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(str(folder / "int8.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.enable_truncation(512)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")

    def encode(texts: Sequence[str]) -> Vectors:
        order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
        vectors = np.empty((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), 16):
            batch = order[start : start + 16]
            encodings = tokenizer.encode_batch([texts[position] for position in batch])
            feed = {
                "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
            }
            vectors[batch] = session.run(None, feed)[0]
        return vectors

    return encode


def contestants(models_dir: Path, work: Path) -> dict[str, Contestant]:
    folder = prepare_bundled(models_dir, progress=say).folder
    manifest = read_manifest(folder)
    ours = OnnxEmbedder(folder, threads=THREADS)
    torch.set_num_threads(THREADS)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
    exported = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    ).eval()
    say("making the plain int8 session")
    plain = plain_session(exported, work)
    query, document = manifest.query_prompt, manifest.document_prompt
    return {
        "default": Contestant(ours.encode_queries, ours.encode_documents),
        "torch": Contestant(
            lambda texts: model.encode([query + text for text in texts], show_progress_bar=False),
            lambda texts: model.encode([document + text for text in texts], show_progress_bar=False),
        ),
        "plain_int8": Contestant(
            lambda texts: plain([query + text for text in texts]),
            lambda texts: plain([document + text for text in texts]),
        ),
    }


def texts_of(corpus: Path | None) -> tuple[list[str], list[str]]:
    """Questions of some 20 characters and passages of 300, always the same."""
    draw = random.Random(2)
    if corpus is None:
        short = [sentence for sentence in SENTENCES if len(sentence) < 60]
        passages = ["".join(draw.choices(SENTENCES[:-1], k=12))[:PASSAGE_CHARS] for _ in range(320)]
        return short, passages
    with corpus.open(encoding="utf-8") as lines:
        whole = [json.loads(line)["text"] for line in islice(lines, 2000)]
    passages = [text[start : start + PASSAGE_CHARS] for text in whole for start in range(0, len(text), PASSAGE_CHARS)]
    draw.shuffle(passages)
    questions = [passage[:20] for passage in passages[-200:] if len(passage) >= 20]
    return questions, passages[:320]


def run_rounds(runners: dict[str, Contestant], queries: list[str], passages: list[str], seconds: float) -> int:
    for runner in runners.values():
        runner.queries(queries[:3])
        runner.documents(passages[:4])
    ends, rounds = time.perf_counter() + seconds, 0
    while rounds < LEAST_ROUNDS or time.perf_counter() < ends:
        names = list(runners)
        names = names[rounds % len(names) :] + names[: rounds % len(names)]  # nobody always goes first
        for offset in range(QUERIES_A_ROUND):
            query = queries[(rounds * QUERIES_A_ROUND + offset) % len(queries)]
            for name in names:
                started, cpu = time.perf_counter(), time.process_time()
                runners[name].vectors.append(runners[name].queries([query]))
                runners[name].query_ms.append((time.perf_counter() - started) * 1000)
                runners[name].query_cpu_ms.append((time.process_time() - cpu) * 1000)
        first = rounds * PASSAGES_A_ROUND % len(passages)
        batch = passages[first : first + PASSAGES_A_ROUND]
        for name in names:
            started, cpu = time.perf_counter(), time.process_time()
            runners[name].vectors.append(runners[name].documents(batch))
            runners[name].documents_per_second.append(len(batch) / (time.perf_counter() - started))
            runners[name].document_cpu_ms.append((time.process_time() - cpu) * 1000 / len(batch))
        rounds += 1
    return rounds


def summary(runner: Contestant) -> dict[str, float]:
    return {
        "query_ms_median": round(statistics.median(runner.query_ms), 2),
        "query_ms_p95": round(statistics.quantiles(runner.query_ms, n=20)[18], 2),
        "documents_per_second_median": round(statistics.median(runner.documents_per_second), 1),
        "query_cpu_ms_median": round(statistics.median(runner.query_cpu_ms), 2),
        "document_cpu_ms_median": round(statistics.median(runner.document_cpu_ms), 2),
    }


def ratios(ours: Contestant, other: Contestant) -> dict[str, float]:
    """Times as fast; the middle of the turns that followed each other, so one slow minute does not count."""
    query = [theirs / mine for mine, theirs in zip(ours.query_ms, other.query_ms, strict=True)]
    pairs = zip(ours.documents_per_second, other.documents_per_second, strict=True)
    mine, theirs = summary(ours), summary(other)
    return {
        "query_median": round(theirs["query_ms_median"] / mine["query_ms_median"], 2),
        "query_p95": round(theirs["query_ms_p95"] / mine["query_ms_p95"], 2),
        "query_median_of_pairs": round(statistics.median(query), 2),
        "documents_per_second": round(mine["documents_per_second_median"] / theirs["documents_per_second_median"], 2),
        "query_cpu": round(theirs["query_cpu_ms_median"] / mine["query_cpu_ms_median"], 2),
        "document_cpu": round(theirs["document_cpu_ms_median"] / mine["document_cpu_ms_median"], 2),
        "documents_per_second_median_of_pairs": round(statistics.median(mine / theirs for mine, theirs in pairs), 2),
    }


def cosines(one: Contestant, other: Contestant) -> dict[str, float]:
    """Between the vectors of all measured texts."""
    found = np.einsum("ij,ij->i", np.concatenate(one.vectors), np.concatenate(other.vectors))
    return {"mean": round(float(found.mean()), 4), "min": round(float(found.min()), 4), "texts": len(found)}


def say(message: str) -> None:
    print(message, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="time for the measured rounds")
    parser.add_argument("--corpus", type=Path, help="JSON Lines with text; else texts of ours")
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    queries, passages = texts_of(arguments.corpus)
    with tempfile.TemporaryDirectory() as work:
        runners = contestants(arguments.models_dir, Path(work))
        load = os.getloadavg()[0]
        rounds = run_rounds(runners, queries, passages, arguments.seconds)
    result: dict[str, Any] = {
        **run_record("python -m evals.embedding_benchmark --seconds " + f"{arguments.seconds:g}"),
        "data": f"{arguments.corpus.parent.name}/{arguments.corpus.name}" if arguments.corpus else "texts of ours",
        "threads": THREADS,
        "rounds": rounds,
        "load_average_at_start": round(load, 1),
        "measured": {name: summary(runner) for name, runner in runners.items()},
        "default_times_as_fast_as": {
            name: ratios(runners["default"], runners[name]) for name in ("torch", "plain_int8")
        },
        "plain_int8_times_as_fast_as_torch": ratios(runners["plain_int8"], runners["torch"]),
        "cosine_to_torch": {name: cosines(runners[name], runners["torch"]) for name in ("default", "plain_int8")},
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
