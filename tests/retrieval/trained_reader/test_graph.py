"""The graph is the network: the same numbers in float32, nearly the same in int8."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import ModelDamagedError
from embeddings.onnx_runtime import open_graph
from retrieval.trained_reader.graph import reader_graph, write_graph
from retrieval.trained_reader.weights import Array

HEADS = 12
VOCABULARY = 500
Outputs = tuple[Array, Array]


@dataclass(frozen=True)
class Network:
    """Tensors of a random network of full width with two layers and few words, and what torch makes of some rows."""

    tensors: dict[str, Array]
    rows: list[list[int]]
    kinds: list[list[int]]
    outputs: list[Outputs]


@pytest.fixture(scope="module")
def network() -> Network:
    pytest.importorskip("torch")
    import torch

    from evals.reader_training import network as in_torch

    draw = np.random.default_rng(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_torch, "LAYERS", 2)
        patch.setattr(in_torch, "VOCABULARY", VOCABULARY)
        torch.manual_seed(1)
        made = in_torch.ReaderNetwork().eval()
        torch.nn.init.normal_(made.kinds.weight)
        rows = [[0, *map(int, draw.integers(2, VOCABULARY, length)), 2] for length in (0, 1, 7, 120)]
        kinds = [[int(kind) for kind in draw.integers(0, 4, len(row))] for row in rows]
        outputs = []
        with torch.no_grad():
            for row, kind in zip(rows, kinds, strict=True):
                spans, scores = made(torch.tensor([row]), torch.tensor([kind]))
                outputs.append((spans[0].numpy(), scores[0].numpy()))
    return Network({name: tensor.numpy() for name, tensor in made.state_dict().items()}, rows, kinds, outputs)


def outputs_of(network: Network, path: Path, precision: str) -> list[Outputs]:
    write_graph(network.tensors, path, heads=HEADS, precision=precision)
    session = open_graph(path)
    found = []
    for row, kinds in zip(network.rows, network.kinds, strict=True):
        spans, scores = session.run(None, {"input_ids": np.array(row), "kinds": np.array(kinds)})
        found.append((spans, scores))
    return found


def test_in_float32_the_graph_gives_the_numbers_of_the_network(network: Network, tmp_path: Path) -> None:
    for found, wanted in zip(outputs_of(network, tmp_path / "g.onnx", "float32"), network.outputs, strict=True):
        for part, right in zip(found, wanted, strict=True):
            assert part.shape == right.shape
            np.testing.assert_allclose(part, right, atol=1e-5)


def test_in_int8_the_graph_stays_close_to_the_network(network: Network, tmp_path: Path) -> None:
    for found, wanted in zip(outputs_of(network, tmp_path / "g.onnx", "int8"), network.outputs, strict=True):
        for part, right in zip(found, wanted, strict=True):
            np.testing.assert_allclose(part, right, atol=0.05)


def test_a_token_with_huge_activations_costs_the_others_no_precision(network: Network, tmp_path: Path) -> None:
    tensors = {name: tensor.copy() for name, tensor in network.tensors.items()}
    rows, kinds = [network.rows[3]], [[3, *[0] * (len(network.rows[3]) - 1)]]
    # The first token, alone of kind 3, is all in one place, to which the feed-forward part answers with hundreds.
    tensors["kinds.weight"][3, 7] = 200.0
    for layer in range(2):
        tensors[f"layers.{layer}.up.weight"][0, 7] = 50.0
        tensors[f"layers.{layer}.up.bias"][0] = -200.0
        tensors[f"layers.{layer}.down.weight"] *= 10
    one = Network(tensors, rows, kinds, [])
    exact, _ = outputs_of(one, tmp_path / "exact.onnx", "float32")[0]
    narrow, _ = outputs_of(one, tmp_path / "narrow.onnx", "int8")[0]
    correlation = np.corrcoef(exact[1:].reshape(-1), narrow[1:].reshape(-1))[0, 1]
    assert correlation > 0.95  # 0.5 with one scale for all tokens


def test_a_missing_tensor_is_named(network: Network, tmp_path: Path) -> None:
    few = {name: tensor for name, tensor in network.tensors.items() if name != "pool.bias"}
    with pytest.raises(ModelDamagedError, match=r"lacks the tensor 'pool\.bias'; reinstall yiju"):
        write_graph(few, tmp_path / "g.onnx", heads=HEADS, precision="int8")


def test_another_precision_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="'int4'; choose one of int8, float32"):
        reader_graph({}, heads=HEADS, precision="int4")
