"""The figures of the reader's benchmark as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MEASURED = "measured"


def table(figures: Mapping[str, Any]) -> str:
    """Everything that has been measured, a table for each part."""
    lines: list[str] = []
    for part, shown in _PARTS.items():
        if part in figures:
            lines += ["", *shown(figures[part])]
    return "\n".join(lines).lstrip("\n")


def _reading(sets: Mapping[str, Any]) -> Iterator[str]:
    yield _row(["reading, document given", "reader", "n", "EM", "F1", "right", "seconds"])
    for name, reader, found in _readers(sets):
        numbers = [found[key] for key in ("questions", "em", "f1", "right")]
        yield _row([name, reader, *numbers, found.get("seconds", "")])


def _ranking(sets: Mapping[str, Any]) -> Iterator[str]:
    yield _row(["ranking", "by", "n", "hit@1", "hit@5", "mrr@10", "over fusion"])
    for name, by, found in _readers(sets):
        margin = round(found["hit@1"] - sets[name]["fusion"]["hit@1"], 4)
        numbers = [found[key] for key in ("hit@1", "hit@5", "mrr@10")]
        yield _row([name, by, sets[name]["questions"], *numbers, f"{margin:+.3f}"])


def _open(sets: Mapping[str, Any]) -> Iterator[str]:
    keys = ("answer_accuracy", "citation_accuracy", "exact_match", "f1", "refusal_recall", "refusal_auroc")
    yield _row(["open corpus", "reader", "n", *keys])
    for name, reader, found in _readers(sets):
        yield _row([name, reader, found["questions"], *(found[key] for key in keys)])


def _refusal(sets: Mapping[str, Any]) -> Iterator[str]:
    keys = ("auroc", "refusal_precision", "refusal_recall", "answered_of_answerable", "right_of_answered")
    yield _row(["refusal", "reader", "n", "AUROC", "precision", "recall", "answered", "right"])
    for name, reader, found in _readers(sets):
        for kind in found:
            if isinstance(found[kind], dict) and "auroc" in found[kind]:
                count = f"{found[kind]['answerable']}+{found[kind]['unanswerable']}"
                yield _row([f"{name}: {kind}", reader, count, *(found[kind][key] for key in keys)])
    for _, reader, found in _readers({name: own for name, own in sets.items() if name == "all sets"}):
        yield from _reliability(reader, found["reliability"])


def _reliability(reader: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield _row(["reliability", "reader", "n", "probability", "supported", "right"])
    for own in found["bins"]:
        bounds = f"{own['from']:.1f} to {own['from'] + 0.1:.1f}"
        yield _row([bounds, reader, own["readings"], own["confidence"], own["supported"], own["right"]])
    yield _row(["expected calibration error", reader, "", "", found["ece_supported"], found["ece_right"]])


def _latency(sets: Mapping[str, Any]) -> Iterator[str]:
    yield _row(["milliseconds", "passages", "p50", "p95"])
    for found in sets.values():
        for reader, own in found.items():
            for passages, times in own.items() if isinstance(own, dict) and reader != "ask_benchmark" else ():
                if passages.startswith("passages_"):
                    yield _row([reader, passages.removeprefix("passages_"), times["p50_ms"], times["p95_ms"]])
        for reader, stages in found.get("ask_benchmark", {}).items():
            if reader != "run":
                whole = stages["whole ask"]
                yield _row([f"whole ask, {reader}", "", whole["p50_ms"], whole["p95_ms"]])
                yield _row(["  p50 over that of one pass", "", stages["ratio"]])


def _readers(sets: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for name, by_reader in sets.items():
        for reader, found in by_reader.items():
            if isinstance(found, dict) and reader != _MEASURED:
                yield name, reader, found


def _row(cells: Sequence[object]) -> str:
    first, second, *rest = (_shown(cell) for cell in cells)
    return f"{first:34} {second:20}" + "".join(f" {cell:>9}" for cell in rest)


def _shown(cell: object) -> str:
    if cell is None:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


_PARTS = {"reading": _reading, "ranking": _ranking, "open": _open, "refusal": _refusal, "latency": _latency}
