"""Source files in, prepared documents out: lists the sources, tells whether one changed, reads one by its format.

Reading never raises for bad content: what could not be read is said in ``FileOutcome.failures``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.chunking import CHUNKING
from corpus.documents import Document, FileOutcome, PreparedDocument, StoredLine
from corpus.errors import SourceNotFoundError, UnreadableFileError
from corpus.loaders.json_lines import load_json_lines
from corpus.loaders.text_files import load_text_file
from corpus.preparing import Article, derived_title, document_ids, prepare
from corpus.sidecar import SUFFIX, Sidecar, checked_label, read_sidecar, sidecar_path

# Raised with every change of what reading gives, so that files parsed by older rules are parsed again.
INTAKE_VERSION = 9
UPLOADS_PREFIX = "@uploads/"
_TEXT_SUFFIXES = (".txt", ".md")
_JSON_LINES_SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.xz")
_log = logging.getLogger(__name__)
SUPPORTED_SUFFIXES = (*_TEXT_SUFFIXES, *_JSON_LINES_SUFFIXES)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus: ``path`` ('/'-separated) names it in ids and citations, it is read at ``location``."""

    path: str
    location: Path


def list_sources(root: Path, uploads: Path | None) -> list[SourceFile]:
    """All source files of the corpus and the uploads, sorted by path; sidecars and hidden files are not among them.

    ``root`` may be one file. Symbolic links that lead out of the root are left out. Files of unsupported types are
    listed, so that reading them says why they are not taken in.
    Raises: SourceNotFoundError: ``root`` does not exist or cannot be listed.
    """
    if root.is_file():
        found = {root.name: SourceFile(_printable(root.name), root)}
    elif root.is_dir():
        found = {source.path: source for source in _walk(root, "", excluded=uploads)}
    else:
        raise SourceNotFoundError(
            f"the corpus folder '{root}' does not exist; create it, or set YIJU_CORPUS_DIR to one that does"
        )
    if uploads is not None and uploads.is_dir():
        found |= {source.path: source for source in _walk(uploads, UPLOADS_PREFIX, excluded=None)}
    return [found[path] for path in sorted(found)]


def _walk(root: Path, prefix: str, *, excluded: Path | None) -> Iterator[SourceFile]:
    real_root = root.resolve()
    real_excluded = excluded.resolve() if excluded is not None else None

    def stop(error: OSError) -> None:
        raise SourceNotFoundError(
            f"the folder '{error.filename}' of the corpus cannot be listed: {error.strerror}; nothing was changed. "
            "Make it readable or move it out of the corpus"
        )

    for folder, subfolders, names in os.walk(root, onerror=stop):
        here = Path(folder)
        subfolders[:] = [
            name for name in subfolders if not name.startswith(".") and (here / name).resolve() != real_excluded
        ]
        for name in names:
            location = here / name
            if name.startswith(".") or name.endswith(SUFFIX):
                continue
            # Only a link can lead out: resolving each of 100,000 files takes seconds.
            if location.is_symlink() and not location.resolve().is_relative_to(real_root):
                continue
            yield SourceFile(prefix + _printable(location.relative_to(root).as_posix()), location)


def _printable(path: str) -> str:
    """The path as text: composed, so that one file has one id on every system; undecodable bytes shown as such."""
    return unicodedata.normalize("NFC", os.fsencode(path).decode("utf-8", "backslashreplace"))


def fingerprint(source: SourceFile) -> str:
    """SHA-256 over the file, its sidecar and the rules of reading: equal means that reading gives the same again."""
    digest = hashlib.sha256(f"{_rules()}\x1f{source.path}\x1f".encode())
    for location in (source.location, sidecar_path(source.location)):
        try:
            with location.open("rb") as stream:
                digest.update(b"\x1f" + hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            digest.update(f"\x1f{error.errno}".encode())
    return digest.hexdigest()


def _rules() -> str:
    """All that decides what a source becomes beside its bytes, its sidecar and its path."""
    return f"{INTAKE_VERSION}\x1f{CHUNKING}"


def has_lines(source: SourceFile) -> bool:
    """Whether a source holds a document a line, so that lines known from before need not be read again."""
    return source.location.name.lower().endswith(_JSON_LINES_SUFFIXES)


def read_source(source: SourceFile, known: Mapping[bytes, StoredLine] | None = None) -> FileOutcome:
    """The documents of one file, and in words what could not be read of it.

    ``known``: what lines of the file became when it was read before, by mark; they are not among the documents.
    """
    try:
        return _read(source, known)
    except UnreadableFileError as error:
        return FileOutcome(source.path, None, (), (str(error),))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return FileOutcome(
            source.path, None, (), (f"the file cannot be read: {reason}; check that it exists and its permissions",)
        )
    except MemoryError:
        return FileOutcome(source.path, None, (), ("the file does not fit into memory; split it into smaller files",))
    except Exception as error:  # noqa: BLE001 - logged whole, and told
        # A file that meets a fault of ours must not keep all the others out of the index.
        _log.exception("reading a file failed")
        reason = f"the file cannot be read: {type(error).__name__} in the program; the log has the details"
        return FileOutcome(source.path, None, (), (f"{reason}. Please report it; the other files are not affected",))


def _read(source: SourceFile, known: Mapping[bytes, StoredLine] | None) -> FileOutcome:
    name = source.location.name.lower()
    if not name.endswith(SUPPORTED_SUFFIXES):
        raise UnreadableFileError(
            f"the type of the file is not supported; supported are {', '.join(SUPPORTED_SUFFIXES)}"
        )
    sidecar = read_sidecar(source.location)
    checked_label(sidecar.visibility)
    if has_lines(source):
        return load_json_lines(source.path, source.location, sidecar, rules=_rules(), known=known)
    encoding, articles = load_text_file(source.location)
    for label in {article.visibility for article in articles}:
        checked_label(label)
    return FileOutcome(source.path, encoding, tuple(_prepared(source.path, articles, sidecar)))


def _prepared(path: str, articles: list[Article], sidecar: Sidecar) -> Iterator[PreparedDocument]:
    """Articles as documents. Ids come from printed titles, so that a sidecar or a derived title never changes one."""
    ids = iter(document_ids(path, [title for article in articles for title in (article.title, *article.aliases)]))
    for article in articles:
        document_id = next(ids)
        aliases = tuple(next(ids) for _ in article.aliases)
        document = Document(
            id=document_id,
            title=sidecar.title or article.title or derived_title(article.text),
            text=article.text,
            publisher=sidecar.publisher or article.publisher,
            published_at=sidecar.published_at or article.published_at,
            url=sidecar.url or article.url,
            source_path=path,
            visibility=sidecar.visibility or article.visibility,
        )
        yield prepare(document, article.sections, aliases=aliases)
