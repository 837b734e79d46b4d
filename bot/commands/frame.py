"""What every command shares: settings, logs, errors told in Chinese with their cure, exit codes, JSON output."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import ParamSpec

import click

from bot.channels.failures import failure_of
from bot.errors import BotError, InvalidQuestionError, SettingsError
from bot.logs import configure_logging, hush_libraries
from bot.settings import Settings, load_settings
from corpus.errors import CorpusError
from embeddings.errors import EmbeddingError
from retrieval.errors import RetrievalError, SwitchBlockedError

FAILED, WRONG_USE = 1, 2
_FORESEEN = (BotError, CorpusError, EmbeddingError, RetrievalError, OSError)
_MISUSE = (InvalidQuestionError, SettingsError)
Parameters = ParamSpec("Parameters")

json_option = click.option(
    "--json", "as_json", is_flag=True, help="在标准输出打印一个 JSON 对象，别无其他 / one JSON object on stdout"
)


def framed(function: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Run a command; tell its errors and end with the right code: 1 failed, 2 wrong use."""

    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except _FORESEEN as error:
            tell(error, as_json=bool(kwargs.get("as_json")))
            raise click.exceptions.Exit(WRONG_USE if isinstance(error, _MISUSE) else FAILED) from None
        except KeyboardInterrupt:
            click.echo("已中断。", err=True)
            raise click.exceptions.Exit(FAILED) from None

    return run


def tell(error: BaseException, *, as_json: bool) -> None:
    """Say on standard error what happened and what to do; with ``--json`` as an object on standard output too."""
    failure = failure_of(error)
    click.echo(f"错误：{failure.title}：{error}", err=True)
    if failure.cure:
        click.echo(f"处理：{failure.cure}", err=True)
    if as_json:
        told: dict[str, object] = {
            "code": failure.code,
            "title": failure.title,
            "detail": str(error),
            "cure": failure.cure,
        }
        if isinstance(error, SwitchBlockedError):
            told |= {"candidate": error.candidate, "gate": error.report}
        print_json({"error": told})


def print_json(content: object) -> None:
    """One JSON object on standard output, in the script of its text."""
    click.echo(json.dumps(content, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


def settings_for(*, long_running: bool = False) -> Settings:
    """The settings of the environment, with logging set up to standard error.

    A command that ends by itself logs warnings alone, unless YIJU_LOG_LEVEL asks for more: its progress is shown.
    """
    settings = load_settings(os.environ)
    asked = long_running or "log_level" in settings.model_fields_set
    level = settings.log_level if asked else "warning"
    configure_logging(level, json=settings.log_format == "json", secrets=settings.secret_values())
    hush_libraries()
    return settings
