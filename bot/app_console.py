"""The composition root of the console: its use cases over stores and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.app_admin import gaps
from bot.app_server import Server
from bot.audit import Trail
from bot.document_view import DocumentViews
from bot.feedback import Feedback
from bot.gap_board import GapBoard
from bot.snapshot_keeping import SnapshotKeeping
from corpus.document_states import FAILED

if TYPE_CHECKING:
    from bot.channels.console.services import ConsoleServices


def console_services(server: Server) -> ConsoleServices:
    """What the pages under /admin use."""
    from bot.channels.console.services import ConsoleServices  # noqa: PLC0415  the framework comes with it

    settings, stores, state = server.settings, server.stores, server.stores.state
    trail = Trail(state.audit)
    return ConsoleServices(
        admin=server.admin,
        documents=DocumentViews(stores.documents, server.live_versions, settings.uploads_dir, trail),
        snapshots=SnapshotKeeping(
            settings.index_dir, store_id=stores.documents.store_id, kept=settings.index.kept_snapshots, trail=trail
        ),
        gaps=GapBoard(lambda: gaps(settings, stores), state.gap_marks, trail),
        feedback=Feedback(state.ratings),
        usage=state.usage,
        people=server.people,
        keys=server.keys,
        accounts=server.accounts,
        audit=state.audit_pages,
        trail=trail,
        failed_files=lambda limit: stores.documents.states(FAILED, limit=limit),
        public_url=settings.http.public_url,
    )
