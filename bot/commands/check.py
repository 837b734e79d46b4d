"""`yiju doctor`: checks installation, model, index and settings, and says the cure for each finding."""

from __future__ import annotations

import os

import click

from bot import app_doctor
from bot.commands.frame import FAILED, framed, json_option, print_json
from bot.doctor import Finding, Level

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.BROKEN: "✗"}


@click.command("doctor", help="检查安装、模型、索引与设置，并给出解决办法。 Check everything; say each cure.")
@json_option
@framed
def command(as_json: bool) -> None:
    """Check, print, and end with 1 where something is broken."""
    findings = app_doctor.examine(os.environ)
    broken = any(finding.level is Level.BROKEN for finding in findings)
    if as_json:
        print_json({"ok": not broken, "findings": [_as_json(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(_rendered(finding))
    if broken:
        raise click.exceptions.Exit(FAILED)


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "level": finding.level.value,
        "found": finding.found,
        "cure": finding.cure,
        "details": dict(finding.details),
    }


def _rendered(finding: Finding) -> str:
    lines = [f"{_MARKS[finding.level]} {finding.check}：{finding.found}"]
    lines += [f"    {name} = {value}" for name, value in finding.details.items()]
    if finding.cure:
        lines.append(f"    处理：{finding.cure}")
    return "\n".join(lines)
