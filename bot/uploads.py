"""Takes files from people into the uploads folder: checked name, bounded size, written whole or not at all.

Does not parse: whether the text can be read is found, and reported, by the next index run.
"""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BotError
from retrieval import durable

SUFFIXES = (".txt", ".md", ".jsonl", ".jsonl.gz", ".jsonl.xz")
# File systems count bytes; 255 is the usual limit, and the sidecar's name is longer by 10.
MAX_NAME_BYTES = 200
_HEAD_BYTES = 8192
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
# Files that people rename to .txt by mistake, by their first bytes.
_BINARY_HEADS = {b"%PDF": "PDF", b"PK\x03\x04": "ZIP 或 Office", b"\xd0\xcf\x11\xe0": "旧版 Office", b"\x89PNG": "PNG"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UploadError(BotError):
    """A file cannot be taken in as it is; base of the reasons."""


class UploadNameError(UploadError):
    """The name is not that of a plain file."""


class UploadTypeError(UploadError):
    """Not a supported type, by name or by content."""


class UploadTooLargeError(UploadError):
    """Larger than allowed."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was taken in. ``source_path`` is how citations will name it."""

    source_path: str
    size_bytes: int
    replaced: bool


def checked_name(name: str) -> str:
    """The file name to store under: NFC, one component, supported type.

    Raises: UploadNameError, UploadTypeError.
    """
    clean = unicodedata.normalize("NFC", name)
    if not clean or clean.startswith(".") or clean != clean.strip():
        raise UploadNameError(f"文件名 {name!r} 不可用：不能为空，不能以点开头，首尾不能有空格。")
    if any(mark in clean for mark in '/\\:*?"<>|') or any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in clean):
        raise UploadNameError(f"文件名 {name!r} 含有不允许的字符：不能有路径分隔符和控制字符。")
    if len(clean.encode()) > MAX_NAME_BYTES:
        raise UploadNameError(f"文件名过长：{len(clean.encode())} 字节，最多 {MAX_NAME_BYTES} 字节。")
    if not clean.lower().endswith(SUFFIXES):
        raise UploadTypeError(f"不支持 {name!r} 的类型；支持：{'、'.join(SUFFIXES)}。")
    return clean


def save_upload(folder: Path, name: str, chunks: Iterable[bytes], *, max_bytes: int) -> Upload:
    """Store a file; a file of that name is replaced in one step.

    Raises: UploadNameError, UploadTypeError, UploadTooLargeError; OSError where the disk refuses. Nothing is left then.
    """
    clean = checked_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / clean
    # A leading dot: a run that lists the folder now does not see the half-written file.
    handle, temporary = tempfile.mkstemp(prefix=".upload-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            size = sum(file.write(chunk) for chunk in _checked(chunks, clean, max_bytes))
            file.flush()
            os.fsync(file.fileno())
        replaced = target.exists()
        durable.rename(Path(temporary), target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Upload(f"@uploads/{clean}", size, replaced)


def _checked(chunks: Iterable[bytes], name: str, max_bytes: int) -> Iterator[bytes]:
    head, total, judged = b"", 0, False
    for chunk in chunks:
        total += len(chunk)
        if total > max_bytes:
            raise UploadTooLargeError(f"文件超过上限 {max_bytes // (1024 * 1024)} MiB。")
        head += chunk[: max(0, _HEAD_BYTES - len(head))]
        if not judged and len(head) == _HEAD_BYTES:
            _judge(head, name)
            judged = True
        yield chunk
    if not judged:
        _judge(head, name)


def _judge(head: bytes, name: str) -> None:
    """Compare the first bytes with what the name promises."""
    if not head:
        raise UploadTypeError("文件是空的。")
    packed = {".gz": _GZIP, ".xz": _XZ}.get(Path(name.lower()).suffix)
    if packed is not None:
        if not head.startswith(packed):
            raise UploadTypeError(f"文件名以 {Path(name).suffix} 结尾，内容却不是这种压缩格式。")
        return
    for mark, kind in _BINARY_HEADS.items():
        if head.startswith(mark):
            raise UploadTypeError(f"内容是 {kind} 文件，不是文本；请先转成文本再上传。")
    if b"\x00" in head and not head.startswith(_UTF16_MARKS):
        raise UploadTypeError("内容含有 NUL 字节，不是文本。")
