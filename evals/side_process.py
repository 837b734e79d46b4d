"""Runs a side in a process of its own, so that its memory is its own; every call goes there and comes back.

The process imports what the side needs and nothing of this program: multiprocessing would import the main module too.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, BinaryIO

_ENDS_WITHIN_SECONDS = 10.0


class SideProcess:
    """An object that lives in another process. A context manager; leaving it ends the process."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        """``make`` is a function or class of a module; it is called there with the arguments, which must be picklable.

        Raises: RuntimeError: with what was raised there.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evals.side_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        try:
            self._send((make, arguments))
            self._answer()
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> SideProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, method: str, *arguments: Any) -> Any:
        """What the method gives. Raises: RuntimeError: with what was raised there."""
        self._send((method, [arguments]))
        return self._answer()[0]

    def each(self, method: str, every: Sequence[Any]) -> list[Any]:
        """What the method gives for each argument, called one after the other without coming back between."""
        self._send((method, [(each,) for each in every]))
        found: list[Any] = self._answer()
        return found

    def _send(self, message: tuple[Any, Any]) -> None:
        assert self._process.stdin is not None
        pickle.dump(message, self._process.stdin)
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            kind, value = pickle.load(self._process.stdout)
        except EOFError:
            raise RuntimeError("the process of the other side ended; was there enough memory?") from None
        if kind == "error":
            raise RuntimeError(value)
        return value

    def _end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(calls: BinaryIO, answers: BinaryIO) -> None:
    """Make the object and answer calls of it until there are no more, or one fails."""

    def say(kind: str, value: Any) -> None:
        pickle.dump((kind, value), answers)
        answers.flush()

    try:
        make, arguments = pickle.load(calls)
        made = make(*arguments)
        say("ready", None)
        while True:
            method, every = pickle.load(calls)
            call = getattr(made, method)
            say("value", [call(*values) for values in every])
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - told over there
        say("error", f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    # What is printed here goes to standard error: the other end reads answers only.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, out)
