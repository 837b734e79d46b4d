"""What the other process does in tests of the index process. A module of its own: that process finds it by name."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.connection import Connection

from bot.errors import JobConflictError
from bot.index_process import Failed, Order, Orders, be_in_the_background
from bot.indexing_jobs import Listener, ReindexOptions
from bot.state.jobs import JobProgress


def _words(error: Exception) -> Failed:
    return Failed(f"没有成功：{error}", {"gate": None})


def _carry(order: Order, listener: Listener) -> dict[str, object]:
    """A filling in reports who does it; of a re-index the options say what happens."""
    listener(JobProgress(1, 2, "reading"))
    if order.options == ReindexOptions(full=True):
        raise JobConflictError("满了", job_id="j1")
    if order.options == ReindexOptions(dry_run=True):
        os.kill(os.getpid(), signal.SIGKILL)
    if order.options == ReindexOptions(allow_mass_removal=True):
        while True:
            listener(JobProgress(1, 2, "writing"))
            time.sleep(0.01)
    if order.options == ReindexOptions(embed=False):
        time.sleep(60)
    return {"pid": os.getpid(), "nice": os.nice(0)}


def serve(connection: Connection) -> None:
    """Orders until one comes no more for half a minute."""
    be_in_the_background()
    Orders(connection).carry_out(_carry, _words, idle_seconds=30)


def serve_briefly(connection: Connection) -> None:
    """Ends as soon as there is nothing to do."""
    Orders(connection).carry_out(_carry, _words, idle_seconds=0.05)
