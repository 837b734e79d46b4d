"""YAML that people write about documents: small, and without aliases, by which a few lines unfold to gigabytes."""

from __future__ import annotations

from typing import Any

import yaml

MAX_CHARS = 64 * 1024


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that refuses aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read; write the value out", mark)
        return super().compose_node(parent, index)


def load_plain(text: str) -> Any:
    """What the text says.

    Raises: yaml.YAMLError: it is no YAML, too long, or has aliases; ValueError for an impossible date; RecursionError.
    """
    if len(text) > MAX_CHARS:
        raise yaml.YAMLError(f"it has {len(text)} characters, more than {MAX_CHARS}")
    return yaml.load(text, _PlainLoader)  # noqa: S506 - a SafeLoader
