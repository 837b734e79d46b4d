"""The composition root of the console: its use cases over stores and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.accounts import Accounts
from bot.admin import AdminService
from bot.api_keys import KeyDesk
from bot.app import Stores
from bot.app_admin import gaps
from bot.audit import Trail
from bot.document_view import DocumentViews
from bot.feedback import Feedback
from bot.gap_board import GapBoard
from bot.people import People
from bot.settings import Settings
from bot.snapshot_keeping import SnapshotKeeping
from corpus.document_states import FAILED

if TYPE_CHECKING:
    from bot.channels.console.services import ConsoleServices


class Parts(Protocol):
    """What the console shares with the rest of a server."""

    settings: Settings
    stores: Stores
    admin: AdminService
    people: People
    keys: KeyDesk
    accounts: Accounts

    def live_versions(self) -> frozenset[int]:
        """The versions of the documents that answer."""
        ...


def console_services(parts: Parts) -> ConsoleServices:
    """What the pages under /admin use."""
    from bot.channels.console.services import ConsoleServices  # noqa: PLC0415  the framework comes with it

    settings, stores, state = parts.settings, parts.stores, parts.stores.state
    trail = Trail(state.audit)
    return ConsoleServices(
        admin=parts.admin,
        documents=DocumentViews(stores.documents, parts.live_versions, settings.uploads_dir, trail),
        snapshots=SnapshotKeeping(
            settings.index_dir, store_id=stores.documents.store_id, kept=settings.index.kept_snapshots, trail=trail
        ),
        gaps=GapBoard(lambda: gaps(settings, stores), state.gap_marks, trail),
        feedback=Feedback(state.ratings),
        usage=state.usage,
        people=parts.people,
        keys=parts.keys,
        accounts=parts.accounts,
        audit=state.audit_pages,
        trail=trail,
        failed_files=lambda limit: stores.documents.states(FAILED, limit=limit),
        public_url=settings.http.public_url,
    )
