"""Trains the reader's network on the examples. Resumable: a killed run goes on from its last checkpoint.

``make train-reader`` runs it after the examples have been made. With bfloat16 matrix units (AMX) a run takes about an
hour on two cores; without them give it ``--precision float32`` and about three times as long.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from evals.reader_training.batches import Batch, EncodedGroup, batches, collate, encode_groups, ordered
from evals.reader_training.development import Development
from evals.reader_training.examples import read_groups
from evals.reader_training.network import LAYERS, ReaderNetwork, base_state
from retrieval.trained_reader.pairs import PairEncoder

_HEADS = ("kinds.", "spans.", "pool.", "scores.")
_FROZEN = ("words.", "positions.", "types.", "norm.")
_WITHOUT_ANSWER = 0.6
_RELEVANCE, _LISTWISE, _ANSWERABLE = 0.3, 0.5, 0.7
_CLIP = 1.0
_SAID_EVERY = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that shapes a run. ``layer_decay``: how much slower each lower layer learns."""

    rate: float = 2.0e-4
    head_rate: float = 1.0e-3
    layer_decay: float = 0.92
    warm_up: float = 0.04
    weight_decay: float = 0.01
    seed: int = 7


def losses(spans: Tensor, scores: Tensor, batch: Batch) -> dict[str, Tensor]:
    """The parts of the loss, each a mean over the rows it concerns."""
    masked = spans.float().masked_fill(~batch.allowed[:, :, None], -1e4)
    chances = torch.log_softmax(masked, dim=1)
    right = torch.stack((batch.starts, batch.ends), dim=2)
    span = -torch.logsumexp(chances.masked_fill(~right, -1e4), dim=1).mean(dim=1)
    weights = torch.where(batch.answered > 0, 1.0, _WITHOUT_ANSWER)
    # A relevant row without an answer is an event to be ranked by: whether its words answer is not asked.
    weights = torch.where((batch.answered == 0) & (batch.relevant == 1), 0.0, weights)
    scores = scores.float()
    answerable = functional.binary_cross_entropy_with_logits(scores[:, 1], batch.answered, weight=(weights > 0).float())
    ranked = batch.relevant >= 0
    zero = scores.sum() * 0.0
    relevance = listwise = zero
    if ranked.any():
        wanted = batch.relevant[ranked].float()
        relevance = functional.binary_cross_entropy_with_logits(scores[ranked, 0], wanted)
    if (batch.relevant == 0).any():
        listwise = _listwise(scores[:, 0], batch, zero)
    return {
        "span": (span * weights).sum() / weights.sum().clamp(min=1e-6),
        "answerable": answerable,
        "relevance": relevance,
        "listwise": listwise,
    }


def _listwise(relevance: Tensor, batch: Batch, zero: Tensor) -> Tensor:
    """How much of each group's softmax its relevant row gets."""
    parts = []
    for start in torch.unique(batch.groups[batch.relevant == 0]):
        members = batch.groups == start
        if (batch.relevant[members] == 1).any():
            parts.append(-torch.log_softmax(relevance[members], dim=0)[batch.relevant[members] == 1].mean())
    return torch.stack(parts).mean() if parts else zero


def parameter_groups(network: ReaderNetwork, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters with their rates: heads fast, lower layers slower, embeddings not at all."""
    groups: dict[float, list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith(_FROZEN):
            parameter.requires_grad = False
            continue
        rate = recipe.head_rate
        if not name.startswith(_HEADS):
            depth = LAYERS - 1 - int(name.split(".")[1])
            rate = recipe.rate * recipe.layer_decay**depth
        groups.setdefault(rate, []).append(parameter)
    return [{"params": parameters, "lr": rate, "peak": rate} for rate, parameters in groups.items()]


class _Meter:
    """How fast it goes."""

    def __init__(self) -> None:
        self._began, self._tokens, self._steps = time.monotonic(), 0, 0

    def count(self, tokens: int) -> None:
        self._tokens += tokens
        self._steps += 1

    def text(self, left: int) -> str:
        seconds = time.monotonic() - self._began
        return f"{self._tokens / seconds:.0f} tokens/s, {left * seconds / self._steps / 60:.0f} min left"


class Run:
    """One training run with its files: ``state.pt`` to go on from, ``reader.safetensors`` at the end, and
    ``curve.jsonl``.
    """

    def __init__(self, folder: Path, base: Path, recipe: Recipe, plan: list[list[int]], *, bfloat16: bool) -> None:
        torch.manual_seed(recipe.seed)
        self.folder, self.recipe, self.plan, self.bfloat16 = folder, recipe, plan, bfloat16
        self.network = ReaderNetwork()
        self.network.load_state_dict(base_state(load_file(base / "model.safetensors")), strict=False)
        groups = parameter_groups(self.network, recipe)
        self.optimizer = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, betas=(0.9, 0.98), fused=True)
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> None:
        """Go on from the last checkpoint, if there is one. Raises: ValueError: it is of other examples."""
        path = self.folder / "state.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            if state["plan"] != self.fingerprint:
                raise ValueError(f"{path} is of another recipe or other examples; delete it to begin anew")
            self.network.load_state_dict(state["network"], strict=False)
            self.optimizer.load_state_dict(state["optimizer"])
            self.step = state["step"]
            print(f"going on from step {self.step}", flush=True)

    def start_from(self, checkpoint: Path) -> None:
        """Begin with the weights of an earlier run."""
        self.network.load_state_dict(load_file(checkpoint), strict=False)

    @property
    def fingerprint(self) -> str:
        """Names recipe and order of examples: only a run of the same can be gone on with."""
        return hashlib.sha256(repr((self.recipe, self.plan)).encode()).hexdigest()

    def save(self) -> None:
        path = self.folder / "state.pt"
        state = {
            "network": self.trained(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "plan": self.fingerprint,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def trained(self) -> dict[str, Tensor]:
        """What differs from the bundled encoder."""
        return {k: v.contiguous() for k, v in self.network.state_dict().items() if not k.startswith(_FROZEN)}

    def train(self, groups: list[EncodedGroup], development: Development, every: int) -> None:
        """All steps of the plan that are not done yet, with a checkpoint and a look at development data in between."""
        shown: dict[str, float] = {}
        meter = _Meter()
        plan = self.plan
        while self.step < len(plan):
            batch = collate([groups[i] for i in plan[self.step]])
            for name, part in self._step(batch, len(plan)).items():
                shown[name] = 0.98 * shown.get(name, part) + 0.02 * part
            self.step += 1
            meter.count(batch.ids.numel())
            if self.step % _SAID_EVERY == 0:
                said = " ".join(f"{name} {value:.3f}" for name, value in shown.items())
                print(f"step {self.step}/{len(plan)} {said} {meter.text(len(plan) - self.step)}", flush=True)
            if self.step % every == 0 or self.step == len(plan):
                self.save()
                figures = development.figures(self.network, bfloat16=self.bfloat16)
                line = {"step": self.step, "loss": {name: round(v, 4) for name, v in shown.items()}, **figures}
                with (self.folder / "curve.jsonl").open("a", encoding="utf-8") as curve:
                    curve.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)
                meter = _Meter()
        save_file(self.trained(), self.folder / "reader.safetensors")

    def _step(self, batch: Batch, steps: int) -> dict[str, float]:
        done = self.step / steps
        factor = min(1.0, (done + 1e-4) / self.recipe.warm_up) * min(1.0, (1.0 - done) / (1.0 - self.recipe.warm_up))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            spans, scores = self.network(batch.ids, batch.kinds)
        rows = len(batch.answered)
        parts = losses(spans[:rows], scores[:rows], batch)
        total = (
            parts["span"]
            + _ANSWERABLE * parts["answerable"]
            + _RELEVANCE * parts["relevance"]
            + _LISTWISE * parts["listwise"]
        )
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_([p for p in self.network.parameters() if p.requires_grad], _CLIP)
        self.optimizer.step()
        return {name: float(part.detach()) for name, part in parts.items()}


def keep_memory() -> None:
    """Stop glibc from giving every large buffer back to the system after each step: a third of the time otherwise."""
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except OSError:
        return
    # M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX of malloc.h.
    for parameter, value in ((-1, 2**31 - 1), (-2, 2**28), (-4, 0)):
        mallopt(parameter, value)


def main() -> None:
    """Train."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("data/reader_training"))
    arguments.add_argument("--run", type=Path, default=Path("data/reader_training/run"))
    arguments.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments.add_argument("--base", type=Path, default=Path("data/models/multilingual-e5-small"))
    arguments.add_argument("--start", type=Path, help="weights of an earlier run to begin with")
    arguments.add_argument("--rate", type=float, default=Recipe().rate)
    arguments.add_argument("--made", type=int, default=1_000_000, help="made questions at most")
    arguments.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    arguments.add_argument("--every", type=int, default=400, help="steps between checkpoints")
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    keep_memory()
    torch.set_num_threads(options.threads)
    recipe = Recipe(rate=options.rate)
    chance = random.Random(recipe.seed)
    encoder = PairEncoder(options.base / "tokenizer.json")
    groups = list(encode_groups(read_groups(options.folder / "examples.jsonl"), encoder))
    made = [group for group in groups if not group.human]
    chance.shuffle(made)
    groups = ordered([*(group for group in groups if group.human), *made[: options.made]], chance)
    plan = batches(groups, chance)
    rows = sum(len(group.rows) for group in groups)
    print(f"{len(groups)} questions, {rows} rows, {len(plan)} steps", flush=True)
    run = Run(options.run, options.base, recipe, plan, bfloat16=options.precision == "bfloat16")
    if options.start:
        run.start_from(options.start)
    run.resume()
    run.train(groups, Development.open(options.shared, encoder), options.every)


if __name__ == "__main__":
    main()
