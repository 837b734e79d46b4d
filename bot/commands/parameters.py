"""Checks of command-line parameters that click does not have."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

Check = Callable[[click.Context, click.Parameter, str | None], str | None]


def matching(pattern: str, wanted: str) -> Check:
    """A callback that takes only values of a pattern; ``wanted`` says in words what fits."""

    def check(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise click.BadParameter(f"{value!r} 不合要求，应为{wanted}。")
        return value

    return check
