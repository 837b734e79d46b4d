"""Documents: searched, opened with their passages, retired, restored; files that were uploaded can be deleted."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go, wants_part, whole
from bot.channels.console.given import day
from bot.channels.http_access import DOCUMENTS, Asker
from bot.channels.http_requests import fields_of
from bot.document_editing import Check, EditConflictError, EditedDocument
from bot.document_query import DocumentQuery
from corpus.document_edits import FIELDS

LIST, VIEW = "/admin/documents", "/admin/documents/view"
A_PAGE = 50
# A book as one document would make a page that no browser likes; its whole text stands below all the same.
_PASSAGES_SHOWN = 300
_MAX_WORDS_CHARS = 200


def pages(frame: Frame) -> list[Page]:
    """The list, a document, and what can be done to it."""
    admin, views = frame.services.admin, frame.services.documents

    async def listing(request: Request, asker: Asker) -> Response:
        query, offset = chosen_documents(request), whole(request, "offset")
        page = await frame.run(lambda: admin.browse(query, limit=A_PAGE, offset=offset, clearance=asker.clearance))
        template = "documents_list.html" if wants_part(request, "results") else "documents.html"
        return frame.page(request, asker, template, page=page, query=query, offset=offset, length=A_PAGE)

    async def view(request: Request, asker: Asker) -> Response:
        document_id = request.query_params.get("id", "")
        found = await frame.run(lambda: views.view(document_id, asker.clearance))
        edited = None
        if found.live and not found.retired:
            edited = await frame.run(lambda: admin.editing.shown(document_id, asker.clearance))
        return frame.page(request, asker, "document.html", view=found, edited=edited, most=_PASSAGES_SHOWN)

    async def edit(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        document_id, clearance = given.get("id", ""), asker.clearance

        def change() -> EditedDocument:
            if "from_file" in given:
                return admin.editing.edit(document_id, {}, by=asker.owner, from_file=FIELDS, clearance=clearance)
            seen = admin.editing.shown(document_id, clearance)
            changed = changed_fields(seen, given)
            if not changed:
                return seen
            return admin.editing.edit(
                document_id, changed, by=asker.owner, clearance=clearance, check=_as_it_was(given.get("changes", ""))
            )

        after = await frame.run(change)
        return go(VIEW, "saved" if after.indexed else "saved_later", id=document_id)

    async def retire(request: Request, asker: Asker) -> Response:
        document_id = (await fields_of(request)).get("id", "")
        await frame.run(lambda: admin.retire(document_id, by=asker.owner, clearance=asker.clearance))
        return go(VIEW, "retired", id=document_id)

    async def restore(request: Request, asker: Asker) -> Response:
        document_id = (await fields_of(request)).get("id", "")
        indexed = await frame.run(lambda: admin.restore(document_id, by=asker.owner, clearance=asker.clearance))
        return go(VIEW, "restored" if indexed else "restored_later", id=document_id)

    async def delete_file(request: Request, asker: Asker) -> Response:
        name = (await fields_of(request)).get("name", "")
        await frame.run(lambda: views.delete_upload(name, by=asker.owner))
        return go("/admin/index", "file_deleted")

    return [
        Page("GET", LIST, listing, DOCUMENTS),
        Page("GET", VIEW, view, DOCUMENTS),
        Page("POST", f"{LIST}/edit", edit, DOCUMENTS),
        Page("POST", f"{LIST}/retire", retire, DOCUMENTS),
        Page("POST", f"{LIST}/restore", restore, DOCUMENTS),
        Page("POST", "/admin/files/delete", delete_file),
    ]


def chosen_documents(request: Request) -> DocumentQuery:
    """What the address asks for. Raises: ProblemError: a day that is none."""

    def text(name: str) -> str:
        return request.query_params.get(name, "").strip()[:_MAX_WORDS_CHARS]

    return DocumentQuery(
        words=text("q"),
        retired=text("state") == "retired",
        publisher=text("publisher") or None,
        visibility=text("label") or None,
        published_from=day(text("from")),
        published_to=day(text("to")),
    )


def changed_fields(seen: EditedDocument, given: Mapping[str, str]) -> dict[str, str | None]:
    """What a form says otherwise than the document; fields that the form does not have are left alone."""
    shown = seen.edit.applied(seen.document)
    said = {field: given[field].strip() for field in FIELDS if field in given}
    return {field: value or None for field, value in said.items() if value != str(getattr(shown, field) or "")}


def _as_it_was(changes: str) -> Check:
    """Has a change fail where somebody else changed the document since the form was made."""

    def check(seen: EditedDocument) -> None:
        if str(seen.edit.changes) != changes:
            raise EditConflictError("别人刚刚改过这个文档，请刷新页面，看过后再改。")

    return check
