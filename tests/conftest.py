"""What every test may ask for: the shared data beside the project, and an environment without the developer's settings.

Tests that need the prepared model ask for it here; those of `embeddings` make theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import POSTGRES_VARIABLE, Server, run_on_backends, server_in_use

PROJECT_DIR = Path(__file__).resolve().parent.parent
_SHARED_DIR = pytest.StashKey[Path]()
_SHARED_REQUIRED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Remember what tests are run with, then take every ``YIJU_*`` setting of the developer out of their way."""
    config.stash[_SHARED_DIR] = Path(os.environ.get("YIJU_SHARED_DIR", PROJECT_DIR.parent / "shared")).resolve()
    config.stash[_SHARED_REQUIRED] = os.environ.get("YIJU_REQUIRE_SHARED") == "1"
    for name in [name for name in os.environ if name.startswith("YIJU_") and not name.startswith("YIJU_TEST_")]:
        del os.environ[name]
    # Machines are slow at times, and CI must say the same twice; people get new examples on every run.
    settings.register_profile(
        "yiju", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("yiju")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the database on each database there is."""
    run_on_backends(metafunc)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip (or fail) tests marked ``shared`` where the shared data is absent, whichever fixtures they use."""
    if item.get_closest_marker("shared") is not None:
        _shared_dir_or_stop(item.config)


@pytest.fixture(scope="session")
def shared_dir(pytestconfig: pytest.Config) -> Path:
    """The folder of shared data: ``YIJU_SHARED_DIR``, or ``shared`` beside the project."""
    return _shared_dir_or_stop(pytestconfig)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the database that ``tests.databases.database_url`` gives: ``sqlite`` or ``postgresql``."""
    name: str = getattr(request, "param", "sqlite")
    if name == "sqlite":
        yield name
        return
    with server_in_use(request.getfixturevalue("postgres_server")):
        yield name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The server that ``YIJU_TEST_POSTGRES_URL`` names."""
    server = Server(os.environ[POSTGRES_VARIABLE])
    yield server
    server.close()


@pytest.fixture(scope="session")
def project_dir() -> Path:
    """The top folder of the project."""
    return PROJECT_DIR


@pytest.fixture(scope="session")
def models_dir(project_dir: Path) -> Path:
    """A folder with the bundled model, prepared at the first run (a minute or two) and kept for later ones."""
    from embeddings.bundled import prepare_bundled

    folder = project_dir / "data" / "models"
    prepare_bundled(folder, progress=print)
    return folder


def _shared_dir_or_stop(config: pytest.Config) -> Path:
    folder = config.stash[_SHARED_DIR]
    if (folder / "data").is_dir() and (folder / "seeds").is_dir():
        return folder
    reason = f"no shared data at {folder} (needs its folders data and seeds); set YIJU_SHARED_DIR to where they are"
    if config.stash[_SHARED_REQUIRED]:
        pytest.fail(f"{reason}; required by YIJU_REQUIRE_SHARED=1", pytrace=False)
    pytest.skip(reason)
