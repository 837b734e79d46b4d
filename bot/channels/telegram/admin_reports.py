"""Files that wait, documents, gaps and health in words for administrators, with their buttons. Sends nothing.

The data of buttons begin with ``k:`` for what changes the corpus or the index, ``g:`` for what is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.catalogue import DocumentCard, DocumentPage, Listing
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.reports import duration
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run, StyledText, shorten
from bot.gaps import GapCluster
from bot.health import Answered, Health
from bot.staging import StagedFile, StagedUpload

Rows = Sequence[Sequence[Button]]
DOCUMENTS_A_PAGE = 8
GAPS_A_PAGE = 8
_NAMES_A_KIND = 8
_NAME_CHARS = 40
_TITLE_CHARS = 60
_QUESTION_CHARS = 80
_FILES_SHOWN = 20
_FAILURE_CHARS = 120
_NUMBERS_A_ROW = 4


def upload_message(upload: StagedUpload, phrases: Phrases) -> Outgoing:
    """Files that wait for a word: what is in them, and the buttons to decide."""
    words = phrases.admin
    lines = [_file_line(file, phrases) for file in upload.files[:_FILES_SHOWN]]
    if len(upload.files) > _FILES_SHOWN:
        lines.append(phrases.reindex_more.format(count=len(upload.files) - _FILES_SHOWN))
    text = (Run(words.received.format(count=len(upload.files)), bold=True), Run("".join(f"\n{line}" for line in lines)))
    return Outgoing(
        text,
        [
            [Button(words.add, f"k:u:{upload.id}"), Button(words.add_and_index, f"k:w:{upload.id}")],
            [Button(words.discard, f"k:x:{upload.id}")],
        ],
    )


def _file_line(file: StagedFile, phrases: Phrases) -> str:
    words = phrases.admin
    parts = [words.file.format(name=file.name, size=size(file.size_bytes))]
    if file.documents is not None:
        titles = " ".join(f"《{shorten(title, _NAME_CHARS)}》" for title in file.titles)
        parts.append(words.file_documents.format(count=file.documents, titles=titles).rstrip(":： "))
    if file.replaces:
        parts.append(words.file_replaces)
    failures = "".join(f"\n  ⚠ {shorten(failure, _FAILURE_CHARS)}" for failure in file.failures[:2])
    return "· " + " · ".join(parts) + failures


def names(upload: Sequence[str]) -> str:
    """Files by name, in one line."""
    shown = "、".join(shorten(name, _NAME_CHARS) for name in upload[:_NAMES_A_KIND])
    return shown + ("…" if len(upload) > _NAMES_A_KIND else "")


def documents_message(page: DocumentPage, phrases: Phrases, *, offset: int, query: str, retired: bool) -> Outgoing:
    """A page of documents, a button for each. ``query``: what the buttons hand back, to turn pages."""
    words = phrases.admin
    heading = words.documents_retired_heading if retired else words.documents_heading
    lines = [_document_line(number, each, phrases) for number, each in enumerate(page.documents, start=1)]
    if not lines:
        lines = [words.no_documents]
    rows = _numbered([Button(str(number), f"g:s:{each.version}") for number, each in enumerate(page.documents, 1)])
    state = "r" if retired else "a"
    rows += _pager(offset, DOCUMENTS_A_PAGE, page.total, lambda at: f"g:l:{at}:{state}:{query}", phrases)
    other = words.live_list if retired else words.retired_list
    rows.append([Button(other, f"g:l:0:{'a' if retired else 'r'}:{query}")])
    text = (Run(heading.format(total=page.total), bold=True), Run("".join(f"\n{line}" for line in lines)))
    return Outgoing(text, rows)


def _document_line(number: int, each: Listing, phrases: Phrases) -> str:
    date = each.published_at.isoformat() if each.published_at else phrases.unknown_date
    parts = [f"《{shorten(each.title or each.id, _TITLE_CHARS)}》", *([each.publisher] if each.publisher else []), date]
    return f"{number}. {' · '.join(parts)}"


def card_message(card: DocumentCard, phrases: Phrases, *, note: str = "", sure: bool = False) -> Outgoing:
    """A document for somebody who decides about it; ``sure`` asks once more before it is retired."""
    words, each = phrases.admin, card.listing
    date = each.published_at.isoformat() if each.published_at else phrases.unknown_date
    facts = [
        " · ".join(part for part in (each.publisher, date) if part),
        phrases.file.format(path=each.source_path),
        words.card_figures.format(passages=each.passages, chars=card.chars),
        f"ID: {shorten(each.id, 2 * _QUESTION_CHARS)}",
    ]
    opening = shorten(card.opening, len(card.opening)) + ("…" if card.chars > len(card.opening) else "")
    runs = [
        Run(f"《{each.title or each.id}》", bold=True, link=each.url),
        Run("".join(f"\n{fact}" for fact in facts)),
        Run(f"\n\n{opening}"),
    ]
    said = words.retire_sure if sure else note or _state(card, phrases)
    if said:
        runs.append(Run(f"\n\n{said}", bold=True))
    return Outgoing(tuple(runs), [_card_buttons(each, phrases, sure=sure)])


def _state(card: DocumentCard, phrases: Phrases) -> str:
    if card.listing.retired:
        return phrases.admin.card_retired
    return "" if card.live else phrases.admin.card_not_live


def _card_buttons(each: Listing, phrases: Phrases, *, sure: bool) -> list[Button]:
    words = phrases.admin
    if each.retired:
        return [Button(words.restore, f"g:r:{each.version}")]
    if sure:
        return [Button(words.retire_yes, f"g:y:{each.version}"), Button(words.cancel, f"g:b:{each.version}")]
    return [Button(words.retire, f"g:x:{each.version}")]


def gaps_message(gaps: Sequence[GapCluster], phrases: Phrases, *, offset: int) -> Outgoing:
    """A page of questions without an answer, gathered, those asked most first."""
    if not gaps:
        return Outgoing((Run(phrases.no_gaps),))
    offset = offset if 0 <= offset < len(gaps) else 0
    runs = [Run(phrases.gaps_heading, bold=True)]
    for number, gap in enumerate(gaps[offset : offset + GAPS_A_PAGE], start=offset + 1):
        last = gap.asked_at.astimezone().strftime("%m-%d %H:%M")
        runs.append(Run(f"\n{number}. {shorten(gap.question, _QUESTION_CHARS)}"))
        runs.append(Run(f"\n   {phrases.admin.gap.format(times=gap.times, people=gap.people, last=last)}", italic=True))
        if gap.others:
            others = " / ".join(shorten(other, _QUESTION_CHARS // 2) for other in gap.others[:2])
            runs.append(Run(f"\n   {phrases.admin.gap_also.format(questions=others)}"))
    return Outgoing(tuple(runs), _pager(offset, GAPS_A_PAGE, len(gaps), lambda at: f"g:q:{at}", phrases))


def health_text(health: Health, phrases: Phrases, *, busy: int, capacity: int) -> StyledText:
    """How the program fares, one figure a line."""
    words, now = phrases.admin, datetime.now(UTC)
    lines = [_asked(words.hour, health.hour, phrases), _asked(words.day, health.day, phrases)]
    errors = words.errors.format(count=health.errors)
    if health.last_error is not None:
        event, at = health.last_error
        errors += words.last_error.format(
            time=at.astimezone().strftime("%m-%d %H:%M"), event=shorten(event, _NAME_CHARS)
        )
    uptime = duration((now - health.started_at).total_seconds(), phrases.jobs)
    lines += [
        errors,
        words.queue.format(busy=busy, capacity=capacity),
        words.disk.format(free=size(health.disk_free), total=size(health.disk_total)),
        words.version.format(version=health.version, uptime=uptime),
    ]
    return (Run("".join(f"\n{line}" for line in lines)),)


def _asked(when: str, figures: Answered, phrases: Phrases) -> str:
    words = phrases.admin
    if figures.p50_ms is None or figures.p95_ms is None:
        return words.nothing_asked.format(when=when)
    times = {"p50": milliseconds(figures.p50_ms), "p95": milliseconds(figures.p95_ms)}
    return words.asked.format(
        when=when, questions=figures.questions, not_found=figures.not_found, failed=figures.failed, **times
    )


def milliseconds(value: float) -> str:
    """A short time as people read it."""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def size(size_bytes: float) -> str:
    """A size as people read it: three digits at most before the unit."""
    value, units = float(size_bytes), ["B", "KB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} {units[0]}" if value >= 10 or units[0] == "B" else f"{value:.1f} {units[0]}"


def _numbered(buttons: Sequence[Button]) -> list[list[Button]]:
    return [list(buttons[start : start + _NUMBERS_A_ROW]) for start in range(0, len(buttons), _NUMBERS_A_ROW)]


def _pager(offset: int, length: int, total: int, data: Callable[[int], str], phrases: Phrases) -> list[list[Button]]:
    """◀ and ▶ with the page between them; nothing where all is on one page."""
    if total <= length:
        return []
    page, pages = offset // length + 1, -(-total // length)
    row = [Button("◀", data(max(0, offset - length)))] if offset > 0 else []
    row.append(Button(phrases.admin.page.format(page=page, pages=pages), data(offset)))
    if offset + length < total:
        row.append(Button("▶", data(offset + length)))
    return [row]
