"""The composition root of the console: its use cases over stores and folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot import app
from bot.admin import AdminService
from bot.app import Stores
from bot.app_admin import gaps
from bot.audit import Trail
from bot.document_view import DocumentViews
from bot.feedback import Feedback
from bot.gap_board import GapBoard
from bot.settings import Settings
from bot.snapshot_keeping import SnapshotKeeping
from corpus.document_states import FAILED

if TYPE_CHECKING:
    from bot.channels.console.services import ConsoleServices


def console_services(
    settings: Settings, stores: Stores, admin: AdminService, live_versions: Callable[[], frozenset[int]]
) -> ConsoleServices:
    """What the pages under /admin use."""
    from bot.channels.console.services import ConsoleServices  # noqa: PLC0415  the framework comes with it

    trail, state = Trail(stores.state.audit), stores.state
    return ConsoleServices(
        admin=admin,
        documents=DocumentViews(stores.documents, live_versions, settings.uploads_dir, trail),
        snapshots=SnapshotKeeping(
            settings.index_dir, store_id=stores.documents.store_id, kept=settings.index.kept_snapshots, trail=trail
        ),
        gaps=GapBoard(lambda: gaps(settings, stores), state.gap_marks, trail),
        feedback=Feedback(state.ratings),
        usage=state.usage,
        people=app.people_of(settings, state),
        keys=state.keys,
        audit=state.audit_pages,
        trail=trail,
        failed_files=lambda limit: stores.documents.states(FAILED, limit=limit),
    )
