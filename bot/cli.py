"""The command `yiju`: lists its commands at once, loads one only when it is called.

Knows names and one-line helps; what each does is in ``bot.commands``, made of parts from ``bot.app``.
"""

from __future__ import annotations

import importlib

import click

# Name, module, one line of help. The help stands here so that listing the commands loads none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "prepare": ("bot.commands.prepare", "准备各模型（首次需要几分钟） / prepare the models"),
    "index": ("bot.commands.build_index", "让索引与语料一致 / bring the index in line with the sources"),
    "snapshots": ("bot.commands.snapshots", "列出、校验、回退、清理快照 / list, verify, roll back, prune snapshots"),
    "embedding": ("bot.commands.embedding", "查看、暂停、继续向量计算 / look at, pause, resume embedding"),
    "ask": ("bot.commands.ask", "提一个问题，得到答案与出处 / ask one question"),
    "serve": ("bot.commands.serve", "启动 HTTP 服务；有令牌时一并启动 Telegram / serve HTTP and Telegram"),
    "telegram": ("bot.commands.run_telegram", "只启动 Telegram 机器人 / serve Telegram alone"),
    "eval": ("bot.commands.evaluate", "用一批问题评测当前索引 / run questions against the index"),
    "feedback": ("bot.commands.feedback", "查看读者的评价：👍 👎 与原因 / what readers think of answers"),
    "keys": ("bot.commands.keys", "新建、列出、撤销 API 密钥 / create, list, revoke API keys"),
    "accounts": ("bot.commands.accounts", "网页登录的账号：新建、密码、角色、停用 / accounts for the web"),
    "users": ("bot.commands.users", "列出、批准、移除 Telegram 用户与群 / who may use Telegram"),
    "audit": ("bot.commands.audit", "查看谁在何时问了、做了什么 / who asked and did what"),
    "doctor": ("bot.commands.check", "检查安装、模型、索引与设置 / check everything, with cures"),
    "database": ("bot.commands.database", "整个搬到另一个数据库 / move everything to another database"),
    "backup": ("bot.commands.backup", "备份数据库、索引与上传的文件，服务不停 / back up while serving"),
    "restore": ("bot.commands.restore", "用备份替换现有的一切，服务不停 / put a backup in place while serving"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading any."""
        with formatter.section("命令 / Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which there are."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"没有命令 {args[0]!r}；现有：{'、'.join(COMMANDS)}。")
        return super().resolve_command(ctx, args)


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="设置用 YIJU_ 开头的环境变量或 yiju.yaml，见 docs/settings.md。 Settings: YIJU_* variables or yiju.yaml.",
)
@click.version_option(package_name="yiju", prog_name="yiju")
def main() -> None:
    """依据：问得准，有出处。

    Ask a body of Chinese official documents; get the fact and the passage it rests on.
    """


if __name__ == "__main__":
    main()
