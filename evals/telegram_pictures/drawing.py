"""A transcript as an SVG: bubbles, buttons, what was pressed. Self-contained, no font is embedded, sizes in pixels.

Looks like a chat, and like no program in particular.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from evals.telegram_pictures.transcript import Bubble, Cards, Event, Notice, Pressed, Transcript
from evals.telegram_pictures.typesetting import QUOTE_INDENT, Line, Span, lines, shortened, width

WIDTH = 520
_FONT, _SMALL, _LINE = 15, 12, 23
_MARGIN, _PAD, _GAP, _HEAD = 14, 12, 10, 54
_BUBBLE = 430
_BUTTON, _BUTTON_GAP = 34, 5
_FONTS = (
    "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
)
_STYLES = {
    "bold": 'font-weight="600"',
    "italic": 'font-style="italic"',
    "underline": 'text-decoration="underline"',
    "strikethrough": 'text-decoration="line-through"',
    "code": 'font-family="monospace"',
    "pre": 'font-family="monospace"',
}
_LINKS = {"text_link", "url", "mention", "bot_command", "hashtag"}
_INK, _FAINT, _BLUE = "#1b2733", "#6b7a88", "#1f6fb2"
_GROUND, _HEADER, _BOT, _USER, _KEY, _PILL = "#dfe7ec", "#ffffff", "#ffffff", "#d8f1df", "#f4f8fb", "#5d7183"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Elements whose top is at zero, and how high they are."""

    elements: tuple[str, ...]
    height: float


def draw(transcript: Transcript) -> str:
    """The picture of a transcript."""
    top, body = float(_HEAD + _GAP), list[str]()
    for event in transcript.events:
        drawn = _event(event)
        body.append(f'<g transform="translate(0 {top:g})">{"".join(drawn.elements)}</g>')
        top += drawn.height + _GAP
    spoken = escape("\n".join(_spoken(event) for event in transcript.events))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:g}" width="{WIDTH}" height="{top:g}" '
            f'font-family="{_FONTS}" font-size="{_FONT}" fill="{_INK}">',
            f"<title>{escape(transcript.title)}</title>",
            f"<desc>{spoken}</desc>",
            _box(0, 0, WIDTH, top, _GROUND, radius=10),
            *_header(transcript),
            *body,
            "</svg>\n",
        ]
    )


def _header(transcript: Transcript) -> list[str]:
    middle = _HEAD / 2
    title = middle + 5 if not transcript.subtitle else middle - 4
    drawn = [
        f'<path d="M0 {_HEAD} V10 a10 10 0 0 1 10 -10 H{WIDTH - 10} a10 10 0 0 1 10 10 V{_HEAD} z" fill="{_HEADER}"/>',
        f'<circle cx="{_MARGIN + 19}" cy="{middle:g}" r="19" fill="{_BLUE}"/>',
        _text(_MARGIN + 19, middle + 6, transcript.title[:1], 'text-anchor="middle" fill="#ffffff" font-size="17"'),
        _text(_MARGIN + 50, title, transcript.title, 'font-weight="600"'),
    ]
    if transcript.subtitle:
        drawn.append(_text(_MARGIN + 50, middle + 15, transcript.subtitle, f'font-size="{_SMALL}" fill="{_FAINT}"'))
    return drawn


def _event(event: Event) -> _Drawn:
    match event:
        case Bubble():
            return _bubble(event)
        case Pressed():
            return _pill(f"👆 {event.label}", "#ffffff", _FAINT)
        case Notice():
            return _pill(event.text, _PILL, "#ffffff")
        case Cards():
            return _cards(event)


def _bubble(bubble: Bubble) -> _Drawn:
    inner = (_BUBBLE - 2 * _PAD) / _FONT
    words = lines(bubble.text, bubble.entities, max_width=inner) if bubble.text else []
    head = _head(bubble, inner)
    most = max([_least_width(bubble, inner), *(line.width + (QUOTE_INDENT if line.quoted else 0) for line in words)])
    wide = most * _FONT + 2 * _PAD
    left = _MARGIN if bubble.by_bot else WIDTH - _MARGIN - wide
    top, inside = float(_PAD), list[str]()
    for size, text, look in head:
        inside.append(_text(left + _PAD, top + size, text, f'font-size="{size}" {look}'))
        top += size + 8
    for line in words:
        inside.append(_line(left + _PAD, top, line))
        top += _LINE
    height = top + _PAD - 2
    drawn = [_box(left, 0, wide, height, _BOT if bubble.by_bot else _USER), *inside]
    for row in bubble.buttons:
        height += _BUTTON_GAP
        drawn += _keys(row, left, height, wide)
        height += _BUTTON
    return _Drawn(tuple(drawn), height)


def _head(bubble: Bubble, inner: float) -> list[tuple[int, str, str]]:
    """What stands above the text: size, words and look of each line."""
    head = []
    if bubble.sender:
        head.append((_SMALL + 1, bubble.sender, f'font-weight="600" fill="{_BLUE}"'))
    if bubble.reply:
        head.append((_SMALL, f"┃ {shortened(bubble.reply, max_width=inner - 2)}", f'fill="{_BLUE}"'))
    if bubble.file:
        head.append((_FONT, f"📄 {shortened(bubble.file, max_width=inner - 3)}", 'font-weight="600"'))
    if bubble.edited:
        head.append((_SMALL, "✎", f'fill="{_FAINT}"'))
    return head


def _least_width(bubble: Bubble, inner: float) -> float:
    """What head and buttons need, in ems of the text."""
    heads = [width(text, bold=True) * size / _FONT for size, text, _ in _head(bubble, inner)]
    rows = [sum(width(label) + 2.2 for label in row) for row in bubble.buttons]
    return min(max([2.0, *heads, *rows]), inner)


def _keys(row: Sequence[str], left: float, top: float, wide: float) -> list[str]:
    """A row of buttons. They share the bubble's width evenly."""
    each = (wide - _BUTTON_GAP * (len(row) - 1)) / len(row)
    drawn = []
    for number, label in enumerate(row):
        x = left + number * (each + _BUTTON_GAP)
        fitting = shortened(label, max_width=(each - 10) / (_FONT - 1))
        drawn.append(_box(x, top, each, _BUTTON, _KEY, radius=8))
        look = f'text-anchor="middle" font-size="{_FONT - 1}" fill="{_BLUE}"'
        drawn.append(_text(x + each / 2, top + _BUTTON / 2 + 5, fitting, look))
    return drawn


def _pill(text: str, ground: str, ink: str) -> _Drawn:
    rows = lines(text, (), max_width=(WIDTH - 8 * _MARGIN) / (_SMALL + 1))
    wide = max(row.width for row in rows) * (_SMALL + 1) + 2 * _PAD
    height = len(rows) * 19 + 9
    drawn = [_box((WIDTH - wide) / 2, 0, wide, height, ground, radius=14)]
    look = f'text-anchor="middle" font-size="{_SMALL + 1}" fill="{ink}"'
    drawn += [_text(WIDTH / 2, 19 + 19 * number, row.text, look) for number, row in enumerate(rows)]
    return _Drawn(tuple(drawn), height)


def _cards(cards: Cards) -> _Drawn:
    """Results in a list, and below it the field in which the query stands."""
    drawn, top, inner = list[str](), 0.0, (WIDTH - 4 * _MARGIN - 42) / _FONT
    for card in cards.cards:
        rows = lines(card.description, (), max_width=inner * _FONT / (_SMALL + 1))[:3]
        height = 34 + 19 * len(rows)
        x = 2 * _MARGIN + 42
        drawn.append(_box(_MARGIN, top, WIDTH - 2 * _MARGIN, height, _BOT, radius=8))
        drawn.append(_box(_MARGIN + 10, top + 10, 34, 34, _BLUE, radius=6))
        drawn.append(_text(_MARGIN + 27, top + 33, card.title[:1], 'text-anchor="middle" fill="#ffffff"'))
        drawn.append(_text(x, top + 22, shortened(card.title, max_width=inner), 'font-weight="600"'))
        look = f'font-size="{_SMALL + 1}" fill="{_FAINT}"'
        drawn += [_text(x, top + 42 + 19 * number, row.text, look) for number, row in enumerate(rows)]
        top += height + 4
    drawn.append(_box(_MARGIN, top + 4, WIDTH - 2 * _MARGIN, 40, _HEADER, radius=20))
    drawn.append(_text(2 * _MARGIN + 4, top + 30, f"{cards.query}▏"))
    return _Drawn(tuple(drawn), top + 44)


def _line(left: float, top: float, line: Line) -> str:
    indent = QUOTE_INDENT * _FONT if line.quoted else 0.0
    bar = _box(left, top, 3, _LINE, _BLUE, radius=1) if line.quoted else ""
    if not line.spans:
        return bar
    spans = "".join(_span(span) for span in line.spans)
    return f'{bar}<text x="{left + indent:g}" y="{top + _FONT + 2:g}" xml:space="preserve">{spans}</text>'


def _span(span: Span) -> str:
    looks = [look for style, look in _STYLES.items() if style in span.styles]
    looks += [f'fill="{_BLUE}"'] if span.styles & _LINKS else []
    return f"<tspan {' '.join(looks)}>{escape(span.text)}</tspan>" if looks else f"<tspan>{escape(span.text)}</tspan>"


def _text(x: float, y: float, text: str, look: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(text)}</text>'


def _box(x: float, y: float, wide: float, high: float, fill: str, *, radius: float = 12) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="{radius:g}" fill="{fill}"/>'


def _spoken(event: Event) -> str:
    match event:
        case Bubble():
            return f"{'←' if event.by_bot else '→'} {event.file} {event.text}"
        case Pressed():
            return f"👆 {event.label}"
        case Notice():
            return event.text
        case Cards():
            return "\n".join([event.query, *(f"{card.title}: {card.description}" for card in event.cards)])
