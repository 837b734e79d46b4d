"""Runs `yiju serve` as its own process on a free port, with sources of our own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

SOURCES = {
    "清溪凉瓜.txt": "清溪镇凉瓜丰收\n\n今年清溪镇凉瓜种植面积650多亩，产值达1.3亿元，带动农户三百多户。\n",
    "东江大桥.txt": "东江大桥今日通车\n\n东江大桥全长2.6公里，总投资四千万元。通车后，从县城到高铁站只要十五分钟。\n",
    "北京大学.txt": "北京大学简介\n\n北京大学创办于1898年，初名京师大学堂。学校现有学生四万余人，教师三千多名。\n",
}


@dataclass
class Served:
    """A running server. ``log`` grows while it runs."""

    url: str
    process: subprocess.Popen[bytes]
    corpus: Path
    data_dir: Path
    log: Path

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def wait_for(self, found: Callable[[httpx.Client], bool], seconds: float = 180.0) -> None:
        """Until ``found``. Fails with the server's log when it does not come, or the process is gone."""
        end = time.monotonic() + seconds
        with self.client() as client:
            while time.monotonic() < end:
                assert self.process.poll() is None, self.log.read_text()
                try:
                    if found(client):
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def reindex(self, **options: bool) -> dict[str, object]:
        """Run a re-index to its end; the job."""
        with self.client() as client:
            started = client.post("/v1/admin/reindex", json=options)
            assert started.status_code == 202, started.text
            location = started.headers["location"]
            job: dict[str, object] = {}

            def ended(each: httpx.Client) -> bool:
                job.update(each.get(location).json())
                return job["state"] in ("succeeded", "failed")

            self.wait_for(ended)
            return job

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def free_port(host: str = "127.0.0.1") -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIJU_")}
    return kept | {"YIJU_DATA_DIR": str(data_dir), "OMP_NUM_THREADS": "2"} | settings


@contextmanager
def serve_process(known: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`yiju serve` with that environment; it is asked to end at the end of the block, and made to where it does not."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], env=dict(known), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


@contextmanager
def serving(folder: Path, models_dir: Path, **settings: str) -> Iterator[Served]:
    """A server that is alive; with model and index some time later."""
    corpus, data_dir, log = folder / "corpus", folder / "data", folder / "serve.log"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, text in SOURCES.items():
        (corpus / name).write_text(text, encoding="utf-8")
    host = settings.get("YIJU_HTTP__HOST", "127.0.0.1")
    port = free_port(host)
    ours = {"YIJU_MODELS_DIR": str(models_dir), "YIJU_CORPUS_DIR": str(corpus), "YIJU_HTTP__PORT": str(port)}
    shown = f"[{host}]" if ":" in host else host
    with serve_process(environment(data_dir, **ours, **settings), log) as process:
        served = Served(f"http://{shown}:{port}", process, corpus, data_dir, log)
        served.wait_for(lambda client: client.get("/livez").status_code == 200)
        yield served


def loaded(client: httpx.Client) -> bool:
    """Whether the model is there: then only the index can be missing."""
    answer = client.get("/readyz")
    return answer.status_code == 200 or answer.json()["code"] != "not_ready"
