"""The composition root of `yiju backup` and `yiju restore`: the places and the database that the settings name."""
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot import app
from bot.settings import Settings
from corpus.database import open_database

if TYPE_CHECKING:
    from bot.backup.making import BackupReport
    from bot.backup.places import Progress
    from bot.backup.restoring import RestoreReport


def back_up(
    settings: Settings, file: Path, *, with_database: bool, with_index: bool, progress: Progress
) -> BackupReport:
    """Write a backup of what the settings name. Raises: BackupError, StoreError, SnapshotError."""
    from bot.backup.making import make_backup

    with app.open_stores(settings) as stores:
        return make_backup(
            app.places_of(settings),
            stores.engine,
            file,
            with_database=with_database,
            with_index=with_index,
            progress=progress,
        )


def restore(settings: Settings, file: Path, *, with_index: bool, check_only: bool, progress: Progress) -> RestoreReport:
    """Put a backup in the place of what the settings name. Raises: BackupError, IndexLockedError, StoreError."""
    from bot.backup.restoring import restore_backup

    engine = open_database(settings.database_url)
    try:
        return restore_backup(
            app.places_of(settings), engine, file, with_index=with_index, check_only=check_only, progress=progress
        )
    finally:
        engine.dispose()
