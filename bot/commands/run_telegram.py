"""`yiju telegram`: the Telegram bot alone, by long polling."""

from __future__ import annotations

import sys

import click

from bot import app_channels
from bot.commands.frame import framed, settings_for
from bot.commands.progress import ProgressLine


@click.command("telegram", help="只启动 Telegram 机器人（长轮询）。 Serve Telegram alone, by long polling.")
@framed
def command() -> None:
    """Receive and answer until SIGINT or SIGTERM."""
    app_channels.run_telegram(settings_for(long_running=True), say=ProgressLine(sys.stderr).say)
