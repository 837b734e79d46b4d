"""The looks that every page is judged in: light, dark, on a phone."""

from __future__ import annotations

from typing import Any

PHONE: dict[str, Any] = {"width": 390, "height": 800, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
}
