from __future__ import annotations

import io

from bot.commands.progress import ProgressLine


class Clock:
    """Time that passes when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_log_gets_a_plain_line_now_and_then_with_rate_and_time_left() -> None:
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine(stream, clock=clock)

    for done in range(0, 101, 10):
        line.update("计算向量", done, 100)
        clock.now += 1.0

    shown = stream.getvalue().splitlines()
    assert len(shown) == 2
    assert "50/100" in shown[0]
    assert "10/秒" in shown[0]
    assert "剩余 5 秒" in shown[0]
    assert "100/100" in shown[1]
    assert "用时 10 秒" in shown[1]
    assert "\x1b" not in stream.getvalue()


def test_terminal_redraws_one_line_and_leaves_a_clean_one() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)

    line.update("读取文件", 0, 2)
    clock.now = 1.0
    line.update("读取文件", 1, 2)
    line.say("注意")
    line.update("读取文件", 2, 2)

    assert stream.getvalue().count("\n") == 2
    assert "注意\n" in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_unknown_total_shows_the_count_alone() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    clock.now = 3700.0

    line.update("读取文件", 7, 0)

    assert "读取文件 7" in stream.getvalue()
    assert "[" not in stream.getvalue().replace("\x1b[2K", "")


def test_nothing_to_do_is_not_shown() -> None:
    stream = io.StringIO()

    ProgressLine(stream).update("计算向量", 0, 0)

    assert stream.getvalue() == ""


def test_hours_are_told_as_hours() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, clock=clock)
    line.update("计算向量", 0, 1000)
    clock.now = 10.0

    line.update("计算向量", 1, 1000)

    assert "剩余 2 小时 46 分" in stream.getvalue()
