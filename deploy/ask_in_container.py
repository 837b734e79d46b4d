"""What `deploy/test-image` runs inside a container: index the samples, serve, ask, and try what must not work.

Uses the standard library and the image alone. Prints what it saw; ends with 1 where something is otherwise.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

QUESTION = "北京大学创办于哪一年？"
SECONDS = 120


def main() -> int:
    """Go through it, step by step."""
    told: dict[str, object] = {"user": os.getuid(), "read_only": _read_only(), "network": _has_network()}
    assert told == {"user": 10001, "read_only": True, "network": False}, told
    Path("/data/corpus").mkdir()
    Path("/data/corpus/北京大学.txt").write_text(
        "北京大学简介\n\n北京大学创办于1898年，初名京师大学堂。学校现有学生四万余人。\n", encoding="utf-8"
    )
    os.environ["YIJU_CORPUS_DIR"] = "/data/corpus"
    began = time.monotonic()
    report = json.loads(_yiju("index", "--json"))
    told["index_seconds"] = round(time.monotonic() - began, 1)
    assert report["documents"]["added"] == 1 and report["pending"] == 0, report
    assert json.loads(_yiju("ask", QUESTION, "--json"))["short_answer"] == "1898年"
    key = json.loads(_yiju("keys", "create", "test", "--scope", "ask", "--json"))["key"]
    began = time.monotonic()
    server = subprocess.Popen(["yiju", "serve"])  # noqa: S607 - the image's own entry point
    try:
        _wait_for_health(server)
        told["ready_seconds"] = round(time.monotonic() - began, 1)
        answer = _ask(key)
        told["answer"], told["cited"] = answer["short_answer"], answer["citations"][0]["document_title"]
        assert (answer["outcome"], answer["short_answer"]) == ("answered", "1898年"), answer
        told["memory_mib"] = _memory_mib(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        told["exit_code"] = server.wait(30)
    assert told["exit_code"] == 0, told
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - what the script is for
    return 0


def _yiju(*arguments: str) -> str:
    done = subprocess.run(["yiju", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert done.returncode == 0, f"yiju {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def _read_only() -> bool:
    try:
        Path("/opt/yiju/written").write_text("")
    except OSError:
        return True
    return False


def _has_network() -> bool:
    names = {name for _, name in socket.if_nameindex()}
    return names != {"lo"}


def _wait_for_health(server: subprocess.Popen[bytes]) -> None:
    command = Path("/mnt/health").read_text(encoding="utf-8").splitlines()
    until = time.monotonic() + SECONDS
    while subprocess.run(command, capture_output=True, check=False).returncode != 0:  # noqa: S603 - the image's own
        assert server.poll() is None, "the server has ended"
        assert time.monotonic() < until, "not ready in time"
        time.sleep(0.5)


def _ask(key: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ['YIJU_HTTP__PORT']}/v1/ask",
        json.dumps({"question": QUESTION}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
        answer: dict[str, object] = json.load(response)
        return answer


def _memory_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
