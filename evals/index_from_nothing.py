"""stub"""

from typing import Any


def measure_from_nothing(*a: Any, **k: Any) -> dict[str, Any]:
    return {}
