"""How strongly two neighbouring characters of Chinese hold together, by counts over official texts.

The table was counted over national and local law and government work reports, which are outside copyright; it holds
counts of character pairs and no text. ``build_table`` makes it anew, see docs/corpus.md.
"""

from __future__ import annotations

import lzma
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

# All that is not Chinese counts as one character: where a clause begins or ends.
_BREAK = "^"
_NOT_HAN = re.compile(r"[^\u3400-\u9fff]+")
# Rarer pairs are left out: they would double the table and are no evidence.
_LEAST_COUNT = 5
# Counts are kept as round(2 * log2(count)).
_STEPS_PER_OCTAVE = 2
_FILE = "bigrams.xz"


@dataclass(frozen=True, slots=True)
class BigramTable:
    """Counts of characters and of pairs of them, pairs rounded to half octaves."""

    characters: dict[str, int]
    pairs: dict[str, float]
    total: int

    def cohesion(self, left: str, right: str) -> float:
        """Logarithm of how much more often the pair occurs than chance would have it; 0 where nothing is known."""
        left = left if "\u3400" <= left <= "\u9fff" else _BREAK
        right = right if "\u3400" <= right <= "\u9fff" else _BREAK
        if left == right == _BREAK:
            return 0.0
        expected = (self.characters.get(left, 0) + 0.5) * (self.characters.get(right, 0) + 0.5) / self.total
        return math.log((self.pairs.get(left + right, 0.0) + 0.5) / (expected + 0.5))


@lru_cache(maxsize=1)
def shipped_table() -> BigramTable:
    """The table that comes with the package; read on first use."""
    return unpack_table(files(__package__).joinpath(_FILE).read_bytes())


def build_table(texts: Iterable[str]) -> bytes:
    """Count the texts; returns what ``unpack_table`` reads."""
    characters: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in texts:
        broken = _NOT_HAN.sub(_BREAK, text)
        characters.update(broken)
        pairs.update(map("".join, pairwise(broken)))
    order = [character for character, _ in characters.most_common()]
    place = {character: index for index, character in enumerate(order)}
    rows: list[list[tuple[int, int]]] = [[] for _ in order]
    for pair, count in pairs.items():
        if count >= _LEAST_COUNT:
            rows[place[pair[0]]].append((place[pair[1]], round(_STEPS_PER_OCTAVE * math.log2(count))))
    packed = bytearray()
    for row in rows:
        packed += _varint(len(row))
        last = 0
        for index, level in sorted(row):
            packed += _varint(index - last)
            packed.append(level)
            last = index
    head = "".join(order) + "\n" + ",".join(str(characters[character]) for character in order) + "\n"
    return lzma.compress(head.encode() + bytes(packed), preset=9 | lzma.PRESET_EXTREME)


def unpack_table(data: bytes) -> BigramTable:
    """The table that ``build_table`` packed."""
    raw = lzma.decompress(data)
    names, counts, packed = raw.split(b"\n", 2)
    order = names.decode()
    characters = dict(zip(order, map(int, counts.split(b",")), strict=True))
    levels = [2 ** (level / _STEPS_PER_OCTAVE) for level in range(256)]
    pairs: dict[str, float] = {}
    position = 0
    for first in order:
        size, position = _read_varint(packed, position)
        index = 0
        for _ in range(size):
            step, position = _read_varint(packed, position)
            index += step
            pairs[first + order[index]] = levels[packed[position]]
            position += 1
    return BigramTable(characters, pairs, sum(characters.values()))


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while data[position] & 0x80:
        value |= (data[position] & 0x7F) << shift
        shift += 7
        position += 1
    return value | data[position] << shift, position + 1
