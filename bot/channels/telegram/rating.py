"""👍 👎, the reasons for a 👎, and /feedback: a reader's own words, and what administrators see of all that."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.telegram.asking import Desk, explain, run_or_explain
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.rendering import read_feedback_data
from bot.channels.telegram.requests import Button, Incoming, Outgoing, Role
from bot.channels.telegram.text import Run, StyledText, shorten
from bot.feedback import INCOMPLETE, MISSED, OTHER, OUTDATED, WRONG_ANSWER, WRONG_SOURCE, Overview, reasons_for

# A reason as a letter of a button's data.
_LETTERS = {WRONG_ANSWER: "a", WRONG_SOURCE: "s", INCOMPLETE: "i", OUTDATED: "o", MISSED: "m", OTHER: "x"}
_NAMED = {letter: name for name, letter in _LETTERS.items()}
_MARKS = {"up": "👍", "down": "👎"}
_CHOSEN = " ✓"
_BUTTONS_A_ROW = 2
_MAX_SHOWN_CHARS = 120


async def rate(desk: Desk, request: Incoming) -> None:
    """👍 or 👎 below an answer; a 👎 is asked for its reason."""
    rated = read_feedback_data(request.text)
    if rated is None:
        await desk.acknowledge(request)
        return
    rating, answer_id = rated
    phrases = desk.phrases(request)
    thanks = phrases.notices.ask_reason if rating == "down" else phrases.feedback_thanks
    await _keep(desk, request, answer_id, rating, None, thanks)


async def reason(desk: Desk, request: Incoming) -> None:
    """Why a 👎: ``r:LETTER:ANSWER``."""
    letter, _, answer_id = request.text.partition(":")[2].partition(":")
    chosen = _NAMED.get(letter)
    if chosen is None or not answer_id:
        await desk.acknowledge(request)
        return
    phrases = desk.phrases(request)
    thanks = phrases.notices.ask_words if chosen == OTHER else phrases.feedback_thanks
    await _keep(desk, request, answer_id, "down", chosen, thanks)


async def feedback(desk: Desk, request: Incoming) -> None:
    """/feedback WORDS: more about the last rating; alone, what administrators see of all ratings."""
    said, owner, phrases = request.text.strip(), request.place.owner, desk.phrases(request)
    if said:
        kept = await run_or_explain(desk, request, lambda: desk.feedback.comment(owner, said))
        if kept is not None:
            await desk.say(request, phrases.notices.commented if kept else phrases.notices.nothing_rated)
    elif request.role is Role.ADMIN and request.place.private:
        overview = await run_or_explain(desk, request, desk.feedback.overview)
        if overview is not None:
            await desk.messenger.send(request.place, Outgoing(overview_text(overview, phrases)))
    else:
        await desk.say(request, phrases.notices.comment_usage)


async def _keep(desk: Desk, request: Incoming, answer_id: str, rating: str, chosen: str | None, thanks: str) -> None:
    phrases, owner = desk.phrases(request), request.place.owner
    try:
        outcome = await desk.workers.run(
            lambda: desk.service.feedback(answer_id, owner=owner, rating=rating, reason=chosen)
        )
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the button must stop turning
        await desk.acknowledge(request, explain(error, request, phrases))
        return
    await desk.acknowledge(request, thanks)
    shown = desk.keyboard(request)
    if shown and request.message_id is not None:
        offered = reasons_for(outcome) if rating == "down" else ()
        keyboard = rated_keyboard(shown, answer_id, rating, chosen, offered, phrases)
        if keyboard != [list(row) for row in shown]:
            await desk.set_buttons(request.place, request.message_id, keyboard)


def rated_keyboard(
    keyboard: Sequence[Sequence[Button]],
    answer_id: str,
    rating: str,
    chosen: str | None,
    offered: Sequence[str],
    phrases: Phrases,
) -> list[list[Button]]:
    """The keyboard with the rating marked, and below it the reasons that are offered, the chosen one marked."""
    thumbs = {f"u:{answer_id}": "up", f"d:{answer_id}": "down"}
    rows: list[list[Button]] = []
    for row in keyboard:
        if all(button.data.startswith("r:") for button in row):
            continue
        rows.append([_marked(button, thumbs.get(button.data), rating) for button in row])
        if any(button.data in thumbs for button in row):
            rows += _reason_rows(answer_id, chosen, offered, phrases)
    return rows


def overview_text(overview: Overview, phrases: Phrases) -> StyledText:
    """Counts, reasons, and the latest answers that were rated down."""
    words = phrases.notices
    runs = [Run(words.overview.format(days=overview.days, up=overview.up, down=overview.down), bold=True)]
    for name, count in overview.reasons.items():
        runs.append(Run(f"\n· {words.reasons.get(name, shorten(name, _MAX_SHOWN_CHARS))} {count}"))
    runs.append(Run(f"\n\n{words.overview_down if overview.answers else words.overview_none}"))
    for rated in overview.answers:
        runs.append(Run(f"\n· {shorten(rated.question, _MAX_SHOWN_CHARS)} → "))
        runs.append(Run(shorten(rated.short_answer or phrases.jobs.nothing, _MAX_SHOWN_CHARS)))
        said = [words.reasons.get(rated.reason, rated.reason)] if rated.reason else []
        said += [rated.comment] if rated.comment else []
        runs.append(Run("".join(f"\n  {shorten(each, _MAX_SHOWN_CHARS)}" for each in said), italic=True))
    return tuple(run for run in runs if run.text)


def _marked(button: Button, means: str | None, rating: str) -> Button:
    if means is None:
        return button
    return Button(_MARKS[means] + (_CHOSEN if means == rating else ""), button.data)


def _reason_rows(answer_id: str, chosen: str | None, offered: Sequence[str], phrases: Phrases) -> list[list[Button]]:
    buttons = [
        Button(phrases.notices.reasons[name] + (_CHOSEN if name == chosen else ""), f"r:{_LETTERS[name]}:{answer_id}")
        for name in offered
    ]
    return [buttons[at : at + _BUTTONS_A_ROW] for at in range(0, len(buttons), _BUTTONS_A_ROW)]
