"""Files from people: taken in one by one, reported on, and kept aside until somebody says that they belong."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go, invalid, wants_part
from bot.channels.console.given import day
from bot.channels.failures import failure_of
from bot.channels.http_access import ADMIN, DOCUMENTS, Asker
from bot.channels.http_requests import fields_of
from bot.channels.http_staging import may_see, staged_for
from bot.staging import StagedUpload
from bot.uploads import SUFFIXES, UploadError

PATH = "/admin/uploads"
_FILE, _UPLOAD = "file", "upload"
_MAX_FILES = 50
_MAX_TITLE_CHARS = 60
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, and why."""

    name: str
    reason: str


def pages(frame: Frame) -> list[Page]:
    """The form, what waits, and the word about it."""
    admin = frame.services.admin

    async def form(request: Request, asker: Asker) -> Response:
        waiting = [each for each in await frame.run(admin.staged_uploads) if may_see(asker, each)]
        question = request.query_params.get("for", "")[:200]
        return frame.page(request, asker, "uploads.html", waiting=waiting, suffixes=SUFFIXES, question=question)

    async def take(request: Request, asker: Asker) -> Response:
        async with request.form(max_files=_MAX_FILES, max_fields=4) as sent:
            said = sent.get(_UPLOAD)
            upload_id: str | None = None
            if isinstance(said, str) and said:
                upload_id = (await frame.run(lambda: _staged(frame, asker, said))).id
            files = [each for each in sent.getlist(_FILE) if isinstance(each, UploadFile) and each.filename]
            if not files:
                raise invalid("没有选择文件。")
            staged: StagedUpload | None = None
            refused: list[Refused] = []
            for file in files:
                name, data = file.filename or "", await file.read()
                try:
                    staged = await frame.run(_staging(frame, upload_id, name, data, asker.owner))
                    upload_id = staged.id
                except UploadError as error:
                    refused.append(Refused(name[:200], f"{failure_of(error).title}：{error}"))
        part = wants_part(request, "report")
        code = 200 if staged is not None or part else 422
        template = "upload_report.html" if part else "upload.html"
        return frame.page(request, asker, template, code=code, upload=staged, refused=refused)

    async def write(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        name, data = written_document(given)
        staged = await frame.run(_staging(frame, None, name, data, asker.owner))
        return go(f"{PATH}/{staged.id}")

    async def report(request: Request, asker: Asker) -> Response:
        staged = await frame.run(lambda: _staged(frame, asker, request.path_params["upload_id"]))
        return frame.page(request, asker, "upload.html", upload=staged, refused=[])

    async def confirm(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        waiting = await frame.run(lambda: _staged(frame, asker, request.path_params["upload_id"]))
        await frame.run(lambda: admin.confirm_upload(waiting.id, by=asker.owner))
        if "preview" in given and ADMIN in asker.scopes:
            job_id = await frame.run(lambda: admin.start_reindex(dry_run=True, started_by=asker.owner))
            return go(f"/admin/index/jobs/{job_id}", "added")
        return go("/admin/index" if ADMIN in asker.scopes else PATH, "added")

    async def discard(request: Request, asker: Asker) -> Response:
        waiting = await frame.run(lambda: _staged(frame, asker, request.path_params["upload_id"]))
        await frame.run(lambda: admin.discard_upload(waiting.id, by=asker.owner))
        return go(PATH, "discarded")

    return [
        Page("GET", PATH, form, DOCUMENTS),
        Page("POST", PATH, take, DOCUMENTS),
        Page("POST", f"{PATH}/text", write, DOCUMENTS),
        Page("GET", f"{PATH}/{{upload_id}}", report, DOCUMENTS),
        Page("POST", f"{PATH}/{{upload_id}}/confirm", confirm, DOCUMENTS),
        Page("POST", f"{PATH}/{{upload_id}}/discard", discard, DOCUMENTS),
    ]


def written_document(given: Mapping[str, str]) -> tuple[str, bytes]:
    """A document that was typed into the form, as a file: JSON Lines, whose text is stored as it stands.

    Raises: ProblemError: no title or text, or a date that is none.
    """
    title, text = given.get("title", "").strip(), given.get("text", "").replace("\r\n", "\n").strip()
    if not title or not text:
        raise invalid("请填写标题和正文。")
    published = day(given.get("published_at", ""))
    line: dict[str, str] = {"id": f"console-{secrets.token_hex(6)}", "title": title, "text": text}
    optional = {
        "publisher": given.get("publisher", "").strip(),
        "published_at": published.isoformat() if published else "",
        "url": given.get("url", "").strip(),
        "visibility": given.get("visibility", "").strip(),
    }
    line |= {name: value for name, value in optional.items() if value}
    name = _NOT_IN_NAMES.sub("", title).strip(" .")[:_MAX_TITLE_CHARS] or "document"
    return f"{name}-{line['id'][-6:]}.jsonl", (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _staged(frame: Frame, asker: Asker, upload_id: str) -> StagedUpload:
    """Files that wait. Raises: UploadGoneError: there are none, or they are another's."""
    return staged_for(asker, frame.services.admin, upload_id)


def _staging(frame: Frame, upload_id: str | None, name: str, data: bytes, by: str) -> Callable[[], StagedUpload]:
    return lambda: frame.services.admin.stage_upload(upload_id, name, data, by=by)
