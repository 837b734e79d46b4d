"""The manifest of a snapshot: what it was built from and with, and the checksum of each of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import SnapshotDamagedError, SnapshotMismatchError

FORMAT = 1
MANIFEST = "manifest.json"
# Names what is embedded and indexed of a passage; another way makes another snapshot.
INDEXED = "title, heading, text; terms-1"
CURE = "run: yiju index --full"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Fit:
    """What a snapshot must have been built with to be served. ``prompts`` is the part of it that the model id names."""

    model_id: str
    dim: int
    chunking: str
    indexed: str = INDEXED
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says. ``checksums``: SHA-256 of each file, by its path in the folder."""

    snapshot: str
    fit: Fit
    corpus_hash: str
    documents: int
    passages: int
    created_at: str
    checksums: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write into a snapshot's folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read from a snapshot's folder. Raises: SnapshotDamagedError, SnapshotMismatchError (another format)."""
        try:
            content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            built = content["fit"]["format"]
            if built != FORMAT:
                raise SnapshotMismatchError(
                    f"index {str(folder)!r} has format {built}, this program reads format {FORMAT}; {CURE}"
                )
            return cls(**{**content, "fit": Fit(**content["fit"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise damaged(folder, f"its manifest cannot be read ({error})") from error

    def check_fit(self, folder: Path, wanted: Fit) -> None:
        """Raises: SnapshotMismatchError: it was built with something else than ``wanted``."""
        built = self.fit
        if (built.model_id, built.dim) != (wanted.model_id, wanted.dim):
            raise SnapshotMismatchError(
                f"index {str(folder)!r} was built with {built.model_id!r} ({built.dim}), "
                f"settings ask for {wanted.model_id!r} ({wanted.dim}); {CURE}"
            )
        for name in ("chunking", "indexed"):
            if getattr(built, name) != getattr(wanted, name):
                raise SnapshotMismatchError(
                    f"index {str(folder)!r} was built with {name} {getattr(built, name)!r}, "
                    f"this program uses {getattr(wanted, name)!r}; {CURE}"
                )

    def check_files(self, folder: Path) -> None:
        """Raises: SnapshotDamagedError: a file is missing or has another checksum."""
        for name, expected in self.checksums.items():
            try:
                actual = checksum(folder / name)
            except OSError as error:
                raise damaged(folder, f"{name} cannot be read ({error.strerror or error})") from error
            if actual != expected:
                raise damaged(folder, f"{name} has checksum {actual[:16]}, the manifest says {expected[:16]}")


def damaged(folder: Path, what: str) -> SnapshotDamagedError:
    """The error for a snapshot that cannot be used, with the cure."""
    return SnapshotDamagedError(f"index {str(folder)!r} is damaged: {what}; {CURE}")


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder but the manifest, by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def corpus_hash(documents: Iterable[tuple[str, str]]) -> str:
    """One hash for (document id, content hash) of all documents, in any order."""
    digest = hashlib.sha256()
    for document_id, content_hash in sorted(documents):
        digest.update(f"{document_id}\0{content_hash}\n".encode())
    return digest.hexdigest()
