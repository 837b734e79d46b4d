"""Draws what kinds of vector index find over the time they take, as a small SVG with a panel for each size.

Time is logarithmic. A dot is a setting; a kind that is exact has one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_SIDE, _MARGIN, _GAP, _LEGEND = 260, 48, 60, 18
_COLOURS = ("#777777", "#000000", "#9a6b00", "#b3402e", "#7b3fa0", "#2e8b57", "#0b5fa5")
_LEAST_RECALL = 0.8
_FASTEST_MS, _SLOWEST_MS = 0.1, 1000.0


def kinds_svg(sizes: Sequence[Mapping[str, Any]]) -> str:
    """The plot of ``vector_scale``'s figures, one for each size; at least one."""
    names = list(dict.fromkeys(figures["kind"] for size in sizes for figures in size["kinds"]))
    colours = dict(zip(names, _COLOURS * len(names), strict=False))
    width = 2 * _MARGIN + len(sizes) * (_SIDE + _GAP) - _GAP
    height = 2 * _MARGIN + _SIDE + _LEGEND * len(names)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, size in enumerate(sizes):
        left = _MARGIN + number * (_SIDE + _GAP)
        drawn.append(_frame(left, f"{size['vectors']:,} vectors: recall@10 over milliseconds"))
        drawn += [_curve(left, figures, colours[figures["kind"]]) for figures in size["kinds"]]
    last = {figures["kind"]: figures for size in sizes for figures in size["kinds"]}
    for number, name in enumerate(names):
        y = 2 * _MARGIN + _SIDE + _LEGEND * number
        said = escape(f"{name}: {last[name]['bytes_a_vector']} bytes a vector in memory")
        drawn.append(f'<text x="{_MARGIN}" y="{y}" fill="{colours[name]}">{said}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _frame(left: float, title: str) -> str:
    top, bottom = _MARGIN, _MARGIN + _SIDE
    lines = [
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888888"/>',
        f'<text x="{left}" y="{top - 8}">{escape(title)}</text>',
    ]
    for recall in (0.8, 0.85, 0.9, 0.95, 1.0):
        y = _y(recall)
        lines.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + _SIDE}" y2="{y:.1f}" stroke="#e4e4e4"/>')
        lines.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{recall:g}</text>')
    for milliseconds in (0.1, 1, 10, 100, 1000):
        x = _x(left, milliseconds)
        lines.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{milliseconds:g}</text>')
    return "\n".join(lines)


def _curve(left: float, figures: Mapping[str, Any], colour: str) -> str:
    points = [
        (_x(left, setting["cpu_ms"]["p50"]), _y(setting["recall@10"]))
        for setting in figures["settings"]
        if setting["recall@10"] >= _LEAST_RECALL
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>']
    drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return "\n".join(drawn)


def _x(left: float, milliseconds: float) -> float:
    within = min(max(milliseconds, _FASTEST_MS), _SLOWEST_MS)
    return left + _SIDE * math.log10(within / _FASTEST_MS) / math.log10(_SLOWEST_MS / _FASTEST_MS)


def _y(recall: float) -> float:
    return _MARGIN + _SIDE * (1 - (recall - _LEAST_RECALL) / (1 - _LEAST_RECALL))
