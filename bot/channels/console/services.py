"""Everything that the console's pages use; the composition root gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.admin import AdminService
from bot.audit import Trail
from bot.document_view import DocumentViews
from bot.feedback import Feedback
from bot.gap_board import GapBoard
from bot.people import People
from bot.snapshot_keeping import SnapshotKeeping
from bot.state.audit_pages import AuditPages
from bot.state.keys import ApiKeys
from bot.state.usage_figures import UsageFigures
from corpus.document_states import DocumentState


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """The use cases behind the pages. ``failed_files``: what could not be read, at most so many."""

    admin: AdminService
    documents: DocumentViews
    snapshots: SnapshotKeeping
    gaps: GapBoard
    feedback: Feedback
    usage: UsageFigures
    people: People
    keys: ApiKeys
    audit: AuditPages
    trail: Trail
    failed_files: Callable[[int], list[DocumentState]]
