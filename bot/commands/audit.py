"""`yiju audit`: who asked and did what, when, with what outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.state.audit import AuditEntry

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MAX_DETAIL_CHARS = 80


def _since(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """A moment: ``7d``, ``12h``, or an ISO date or time, local where no zone is given."""
    if value is None:
        return None
    try:
        ago = re.fullmatch(r"(\d{1,6})([mhdw])", value.strip())
        if ago is not None:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(value.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} 不合要求，例如 7d、12h、2026-01-31、2026-01-31T08:00。") from None


@click.command("audit", help="查看谁在何时问了、做了什么。 Who asked and did what, when, latest first.")
@click.option("--since", callback=_since, metavar="7d|DATE", help="只看此后的 / only since then: 7d, 12h, 2026-01-31")
@click.option("--user", metavar="ID", help="只看此人：Telegram 编号，或 key:…、cli:… / only this one's")
@click.option("--action", metavar="NAME", help="只看此类，如 question / only these, such as question")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="至多列出 / at most")
@json_option
@framed
def command(since: datetime | None, user: str | None, action: str | None, limit: int, as_json: bool) -> None:
    """List the latest."""
    with app.open_audit(settings_for()) as audit:
        found = audit.find(since=since, actors=_actors(user), action=action, limit=limit)
    if as_json:
        print_json({"entries": [_as_json(entry) for entry in found]})
        return
    for entry in found:
        click.echo(_row(entry))
    if not found:
        click.echo("没有记录。", err=True)


def _actors(user: str | None) -> Sequence[str]:
    return () if user is None else (user, f"telegram:{user}", f"key:{user}", f"cli:{user}")


def _as_json(entry: AuditEntry) -> dict[str, object]:
    deed = entry.deed
    return {
        "at": entry.at,
        "actor": deed.actor,
        "channel": deed.channel,
        "action": deed.action,
        "place": deed.place,
        "detail": deed.detail,
        "outcome": deed.outcome,
        "sources": list(deed.sources),
        "answer_id": deed.answer_id,
        "latency_ms": deed.latency_ms,
    }


def _row(entry: AuditEntry) -> str:
    deed = entry.deed
    detail = " ".join(deed.detail.split())
    detail = detail if len(detail) <= _MAX_DETAIL_CHARS else detail[: _MAX_DETAIL_CHARS - 1] + "…"
    parts = [f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}", deed.actor, deed.action, detail, deed.outcome or ""]
    parts += [" ".join(deed.sources)] if deed.sources else []
    parts += [f"{deed.latency_ms:.0f} ms"] if deed.latency_ms is not None else []
    return "  ".join(part for part in parts if part)
