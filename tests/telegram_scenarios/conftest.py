"""The towns: one for each way of running the program, made when first asked for and shared by all scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telegram_scenarios.town import Town, open_town

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Scenarios need the model and some minutes: they run where they are asked for, not among all tests."""
    ours = [item for item in items if _HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.model)
        item.add_marker(pytest.mark.slow)
    if not any(_HERE.name in argument for argument in config.args):
        items[:] = [item for item in items if item not in set(ours)]
        config.hook.pytest_deselected(items=ours)


@pytest.fixture(scope="session")
def polling_town(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`yiju telegram` by long polling; people are allowed by the settings."""
    with open_town(tmp_path_factory.mktemp("polling"), models_dir) as town:
        yield town


@pytest.fixture
def town(polling_town: Town) -> Iterator[Town]:
    """The town of most scenarios."""
    try:
        with polling_town.scenario():
            yield polling_town
    finally:
        polling_town.mend()
