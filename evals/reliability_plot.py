"""Draws how far probabilities can be believed, as a small SVG: the share that came true over the probability.

The full line is the share whose sentence supports the answer, the broken one the share whose words are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_SIDE, _MARGIN, _LEGEND = 320, 46, 22
_COLOURS = {"rules": "#9a6b00", "trained": "#0b5fa5"}
_OTHER = "#555555"


def reliability_svg(by_reader: Mapping[str, Mapping[str, Any]]) -> str:
    """The plot of ``reading_figures.reliability`` for each reader; a dot's area is the bin's share of the readings."""
    height = _SIDE + 2 * _MARGIN + _LEGEND * len(by_reader)
    width = _SIDE + 2 * _MARGIN
    drawn = [_frame(width, height)]
    for number, (name, figures) in enumerate(by_reader.items()):
        drawn.append(_curve(name, figures))
        y = _SIDE + 2 * _MARGIN + _LEGEND * number
        said = f"{name}: {figures['readings']} readings, calibration error {figures['ece_supported']}"
        drawn.append(f'<text x="{_MARGIN}" y="{y}" fill="{_colour(name)}">{escape(said)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _frame(width: int, height: int) -> str:
    left, right, top, bottom = _x(0), _x(1), _y(1), _y(0)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888888"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#bbbbbb" stroke-dasharray="4 4"/>',
    ]
    for tenths in range(0, 11, 2):
        value = tenths / 10
        lines.append(f'<text x="{_x(value)}" y="{bottom + 16}" text-anchor="middle">{value}</text>')
        lines.append(f'<text x="{left - 6}" y="{_y(value) + 4}" text-anchor="end">{value}</text>')
    lines.append(f'<text x="{_x(0.5)}" y="{bottom + 32}" text-anchor="middle">probability given</text>')
    lines.append(f'<text x="{left}" y="{top - 8}">share supported (dots), right (broken)</text>')
    return "\n".join(lines)


def _curve(name: str, figures: Mapping[str, Any]) -> str:
    bins = [each for each in figures["bins"] if each["readings"]]
    points = [(_x(each["confidence"]), _y(each["supported"]), each["readings"]) for each in bins]
    right = [(x, _y(each["right"])) for (x, _, _), each in zip(points, bins, strict=True)]
    drawn = [
        _line([(x, y) for x, y, _ in points], f'stroke="{_colour(name)}" stroke-width="1.5"'),
        _line(right, f'stroke="{_colour(name)}" stroke-dasharray="3 3"'),
    ]
    for x, y, readings in points:
        radius = 2 + 14 * (readings / figures["readings"]) ** 0.5
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_colour(name)}" fill-opacity="0.5"/>')
    return "\n".join(drawn)


def _line(points: Sequence[tuple[float, float]], style: str) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" {style}/>'


def _colour(name: str) -> str:
    return _COLOURS.get(name, _OTHER)


def _x(value: float) -> float:
    return round(_MARGIN + value * _SIDE, 1)


def _y(value: float) -> float:
    return round(_MARGIN + (1 - value) * _SIDE, 1)
