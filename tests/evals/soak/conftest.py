"""The prepared model, which a soak needs."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def models_dir(project_dir: Path) -> Path:
    """A folder with the bundled model and reader, prepared at the first run and kept for later ones."""
    from embeddings.bundled import prepare_bundled
    from retrieval.trained_reader.preparing import prepare_reader

    folder = project_dir / "data" / "models"
    prepare_bundled(folder, progress=print)
    prepare_reader(folder, progress=print)
    return folder
