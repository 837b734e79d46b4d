"""A real `yiju serve` in a process of its own, and a small client of its HTTP interface."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_SECONDS = 300.0
STOP_SECONDS = 30.0
IDLE_SECONDS = 2.0


class SoakError(Exception):
    """The server did something that a soak cannot go on after."""


class Client:
    """One connection, kept open between calls that follow soon. Not for several threads."""

    def __init__(self, port: int, timeout_seconds: float = 120.0) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
        self._used = 0.0

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON of a request. Raises: OSError, http.client.HTTPException."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()  # the server closes what is idle, and a call that meets that fails
        content = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
            response = self._connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next call opens it again
            raise
        finally:
            self._used = time.monotonic()
        return response.status, json.loads(said) if said else None


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with its sources."""

    process: subprocess.Popen[bytes]
    port: int
    sources: Path
    environment: dict[str, str]
    log: Path

    def client(self) -> Client:
        return Client(self.port)

    def resident_mib(self) -> float:
        """Its memory now, of which shared pages of files are a part."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def index_by_command(self) -> None:
        """Run `yiju index` beside the server. Raises: SoakError."""
        _index(self.environment)


@contextmanager
def serving(folder: Path, models: Path, sources: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Index the sources, serve them, and wait until it answers. ``settings``: more of them. Raises: SoakError."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJU_")}
    environment = kept | {
        "YIJU_DATA_DIR": str(folder / "data"),
        "YIJU_MODELS_DIR": str(models),
        "YIJU_CORPUS_DIR": str(sources),
        "YIJU_HTTP__PORT": str(port),
        **(settings or {}),
    }
    _index(environment)
    log = folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        server = Server(process, port, sources, environment, log)
        _wait_until_ready(server)
        yield server
    finally:
        _stop(process)


def _index(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot.cli", "index", "--json", "--allow-mass-removal"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=1800)
    if ended.returncode:
        raise SoakError(f"yiju index ended with {ended.returncode}: {ended.stderr[-2000:]}")


def _wait_until_ready(server: Server) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if server.process.poll() is not None:
            break
        try:
            if server.client().call("GET", "/readyz")[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    raise SoakError(f"the server is not ready: {server.log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
