"""Questions without an answer as work to be done: who looks after which, what is done, what is left alone.

A gap that was done is open again as soon as somebody asks for it in vain once more; an ignored one stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import BotError
from bot.gaps import GapCluster
from bot.snapshot_keeping import Trail
from bot.state.gap_marks import DONE, IGNORED, OPEN, STATES, GapMark, GapMarks, wording_key

MAX_ASSIGNEE_CHARS = 100
MAX_NOTE_CHARS = 1000
# The audit says which gap it was in a few words.
_DETAIL_CHARS = 200


class GapRequestError(BotError):
    """A gap cannot be marked as wanted: no such state, too long a name or note."""


class UnknownGapError(BotError):
    """No question without an answer of that id: it has been answered since, or is too long ago."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A cluster with what was decided about it. ``id`` names its leading wording; ``reopened``: asked again since."""

    id: str
    cluster: GapCluster
    state: str
    reopened: bool = False
    mark: GapMark | None = None

    @property
    def assignee(self) -> str | None:
        """Who looks after it."""
        return self.mark.assignee if self.mark else None

    @property
    def note(self) -> str | None:
        """What was written beside it."""
        return self.mark.note if self.mark else None


@dataclass(frozen=True, slots=True)
class GapPage:
    """A run of the gaps in one state, those asked most first; ``counts``: how many there are in each state."""

    gaps: tuple[Gap, ...]
    total: int
    counts: dict[str, int]


class GapBoard:
    """Synchronous and thread-safe. Every method may raise StoreError."""

    def __init__(self, clusters: Callable[[], Sequence[GapCluster]], marks: GapMarks, trail: Trail) -> None:
        self._clusters = clusters
        self._marks = marks
        self._trail = trail

    def gaps(self) -> list[Gap]:
        """All of them, those asked most first."""
        clusters = self._clusters()
        keys = [[wording_key(each) for each in _wordings(cluster)] for cluster in clusters]
        marks = self._marks.of(key for some in keys for key in some)
        return [
            _gap(cluster, own[0], [marks[key] for key in own if key in marks])
            for cluster, own in zip(clusters, keys, strict=True)
        ]

    def page(
        self, state: str | None = OPEN, *, assignee: str | None = None, offset: int = 0, limit: int = 20
    ) -> GapPage:
        """Those in a state (None: in any), and of one assignee where that is given."""
        found = self.gaps()
        counts = Counter(each.state for each in found)
        chosen = [
            each
            for each in found
            if (state is None or each.state == state) and (assignee is None or each.assignee == assignee)
        ]
        run = tuple(chosen[offset : offset + limit])
        return GapPage(run, len(chosen), {each: counts.get(each, 0) for each in STATES})

    def get(self, gap_id: str) -> Gap:
        """The gap of that id, also where it has come to be led by another wording. Raises: UnknownGapError."""
        for each in self.gaps():
            if gap_id == each.id or any(wording_key(other) == gap_id for other in each.cluster.others):
                return each
        raise UnknownGapError("没有这个未答问题：可能已经有了答案，或提问的时间太早。")

    def mark(self, gap_id: str, *, state: str, assignee: str | None = None, note: str | None = None, by: str) -> Gap:
        """Decide about a gap, with all its wordings; the gap then. Raises: UnknownGapError, GapRequestError."""
        assignee, note = _text(assignee, MAX_ASSIGNEE_CHARS), _text(note, MAX_NOTE_CHARS)
        if state not in STATES:
            raise GapRequestError(f"{state[:20]!r} 不是未答问题的状态；可用：{'、'.join(STATES)}。")
        gap = self.get(gap_id)
        keys = [wording_key(each) for each in _wordings(gap.cluster)]
        mark = self._marks.put(keys, state=state, assignee=assignee, note=note, by=by)
        said = f"{gap.cluster.question[:_DETAIL_CHARS]}{f' → {assignee}' if assignee else ''}"
        self._trail.record(by, f"gap_{state}", said)
        return _gap(gap.cluster, gap.id, [mark])


def _wordings(cluster: GapCluster) -> tuple[str, ...]:
    return (cluster.question, *cluster.others)


def _gap(cluster: GapCluster, gap_id: str, marks: Sequence[GapMark]) -> Gap:
    mark = max(marks, key=lambda each: each.changed_at, default=None)
    if mark is None or mark.state == OPEN:
        return Gap(gap_id, cluster, OPEN, mark=mark)
    if mark.state == DONE and cluster.asked_at > mark.changed_at:
        return Gap(gap_id, cluster, OPEN, reopened=True, mark=mark)
    return Gap(gap_id, cluster, IGNORED if mark.state == IGNORED else DONE, mark=mark)


def _text(text: str | None, most: int) -> str | None:
    clean = " ".join((text or "").replace("\x00", "").split())
    if len(clean) > most:
        raise GapRequestError(f"文字有 {len(clean)} 字，最多 {most} 字。")
    return clean.encode("utf-8", "replace").decode() or None
