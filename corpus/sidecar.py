"""The optional file ``NAME.EXT.meta.yaml`` beside a source: what an administrator says about all its documents.

It wins over what the source says. A sidecar that is not understood fails its source: a wrong date is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

import yaml

from corpus.documents import PUBLIC
from corpus.errors import UnreadableFileError
from corpus.plain_yaml import load_plain
from corpus.visibility import MAX_LABEL_CHARS, is_label

SUFFIX = ".meta.yaml"
_KEYS = ("title", "publisher", "published_at", "url", "visibility")
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Values for every document of a file; None where the file itself decides."""

    title: str | None = None
    publisher: str | None = None
    published_at: date | None = None
    url: str | None = None
    visibility: str | None = None


def sidecar_path(location: Path) -> Path:
    """Where the sidecar of a source stands."""
    return location.with_name(location.name + SUFFIX)


def read_sidecar(location: Path) -> Sidecar:
    """What the sidecar of the source at ``location`` says; all None where there is none.

    Raises: UnreadableFileError: it cannot be read, is no such mapping, or has keys or values that are not understood.
    """
    path = sidecar_path(location)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Sidecar()
    except OSError as error:
        raise UnreadableFileError(f"its sidecar {path.name} cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise UnreadableFileError(f"its sidecar {path.name} has {len(data)} bytes, more than {_MAX_BYTES}")
    try:
        loaded = load_plain(data.decode("utf-8-sig"))
    # Beyond YAML's own errors: ValueError for an impossible date, RecursionError for deep nesting.
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        cause = " ".join(str(error).split())
        raise UnreadableFileError(f"its sidecar {path.name} is not YAML in UTF-8: {cause}") from error
    if loaded is None:
        return Sidecar()
    if not isinstance(loaded, dict):
        raise UnreadableFileError(f"its sidecar {path.name} is no mapping; write lines such as 'publisher: 江门日报'")
    return _checked(loaded, path.name)


def _checked(loaded: dict[object, object], name: str) -> Sidecar:
    unknown = [str(key) for key in loaded if key not in _KEYS]
    if unknown:
        near = get_close_matches(unknown[0], _KEYS, n=1)
        meant = f"; did you mean '{near[0]}'?" if near else ""
        raise UnreadableFileError(
            f"its sidecar {name} has unknown keys: {', '.join(sorted(unknown))}{meant} Known are: {', '.join(_KEYS)}"
        )
    texts = {key: _text(loaded.get(key), key, name) for key in ("title", "publisher", "url", "visibility")}
    return Sidecar(published_at=_date(loaded.get("published_at"), name), **texts)


def _text(value: object, key: str, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnreadableFileError(f"its sidecar {name}: '{key}' is {value!r}, not text; put it in quotes")
    return " ".join(value.split()) or None


def _date(value: object, name: str) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise UnreadableFileError(
            f"its sidecar {name}: 'published_at' is {value!r}, not a date such as 2024-06-12"
        ) from error


def checked_label(visibility: str | None) -> str | None:
    """The label as it is kept. Raises: UnreadableFileError: it is none, so it cannot be said who may see the text."""
    if visibility is None or is_label(label := visibility.strip()):
        return visibility and label
    raise UnreadableFileError(
        f"its visibility is {visibility[:80]!r}, which is no label: write '{PUBLIC}' or 1 to {MAX_LABEL_CHARS} "
        "letters, digits, _, . and -; until then nobody sees it"
    )
