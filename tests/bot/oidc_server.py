"""A small OpenID provider on loopback: one person, whose claims and faults a test sets."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class LoopbackProvider:
    """``claims`` are added to (or take the place of) those of the token; ``discovered`` to the discovery document."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    discovered: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    signing: Any = None
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "k1"})
    down: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def authorize(self, address: str) -> dict[str, str]:
        """What the provider sends the browser back with, once the person has said yes."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint; a code is good once, for whoever has the verifier."""
        query = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if query is None or query["code_challenge"] != challenge or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": query["client_id"], "sub": "u-1", "nonce": query["nonce"], "iat": now,
            "exp": now + 300, "preferred_username": "wangfang",
        } | self.claims  # fmt: skip
        signed = jwt.encode(self.header, claims, self.signing or self.key, algorithms=["RS256", "HS256"])
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": signed}

    def document(self, path: str) -> dict[str, Any] | None:
        """What is read from a path."""
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            found: dict[str, Any] = {name: f"{self.issuer}/{end}" for name, end in ends.items()}
            return {"issuer": self.issuer} | found | self.discovered
        return {"keys": [self.key.as_dict(private=False)]} if path == "/jwks" else None


@contextmanager
def loopback_provider() -> Iterator[LoopbackProvider]:
    """The provider, listening."""
    provider = LoopbackProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            found = provider.document(self.path)
            self._answer(200 if found is not None else 404, found or {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(503 if provider.down else status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
