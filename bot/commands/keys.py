"""`yiju keys`: makes, lists and revokes API keys. A key is shown once, when it is made."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.app_doors import open_key_desk
from bot.audit import local_person
from bot.channels.http_access import SCOPES
from bot.commands.door_parameters import clearance_option, expiry
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.state.keys import KeyInfo
from corpus.visibility import Clearance


@click.group("keys", help="新建、列出、撤销 API 密钥。 Create, list and revoke API keys.")
def command() -> None:
    """Hold the three commands."""


def _scopes(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(part.strip() for part in value.replace("，", ",").split(",") if part.strip()))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise click.BadParameter(f"{value!r} 不合要求，应为 {'、'.join(SCOPES)} 中的一个或几个，以逗号分隔。")
    return scopes


def _as_json(key: KeyInfo) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "clearance": list(key.clearance.stated()),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _state(key: KeyInfo) -> str:
    if key.revoked_at is not None:
        return f"已于 {key.revoked_at:%Y-%m-%d} 撤销"
    if not key.in_force(datetime.now(UTC)):
        return f"已于 {key.expires_at:%Y-%m-%d} 到期"
    return "有效" if key.expires_at is None else f"有效至 {key.expires_at:%Y-%m-%d %H:%M}"


@command.command("create", help="新建密钥；只显示这一次。 Create a key; it is shown once.")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    required=True,
    callback=_scopes,
    metavar="ask,documents,admin",
    help="权限，以逗号分隔 / what it may do, separated by commas",
)
@click.option(
    "--expires",
    "expires_at",
    callback=expiry,
    metavar="DAYS|DATE",
    help="到期：多少天后，或某日结束时 / after so many days, or at the end of a day",
)
@clearance_option
@json_option
@framed
def create(
    name: str, scopes: tuple[str, ...], expires_at: datetime | None, clearance: Clearance, as_json: bool
) -> None:
    """Make a key."""
    with open_key_desk(settings_for()) as keys:
        made = keys.create(name, scopes, by=local_person().name, expires_at=expires_at, clearance=clearance)
    if as_json:
        print_json({**_as_json(made.info), "key": made.plain})
    else:
        click.echo(made.plain)
        click.echo(
            f"密钥 {made.info.id}（{made.info.name}，权限 {'、'.join(scopes)}）只显示这一次，请妥善保存。", err=True
        )


@command.command("list", help="列出密钥（不含密钥本身）。 List keys, without their secrets.")
@json_option
@framed
def list_keys(as_json: bool) -> None:
    """List all keys."""
    with open_key_desk(settings_for()) as keys:
        found = keys.list_keys()
    if as_json:
        print_json({"keys": [_as_json(key) for key in found]})
        return
    for key in found:
        seen = ",".join(key.clearance.stated()) or "public"
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "未用过"
        parts = [key.id, key.name, ",".join(key.scopes), seen, f"{key.created_at:%Y-%m-%d}", used, _state(key)]
        click.echo("  ".join(parts))
    if not found:
        click.echo("还没有密钥；新建：yiju keys create NAME --scope ask", err=True)


@command.command("revoke", help="撤销密钥，立即生效。 Revoke a key, at once.")
@click.argument("key_id", metavar="ID_OR_NAME")
@json_option
@framed
def revoke(key_id: str, as_json: bool) -> None:
    """Revoke one key."""
    with open_key_desk(settings_for()) as keys:
        revoked = keys.revoke(key_id, by=local_person().name)
    if as_json:
        print_json({"id": revoked.id, "name": revoked.name, "revoked": True})
    else:
        click.echo(f"密钥 {revoked.id}（{revoked.name}）已撤销。")
