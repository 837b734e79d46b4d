"""A power loss: what was not synced is dropped, cut short, zeroed or kept, each thing by the throw of a die."""

from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from evals.faults.shadow import DATABASE_FILES, JOURNAL, is_database

_TEMPORARY = "data-after-power-loss"


@dataclass
class _Kept:
    """What the journal says is safe: names by folder, content by file, databases by name."""

    folders: dict[int, dict[str, int]] = field(default_factory=dict)
    files: dict[int, Path] = field(default_factory=dict)
    databases: dict[str, Path] = field(default_factory=dict)


@dataclass
class _Found:
    """What is on the disk at the cut: names by folder, paths by file."""

    folders: dict[int, dict[str, int]] = field(default_factory=dict)
    files: dict[int, Path] = field(default_factory=dict)


def cut_power(data: Path, place: Path, dice: random.Random, *, torn: bool = False) -> list[str]:
    """Let the data folder hold what a disk would. Returns: what was lost, a line each.

    ``torn``: all names are there, and every content that was not synced is broken.
    """
    kept, found = _read_journal(place / JOURNAL), _look(data)
    fresh = data.with_name(_TEMPORARY)
    lost: list[str] = []
    _Rebuilding(data, kept, found, dice, lost, torn).folder(data.stat().st_ino, data, fresh)
    for name in sorted({path.name for path in data.glob("*.db")} | set(kept.databases)):
        _database(data / name, fresh / name, kept.databases.get(name), dice, lost)
    shutil.rmtree(data)
    fresh.rename(data)
    return lost


def _read_journal(journal: Path) -> _Kept:
    kept = _Kept()
    for line in journal.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if "folder" in said:
            kept.folders[said["folder"]] = said["names"]
        elif "file" in said:
            kept.files[said["file"]] = Path(said["copy"])
        else:
            kept.databases[said["database"]] = Path(said["copy"])
    return kept


def _look(data: Path) -> _Found:
    found = _Found()
    for folder, _, names in os.walk(data):
        found.folders[Path(folder).stat().st_ino] = {entry.name: entry.inode() for entry in os.scandir(folder)}
        found.files.update({Path(folder, name).stat().st_ino: Path(folder, name) for name in names})
    return found


class _Rebuilding:
    """Writes a tree anew from what is safe and what is there."""

    def __init__(
        self, data: Path, kept: _Kept, found: _Found, dice: random.Random, lost: list[str], torn: bool
    ) -> None:
        self._data, self._kept, self._found, self._dice, self._lost = data, kept, found, dice, lost
        self._all_torn = torn
        self._seen: set[int] = set()
        self._files: dict[int, Path] = {}

    def folder(self, inode: int, was: Path, target: Path) -> None:
        """One folder with all below it."""
        target.mkdir()
        self._seen.add(inode)
        safe, there = self._kept.folders.get(inode, {}), self._found.folders.get(inode, {})
        for name in sorted(set(safe) | set(there)):
            path = was / name
            if is_database(self._data, path):
                continue
            entry = safe.get(name)
            if entry != there.get(name):
                entry = there.get(name) if self._all_torn else self._dice.choice((entry, there.get(name)))
                if entry != there.get(name):
                    self._lost.append(f"name {path.relative_to(self._data)}")
            if entry is None or entry in self._seen:
                continue  # a folder whose renaming was lost stands under one of its names
            if entry in self._found.folders or entry in self._kept.folders:
                self.folder(entry, path, target / name)
            else:
                self._file(entry, path, target / name)

    def _file(self, inode: int, was: Path, target: Path) -> None:
        if inode in self._files:
            os.link(self._files[inode], target)
            return
        self._files[inode] = target
        safe, there = self._kept.files.get(inode), self._found.files.get(inode)
        old = safe.read_bytes() if safe is not None else b""
        if there is None:
            target.write_bytes(old)
            return
        # The same file, with its inode and time of change: nothing may tell that its content is another.
        os.link(there, target)
        new, times = there.read_bytes(), there.stat()
        content = new if new == old and safe is not None else self._torn(old, new)
        if content != new:
            target.write_bytes(content)
            os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
            self._lost.append(f"{len(new)} bytes of {was.relative_to(self._data)}")

    def _torn(self, old: bytes, new: bytes) -> bytes:
        end = self._dice.randint(0, max(0, len(new) - 1))
        if self._all_torn:
            return self._dice.choice((new[:end], new[:end] + bytes(len(new) - end)))
        return self._dice.choice((new, old, new[:end], new[:end] + bytes(len(new) - end), bytes(len(new))))


def _database(path: Path, target: Path, safe: Path | None, dice: random.Random, lost: list[str]) -> None:
    """One database: as it is, as it was when it was last safe, or with only a part of the transactions since."""
    log = path.with_name(path.name + "-wal")
    old, new = (_content(safe / log.name) if safe is not None else b""), _content(log)
    # A log grows until it is written into the database and begun anew; only while it grows can its end be missing.
    grew = safe is not None and new.startswith(old) and _content(path) == _content(safe / path.name)
    fate = dice.choice(("kept", "old", "cut") if grew else ("kept", "old"))
    if fate == "old":
        if safe is not None:
            _copy(safe / path.name, target)
        if safe is None or not grew or old != new:
            lost.append(f"the last transactions of {path.name}")
        return
    _copy(path, target)
    if fate == "cut" and new:
        end = dice.randint(len(old), len(new))
        target.with_name(log.name).write_bytes(new[:end])
        lost.append(f"{len(new) - end} bytes of {log.name}")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _copy(path: Path, target: Path) -> None:
    for suffix in DATABASE_FILES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            shutil.copyfile(file, target.with_name(target.name + suffix))
