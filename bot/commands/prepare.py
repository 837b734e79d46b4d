"""`yiju prepare`: unpacks, converts and checks the models once, so that serving starts at once.

Without the embedding model nothing works; without the trained reader the rules read, so that is said and no failure.
"""

from __future__ import annotations

import sys
import time

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.progress import ProgressLine
from embeddings.errors import EmbeddingError


@click.command("prepare", help="准备各模型；已备好时立即返回。 Prepare the models; quick when done before.")
@json_option
@framed
def command(as_json: bool) -> None:
    """Prepare the models that the settings name."""
    settings = settings_for()
    line = ProgressLine(sys.stderr)
    started = time.monotonic()
    prepared = app.prepare_model(settings, say=line.say)
    reader = missing = None
    try:
        reader = app.prepare_reader(settings, say=line.say)
    except EmbeddingError as error:
        missing = str(error)
    seconds = round(time.monotonic() - started, 1)
    if missing is not None:
        click.echo(f"训练的阅读器未备好，由规则阅读：{missing}", err=True)
    if as_json:
        print_json({"model_id": prepared.model_id, "dim": prepared.dim, "reader": reader, "seconds": seconds})
    else:
        click.echo(f"模型已备好：{prepared.model_id}（{prepared.dim} 维），{reader or '规则阅读'}，用时 {seconds} 秒")
