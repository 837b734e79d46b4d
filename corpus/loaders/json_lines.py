"""JSON Lines, plain or packed: one document a line, taken as it is but for line ends and Unicode NFC.

A bad line fails alone, with its number. The file is streamed; what is kept is its documents. Lines that are known from
an earlier reading are neither parsed nor cut again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from corpus.datelines import full_date
from corpus.documents import PUBLIC, Document, FileLine, FileOutcome, PreparedDocument, StoredLine
from corpus.errors import UnreadableFileError
from corpus.preparing import derived_title, prepare
from corpus.sidecar import Sidecar, checked_label
from corpus.textforms import stored_form

MAX_LINE_BYTES = 32 << 20
# Unpacked size at which a packed file is taken for a decompression bomb rather than a corpus.
MAX_BYTES = 2 << 30
_MAX_FAILURES = 200
_MAX_ID_CHARS = 200
_MARK_BYTES = 16


class _BadLineError(Exception):
    """A line that is not such an object; its message says why."""


def load_json_lines(
    path: str, location: Path, sidecar: Sidecar, *, rules: str = "", known: Mapping[bytes, StoredLine] | None = None
) -> FileOutcome:
    """The documents of the file, in order, and a sentence for each line that is not one.

    ``rules`` names all that decides what a line becomes beside the arguments; ``known``: what lines became when the
    file was read before, by their marks. Those are not read again.
    Raises: UnreadableFileError: the file as a whole is damaged, packed otherwise than its name says, or too large.
    """
    loading = _Loading(path, sidecar, rules, known or {})
    for number, line in _lines(location):
        if line.strip():
            loading.take(number, line)
    return loading.outcome()


class _Loading:
    """What the lines so far became."""

    def __init__(self, path: str, sidecar: Sidecar, rules: str, known: Mapping[bytes, StoredLine]) -> None:
        self._path = path
        self._sidecar = sidecar
        self._known = known
        self._rules = hashlib.blake2b(f"{rules}\x1f{path}\x1f{sidecar}\x1f".encode(), digest_size=_MARK_BYTES)
        self._documents: list[PreparedDocument] = []
        self._lines: list[FileLine] = []
        self._failures: list[str] = []
        self._first_lines: dict[str, int] = {}
        self._bad = 0
        self._unread_dates = 0

    def take(self, number: int, line: bytes) -> None:
        """One more line that is not blank."""
        mark = self._mark(number, line)
        stored = self._known.get(mark)
        try:
            if stored is None:
                self._read(number, line, mark)
            else:
                self._claim(stored.document_id, number)
                self._lines.append(FileLine(mark, stored))
        except _BadLineError as error:
            self._bad += 1
            if self._bad <= _MAX_FAILURES:
                self._failures.append(f"line {number}: {error}")

    def _mark(self, number: int, line: bytes) -> bytes:
        digest = self._rules.copy()
        # Only in the first line a byte order mark is none of the text.
        digest.update(b"\1" if number == 1 else b"\0")
        digest.update(line.rstrip(b"\r\n"))
        return digest.digest()

    def _read(self, number: int, line: bytes, mark: bytes) -> None:
        record = _object(line, first=number == 1)
        document = _document(record, self._path, self._sidecar)
        self._claim(document.id, number)
        undated = document.published_at is None and bool(record.get("published_at"))
        self._unread_dates += undated
        self._documents.append(prepare(document))
        # Read every time, so that it is reported every time.
        self._lines.append(FileLine(None if undated else mark, None))

    def _claim(self, document_id: str, number: int) -> None:
        first = self._first_lines.setdefault(document_id, number)
        if first != number:
            raise _BadLineError(f"its id '{document_id}' is that of line {first}; make it unique")

    def outcome(self) -> FileOutcome:
        """All of it. Raises: UnreadableFileError: the file is empty."""
        failures = list(self._failures)
        if self._bad > _MAX_FAILURES:
            failures.append(f"{self._bad - _MAX_FAILURES} more lines failed; the first {_MAX_FAILURES} are listed")
        if self._unread_dates:
            failures.append(
                f"{self._unread_dates} documents are kept without a date: their 'published_at' is no ISO date"
            )
        if not self._lines and not failures:
            raise UnreadableFileError("the file is empty; put documents into it, one JSON object a line, or remove it")
        return FileOutcome(self._path, "utf-8", tuple(self._documents), tuple(failures), tuple(self._lines))


def _lines(location: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without decoding; packed files are unpacked as they are read."""
    total = 0
    try:
        with _open(location) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE_BYTES + 1), b""), start=1):
                total += len(line)
                if len(line) > MAX_LINE_BYTES or total > MAX_BYTES:
                    raise UnreadableFileError(
                        f"line {number} is longer than {MAX_LINE_BYTES >> 20} MB or the unpacked file is larger than "
                        f"{MAX_BYTES >> 20} MB; split it into smaller documents or files"
                    )
                yield number, line
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        kind = "gzip" if location.name.endswith(".gz") else "xz"
        raise UnreadableFileError(
            f"the file is not whole {kind} data ({error}); pack it again, or remove the ending if it is not packed"
        ) from error


def _open(location: Path) -> BinaryIO:
    if location.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(location, "rb"))
    if location.name.lower().endswith(".xz"):
        return cast("BinaryIO", lzma.open(location, "rb"))
    return location.open("rb")


def _object(line: bytes, *, first: bool) -> dict[str, object]:
    try:
        loaded = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as error:
        raise _BadLineError(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise _BadLineError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise _BadLineError("not such an object: nested too deeply") from error
    except ValueError as error:
        # An integer of more digits than Python reads is a plain ValueError.
        raise _BadLineError(f"not JSON that can be read: {error}") from error
    if not isinstance(loaded, dict):
        raise _BadLineError(f"a JSON {type(loaded).__name__}, not an object with 'id' and 'text'")
    return loaded


def _document(loaded: dict[str, object], path: str, sidecar: Sidecar) -> Document:
    document_id = _text(loaded, "id")
    if not document_id or len(document_id) > _MAX_ID_CHARS:
        raise _BadLineError(f"no 'id' (a text of 1 to {_MAX_ID_CHARS} characters)")
    text = stored_form(_text(loaded, "text") or "")
    if not text.strip():
        raise _BadLineError(f"no 'text' (document '{document_id}')")
    try:
        label = checked_label(sidecar.visibility or _text(loaded, "visibility"))
    except UnreadableFileError as error:
        raise _BadLineError(f"document '{document_id}' is refused: {error}") from error
    title = " ".join(stored_form(sidecar.title or _text(loaded, "title") or "").split())
    return Document(
        id=document_id,
        title=title or derived_title(text),
        text=text,
        publisher=sidecar.publisher or _text(loaded, "publisher") or None,
        published_at=sidecar.published_at or _date(_text(loaded, "published_at")),
        url=sidecar.url or _text(loaded, "url") or None,
        source_path=path,
        visibility=label or PUBLIC,
    )


def _text(loaded: dict[str, object], key: str) -> str | None:
    value = loaded.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _BadLineError(f"'{key}' is a JSON {type(value).__name__}, not a text")
    if "\0" in value:
        raise _BadLineError(f"'{key}' holds a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _BadLineError(f"'{key}' holds half a character (a lone surrogate) at {error.start + 1}") from error
    return value


def _date(value: str | None) -> date | None:
    """The date a line gives; None where it cannot be read: a document is worth more than its date."""
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10] if value[10:11] in ("T", " ") else value)
    except ValueError:
        return full_date(value)
