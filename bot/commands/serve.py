"""`yiju serve`: HTTP, and with a token Telegram, in one process until it is told to stop."""

from __future__ import annotations

import sys

import click

from bot import app_channels
from bot.commands.frame import framed, settings_for
from bot.commands.progress import ProgressLine


@click.command("serve", help="启动 HTTP 服务；设置了令牌时一并启动 Telegram。 Serve HTTP and, with a token, Telegram.")
@framed
def command() -> None:
    """Serve until SIGINT or SIGTERM."""
    app_channels.serve(settings_for(long_running=True), say=ProgressLine(sys.stderr).say)
