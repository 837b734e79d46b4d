"""The composition root of administration: what it needs of folders, snapshots and stored answers."""
# ruff: noqa: PLC0415

from __future__ import annotations

from bot import app
from bot.admin import SnapshotOrders
from bot.app import Stores
from bot.backup.contents import program_version
from bot.gaps import GapCluster, clustered, question_keys
from bot.health import ErrorTally, HealthCheck, HealthParts
from bot.settings import Settings
from bot.staging import StagedUploads

# Questions of so long ago say what people miss; so many of them, by asker, are gathered.
GAP_DAYS = 90
_MAX_UNANSWERED = 2000
_STAGED = "staged"


def staged_uploads(settings: Settings, *, max_bytes: int) -> StagedUploads:
    """Files that wait for a word, in the data folder; what has waited too long is gone."""
    staged = StagedUploads(settings.data_dir / _STAGED, settings.uploads_dir, max_bytes=max_bytes)
    staged.prune()
    return staged


def snapshot_orders(settings: Settings, stores: Stores) -> SnapshotOrders:
    """What is done about snapshots that wait."""

    def accept(snapshot_id: str) -> None:
        from retrieval import snapshots

        documents = stores.documents
        snapshots.accept(settings.index_dir, snapshot_id, store_id=documents.store_id(), turn=documents.index_turn)

    def reject(snapshot_id: str) -> None:
        from retrieval import snapshots

        snapshots.reject(settings.index_dir, snapshot_id, turn=stores.documents.index_turn)

    return SnapshotOrders(lambda: blocked_snapshots(settings), accept, reject)


def blocked_snapshots(settings: Settings) -> list[str]:
    """The ids of snapshots that wait to be accepted."""
    from retrieval.snapshots import list_snapshots

    return [each.id for each in list_snapshots(settings.index_dir) if each.blocked is not None]


def gaps(settings: Settings, stores: Stores) -> list[GapCluster]:
    """Unanswered questions, gathered. Raises: StoreError, TermsFileError."""
    unanswered = stores.state.figures.unanswered(_MAX_UNANSWERED, days=GAP_DAYS)
    return clustered(unanswered, question_keys(app.read_terms(settings)))


def health_check(settings: Settings, stores: Stores, errors: ErrorTally) -> HealthCheck:
    """How the program fares, from now on."""
    given = stores.state.figures.given
    return HealthCheck(HealthParts(lambda hours: given(hours=hours), errors, settings.data_dir, program_version()))
