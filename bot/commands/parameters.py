"""Checks of command-line parameters that click does not have."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from bot.commands.door_parameters import read_clearance
from corpus.visibility import Clearance

Check = Callable[[click.Context, click.Parameter, str | None], str | None]


def matching(pattern: str, wanted: str) -> Check:
    """A callback that takes only values of a pattern; ``wanted`` says in words what fits."""

    def check(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise click.BadParameter(f"{value!r} 不合要求，应为{wanted}。")
        return value

    return check


def clearance_stated(context: click.Context, parameter: click.Parameter, value: str | None) -> Clearance | None:
    """A callback that reads labels with commas as a clearance; ``*`` is all of them, ``public`` or nothing is none."""
    return None if value is None else read_clearance(context, parameter, value)


clearance_option = click.option(
    "--clearance",
    metavar="LABELS",
    callback=clearance_stated,
    help="只用可看这些标签的人能看到的资料；不给则全部 / answer as for somebody who may see these labels alone",
)
