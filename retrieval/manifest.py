"""The manifest of a snapshot: what it was built from and with, and the checksum of each of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval import durable
from retrieval.errors import SnapshotDamagedError, SnapshotMismatchError

FORMAT = 2
MANIFEST = "manifest.json"
# Stands beside the manifest of a snapshot that must not be switched to, with the reason; no part of the snapshot.
BLOCKED = "blocked.json"
# Names what is embedded and indexed of a passage; another way makes another snapshot.
INDEXED = "title, heading, text; terms-1"
CURE = "run: yiju index --full"
_HASH_RANGE = 1 << 256


@dataclass(frozen=True, slots=True)
class Fit:
    """What a snapshot must have been built with to be served. ``prompts`` is the part of it that the model id names."""

    model_id: str
    dim: int
    chunking: str
    indexed: str = INDEXED
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class ModelSource:
    """How the model that embedded a snapshot can be opened again: its name and backend as settings give them."""

    name: str
    backend: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says.

    ``embedded``: how many of the passages have a vector. ``store_id``: the database whose rows and versions it names.
    ``parent``: the snapshot it shares files with. ``checksums``: SHA-256 of each file, by its path in the folder.
    """

    snapshot: str
    fit: Fit
    corpus_hash: str
    documents: int
    passages: int
    embedded: int
    created_at: str
    model: ModelSource | None
    store_id: str
    parent: str | None
    checksums: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write into a snapshot's folder, durably. Raises: OSError."""
        content = json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"
        durable.write_atomically(folder / MANIFEST, content.encode())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read from a snapshot's folder. Raises: SnapshotDamagedError, SnapshotMismatchError (another format)."""
        try:
            content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            built = content["fit"]["format"]
            if built != FORMAT:
                raise SnapshotMismatchError(
                    f"index {str(folder)!r} has format {built}, this program reads format {FORMAT}; run: yiju index"
                )
            model = None if content["model"] is None else ModelSource(**content["model"])
            checksums = {str(name): str(value) for name, value in content["checksums"].items()}
            return cls(**{**content, "fit": Fit(**content["fit"]), "model": model, "checksums": checksums})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder, f"its manifest cannot be read ({error})") from error

    @property
    def embedded_share(self) -> float:
        """The share of passages with a vector, 0 to 1; 1 where there are no passages."""
        return self.embedded / self.passages if self.passages else 1.0

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


def damaged(folder: Path, what: str) -> SnapshotDamagedError:
    """The error for a snapshot that cannot be used, with the cure."""
    return SnapshotDamagedError(f"index {str(folder)!r} is damaged: {what}; {CURE}")


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex. Raises: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def snapshot_files(folder: Path) -> list[str]:
    """Every file below the folder that its manifest has to name, by relative path, sorted."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if path.name not in (MANIFEST, BLOCKED) and not is_lock(path))


def is_lock(path: Path) -> bool:
    """Whether a file is a lock of the lexical index: made by every process that opens it, never to be linked."""
    return path.name.startswith(".tantivy-") and path.name.endswith(".lock")


def corpus_hash(documents: Iterable[tuple[str, str]]) -> str:
    """One hash for (document id, content hash) of all documents, in any order. See ``changed_hash``."""
    return changed_hash("0" * 64, (), documents)


def changed_hash(before: str, removed: Iterable[tuple[str, str]], added: Iterable[tuple[str, str]]) -> str:
    """The corpus hash after a change, from the one before and the changed documents alone.

    It is the sum of the documents' SHA-256 modulo 2^256, so documents can be taken out and put in.
    """
    total = int(before, 16) + sum(map(_number, added)) - sum(map(_number, removed))
    return f"{total % _HASH_RANGE:064x}"


def _number(document: tuple[str, str]) -> int:
    return int.from_bytes(hashlib.sha256(f"{document[0]}\0{document[1]}".encode()).digest())
