"""Runs `yiju index` and `yiju serve` over a copy of the shipped samples, for tests in a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.samples import samples_dir
from tests.bot.served import Served, environment, free_port, serve_process

# Of the accounts that tests make; long enough, and nobody's.
PASSWORD = "竹外桃花三两枝-2026"


@dataclass
class WebServer(Served):
    """A running server; ``settings`` is the environment that commands beside it need."""

    settings: dict[str, str]

    def yiju(self, *arguments: str) -> str:
        """What a command prints that is run over the same data folder."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            env=environment(self.data_dir, **self.settings),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def web_server(folder: Path, models_dir: Path, **settings: str) -> Iterator[WebServer]:
    """A server that answers."""
    corpus, data_dir, log, port = folder / "corpus", folder / "data", folder / "serve.log", free_port()
    shutil.copytree(samples_dir(), corpus)
    ours = {
        "YIJU_MODELS_DIR": str(models_dir),
        "YIJU_CORPUS_DIR": str(corpus),
        "YIJU_HTTP__PORT": str(port),
        **settings,
    }
    known = environment(data_dir, **ours)
    subprocess.run([sys.executable, "-m", "bot.cli", "index"], env=known, check=True, capture_output=True)
    with serve_process(known, log) as process:
        served = WebServer(f"http://127.0.0.1:{port}", process, corpus, data_dir, log, ours)
        served.wait_for(lambda client: client.get("/readyz").status_code == 200)
        yield served
