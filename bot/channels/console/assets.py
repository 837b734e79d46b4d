"""The console's own scripts and styles, out of the package, each at an address that changes with its content."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

PREFIX = "/static/console/"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_FOLDER = Path(__file__).parent / "static"


class Assets:
    """Files of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._folder.iterdir() if path.suffix in _TYPES}

    @cached_property
    def _tags(self) -> dict[str, str]:
        return {name: hashlib.sha256(data).hexdigest()[:16] for name, data in self._files.items()}

    def address(self, name: str) -> str:
        """Where a page finds the file. Raises: KeyError: there is none of that name."""
        return f"{PREFIX}{name}?v={self._tags[name]}"

    async def serve(self, request: Request) -> Response:
        """The file; for ever where the address names its content."""
        name = request.path_params["name"]
        if name not in self._files:
            return Response("", 404, media_type="text/plain")
        tag = self._tags[name]
        kept = "public, max-age=31536000, immutable" if request.query_params.get("v") == tag else "no-cache"
        headers = {"ETag": f'"{tag}"', "Cache-Control": kept}
        if request.headers.get("if-none-match") == f'"{tag}"':
            return Response(None, 304, headers)
        return Response(self._files[name], 200, headers, _TYPES[Path(name).suffix])


ASSETS = Assets(_FOLDER)
