"""Sample documents, written for this project, that a fresh installation serves until it is given a corpus.

Figures in them are those of real announcements; the sentences are ours.
"""

from __future__ import annotations

from pathlib import Path


def samples_dir() -> Path:
    """The folder of the sample documents; read only."""
    return Path(__file__).resolve().parent / "documents"
