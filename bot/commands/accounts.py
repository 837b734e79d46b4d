"""`yiju accounts`: who signs in at the web. Passwords are asked for, read from a file or set by a link."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import click

from bot.app_doors import open_accounts
from bot.audit import local_person
from bot.commands.door_parameters import clearance_option, read_clearance
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.settings import Settings
from bot.state.accounts import LINK_HOURS, ROLES, USER, Account
from bot.state.sessions import Session
from corpus.visibility import Clearance

_ROLE_WORDS = {"user": "提问", "editor": "提问与资料", "admin": "管理员"}


@click.group("accounts", help="网页登录的账号。 Accounts for signing in at the web.")
def command() -> None:
    """Hold the commands."""


def _row(account: Account) -> str:
    seen = "全部" if account.role == "admin" else ",".join(account.clearance.stated()) or "public"
    used = f"{account.last_sign_in_at:%Y-%m-%d}" if account.last_sign_in_at else "未登录过"
    state = "已停用" if account.disabled_at else "" if account.has_password or account.subject else "未设密码"
    parts = [account.id, account.name, account.role, _ROLE_WORDS[account.role], seen, used, state]
    return "  ".join(part for part in parts if part)


def _tell(account: Account, *, as_json: bool, **more: object) -> None:
    if as_json:
        print_json(account.stated() | more)
    else:
        click.echo(_row(account))


_password_option = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="从文件读密码，不询问 / read the password from a file",
)


def _password(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    return str(click.prompt("密码（至少 12 个字符）", hide_input=True, confirmation_prompt="再输入一次", err=True))


def _address(settings: Settings, token: str) -> str:
    base = settings.http.public_url or f"http://{settings.http.host}:{settings.http.port}"
    return f"{base}/login/link?token={quote(token, safe='')}"


@command.command("create", help="新建账号；密码询问两次，或用链接设置。 Create an account.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=USER, show_default=True, help="角色 / what it may do")
@clearance_option
@_password_option
@click.option("--link", is_flag=True, help="不设密码，打印一次性链接 / no password: print a link to set it once")
@json_option
@framed
def create(name: str, role: str, clearance: Clearance, password_file: Path | None, link: bool, as_json: bool) -> None:
    """Make an account."""
    settings, by = settings_for(), local_person().name
    password = None if link else _password(password_file)
    with open_accounts(settings) as accounts:
        account = accounts.create(name, role, clearance, by=by, password=password)
        more = {"link": _address(settings, accounts.make_link(account.id, by=by))} if link else {}
    _tell(account, as_json=as_json, **more)
    if link and not as_json:
        click.echo(more["link"])
        click.echo(f"链接 {LINK_HOURS} 小时内有效，只能用一次，请只交给本人。", err=True)


@command.command("list", help="列出账号。 List accounts.")
@json_option
@framed
def list_accounts(as_json: bool) -> None:
    """List all accounts."""
    with open_accounts(settings_for()) as accounts:
        found = accounts.everyone()
    if as_json:
        print_json({"accounts": [each.stated() for each in found]})
        return
    for each in found:
        click.echo(_row(each))
    if not found:
        click.echo("还没有账号；新建：yiju accounts create NAME --role admin", err=True)


@command.command("password", help="改密码；该账号在各处退出登录。 Set a password; signs the account out.")
@click.argument("name")
@_password_option
@json_option
@framed
def set_password(name: str, password_file: Path | None, as_json: bool) -> None:
    """Give another password."""
    password = _password(password_file)
    with open_accounts(settings_for()) as accounts:
        account = accounts.set_password(name, password, by=local_person().name)
    _tell(account, as_json=as_json)


@command.command("link", help="打印一次性链接，由本人设密码。 Print a link to set the password once.")
@click.argument("name")
@json_option
@framed
def make_link(name: str, as_json: bool) -> None:
    """Make a link."""
    settings = settings_for()
    with open_accounts(settings) as accounts:
        token = accounts.make_link(name, by=local_person().name)
    if as_json:
        print_json({"link": _address(settings, token)})
    else:
        click.echo(_address(settings, token))
        click.echo(f"链接 {LINK_HOURS} 小时内有效，只能用一次，请只交给本人。", err=True)


@command.command("role", help="改角色。 Change the role.")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@json_option
@framed
def set_role(name: str, role: str, as_json: bool) -> None:
    """Give another role."""
    with open_accounts(settings_for()) as accounts:
        account = accounts.set_role(name, role, by=local_person().name)
    _tell(account, as_json=as_json)


@command.command("clearance", help="改公开以外可见的标签；空为无，* 为全部。 Change the clearance.")
@click.argument("name")
@click.argument("clearance", metavar="LABELS|*", callback=read_clearance)
@json_option
@framed
def set_clearance(name: str, clearance: Clearance, as_json: bool) -> None:
    """Say what it may see."""
    with open_accounts(settings_for()) as accounts:
        account = accounts.set_clearance(name, clearance, by=local_person().name)
    _tell(account, as_json=as_json)


@command.command("disable", help="停用，并在各处退出登录。 Disable, and sign out.")
@click.argument("name")
@json_option
@framed
def disable(name: str, as_json: bool) -> None:
    """Turn away whoever has it."""
    with open_accounts(settings_for()) as accounts:
        account = accounts.disable(name, by=local_person().name)
    _tell(account, as_json=as_json)


@command.command("enable", help="重新启用。 Enable again.")
@click.argument("name")
@json_option
@framed
def enable(name: str, as_json: bool) -> None:
    """Let them in again."""
    with open_accounts(settings_for()) as accounts:
        account = accounts.enable(name, by=local_person().name)
    _tell(account, as_json=as_json)


@command.command("sessions", help="谁在何处登录着；--end 结束。 Who is signed in where; --end ends them.")
@click.argument("name", required=False)
@click.option("--end", is_flag=True, help="结束该账号的全部会话 / end all sessions of the account")
@json_option
@framed
def sessions(name: str | None, end: bool, as_json: bool) -> None:
    """List or end sessions."""
    if end and name is None:
        raise click.UsageError("--end 需要账号名。")
    with open_accounts(settings_for()) as accounts:
        names = {account.id: account.name for account in accounts.everyone()}
        found = accounts.running_sessions(name)
        if end and name is not None:
            accounts.end_sessions(name, by=local_person().name)
    if as_json:
        print_json({"sessions": [_session(each, names) for each in found], "ended": end})
        return
    for each in found:
        seen = f"{each.last_seen_at.astimezone():%Y-%m-%d %H:%M}"
        click.echo("  ".join([each.id, names.get(each.account_id, ""), each.address, seen, each.agent]))
    click.echo(f"共 {len(found)} 个{'，已结束' if end else ''}。", err=True)


def _session(session: Session, names: dict[str, str]) -> dict[str, object]:
    return {
        "id": session.id,
        "account": names.get(session.account_id),
        "address": session.address,
        "agent": session.agent,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
    }
