"""HTTP as its users meet it: a real `yiju serve` process, real sources, the real model."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.bot.served import Served, environment, loaded, serving

pytestmark = pytest.mark.model
HEAD = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), models_dir) as running:
        running.wait_for(loaded)
        with running.client() as client:
            before = client.get("/readyz")
            assert (before.status_code, before.json()["code"]) == (503, "no_index")
            assert client.post("/v1/ask", json={"question": "北京大学哪年创办？"}).status_code == 503
        job = running.reindex()
        assert job["state"] == "succeeded", job
        yield running


def raw(served: Served, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; status, headers, body."""
    url = httpx.URL(served.url)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", "0")):
            body += connection.recv(65536)
        return int(lines[0].split()[1]), headers, body


def test_index_is_picked_up_without_a_restart_and_answers(served: Served) -> None:
    with served.client() as client:
        ready = client.get("/readyz")
        answer = client.post("/v1/ask", json={"question": "北京大学创办于哪一年？"}).json()
        document = client.get(f"/v1/documents/{answer['citations'][0]['document_id']}").json()

    citation = answer["citations"][0]
    assert ready.status_code == 200
    assert answer["outcome"] == "answered"
    assert "1898" in answer["short_answer"]
    assert answer["snapshot"] == ready.json()["snapshot"]
    assert citation["source_path"] == "北京大学.txt"
    assert citation["quote"] == document["text"][citation["start"] : citation["end"]]


def test_passage_and_feedback_of_an_answer(served: Served) -> None:
    with served.client() as client:
        answer = client.post("/v1/ask", json={"question": "东江大桥全长多少公里？"}).json()
        passage = client.get(f"/v1/passages/{answer['citations'][0]['passage_id']}").json()
        kept = client.post(f"/v1/answers/{answer['answer_id']}/feedback", json={"rating": "up"})
        unknown = client.post("/v1/answers/none/feedback", json={"rating": "up"})

    assert passage["document"]["title"] == "东江大桥今日通车"
    assert passage["passage"]["text"] == answer["citations"][0]["passage"]
    assert (kept.status_code, unknown.status_code) == (204, 404)


def test_follow_up_stays_in_its_conversation(served: Served) -> None:
    with served.client() as client:
        first = client.post("/v1/ask", json={"question": "清溪镇凉瓜产值多少？", "conversation_id": "hui-hua_1"}).json()
        second = client.post("/v1/ask", json={"question": "那种植面积呢？", "conversation_id": "hui-hua_1"}).json()

    assert first["conversation_id"] == second["conversation_id"] == "hui-hua_1"
    assert "1.3亿元" in first["short_answer"]
    assert "650" in second["short_answer"]


def test_messages_of_a_chat_are_the_conversation_and_the_answer_streams(served: Served) -> None:
    said = [{"role": "user", "content": "清溪镇凉瓜产值多少？"}]
    events: list[str] = []
    with served.client() as client:
        first = client.post("/v1/chat/completions", json={"model": "yiju", "messages": said}).json()
        said += [first["choices"][0]["message"], {"role": "user", "content": "那种植面积呢？"}]
        body = {"model": "yiju", "messages": said, "stream": True}
        with client.stream("POST", "/v1/chat/completions", json=body) as response:
            events += [line.removeprefix("data: ") for line in response.iter_lines() if line]
        with client.stream(
            "POST", "/v1/ask", json={"question": "东江大桥全长多少公里？"}, headers={"Accept": "text/event-stream"}
        ) as response:
            names = [line.removeprefix("event: ") for line in response.iter_lines() if line.startswith("event: ")]

    deltas = [json.loads(each)["choices"][0]["delta"] for each in events[:-1]]
    citation = next(delta["annotations"] for delta in deltas if "annotations" in delta)[0]["url_citation"]
    assert events[-1] == "[DONE]"
    assert "650" in next(delta["yiju"]["short_answer"] for delta in deltas if "yiju" in delta)
    assert citation["url"].startswith(f"{served.url}/p/")
    assert names[:3] == ["stage", "stage", "stage"]
    assert names[-1] == "answer"


@pytest.mark.parametrize("question", ["", "   ", "问" * 10_000, "a\u0000b", "\ud83d", "。。。？？"])
def test_bad_questions_are_422_with_a_clear_sentence(served: Served, question: str) -> None:
    with served.client(**{"Content-Type": "application/json"}) as client:
        refused = client.post("/v1/ask", content=json.dumps({"question": question}))

    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("question", ["𠮷", "１８９８", "🍉🍉🍉1", "杜" * 2000, "What is it?", "北京大學創辦於哪一年"])
def test_odd_questions_are_answered_or_refused_as_a_value(served: Served, question: str) -> None:
    with served.client() as client:
        answer = client.post("/v1/ask", json={"question": question})

    assert answer.status_code == 200, answer.text
    assert answer.json()["outcome"] in ("answered", "not_found", "chat")


def test_what_is_no_http_is_400_in_the_same_shape(served: Served) -> None:
    status, headers, body = raw(served, b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n")

    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["request_id"] == headers["x-request-id"]


def test_body_is_refused_by_its_length_before_it_is_sent(served: Served) -> None:
    status, headers, _ = raw(served, HEAD + b"Content-Length: 99999999\r\n\r\n")

    assert (status, headers["connection"]) == (413, "close")


def test_chunked_body_is_refused_while_it_streams(served: Served) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    status, headers, _ = raw(served, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)

    assert (status, headers["connection"]) == (413, "close")


@pytest.mark.parametrize(
    "line",
    [b"Host: example.com", b"Host: localhost\r\nX-Forwarded-For: 127.0.0.1", b"Host: localhost\r\nVia: 1.1 proxy",
     b"Host: localhost\r\nForwarded: for=127.0.0.1", b"Host: localhost\r\nX-Real-IP: 127.0.0.1",
     b"Host: localhost\r\nOrigin: https://evil.example", b"Host: localhost\r\nOrigin: null"],
)  # fmt: skip
def test_without_key_only_this_machine_is_served(served: Served, line: bytes) -> None:
    status, headers, body = raw(served, b"GET /v1/documents HTTP/1.1\r\n" + line + b"\r\n\r\n")
    alive, _, _ = raw(served, b"GET /livez HTTP/1.1\r\n" + line + b"\r\n\r\n")

    assert (status, json.loads(body)["code"]) == (403, "local_only")
    assert headers["x-request-id"]
    assert alive == 200


def test_retired_document_never_answers_until_restored(served: Served) -> None:
    question = {"question": "北京大学创办于哪一年？"}
    with served.client() as client:
        listed = client.get("/v1/documents").json()["documents"]
        document_id = next(each["id"] for each in listed if each["source_path"] == "北京大学.txt")
        passage_id = client.post("/v1/ask", json=question).json()["citations"][0]["passage_id"]
        assert client.delete(f"/v1/documents/{document_id}").status_code == 204
        retired = client.post("/v1/ask", json=question).json()
        assert client.get(f"/v1/passages/{passage_id}").status_code == 404
        assert client.get(f"/v1/documents/{document_id}").status_code == 404
        served.reindex()
        still = client.post("/v1/ask", json=question).json()
        restored = client.post(f"/v1/documents/{document_id}/restore").json()
        if not restored["indexed"]:
            served.reindex()
        again = client.post("/v1/ask", json=question).json()

    for answer in (retired, still):
        assert document_id not in {citation["document_id"] for citation in answer["citations"]}
    assert again["citations"][0]["document_id"] == document_id


def test_upload_answers_after_a_reindex(served: Served) -> None:
    text = "西江码头扩建\n\n西江码头扩建工程总投资八千六百万元，建成后可停靠三千吨级货船。\n"
    with served.client() as client:
        taken = client.post("/v1/documents", files={"file": ("西江码头.txt", text.encode("gb18030"))})
        job = served.reindex()
        answer = client.post("/v1/ask", json={"question": "西江码头扩建工程总投资多少？"}).json()

    assert taken.json()["source_path"] == "@uploads/西江码头.txt"
    assert job["report"]["documents"]["added"] == 1  # type: ignore[index]
    assert answer["citations"][0]["source_path"] == "@uploads/西江码头.txt"
    assert "八千六百万元" in answer["short_answer"]


def write_lines(path: Path, kind: str, count: int) -> None:
    """So many documents, each with a length of its own."""
    lines = [
        {"id": f"{kind}-{number}", "title": f"第{number}号{kind}", "text": f"第{number}号{kind}全长{number + 100}米。"}
        for number in range(count)
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def test_many_new_documents_answer_at_once_and_are_embedded_behind_the_questions(served: Served) -> None:
    write_lines(served.corpus / "桥.jsonl", "桥", 150)

    job = served.reindex()
    report = job["report"]
    with served.client() as client:
        answer = client.post("/v1/ask", json={"question": "第77号桥全长多少米？"}).json()
    served.wait_for(lambda each: each.get("/readyz").json()["index"]["embedded"] == 1.0)
    with served.client() as client:
        status = client.get("/v1/admin/status").json()
        metrics = client.get("/metrics").text

    assert job["state"] == "succeeded", job
    assert report["pending"] > 0  # type: ignore[index]
    assert "177米" in answer["short_answer"]
    assert answer["index"]["embedded"] < 1
    assert status["embedding_job"]["kind"] == "embedding"
    assert "yiju_passages_pending 0.0" in metrics


def test_paused_embedding_waits_until_it_is_resumed(served: Served) -> None:
    write_lines(served.corpus / "路.jsonl", "路", 150)
    environ = environment(served.data_dir)
    command = [sys.executable, "-m", "bot.cli", "embedding"]
    subprocess.run([*command, "pause"], env=environ, check=True, timeout=120)

    job = served.reindex()
    with served.client() as client:
        paused = client.get("/v1/admin/status").json()
    subprocess.run([*command, "resume"], env=environ, check=True, timeout=120)
    served.wait_for(lambda each: each.get("/readyz").json()["index"]["embedded"] == 1.0)

    assert job["state"] == "succeeded", job
    assert job["report"]["pending"] == 150  # type: ignore[index]
    assert paused["paused_by"]


def test_index_built_by_another_process_is_picked_up(served: Served, models_dir: Path) -> None:
    (served.corpus / "南湖.txt").write_text("南湖公园开放\n\n南湖公园占地面积达九百亩，免费开放。\n", encoding="utf-8")
    settings = {"YIJU_MODELS_DIR": str(models_dir), "YIJU_CORPUS_DIR": str(served.corpus)}

    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "index", "--json"],
        env=environment(served.data_dir, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    snapshot = json.loads(done.stdout)["snapshot"]
    served.wait_for(lambda client: client.get("/readyz").json().get("snapshot") == snapshot, seconds=20)


def test_many_at_once_all_get_answers_or_a_clear_503(served: Served) -> None:
    statuses: list[int] = []

    def ask(number: int) -> None:
        with served.client() as client:
            statuses.append(
                client.post("/v1/ask", json={"question": f"第{number}问：北京大学有多少学生？"}).status_code
            )

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 30


def test_no_question_is_in_the_log(served: Served) -> None:
    with served.client() as client:
        client.post("/v1/ask", json={"question": "独一无二的秘密问题"})

    assert "独一无二" not in served.log.read_text()


def test_keys_ipv6_and_a_graceful_stop(tmp_path: Path, models_dir: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "bot.cli", "keys", "create", "网站", "--scope", "ask", "--json"],
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    key = {"Authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    with serving(tmp_path, models_dir, YIJU_HTTP__HOST="::1") as served, served.client() as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/v1/passages/p").status_code == 401
        assert client.get("/v1/passages/p", headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/v1/passages/p", headers=key).status_code in (404, 503)
        assert client.get("/v1/documents", headers=key).status_code == 403
        assert served.stop() == 0

    assert key["Authorization"].removeprefix("Bearer ") not in served.log.read_text()


def test_taken_port_is_told_with_its_cure(served: Served, tmp_path: Path) -> None:
    port = served.url.rpartition(":")[2]

    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "serve"],
        env=environment(tmp_path, YIJU_HTTP__PORT=port),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert f":{port}" in done.stderr
    assert "YIJU_HTTP__PORT" in done.stderr
    assert "Traceback" not in done.stderr
