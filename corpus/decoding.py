"""Bytes to text: which encoding a file is in, found by strict decoding and checked, never guessed silently.

A file that is not text, or is damaged, is an error that says what it is; nothing is replaced or dropped.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from corpus.errors import UnreadableFileError

# First bytes of what is often saved under a wrong name, and its name for people.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "gzip data"),
    (b"\xfd7zXZ", "xz data"),
    (b"BZh", "bzip2 data"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"RIFF", "a sound, video or WebP file"),
)
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The most frequent characters of Chinese, both scripts: between a third and a half of any real text, a few per cent of
# text read in a wrong encoding.
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现"
    "当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重"
    "并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各"
    "入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司"
    "五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "這個們來國說時會對發後裡經麼學現當沒動開實軍與長機業將兩間問戰頭體見產東聲門關點電數報結務場計資區隊決馬眼書則聽卻達強難權設記類據邊張該"
    "規術領確傳師觀讓識帶導爭運縣鎮縣萬億號，。、；：“”"
)
_LEAST_FREQUENT_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and the name of the encoding it was in."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The text of a file, without its byte order mark.

    Raises: UnreadableFileError: the file is empty, is not text, is damaged or in no encoding that is understood.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableFileError("the file is empty; put text into it or remove it")
    reject_other_formats(data)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_marked(data, mark, encoding)
    if b"\0" in data:
        return _decode_wide(data)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        _reject_damaged_utf8(data, error)
    return _decode_legacy(data)


def reject_other_formats(data: bytes) -> None:
    """Raise ``UnreadableFileError`` for what its first bytes show to be something else than plain text."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise UnreadableFileError(f"the file is {name}, not text; save its text as UTF-8 and try again")
    if _HTML.match(data[:1024]):
        raise UnreadableFileError("the file is an HTML page, not plain text; save the page as text and try again")


def _decode_marked(data: bytes, mark: bytes, encoding: str) -> Decoded:
    body = data if encoding == "utf-32" else data[len(mark) :]
    try:
        text = body.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError as error:
        raise _damaged(encoding, error.start + len(data) - len(body)) from error
    if "\0" in text:
        raise _binary(data)
    return Decoded(text, encoding)


def _decode_wide(data: bytes) -> Decoded:
    """UTF-16 without a mark shows itself by NUL bytes at every other place; all other NUL bytes mean no text."""
    if len(data) % 2 == 0:
        for encoding in ("utf-16-le", "utf-16-be"):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text and _is_plausible(text):
                return Decoded(text, encoding)
    raise _binary(data)


def _reject_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Text that is UTF-8 but for a few bytes is damaged UTF-8, though GB18030 might decode it to nonsense."""
    kept = data.decode("utf-8", "ignore")
    if len(data) - len(kept.encode()) <= max(4, len(data) // 20) and _is_plausible(kept):
        if kept.isascii() and _decodes_plausibly(data):
            return
        raise _damaged("utf-8", error.start) from error


def _decodes_plausibly(data: bytes) -> bool:
    return any((text := _strictly(data, name)) is not None and _is_plausible(text) for name in ("gb18030", "big5"))


def _decode_legacy(data: bytes) -> Decoded:
    """GB18030, Big5 or unmarked UTF-16, as charset-normalizer ranks what decodes strictly and reads like Chinese."""
    candidates = ["gb18030", "big5"] + (["utf-16-le", "utf-16-be"] if len(data) % 2 == 0 else [])
    texts = {name: text for name in candidates if (text := _strictly(data, name)) is not None and "\0" not in text}
    shares = {name: _frequent_share(text) for name, text in texts.items()}
    plausible = {name: share for name, share in shares.items() if share >= _LEAST_FREQUENT_SHARE}
    if not plausible:
        raise UnreadableFileError(
            "the encoding of the file is not known: its bytes are not Chinese text in UTF-8, UTF-16, GB18030 or Big5; "
            "save it as UTF-8 and try again"
        )
    best = max(plausible, key=lambda name: plausible[name])
    rivals = [name for name, share in plausible.items() if share > plausible[best] * 0.7]
    if len(rivals) > 1:
        found = from_bytes(data[: 1 << 16], cp_isolation=[name.replace("-", "_") for name in rivals]).best()
        named = found.encoding.replace("_", "-") if found is not None else best
        best = named if named in plausible else best
    return Decoded(texts[best], best)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    # Private use and C1 controls are what a wrong table gives; real text has none.
    return None if re.search(r"[\ue000-\uf8ff\x80-\x9f]", text) else text


def _is_plausible(text: str) -> bool:
    sample = text[: 1 << 16]
    return sample.isascii() or _frequent_share(sample) >= _LEAST_FREQUENT_SHARE


def _frequent_share(text: str) -> float:
    """Of the characters beyond ASCII in the first part of the text, the share of frequent ones."""
    wide = [character for character in text[: 1 << 16] if character > "\x7f"]
    return sum(character in _FREQUENT for character in wide) / len(wide) if wide else 0.0


def _damaged(encoding: str, position: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"the file is damaged: it is {encoding.removesuffix('-sig')}, but byte {position + 1} does not fit; "
        "restore it from its source or save it again as UTF-8"
    )


def _binary(data: bytes) -> UnreadableFileError:
    return UnreadableFileError(
        f"the file is not text: it holds NUL bytes (the first at byte {data.find(0) + 1}); save its text as UTF-8"
    )
