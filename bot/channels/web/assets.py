"""The files that pages load: scripts, styles, pictures of every folder `bot/channels/*/static`, held in memory.

The address of a file holds a hash of all files, so that a browser keeps them for ever and a new version is another
address; modules that import each other by relative paths stay within one version.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

# Marked, so that other channels may have addresses of their own below `/static/`.
PREFIX = "/static/v-"
CHANNELS_DIR = Path(__file__).resolve().parent.parent
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
# What no table of the operating system may change: a browser refuses a module of another type.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_WORTH_PACKING = 1024


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; ``packed`` is its gzip form, None where that is no smaller."""

    content: bytes
    packed: bytes | None
    media_type: str
    etag: str


class Assets:
    """Files by name (`web/chat.js`). Nothing is read from disk after it is made, so no name leads elsewhere."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._assets = {name: _asset(name, content) for name, content in contents.items()}
        whole = hashlib.sha256()
        for name, content in sorted(contents.items()):
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        self.version = whole.hexdigest()[:16]

    @classmethod
    def of_channels(cls, folder: Path = CHANNELS_DIR) -> Assets:
        """The files of every package of the folder, under the package's name."""
        return cls(
            {
                f"{static.parent.name}/{path.relative_to(static).as_posix()}": path.read_bytes()
                for static in sorted(folder.glob("*/static"))
                for path in sorted(static.rglob("*"))
                if path.is_file()
            }
        )

    def url(self, name: str) -> str:
        """Where a page loads the file from. Raises: KeyError: there is none of that name."""
        if name not in self._assets:
            raise KeyError(name)
        return f"{PREFIX}{self.version}/{name}"

    def response(self, version: str, name: str, request: Request) -> Response:
        """The file of that name, for ever where the version is that of now. Raises: HTTPException: 404."""
        asset, lasting = self._assets.get(name), version == self.version
        if asset is None:
            raise HTTPException(404)
        headers = {
            "ETag": asset.etag,
            "Cache-Control": _FOR_EVER if lasting else _ASK_AGAIN,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        if asset.etag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        if asset.packed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.media_type)
        return Response(asset.content, headers=headers, media_type=asset.media_type)


def add_assets(app: FastAPI, assets: Assets) -> None:
    """Serve the files below `/static/`."""

    async def static(version: str, name: str, request: Request) -> Response:
        return assets.response(version, name, request)

    app.add_api_route(
        PREFIX + "{version}/{name:path}", static, methods=["GET", "HEAD"], response_model=None, include_in_schema=False
    )


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.strip().partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _asset(name: str, content: bytes) -> Asset:
    suffix = Path(name).suffix
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0) if len(content) >= _WORTH_PACKING else content
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return Asset(content, packed if len(packed) < len(content) else None, media_type, etag)
