"""`yiju users`: who may use Telegram: lists, approves, removes, names administrators. Running bots follow at once."""

from __future__ import annotations

import click

from bot import app
from bot.access import Role
from bot.audit import local_person
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.commands.parameters import clearance_stated
from bot.people import Member
from bot.state.people import STATES
from corpus.visibility import Clearance

_ROLES = {"user": Role.USER, "admin": Role.ADMIN}
_STATE_WORDS = {"pending": "等待批准", "approved": "可以提问", "rejected": "已拒绝", "removed": "已移除"}
# A group's id begins with a dash, which is no option.
_TAKES_IDS = {"ignore_unknown_options": True}


@click.group("users", help="列出、批准、移除 Telegram 用户与群。 List, approve, remove Telegram users and groups.")
def command() -> None:
    """Hold the commands."""


def _as_json(member: Member) -> dict[str, object]:
    record = member.record
    return {
        "id": member.telegram_id,
        "kind": "group" if member.is_group else "user",
        "name": member.name,
        "username": record.username if record else None,
        "role": "admin" if member.role is Role.ADMIN else "user",
        "state": member.state,
        "by_settings": member.by_settings,
        "clearance": list(member.clearance.stated()),
        "requested_at": record.requested_at if record else None,
        "decided_by": record.decided_by if record else None,
        "decided_at": record.decided_at if record else None,
    }


def _row(member: Member) -> str:
    standing = "管理员" if member.role is Role.ADMIN else _STATE_WORDS[member.state]
    parts = [f"{member.telegram_id}", "群" if member.is_group else "用户", standing, member.name]
    record = member.record
    parts += [f"@{record.username}"] if record is not None and record.username else []
    if cleared := member.clearance.stated():
        parts.append(f"可看：{'、'.join(cleared)}")
    if member.by_settings:
        parts.append("（设置指定）")
    elif record is not None and record.decided_by is not None:
        parts.append(f"（{record.decided_by}，{record.decided_at:%Y-%m-%d}）")
    return "  ".join(part for part in parts if part)


def _tell(member: Member, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(member))
    else:
        click.echo(_row(member))


def _list(*, groups_only: bool, state: str | None, as_json: bool) -> None:
    with app.open_people(settings_for()) as people:
        found = [each for each in people.everyone() if state in {None, each.state}]
    found = [each for each in found if each.is_group or not groups_only]
    if as_json:
        print_json({"groups" if groups_only else "users": [_as_json(each) for each in found]})
        return
    for each in found:
        click.echo(_row(each))
    if not found:
        click.echo("还没有；对方给机器人发 /start 得到配对码，再运行：yiju users approve 配对码", err=True)


_state_option = click.option("--state", type=click.Choice(STATES), help="只列这一类 / only those of this state")


@command.command("list", help="列出用户与群，等待批准的在前。 List users and groups, those who wait first.")
@_state_option
@json_option
@framed
def list_users(state: str | None, as_json: bool) -> None:
    """List everybody."""
    _list(groups_only=False, state=state, as_json=as_json)


@command.command("groups", help="只列出群。 List groups alone.")
@_state_option
@json_option
@framed
def list_groups(state: str | None, as_json: bool) -> None:
    """List groups."""
    _list(groups_only=True, state=state, as_json=as_json)


@command.command("approve", help="按配对码或编号批准。 Approve by pairing code or id.", context_settings=_TAKES_IDS)
@click.argument("code_or_id", metavar="CODE_OR_ID")
@click.option("--admin", is_flag=True, help="同时设为管理员 / as an administrator")
@json_option
@framed
def approve(code_or_id: str, admin: bool, as_json: bool) -> None:
    """Let one in."""
    by = local_person().name
    with app.open_people(settings_for()) as people:
        telegram_id = people.id_of(code_or_id)
        member = people.approve(telegram_id, by=by)
        if admin:
            member = people.set_role(telegram_id, Role.ADMIN, by=by)
    _tell(member, as_json=as_json)


@command.command("remove", help="移除，立即生效。 Remove, at once.", context_settings=_TAKES_IDS)
@click.argument("code_or_id", metavar="ID")
@json_option
@framed
def remove(code_or_id: str, as_json: bool) -> None:
    """Take access away."""
    with app.open_people(settings_for()) as people:
        member = people.remove(people.id_of(code_or_id), by=local_person().name)
    _tell(member, as_json=as_json)


@command.command("role", help="设为管理员或普通用户。 Make an administrator or a user.", context_settings=_TAKES_IDS)
@click.argument("code_or_id", metavar="ID")
@click.argument("role", type=click.Choice(list(_ROLES)))
@json_option
@framed
def set_role(code_or_id: str, role: str, as_json: bool) -> None:
    """Change a role."""
    with app.open_people(settings_for()) as people:
        member = people.set_role(people.id_of(code_or_id), _ROLES[role], by=local_person().name)
    _tell(member, as_json=as_json)


@command.command(
    "clearance",
    help="设定可看哪些标签的资料；用户只在私聊中有效，群按群的设定。 Set which labels a user or group may see.",
    context_settings=_TAKES_IDS,
)
@click.argument("code_or_id", metavar="ID")
@click.argument("labels", metavar="LABELS", callback=clearance_stated)
@json_option
@framed
def set_clearance(code_or_id: str, labels: Clearance, as_json: bool) -> None:
    """Change what one may see."""
    with app.open_people(settings_for()) as people:
        member = people.set_clearance(people.id_of(code_or_id), labels, by=local_person().name)
    _tell(member, as_json=as_json)
