"""What a re-index would do, in words. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.text import Run, StyledText, as_mapping, shorten

_NAMES_A_KIND = 8
_NAME_CHARS = 40


def preview_text(report: Mapping[str, Any], phrases: Phrases) -> StyledText:
    """What a re-index would do: counts, and the first documents of each kind by name."""
    words, counts = phrases.admin, as_mapping(report.get("documents"))
    changed = sum(counts.get(kind, 0) for kind in words.preview_kinds)
    if not changed:
        return (Run(words.preview_nothing),)
    figures = {name: counts.get(name, 0) for name in (*words.preview_kinds, "unchanged")}
    runs = [Run(words.preview_heading, bold=True), Run(f"\n{words.preview_counts.format(**figures)}")]
    changes = as_mapping(report.get("changes"))
    for kind, label in words.preview_kinds.items():
        runs += _named(label, counts.get(kind, 0), changes.get(kind) or (), phrases)
    if report.get("mass_removal"):
        runs.append(Run(f"\n\n{words.mass_removal}", bold=True))
    return tuple(runs)


def _named(label: str, count: int, documents: Sequence[object], phrases: Phrases) -> list[Run]:
    if not count:
        return []
    shown = [as_mapping(each) for each in documents[:_NAMES_A_KIND]]
    lines = [f"· {shorten(str(each.get('title') or each.get('id')), _NAME_CHARS)}" for each in shown]
    if count > len(lines):
        lines.append(phrases.admin.more_documents.format(count=count - len(lines)))
    return [Run(f"\n\n{label} {count}", bold=True), Run("".join(f"\n{line}" for line in lines))]
