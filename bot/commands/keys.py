"""`yiju keys`: makes, lists and revokes API keys. A key is shown once, when it is made."""

from __future__ import annotations

import click

from bot import app
from bot.channels.http_access import SCOPES
from bot.commands.frame import framed, json_option, print_json, settings_for


@click.group("keys", help="新建、列出、撤销 API 密钥。 Create, list and revoke API keys.")
def command() -> None:
    """Hold the three commands."""


def _scopes(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(part.strip() for part in value.replace("，", ",").split(",") if part.strip()))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise click.BadParameter(f"{value!r} 不合要求，应为 {'、'.join(SCOPES)} 中的一个或几个，以逗号分隔。")
    return scopes


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
@json_option
@framed
def create(name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a key."""
    with app.open_keys(settings_for()) as keys:
        made = keys.create(name, scopes)
    if as_json:
        print_json({"id": made.info.id, "name": made.info.name, "scopes": list(made.info.scopes), "key": made.plain})
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
    with app.open_keys(settings_for()) as keys:
        found = keys.list_keys()
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": list(key.scopes),
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        }
        for key in found
    ]
    if as_json:
        print_json({"keys": rows})
        return
    for row, key in zip(rows, found, strict=True):
        state = f"已于 {key.revoked_at:%Y-%m-%d} 撤销" if key.revoked_at else "有效"
        click.echo(f"{row['id']}  {row['name']}  {','.join(key.scopes)}  {key.created_at:%Y-%m-%d}  {state}")
    if not rows:
        click.echo("还没有密钥；新建：yiju keys create NAME --scope ask", err=True)


@command.command("revoke", help="撤销密钥，立即生效。 Revoke a key, at once.")
@click.argument("key_id", metavar="ID_OR_NAME")
@json_option
@framed
def revoke(key_id: str, as_json: bool) -> None:
    """Revoke one key."""
    with app.open_keys(settings_for()) as keys:
        revoked = keys.revoke(key_id)
    if as_json:
        print_json({"id": revoked.id, "name": revoked.name, "revoked": True})
    else:
        click.echo(f"密钥 {revoked.id}（{revoked.name}）已撤销。")
