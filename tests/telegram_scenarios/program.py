"""The program as people run it: `yiju telegram` or `yiju serve` over a copy of the shipped samples."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.samples import samples_dir

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
TOKEN = "987654321:AAE-scenario_TOKEN_nobody_has"
# People with rights by the settings; each scenario takes new ones.
ADMINS = range(11, 71)
ALLOWED = range(1_000_001, 1_000_401)
GROUPS = range(-1_001_000_000_040, -1_001_000_000_000)


class Program:
    """The program with a data folder, sources and settings of its own."""

    def __init__(self, folder: Path, base_url: str, models_dir: Path, **settings: str) -> None:
        self.folder = folder
        self.corpus = folder / "corpus"
        self.data_dir = folder / "data"
        self.log = folder / "log.txt"
        self.log.touch()
        # Neither the developer's settings nor another copy of the project: this one, from this folder.
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("YIJU_")} | {
            "PYTHONPATH": str(PROJECT_DIR),
            "YIJU_DATA_DIR": str(self.data_dir),
            "YIJU_CORPUS_DIR": str(self.corpus),
            "YIJU_MODELS_DIR": str(models_dir),
            "YIJU_TELEGRAM__TOKEN": TOKEN,
            "YIJU_TELEGRAM__BASE_URL": base_url,
            "YIJU_TELEGRAM__ADMIN_IDS": ",".join(map(str, ADMINS)),
            "YIJU_TELEGRAM__ALLOWED_IDS": ",".join(map(str, [*ALLOWED, *GROUPS])),
            **settings,
        }

    def make_sources(self) -> None:
        """Copy the shipped samples, so that scenarios may add to them."""
        shutil.copytree(samples_dir(), self.corpus)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1200,
        )

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start a command in the background; it writes into the log."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.cli", command],
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    @contextmanager
    def serving(self, command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command in the background, stopped as an operator stops it."""
        process = self.start(command)
        try:
            yield process
        finally:
            stop(process)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a process gracefully, by force after a minute; its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
