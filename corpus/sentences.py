"""Where sentences begin and end. Works on text as printed and gives offsets only; it changes nothing.

A sentence ends at 。！？!? or …… with the closing quotes and brackets after it, and at every line end.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_CLOSERS = "”’」』）)】》〉\"'"
# A full stop of Latin text ends a sentence only after a word and before a capital, so never inside 1.3亿, U.S. or v2.0.
_END = re.compile(
    rf"(?:[。！？]|[!?](?![A-Za-z0-9=&/])|…+|(?<=[a-z]{{3}})\.(?=\s+[A-Z“\"]|\s*$))[。！？!?…]*[{_CLOSERS}]*"
)
_QUOTED = re.compile(r"“[^“”]*”|「[^「」]*」|『[^『』]*』|《[^《》]*》|（[^（）]*）|\([^()]*\)")
_OPENERS = frozenset("“「『《（(")
# A quotation longer than this is cut inside: a passage could not hold it whole anyway.
_LONGEST_QUOTED = 150
# “……。”张三说，: the words that say who spoke belong to what was said.
_ATTRIBUTION = re.compile(
    r"[^。！？!?，,：:；;“”「」]{0,60}(?:说|说道|表示|问|问道|称|介绍|介绍道|回忆|回忆道|坦言|认为|指出|强调|感慨|感叹|告诉记者|笑道|答道)(?=[，,。：:])"
)
_QUOTE_ENDS = ("”", "」", "』")
# After an ellipsis or a closing bracket these go on with the sentence.
_GOES_ON = frozenset("，,、；;：:。！？!?…的等")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans [start, end) of the sentences in order, in code points; together they hold all that is not blank."""
    spans: list[tuple[int, int]] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end > start:
            _add_line(text, start, end, spans)
        start = end + 1
    return spans


def _add_line(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    line = text[start:end]
    quoted = _quoted_spans(line)
    opens = [span[0] for span in quoted]
    begin = 0
    for match in _END.finditer(line):
        stop = match.end()
        if stop < len(line) and not _ends_here(line, match, quoted, opens):
            continue
        _add_span(line, start, begin, stop, spans)
        begin = stop
    _add_span(line, start, begin, len(line), spans)


def _add_span(line: str, offset: int, begin: int, stop: int, spans: list[tuple[int, int]]) -> None:
    piece = line[begin:stop]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        spans.append((offset + begin + lead, offset + begin + lead + len(stripped)))


def _quoted_spans(line: str) -> list[tuple[int, int]]:
    """Quotations and brackets short enough to be kept whole; outermost come with inner ones, in order of opening."""
    if _OPENERS.isdisjoint(line):
        return []
    return [match.span() for match in _QUOTED.finditer(line) if match.end() - match.start() <= _LONGEST_QUOTED]


def _ends_here(line: str, match: re.Match[str], quoted: list[tuple[int, int]], opens: list[int]) -> bool:
    stop = match.end()
    index = bisect_right(opens, match.start()) - 1
    if index >= 0 and match.start() < quoted[index][1]:
        # Inside a quotation. The end counts only where the quotation ends with it and its speaker is not named next.
        if stop < quoted[index][1]:
            return False
        if line[stop - 1] not in _QUOTE_ENDS:
            return line[stop - 1] in ")）" and match.group()[0] in "。！？!?" and line[stop] not in _GOES_ON
        return line[stop] not in _GOES_ON and _ATTRIBUTION.match(line, stop) is None
    return line[stop] not in _GOES_ON
