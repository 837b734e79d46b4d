"""Runs a side in a process of its own, so that its memory is its own; every call goes there and comes back."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any


class SideProcess:
    """An object that lives in another process. A context manager; leaving it ends the process."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        """``make`` is a function of a module; it is called there with the arguments, which must be picklable."""
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, make, arguments), daemon=True)
        self._process.start()
        there.close()
        try:
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
        self._here.send((method, arguments))
        return self._answer()

    def each(self, method: str, every: Sequence[Any]) -> list[Any]:
        """What the method gives for each argument, called one after the other without coming back between."""
        self._here.send((f"*{method}", tuple(every)))
        found: list[Any] = self._answer()
        return found

    def _answer(self) -> Any:
        try:
            kind, value = self._here.recv()
        except EOFError:
            raise RuntimeError("the process of the other side ended; was there enough memory?") from None
        if kind == "error":
            raise RuntimeError(value)
        return value

    def _end(self) -> None:
        self._here.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


def _serve(there: Connection, make: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        made = make(*arguments)
        there.send(("ready", None))
        while True:
            method, values = there.recv()
            if method.startswith("*"):
                call = getattr(made, method[1:])
                there.send(("value", [call(value) for value in values]))
            else:
                there.send(("value", getattr(made, method)(*values)))
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - told over there
        there.send(("error", f"{type(error).__name__}: {error}"))
