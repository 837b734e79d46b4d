"""`yiju prepare`: unpacks, converts and checks the embedding model once, so that serving starts at once."""

from __future__ import annotations

import sys
import time

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine


@click.command("prepare", help="准备向量模型；已备好时立即返回。 Prepare the embedding model; quick when done before.")
@json_option
@framed
def command(as_json: bool) -> None:
    """Prepare the model that the settings name."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    started = time.monotonic()
    prepared = app.prepare_model(settings, say=line.say)
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        print_json({"model_id": prepared.model_id, "dim": prepared.dim, "seconds": seconds})
    else:
        click.echo(f"模型已备好：{prepared.model_id}（{prepared.dim} 维），用时 {seconds} 秒")
