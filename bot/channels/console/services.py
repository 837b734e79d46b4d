"""Everything that the console's pages use; the composition root gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.accounts import Accounts
from bot.admin import AdminService
from bot.api_keys import KeyDesk
from bot.audit import Trail
from bot.document_view import DocumentViews
from bot.feedback import Feedback
from bot.gap_board import GapBoard
from bot.people import People
from bot.snapshot_keeping import SnapshotKeeping
from bot.state.audit_pages import AuditPages
from bot.state.usage_figures import UsageFigures
from corpus.document_states import DocumentState


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """The use cases behind the pages. ``failed_files``: what could not be read, at most so many.

    ``public_url`` is where links for people begin; None: at the address that was asked.
    """

    admin: AdminService
    documents: DocumentViews
    snapshots: SnapshotKeeping
    gaps: GapBoard
    feedback: Feedback
    usage: UsageFigures
    people: People
    keys: KeyDesk
    accounts: Accounts
    audit: AuditPages
    trail: Trail
    failed_files: Callable[[int], list[DocumentState]]
    public_url: str | None = None
