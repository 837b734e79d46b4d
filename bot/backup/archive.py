"""The file of a backup: a tar of named members, each with its SHA-256, that is whole or refused.

It opens with what it is and closes with the list of its members, so that one that was cut short is known. What the
members are is not this module's business.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from retrieval import durable
from retrieval.errors import BackupError

FORMAT = 1
KIND = "yiju backup"
HEAD, CONTENTS = "yiju-backup.json", "contents.json"
_BLOCK_BYTES = 1 << 20
_MODES: dict[str, tuple[Literal["w", "w:gz"], Literal["r:", "r:gz"]]] = {
    ".tar": ("w", "r:"),
    ".tar.gz": ("w:gz", "r:gz"),
    ".tgz": ("w:gz", "r:gz"),
}
# Vectors hardly shrink; the least effort is nearly as small as the most.
_GZIP_LEVEL = 1
# What a damaged file makes tarfile and gzip raise.
_UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, KeyError, TypeError)
OnBytes = Callable[[int], None]
"""Told the bytes that were written or read so far."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup."""

    sha256: str
    size: int


def suffix_of(file: Path) -> str:
    """How the archive is packed, by its name. Raises: BackupError: neither .tar, .tar.gz nor .tgz."""
    found = next((suffix for suffix in _MODES if file.name.lower().endswith(suffix)), None)
    if found is None:
        raise BackupError(f"{str(file)!r} is no name for a backup; end it in .tar (quick) or .tar.gz (smaller)")
    return found


class ArchiveWriter:
    """Adds members to a backup that is being written; made by ``writing``."""

    def __init__(self, tar: tarfile.TarFile, on_bytes: OnBytes) -> None:
        self._tar = tar
        self._on_bytes = on_bytes
        self._members: dict[str, Member] = {}
        self._written = 0

    def add(self, name: str, file: IO[bytes]) -> Member:
        """Add an open file that does not change under a name; what was read of it. Raises: OSError."""
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256()

        def seen(block: bytes) -> None:
            digest.update(block)
            self._written += len(block)
            self._on_bytes(self._written)

        self._tar.addfile(_entry(name, size), _Tapped(file, seen))
        self._members[name] = Member(digest.hexdigest(), size)
        return self._members[name]

    def add_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Add a small text that is not among the members."""
        data = json.dumps(content, ensure_ascii=False, indent=1).encode()
        self._tar.addfile(_entry(name, len(data)), io.BytesIO(data))

    def close(self) -> None:
        """The list of members, last."""
        self.add_json(CONTENTS, {name: asdict(member) for name, member in self._members.items()})


@contextmanager
def writing(file: Path, head: Mapping[str, Any], on_bytes: OnBytes) -> Iterator[ArchiveWriter]:
    """A new backup: there under its name, durably, when the block ends well; else nothing is left.

    Raises: BackupError: a file of that name exists, or its folder does not, or it cannot be written.
    """
    mode, _ = _MODES[suffix_of(file)]
    _check_free(file)
    partial = file.with_name(f".{file.name}.partial")
    try:
        with _opened_for_writing(partial, mode) as tar:
            writer = ArchiveWriter(tar, on_bytes)
            writer.add_json(HEAD, {"kind": KIND, "format": FORMAT, **head})
            yield writer
            writer.close()
        durable.sync(partial)
        _check_free(file)
        durable.rename(partial, file)
    except OSError as error:
        raise BackupError(
            f"backup {str(file)!r} cannot be written ({error.strerror or error}); nothing of it was kept; free space, "
            "or name another place"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


class ArchiveReader:
    """A backup that is being read from its beginning to its end; made by ``reading``."""

    def __init__(self, tar: tarfile.TarFile, file: Path, on_bytes: OnBytes) -> None:
        self._tar = tar
        self._file = file
        self._on_bytes = on_bytes
        self.head = self._read_head()

    def extract(self, folder: Path) -> dict[str, Member]:
        """Write every member below an empty folder and check it. Returns: the members by name.

        Raises: BackupError: it is damaged, cut short or holds something else; OSError: the folder cannot be written.
        """
        found: dict[str, Member] = {}
        read = 0
        while (entry := self._tar.next()) is not None:
            if entry.name == CONTENTS:
                self._check(found, self._json_of(entry))
                return found
            target = folder / _safe_name(self._file, entry)
            target.parent.mkdir(parents=True, exist_ok=True)
            found[entry.name] = self._extract_one(entry, target)
            read += entry.size
            self._on_bytes(read)
        raise damaged(self._file, "it is cut short")

    def _read_head(self) -> dict[str, Any]:
        entry = self._tar.next()
        content = self._json_of(entry) if entry is not None and entry.name == HEAD else {}
        if content.get("kind") != KIND:
            raise BackupError(f"{str(self._file)!r} is no backup of yiju; name a file that `yiju backup` wrote")
        if content["format"] != FORMAT:
            raise BackupError(
                f"backup {str(self._file)!r} has format {content['format']}, this program reads format {FORMAT}; "
                "restore it with the yiju that wrote it"
            )
        return content

    def _json_of(self, entry: tarfile.TarInfo) -> dict[str, Any]:
        stream = self._tar.extractfile(entry)
        content = json.loads(stream.read()) if stream is not None else None
        if not isinstance(content, dict):
            raise damaged(self._file, f"{entry.name} is not what it should be")
        return content

    def _extract_one(self, entry: tarfile.TarInfo, target: Path) -> Member:
        stream = self._tar.extractfile(entry)
        if stream is None:
            raise damaged(self._file, f"{entry.name} is no file")
        digest = hashlib.sha256()
        with target.open("xb") as written:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
                written.write(block)
        return Member(digest.hexdigest(), entry.size)

    def _check(self, found: Mapping[str, Member], said: Mapping[str, Any]) -> None:
        promised = {name: Member(**member) for name, member in said.items()}
        for name in sorted(found.keys() | promised.keys()):
            if found.get(name) != promised.get(name):
                raise damaged(self._file, f"{name} is missing, added or has another checksum")


@contextmanager
def reading(file: Path, on_bytes: OnBytes) -> Iterator[ArchiveReader]:
    """A backup, opened and known by its head. Raises: BackupError: not there, no backup, of another format, damaged."""
    _, mode = _MODES[suffix_of(file)]
    try:
        opened = file.open("rb")
    except OSError as error:
        raise BackupError(f"backup {str(file)!r} cannot be read ({error.strerror or error}); name another") from error
    with opened:
        try:
            with tarfile.open(fileobj=opened, mode=mode) as tar:
                yield ArchiveReader(tar, file, on_bytes)
        except _UNREADABLE as error:
            raise damaged(file, str(error) or "it is cut short") from error


def damaged(file: Path, what: str) -> BackupError:
    """The error for a backup that is not whole."""
    return BackupError(f"backup {str(file)!r} is damaged: {what}; nothing was changed; use another copy of it")


class _Tapped:
    """Reads of a file that somebody else sees too."""

    def __init__(self, file: IO[bytes], seen: Callable[[bytes], None]) -> None:
        self._file = file
        self._seen = seen

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._seen(block)
        return block


@contextmanager
def _opened_for_writing(partial: Path, mode: Literal["w", "w:gz"]) -> Iterator[tarfile.TarFile]:
    # It holds what people have asked: for its owner alone.
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        if mode == "w":
            with tarfile.open(fileobj=file, mode=mode) as tar:
                yield tar
        else:
            with tarfile.open(fileobj=file, mode=mode, compresslevel=_GZIP_LEVEL) as tar:
                yield tar


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _safe_name(file: Path, entry: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(entry.name)
    if not entry.isreg() or path.is_absolute() or ".." in path.parts or not path.parts or "\0" in entry.name:
        raise damaged(file, f"{entry.name!r} is no plain file inside it")
    return path


def _check_free(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise BackupError(f"{str(file)!r} exists; backups are never overwritten: name another file, or remove it")
    if not file.parent.is_dir():
        raise BackupError(f"folder {str(file.parent)!r} does not exist; create it, or name another")
