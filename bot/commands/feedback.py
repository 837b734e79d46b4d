"""`yiju feedback`: what readers think of answers, for whoever looks after the corpus."""

from __future__ import annotations

from dataclasses import asdict

import click

from bot import app
from bot.commands.frame import framed, json_option, print_json, settings_for
from bot.feedback import DAYS, INCOMPLETE, MISSED, OTHER, OUTDATED, WRONG_ANSWER, WRONG_SOURCE
from bot.state.ratings import RatedAnswer

_REASONS = {
    WRONG_ANSWER: "答案不对",
    WRONG_SOURCE: "出处不对",
    INCOMPLETE: "不完整",
    OUTDATED: "已过时",
    MISSED: "资料里其实有",
    OTHER: "其他",
}
_MARKS = {"up": "👍", "down": "👎"}


@click.command("feedback", help="查看读者的评价。 Show what readers think of answers.")
@click.option(
    "--rating",
    type=click.Choice(["down", "up", "all"]),
    default="down",
    show_default=True,
    help="列出哪些评价 / which ratings to list",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=DAYS,
    show_default=True,
    help="统计最近多少天 / count the last days",
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="最多列出多少条 / list at most so many"
)
@json_option
@framed
def command(rating: str, days: int, limit: int, as_json: bool) -> None:
    """Count ratings and list the latest."""
    with app.open_feedback(settings_for()) as feedback:
        overview = feedback.overview(days=days, limit=limit, rating=None if rating == "all" else rating)
    if as_json:
        print_json(asdict(overview))
        return
    reasons = "，".join(f"{_REASONS.get(reason, reason)} {count}" for reason, count in overview.reasons.items())
    click.echo(f"最近 {days} 天：👍 {overview.up}  👎 {overview.down}" + (f"（{reasons}）" if reasons else ""))
    for rated in overview.answers:
        click.echo(_lines(rated))
    if not overview.answers:
        click.echo("没有这样的评价。", err=True)


def _lines(rated: RatedAnswer) -> str:
    said = [rated.short_answer or "没有找到"]
    said += [f"出处：{'、'.join(rated.documents)}"] if rated.documents else []
    said += [f"原因：{_REASONS.get(rated.reason, rated.reason)}"] if rated.reason else []
    said += [f"意见：{rated.comment}"] if rated.comment else []
    day = rated.rated_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{day}  {_MARKS[rated.rating]}  {rated.question}\n    " + "；".join(said)
