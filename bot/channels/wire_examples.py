"""One worked example of each operation for the OpenAPI document: what is sent, and what comes back. Made-up data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """``request``: a JSON body; ``response``: that of success. None where there is none."""

    request: Any = None
    response: Any = None


_TEXT = "清溪镇凉瓜丰收\n\n今年清溪镇凉瓜种植面积650多亩，产值达1.3亿元，带动农户三百多户。"
_QUOTE = "今年清溪镇凉瓜种植面积650多亩，产值达1.3亿元，带动农户三百多户。"
_START = _TEXT.index(_QUOTE)
_FIGURE = "1.3亿元"
_HEAD: dict[str, Any] = {
    "id": "5f0c2a9d41b7e386",
    "title": "清溪镇凉瓜丰收",
    "publisher": "江门日报",
    "published_at": "2024-06-12",
    "url": "https://www.example.org/2024/0612/1.html",
    "source_path": "报纸/2024-06.txt",
}
_PASSAGE = {
    "id": "5f0c2a9d41b7e386-0",
    "document_id": _HEAD["id"],
    "heading": None,
    "text": _QUOTE,
    "start": _START,
    "end": _START + len(_QUOTE),
}
_LISTING = {**_HEAD, "passages": 1, "retired": False, "visibility": "public"}
_DOCUMENT = {
    **_HEAD,
    "visibility": "public",
    "text": _TEXT,
}
_CITE = {
    "official": "据《江门日报》2024年6月12日报道，今年清溪镇凉瓜种植面积650多亩，产值达1.3亿元。",
    "gbt7714": "清溪镇凉瓜丰收[N/OL]. 江门日报, 2024-06-12[2024-06-13]. https://www.example.org/2024/0612/1.html.",
}
_ANSWER = {
    "answer_id": "ans_3kQ0cO2m1xYb",
    "conversation_id": "hui-hua_1",
    "outcome": "answered",
    "answer": f"{_FIGURE} [1]\n{_QUOTE}[1]",
    "short_answer": _FIGURE,
    "confidence": 0.94,
    "citations": [
        {
            "number": 1,
            "document_id": _HEAD["id"],
            "document_title": _HEAD["title"],
            "publisher": _HEAD["publisher"],
            "published_at": _HEAD["published_at"],
            "url": _HEAD["url"],
            "source_path": _HEAD["source_path"],
            "passage_id": _PASSAGE["id"],
            "heading": None,
            "passage": _QUOTE,
            "passage_start": _START,
            "quote": _QUOTE,
            "start": _START,
            "end": _START + len(_QUOTE),
            "cite": _CITE,
            "answer_spans": [
                {
                    "text": _FIGURE,
                    "start": _TEXT.index(_FIGURE),
                    "end": _TEXT.index(_FIGURE) + len(_FIGURE),
                }
            ],
        }
    ],
    "suggestions": [],
    "snapshot": "20240613T080000Z-1",
    "latency_ms": 41.7,
    "sources": 1,
    "alternatives": [],
    "index": {"embedded": 1.0},
    "composed_by": None,
}
_JOB = {
    "id": "job_b2t9XQ0v",
    "kind": "reindex",
    "state": "running",
    "phase": "reading",
    "done": 120,
    "total": 480,
    "rate": 96.5,
    "eta_seconds": 3.7,
    "paused": False,
    "stop_asked_by": None,
    "report": None,
    "error": None,
}
_STATUS = {
    "snapshot": "20240613T080000Z-1",
    "created_at": "2024-06-13T08:00:00Z",
    "documents": 480,
    "passages": 3120,
    "embedded": 3120,
    "embedded_share": 1.0,
    "pending_documents": 0,
    "failed_documents": 0,
    "blocked": [],
    "paused_by": None,
    "retired": 2,
    "last_job": None,
    "embedding_job": None,
}

_MODEL = {"id": "yiju", "object": "model", "created": 1718265600, "owned_by": "yiju"}
_COMPLETION = {
    "id": "chatcmpl-7d0f",
    "object": "chat.completion",
    "created": 1718265600,
    "model": "yiju",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": _ANSWER["answer"],
                "refusal": None,
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": 6,
                            "end_index": 9,
                            "title": _HEAD["title"],
                            "url": _HEAD["url"],
                        },
                    }
                ],
                "yiju": _ANSWER,
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 45, "total_tokens": 57},
    "system_fingerprint": "20240613T080000Z-1",
}

_SNAPSHOT = {
    "id": "20240613T080000Z-1",
    "created_at": "2024-06-13T08:00:00Z",
    "documents": 480,
    "passages": 3120,
    "embedded": 3120,
    "bytes": 9437184,
    "own_bytes": 1048576,
    "serving": True,
    "problem": None,
    "blocked": None,
}
_SERVING = {"serving": _SNAPSHOT["id"]}
_GAP = {
    "id": "9c1f0a",
    "question": "清溪镇荔枝产值多少？",
    "others": ["清溪荔枝的产值"],
    "times": 5,
    "people": 3,
    "asked_at": "2024-06-13T08:01:00Z",
    "state": "open",
    "reopened": False,
    "assignee": "李四",
    "note": "已补充年报",
}
_RATED = {
    "answer_id": "ans_3kQ0cO2m1xYb",
    "question": "清溪镇凉瓜产值多少？",
    "short_answer": "1.3亿元",
    "outcome": "answered",
    "documents": ["清溪镇凉瓜丰收"],
    "rating": "down",
    "reason": "outdated",
    "comment": "这是去年的数字。",
    "owner": "key:3f9a0c1d2e4b",
    "rated_at": "2024-06-13T08:02:00Z",
    "asked_at": "2024-06-13T08:01:00Z",
}
_DEED = {
    "id": 812,
    "at": "2024-06-13T08:01:00Z",
    "actor": "key:3f9a0c1d2e4b",
    "channel": "http",
    "action": "document_retired",
    "detail": _HEAD["id"],
    "place": None,
    "outcome": None,
    "sources": [],
    "answer_id": None,
    "latency_ms": None,
}
_KEY = {
    "id": "3f9a0c1d2e4b",
    "name": "门户网站",
    "scopes": ["ask"],
    "clearance": [],
    "created_at": "2024-06-13T08:00:00Z",
    "expires_at": "2031-01-01T00:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
_STAGED = {
    "id": "Zk3tQ9-xLw0a",
    "by": "key:3f9a0c1d2e4b",
    "created_at": "2024-06-13T08:00:00Z",
    "files": [
        {
            "name": "通知.txt",
            "size_bytes": 2048,
            "replaces": False,
            "documents": 1,
            "titles": ["关于防汛工作的通知"],
            "failures": [],
        }
    ],
}
_TAKEN = {"source_path": "@uploads/通知.txt", "size_bytes": 2048, "replaced": False}
_DAY = {"questions": 96, "not_found": 7, "failed": 0, "p50_ms": 38.2, "p95_ms": 91.0}
_HEALTH = {
    "hour": {"questions": 0, "not_found": 0, "failed": 0, "p50_ms": None, "p95_ms": None},
    "day": _DAY,
    "errors": 0,
    "last_error": None,
    "last_error_at": None,
    "disk_free": 52428800000,
    "disk_total": 107374182400,
    "version": "0.1.0",
    "started_at": "2024-06-13T08:00:00Z",
}
_SESSION = {
    "id": "4b7a1c",
    "address": "192.0.2.7",
    "agent": "Firefox",
    "created_at": "2024-06-13T08:00:00Z",
    "last_seen_at": "2024-06-13T09:00:00Z",
    "expires_at": "2024-06-20T08:00:00Z",
}
_ME = {"owner": "user:7", "name": "李四", "scopes": ["ask"], "clearance": ["内部"], "csrf_token": "c2VjcmV0"}
_ACCOUNT = {
    "id": "7c41d0e9aa52",
    "name": "王芳",
    "role": "user",
    "clearance": ["内部"],
    "has_password": False,
    "provider": False,
    "created_at": "2024-06-13T08:00:00Z",
    "created_by": "user:0f3b6f1c9d24",
    "password_at": None,
    "last_sign_in_at": None,
    "disabled_at": None,
    "sessions": 0,
}
_LINK = {"link": "https://ask.example.org/login/link?token=" + "0" * 43, "valid_hours": 24}
_COUNTS = {"open": 1, "done": 0, "ignored": 0}
_SHOWN_ONCE = "yj_3f9a0c1d2e4b_" + "0" * 43

EXAMPLES: Mapping[str, Example] = {
    "ask": Example({"question": "清溪镇凉瓜产值多少？", "conversation_id": "hui-hua_1", "top_k": 5}, _ANSWER),
    "get_passage": Example(None, {"passage": _PASSAGE, "document": _HEAD, "previous": None, "next": None}),
    "rate_answer": Example({"rating": "down", "reason": "outdated", "comment": "这是去年的数字。"}),
    "list_documents": Example(None, {"documents": [_LISTING], "total": 1, "next_offset": None, "next_cursor": None}),
    "get_document": Example(None, {**_DOCUMENT, "edited": None}),
    "edit_document": Example(
        {"publisher": "江门日报", "published_at": "2024-06-12", "visibility": "内部"},
        {
            **_DOCUMENT,
            "edited": {
                "fields": {"publisher": "江门日报", "published_at": "2024-06-12", "visibility": "内部"},
                "by": "key:3f9a0c1d2e4b",
                "at": "2024-06-13T09:00:00Z",
                "indexed": False,
            },
        },
    ),
    "upload_document": Example(None, {"source_path": "@uploads/通知.txt", "size_bytes": 2048, "replaced": False}),
    "retire_document": Example(),
    "restore_document": Example(None, {"id": _HEAD["id"], "retired": False, "indexed": True}),
    "reindex": Example({"dry_run": False, "full": False, "allow_mass_removal": False}, _JOB),
    "get_job": Example(None, _JOB),
    "pause_job": Example(None, {**_JOB, "kind": "embedding", "phase": "paused", "paused": True}),
    "resume_job": Example(None, {**_JOB, "kind": "embedding", "phase": "filling"}),
    "stop_job": Example(None, {**_JOB, "stop_asked_by": "key:3f9a0c1d2e4b"}),
    "get_status": Example(None, _STATUS),
    "get_source": Example(None, {**_HEAD, "cite": _CITE, "text": _TEXT}),
    "list_conversations": Example(
        None,
        {
            "conversations": [
                {
                    "id": "hui-hua_1",
                    "title": "清溪镇凉瓜产值多少？",
                    "turns": 2,
                    "created_at": "2024-06-13T08:01:00Z",
                    "last_used_at": "2024-06-13T08:02:00Z",
                }
            ],
            "next_cursor": None,
        },
    ),
    "get_conversation": Example(
        None,
        {
            "id": "hui-hua_1",
            "turns": [{"question": "清溪镇凉瓜产值多少？", "asked_at": "2024-06-13T08:01:00Z", "answer": _ANSWER}],
        },
    ),
    "delete_conversation": Example(),
    "create_chat_completion": Example(
        {"model": "yiju", "messages": [{"role": "user", "content": "清溪镇凉瓜产值多少？"}]}, _COMPLETION
    ),
    "list_models": Example(None, {"object": "list", "data": [_MODEL]}),
    "get_model": Example(None, _MODEL),
    "get_me": Example(None, _ME),
    "list_my_sessions": Example(None, {"sessions": [_SESSION]}),
    "end_my_session": Example(),
    "list_snapshots": Example(None, {"snapshots": [_SNAPSHOT], "rolled_back": None}),
    "verify_snapshot": Example(None, {"id": _SNAPSHOT["id"], "ok": True, "problem": None}),
    "roll_back": Example(None, _SERVING),
    "accept_snapshot": Example(None, _SERVING),
    "reject_snapshot": Example(None, _SERVING),
    "prune_snapshots": Example({"keep": 3}, {"removed": ["20240601T080000Z-1"]}),
    "list_gaps": Example(None, {"gaps": [_GAP], "total": 1, "counts": _COUNTS, "next_offset": None}),
    "mark_gap": Example({"state": "done", "assignee": "李四", "note": "已补充年报"}, {**_GAP, "state": "done"}),
    "list_feedback": Example(None, {"days": 30, "up": 12, "down": 1, "reasons": {"outdated": 1}, "answers": [_RATED]}),
    "get_health": Example(None, _HEALTH),
    "list_audit": Example(None, {"entries": [_DEED], "next_cursor": "WyJsYXRlc3QiLDgxMl0"}),
    "list_keys": Example(None, {"keys": [_KEY]}),
    "create_key": Example(
        {"name": "门户网站", "scopes": ["ask"], "expires_on": "2030-12-31"}, {**_KEY, "key": _SHOWN_ONCE}
    ),
    "revoke_key": Example(None, {**_KEY, "revoked_at": "2024-06-14T08:00:00Z"}),
    "list_accounts": Example(None, {"accounts": [_ACCOUNT]}),
    "create_account": Example({"name": "王芳", "role": "user", "clearance": ["内部"]}, {**_ACCOUNT, **_LINK}),
    "get_account": Example(None, _ACCOUNT),
    "change_account": Example({"role": "editor"}, {**_ACCOUNT, "role": "editor"}),
    "make_password_link": Example(None, _LINK),
    "list_account_sessions": Example(None, {"sessions": [_SESSION]}),
    "end_account_sessions": Example(None, {"ended": 1}),
    "stage_upload": Example(None, _STAGED),
    "get_staged": Example(None, _STAGED),
    "confirm_upload": Example(None, {"files": [_TAKEN]}),
    "discard_upload": Example(),
    "livez": Example(None, {"status": "alive", "snapshot": None, "index": None}),
    "readyz": Example(None, {"status": "ready", "snapshot": "20240613T080000Z-1", "index": {"embedded": 1.0}}),
}
