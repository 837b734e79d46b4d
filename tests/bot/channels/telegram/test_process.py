"""The real ``yiju telegram`` process, with its own small corpus and the bundled model, against the Bot API server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.telegram_server.client import TelegramServer, buttons, running_server
from tests.telegram_server.markup import entity_text

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(1500)]

TOKEN = "987654321:AAE-process_TOKEN_nobody_has"
ADMIN, STRANGER = 11, 33
CORPUS = {
    "青石.txt": (
        "青石镇苦瓜喜获丰收\n\n青石镇地处河谷，农户历来种瓜。2023年，全镇苦瓜种植面积达1200亩，产值超3000万元。\n"
    ),
    "大桥.txt": "云溪大桥建成通车\n\n云溪大桥全长2.6公里，总投资四千万元，由县交通局负责建设。\n",
}


class Program:
    """The program with settings of its own below a folder."""

    def __init__(self, folder: Path, project_dir: Path, base_url: str) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        for name, text in CORPUS.items():
            (self.corpus / name).write_text(text, encoding="utf-8")
        self.data_dir = folder / "data"
        self.log = folder / "log.txt"
        self._folder = folder
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(project_dir),
            "YIJU_DATA_DIR": str(self.data_dir),
            "YIJU_CORPUS_DIR": str(self.corpus),
            # Prepared once and kept between runs.
            "YIJU_MODELS_DIR": str(project_dir / "data" / "models"),
            "YIJU_TELEGRAM__TOKEN": TOKEN,
            "YIJU_TELEGRAM__BASE_URL": base_url,
            "YIJU_TELEGRAM__ADMIN_IDS": str(ADMIN),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "bot.cli", *arguments]
        return subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False, timeout=1200
        )

    @contextmanager
    def serving(self, command: str = "telegram", **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """``yiju telegram``, or another command, in the background."""
        arguments = [sys.executable, "-m", "bot.cli", command]
        environment = {**self._environment, **settings}
        with self.log.open("ab") as log:
            process = subprocess.Popen(arguments, cwd=self._folder, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[TelegramServer]:
    with running_server(TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def program(server: TelegramServer, tmp_path_factory: pytest.TempPathFactory, project_dir: Path) -> Program:
    program = Program(tmp_path_factory.mktemp("telegram"), project_dir, server.base_url)
    indexed = program.run("index", "--json")
    assert indexed.returncode == 0, indexed.stderr
    return program


def test_question_source_button_and_reindex(program: Program, server: TelegramServer) -> None:
    with program.serving() as process:
        server.say("青石镇苦瓜产值多少？", user=ADMIN)
        answer = server.expect_message("3000万元", chat=ADMIN, within=120)
        bold = [entity_text(answer["text"], each) for each in answer["entities"] if each["type"] == "bold"]
        assert "3000万元" in bold[0]
        assert "《青石镇苦瓜喜获丰收》" in answer["text"]
        assert [button["text"] for button in buttons(answer)][-2:] == ["👍", "👎"]

        server.press(answer, "[1]", user=ADMIN)
        assert "text" not in server.expect("answerCallbackQuery")["params"]
        passage = server.expect_message("种植面积达1200亩", chat=ADMIN)
        assert "发布日期不明" in passage["text"]

        (program.corpus / "小学.txt").write_text(
            "云溪小学迎来校庆\n\n云溪小学创办于1923年，现有学生338名。\n", encoding="utf-8"
        )
        server.say("/reindex", user=ADMIN)
        progress = server.expect_message("正在查看", chat=ADMIN)
        preview = server.expect(
            "editMessageText", where=lambda call: "· 云溪小学" in call["params"]["text"], within=120
        )
        server.press(preview["result"], "开始更新", user=ADMIN)
        final = server.expect("editMessageText", where=lambda call: "索引已更新" in call["params"]["text"], within=120)
        assert final["result"]["message_id"] == progress["message_id"]
        assert "新增 1" in final["result"]["text"]

        server.say("云溪小学有多少学生？", user=ADMIN)
        server.expect_message("338名", chat=ADMIN, within=30)

        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert all(call["ok"] for call in server.calls("sendMessage"))
    assert TOKEN.partition(":")[2] not in program.log.read_text(encoding="utf-8")


def test_strangers_feedback_gaps_and_follow_ups(program: Program, server: TelegramServer) -> None:
    with program.serving():
        server.say("/start", user=STRANGER)
        assert str(STRANGER) in server.expect_message("没有使用权限", chat=STRANGER, within=120)["text"]

        server.say("青石镇苦瓜产值多少？", user=ADMIN)
        answer = server.expect_message("3000万元", chat=ADMIN, within=30)
        server.press(answer, "👍", user=ADMIN)
        assert "谢谢" in server.expect("answerCallbackQuery")["params"]["text"]
        server.say("那种植面积呢？", user=ADMIN)
        server.expect_message("1200亩", chat=ADMIN)

        server.say("月球背面的火山有多高？", user=ADMIN)
        assert server.expect_message("没有找到", chat=ADMIN)
        server.say("/gaps", user=ADMIN)
        server.expect_message("月球背面的火山有多高？", chat=ADMIN)
        server.say("/status", user=ADMIN)
        server.expect_message("段落", chat=ADMIN)
        server.say("/sources", user=ADMIN)
        server.expect_message("文档", chat=ADMIN)
        server.send_file("通知.txt", "关于校庆的通知\n\n云溪小学校庆定于十月一日举行。\n".encode(), user=ADMIN)
        asked = server.expect_message("收到 1 个文件", chat=ADMIN)
        server.press(asked, "加入", user=ADMIN)
        server.expect("editMessageText", where=lambda call: "已加入 1 个文件：通知.txt" in call["params"]["text"])


def test_serve_answers_in_telegram_beside_http(program: Program, server: TelegramServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with program.serving("serve", YIJU_HTTP__PORT=str(port)) as process:
        server.say("云溪大桥有多长？", user=ADMIN)
        server.expect_message("2.6公里", chat=ADMIN, within=120)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            assert http.get("/readyz").status_code == 200
            asked = http.post("/v1/ask", json={"question": "云溪大桥有多长？"}).json()
        assert "2.6公里" in asked["short_answer"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_second_process_with_the_token_is_refused(program: Program, server: TelegramServer) -> None:
    with program.serving():
        server.say("/help", user=ADMIN)
        server.expect_message("/reindex", chat=ADMIN, within=120)
        second = program.run("telegram")
        assert second.returncode == 1
        assert "already receives Telegram messages" in second.stderr
        server.say("/help", user=ADMIN)
        server.expect_message("/reindex", chat=ADMIN)


def test_a_token_that_telegram_refuses_ends_the_process(program: Program, server: TelegramServer) -> None:
    server.revoke()
    refused = program.run("telegram")
    assert refused.returncode == 1
    assert "YIJU_TELEGRAM__TOKEN" in refused.stderr
    assert TOKEN.partition(":")[2] not in refused.stderr + refused.stdout
