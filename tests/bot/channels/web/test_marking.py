"""Paragraphs of pieces: nothing of the text is lost or doubled, and each piece knows what it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.marking import Piece, Range, marked_paragraphs

RANGES = st.lists(
    st.builds(Range, st.integers(0, 60), st.integers(0, 60), st.sampled_from(["passage", "quote", "answer"])),
    max_size=5,
)


def test_a_quote_across_lines_is_marked_in_both() -> None:
    assert marked_paragraphs("第一行。\n\n第二行。", [Range(2, 8, "quote")]) == [
        [Piece("第一", ()), Piece("行。", ("quote",))],
        [Piece("第二", ("quote",)), Piece("行。", ())],
    ]


def test_ranges_count_code_points() -> None:
    ((before, marked),) = marked_paragraphs("𠮷野村1.3亿元", [Range(3, 8, "answer")])
    assert (before.text, marked.text) == ("𠮷野村", "1.3亿元")


@given(st.text("字𠮷a \n", max_size=50), RANGES)
def test_the_pieces_are_the_text_and_each_character_has_its_kinds(text: str, ranges: list[Range]) -> None:
    paragraphs = marked_paragraphs(text, ranges)
    assert ["".join(piece.text for piece in line) for line in paragraphs] == [
        line for line in text.split("\n") if line.strip()
    ]
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1] == "\n"]
    lines = [at for at in starts if text[at:].split("\n", 1)[0].strip()]
    for offset, pieces in zip(lines, paragraphs, strict=True):
        at = offset
        for piece in pieces:
            for position in range(at, at + len(piece.text)):
                assert piece.kinds == tuple(each.kind for each in ranges if each.start <= position < each.end)
            at += len(piece.text)
