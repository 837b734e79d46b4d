"""Draws how long a search takes and how much memory it holds by the number of passages, as a small SVG.

Both axes are logarithmic, so that a straight line of slope 1 is linear growth. Full lines are p50, broken ones p95.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_SIDE, _MARGIN, _GAP, _LEGEND = 300, 52, 70, 20
_COLOURS = {"product": "#0b5fa5", "plain": "#9a6b00"}
_NAMES = {"product": "this index", "plain": "flat exact search and BM25 by numpy"}


def scale_svg(sizes: Sequence[Mapping[str, Any]]) -> str:
    """The plot of ``index_scale.measure_size``'s figures, one for each size; at least one."""
    width = 2 * _SIDE + _GAP + 2 * _MARGIN
    height = _SIDE + 2 * _MARGIN + 3 * _LEGEND
    passages = [figures["passages"] for figures in sizes]
    times = _Panel(_MARGIN, passages, _all_times(sizes), "milliseconds a retrieval: p50 (full), p95 (broken)")
    memory = _Panel(_MARGIN + _SIDE + _GAP, passages, _all_memory(sizes), "MiB resident")
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        times.frame(),
        memory.frame(),
    ]
    for name in _COLOURS:
        drawn.append(times.curve(name, [figures[name]["retrieval_ms"]["p50"] for figures in sizes]))
        drawn.append(times.curve(name, [figures[name]["retrieval_ms"]["p95"] for figures in sizes], broken=True))
        drawn.append(memory.curve(name, [figures["resident_mib"][name]["all"] for figures in sizes]))
    drawn += _legend(sizes)
    return "\n".join([*drawn, "</svg>"]) + "\n"


class _Panel:
    """A square with logarithmic axes over whole powers of ten."""

    def __init__(self, left: float, passages: Sequence[float], values: Sequence[float], title: str) -> None:
        self._left = left
        self._passages = passages
        self._title = title
        self._powers_x = _powers(passages)
        self._powers_y = _powers(values)

    def frame(self) -> str:
        left, top, bottom = self._left, _MARGIN, _MARGIN + _SIDE
        lines = [
            f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888888"/>',
            f'<text x="{left}" y="{top - 8}">{escape(self._title)}</text>',
            f'<text x="{left + _SIDE / 2:.0f}" y="{bottom + 32}" text-anchor="middle">passages</text>',
        ]
        for power in self._powers_x:
            lines.append(
                f'<text x="{self._x(10**power):.1f}" y="{bottom + 16}" text-anchor="middle">{_say(power)}</text>'
            )
        for power in self._powers_y:
            y = self._y(10**power)
            lines.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + _SIDE}" y2="{y:.1f}" stroke="#e4e4e4"/>')
            lines.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{_say(power)}</text>')
        return "\n".join(lines)

    def curve(self, name: str, values: Sequence[float], *, broken: bool = False) -> str:
        points = [(self._x(size), self._y(value)) for size, value in zip(self._passages, values, strict=True)]
        style = f'stroke="{_COLOURS[name]}" ' + ('stroke-dasharray="3 3"' if broken else 'stroke-width="1.5"')
        drawn = [f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" {style}/>']
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_COLOURS[name]}"/>' for x, y in points]
        return "\n".join(drawn)

    def _x(self, passages: float) -> float:
        return self._left + _SIDE * _share(passages, self._powers_x)

    def _y(self, value: float) -> float:
        return _MARGIN + _SIDE * (1 - _share(value, self._powers_y))


def _legend(sizes: Sequence[Mapping[str, Any]]) -> list[str]:
    top = _SIDE + 2 * _MARGIN
    last = sizes[-1]
    said = {
        name: f"{_NAMES[name]}: p95 {last[name]['retrieval_ms']['p95']} ms at {last['passages']:,} passages"
        for name in _COLOURS
    }
    recalls = ", ".join(f"{figures['recall@10']['all']} at {figures['passages']:,}" for figures in sizes)
    lines = [(said[name], _COLOURS[name]) for name in _COLOURS] + [
        (f"recall@10 against exact search: {recalls}", "#555555")
    ]
    return [
        f'<text x="{_MARGIN}" y="{top + _LEGEND * number}" fill="{colour}">{escape(text)}</text>'
        for number, (text, colour) in enumerate(lines)
    ]


def _powers(values: Sequence[float]) -> range:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return range(low, max(high, low + 1) + 1)


def _share(value: float, powers: range) -> float:
    return (math.log10(value) - powers[0]) / (powers[-1] - powers[0])


def _say(power: int) -> str:
    number: float = 10**power
    return f"{number:,.0f}" if power >= 0 else f"{number:g}"


def _every(sizes: Sequence[Mapping[str, Any]], value: Callable[[Mapping[str, Any], str], list[float]]) -> list[float]:
    return [found for figures in sizes for name in _COLOURS for found in value(figures, name)]


def _all_times(sizes: Sequence[Mapping[str, Any]]) -> list[float]:
    return _every(sizes, lambda figures, name: list(figures[name]["retrieval_ms"].values()))


def _all_memory(sizes: Sequence[Mapping[str, Any]]) -> list[float]:
    return _every(sizes, lambda figures, name: [figures["resident_mib"][name]["all"]])
