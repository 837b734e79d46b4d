"""A small look at how training goes: questions of documents kept out of it, answered from their own passage."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bot.evaluation.folding import fold
from bot.evaluation.judging import longest_common_run
from evals.datasets import read_questions
from evals.reader_training.examples import SETS, cut_around, documents_of, is_development, occurrences
from evals.reader_training.network import ReaderNetwork
from retrieval.trained_reader.pairs import PAD, Pair, PairEncoder, prefix_of

_LONGEST = 40
_WINDOW = (250, 300)


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    pair: Pair
    passage: str
    answers: tuple[str, ...]


class Development:
    """Cases of documents for development, the same in every run."""

    def __init__(self, cases: Sequence[_Case]) -> None:
        self._cases = sorted(cases, key=lambda case: len(case.pair))

    @classmethod
    def open(cls, shared: Path, encoder: PairEncoder, most: int = 70) -> Development:
        """At most so many answerable questions of each file."""
        chance = random.Random(5)
        cases = []
        for folder, files in SETS.items():
            documents = documents_of(shared / "data" / folder / "documents.jsonl")
            for file in files:
                if file == "events.jsonl":
                    continue
                name = f"{Path(folder).name}/{Path(file).stem}"
                questions = [q for q in read_questions(shared / "data" / folder / file) if q.answers and q.contexts]
                questions = [q for q in questions if is_development(q.contexts[0])]
                chance.shuffle(questions)
                for question in questions[:most]:
                    document = documents[question.contexts[0]]
                    places = [p for answer in question.answers for p in occurrences(document.text, answer)]
                    if places:
                        low, high = cut_around(document.text, *places[0], _WINDOW, chance)
                        prefix = prefix_of(document.title, None, document.published_at)
                        pair = encoder.encode(question.text, prefix, document.text[low:high])[0]
                        cases.append(_Case(name, pair, document.text[low:high], question.answers))
        return cls(cases)

    def figures(self, network: ReaderNetwork, *, bfloat16: bool) -> dict[str, tuple[float, float]]:
        """Exact match and F1 by set, in percent, from the best span without any rule."""
        network.eval()
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for start in range(0, len(self._cases), 24):
            some = self._cases[start : start + 24]
            width = max(len(case.pair) for case in some)
            ids = torch.tensor([[*case.pair.ids, *[PAD] * (width - len(case.pair))] for case in some])
            kinds = torch.tensor([[*case.pair.kinds, *[0] * (width - len(case.pair))] for case in some])
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                spans, _ = network(ids, kinds)
            for case, logits in zip(some, spans.float().numpy(), strict=True):
                low, high = best_span(case.pair, logits)
                found[case.name].append(max(closeness(case.passage[low:high], answer) for answer in case.answers))
        return {
            name: (round(float(np.mean([a for a, _ in v])) * 100, 1), round(float(np.mean([b for _, b in v])) * 100, 1))
            for name, v in found.items()
        }


def closeness(given: str, reference: str) -> tuple[float, float]:
    """Exact match and F1 of two folded texts by their longest common run of characters (CMRC 2018)."""
    words, wanted = fold(given).lower(), fold(reference).lower()
    run = longest_common_run(words, wanted)
    return float(words == wanted), 2 * run / (len(words) + len(wanted)) if run else 0.0


def best_span(pair: Pair, logits: np.ndarray) -> tuple[int, int]:
    """The best run of passage tokens, as code points of the passage."""
    tokens = [i for i in range(pair.first, len(pair) - 1) if pair.offsets[i][0] >= 0]
    if not tokens:
        return 0, 0
    places = np.array(tokens)
    scores = logits[places, 0][:, None] + logits[places, 1][None, :]
    scores = np.where(
        np.triu(np.ones_like(scores, bool)) & ~np.triu(np.ones_like(scores, bool), _LONGEST), scores, -1e9
    )
    start, end = np.unravel_index(int(scores.argmax()), scores.shape)
    return pair.offsets[places[start]][0], pair.offsets[places[end]][1]
