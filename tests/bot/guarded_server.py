"""A real server with everything planted that must not get out: secrets of every kind, and documents with labels.

What it calls by itself ends at a listener that sends back whatever it is sent, the secrets too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from bot.app import open_stores
from bot.app_doors import accounts_of, key_desk
from bot.settings import load_settings
from corpus.visibility import PUBLIC_ONLY, Clearance, clearance_of
from tests.bot.served import SOURCES, Served, environment, free_port, serve_process

BOT_TOKEN = "7654321098:AAGplantedBotTokenOf35Characters_xx"
WEBHOOK_SECRET = "planted-webhook-Secret_0815"
LLM_KEY = "plantedLlmKey.4711"
OIDC_SECRET = "planted&oidc/secret==7"
PASSWORD = "深林人不知，明月来相照 2026"
SETTINGS_SECRETS = (BOT_TOKEN, WEBHOOK_SECRET, LLM_KEY, OIDC_SECRET)
INNER = clearance_of(["内部"])
HIDDEN = {
    "mi.txt": "清溪镇凉瓜产业内部通报\n\n"
    "经核查，今年清溪镇凉瓜产值为9876万元，比公开的少。全镇凉瓜种植大户共有77户。凉瓜冷库由翡翠公司承建。\n",
    "mi.txt.meta.yaml": "visibility: 内部\n",
}
OPEN_QUESTION = "周三为什么停水？"
OPEN = {"停水通知.txt": "关于周三停水的通知\n\n因城区主供水管检修，清溪镇周三全天停水，请用户提前储水。\n"}
# What stands in the hidden document alone, and in no question.
CANARIES = ("9876", "77户", "承建", "内部通报", "经核查", "mi.txt")
REDIRECT = "/redirected-elsewhere"


@dataclass
class Echo:
    """A listener on loopback. ``asked``: method, path and whether it was a redirect of ours that was followed."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def echo() -> Iterator[Echo]:
    """One that answers every GET with a redirect and all else with 400, each with all that it was sent."""
    state = Echo()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(400)

        def do_GET(self) -> None:
            self._answer(302)

        def _answer(self, status: int) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.asked.append((self.command, self.path))
            body = f"{self.path}\n{self.headers}\n".encode() + sent
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", f"{state.url}{REDIRECT}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Guarded(Served):
    """The server. ``told`` is all that it ever answered; ``secrets`` what must be in none of it."""

    settings: dict[str, str]
    echo: Echo
    keys: dict[str, str]
    secrets: list[str]
    told: list[str] = field(default_factory=list)

    def asker(self, **headers: str) -> httpx.Client:
        """A client whose answers are kept."""

        def keep(response: httpx.Response) -> None:
            response.read()
            lines = [f"{name}: {value}" for name, value in response.headers.items() if name != "set-cookie"]
            self.told.append("\n".join([str(response.status_code), *lines, response.text]))

        hooks = {"response": [keep]}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False, event_hooks=hooks)

    def key(self, name: str) -> httpx.Client:
        """With the key of that name."""
        return self.asker(Authorization=f"Bearer {self.keys[name]}")

    def signed_in(self, name: str) -> httpx.Client:
        """A browser in which somebody is signed in, with the token of its forms as a header."""
        with self.asker() as browser:
            found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get("/login").text)
            assert found
            fields = {"csrf_token": found[1], "name": name, "password": PASSWORD}
            response = browser.post("/login", data=fields)
            assert response.status_code == 303, response.text
            self.secrets.append(browser.cookies["yiju_session"])
            signed_in = self.asker(**{"X-CSRF-Token": browser.get("/v1/me").json()["csrf_token"]})
            signed_in.cookies = browser.cookies
        return signed_in

    def clear(self, name: str, clearance: Clearance) -> None:
        """Give an account another clearance, as another process does."""
        with open_stores(load_settings(self._environment())) as stores:
            accounts_of(stores.state).set_clearance(name, clearance, by="cli:test")

    def _environment(self) -> dict[str, str]:
        found = environment(self.data_dir, **self.settings)
        return {name: value for name, value in found.items() if name.startswith("YIJU_")}

    def prepare(self) -> None:
        """Keys and accounts of every kind."""
        with open_stores(load_settings(self._environment())) as stores:
            desk, accounts = key_desk(stores.state), accounts_of(stores.state)
            for name, scopes, clearance in (
                ("asks", ["ask"], PUBLIC_ONLY),
                ("asks, cleared", ["ask"], INNER),
                ("documents", ["documents"], PUBLIC_ONLY),
                ("asks and documents", ["ask", "documents"], PUBLIC_ONLY),
                ("all", ["ask", "documents", "admin"], PUBLIC_ONLY),
            ):
                self.keys[name] = desk.create(name, scopes, by="cli:test", clearance=clearance).plain
            for name, role, clearance in (
                ("reader", "user", PUBLIC_ONLY),
                ("insider", "user", INNER),
                ("editor", "editor", PUBLIC_ONLY),
                ("boss", "admin", PUBLIC_ONLY),
            ):
                accounts.create(name, role, clearance, by="cli:test", password=PASSWORD)
            self.secrets += [*self.keys.values(), accounts.make_link("reader", by="cli:test"), PASSWORD]


@contextmanager
def guarded_server(folder: Path, models_dir: Path) -> Iterator[Guarded]:
    """A server that answers."""
    corpus, data_dir, log, port = folder / "corpus", folder / "data", folder / "serve.log", free_port()
    corpus.mkdir(parents=True)
    for name, text in {**SOURCES, **OPEN, **HIDDEN}.items():
        (corpus / name).write_text(text, encoding="utf-8")
    with echo() as listener:
        settings = {
            "YIJU_MODELS_DIR": str(models_dir),
            "YIJU_CORPUS_DIR": str(corpus),
            "YIJU_HTTP__PORT": str(port),
            "YIJU_HTTP__GUESTS": "on",
            "YIJU_HTTP__PUBLIC_URL": f"http://127.0.0.1:{port}",
            "YIJU_LOG_LEVEL": "debug",
            "YIJU_LIMITS__GUEST_REQUESTS": "0",
            "YIJU_LIMITS__GUEST_QUESTIONS": "0",
            "YIJU_LIMITS__ACCOUNT_QUESTIONS": "0",
            "YIJU_TELEGRAM__TOKEN": BOT_TOKEN,
            "YIJU_TELEGRAM__BASE_URL": f"{listener.url}/bot",
            "YIJU_TELEGRAM__WEBHOOK_URL": "https://yiju.example.org/telegram/webhook",
            "YIJU_TELEGRAM__WEBHOOK_SECRET": WEBHOOK_SECRET,
            "YIJU_LLM__BASE_URL": f"{listener.url}/llm",
            "YIJU_LLM__MODEL": "echo",
            "YIJU_LLM__API_KEY": LLM_KEY,
            "YIJU_OIDC__ISSUER": f"{listener.url}/oidc",
            "YIJU_OIDC__CLIENT_ID": "yiju",
            "YIJU_OIDC__CLIENT_SECRET": OIDC_SECRET,
        }
        known, url = environment(data_dir, **settings), f"http://127.0.0.1:{port}"
        subprocess.run([sys.executable, "-m", "bot.cli", "index"], env=known, check=True, capture_output=True)
        with serve_process(known, log) as process:
            served = Guarded(url, process, corpus, data_dir, log, settings, listener, {}, list(SETTINGS_SECRETS))
            served.prepare()
            served.wait_for(lambda client: client.get("/readyz").status_code == 200)
            yield served
