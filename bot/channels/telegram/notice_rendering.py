"""Kept questions as messages and buttons. Sends nothing, and knows nothing of how answers look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.requests import Button, Outgoing
from bot.channels.telegram.text import Run, shorten
from bot.state.kept_questions import KeptQuestion

PAGE = 6
_MAX_QUESTION_CHARS = 200
_BUTTONS_A_ROW = 3


def keep_button(answer_id: str, phrases: Phrases) -> Button:
    """Below an answer that found nothing."""
    return Button(phrases.notices.keep_button, f"s:k:{answer_id}")


def cancel_button(kept_id: int, phrases: Phrases) -> Button:
    """In the place of the former, once the question is kept."""
    return Button(phrases.notices.cancel_button, f"s:x:{kept_id}")


def with_button(keyboard: Sequence[Sequence[Button]], pressed: str, button: Button) -> list[list[Button]]:
    """The keyboard with another button in the place of the one that was pressed."""
    return [[button if each.data == pressed else each for each in row] for row in keyboard]


def lead_text(template: str, question: KeptQuestion) -> Run:
    """Which question of which day it is about."""
    return Run(template.format(date=day_of(question.asked_at), question=_shown(question)))


def interrupted_notice(question: KeptQuestion, phrases: Phrases) -> Outgoing:
    """That the answer may not have arrived, with a button that shows it."""
    button = Button(phrases.notices.show_button, f"s:v:{question.id}")
    return Outgoing((lead_text(phrases.notices.interrupted, question),), [[button]])


def waiting_list(questions: Sequence[KeptQuestion], first: int, phrases: Phrases) -> Outgoing:
    """A page of the questions that wait, from the one numbered ``first`` (0: the oldest), with buttons that cancel."""
    words = phrases.notices
    if not questions:
        return Outgoing((Run(words.waiting_none),))
    # The last one of a page may have been cancelled.
    first = min(first, (len(questions) - 1) // PAGE * PAGE) // PAGE * PAGE
    page = questions[first : first + PAGE]
    lines = [
        words.waiting_one.format(number=n, question=_shown(each), date=day_of(each.asked_at))
        for n, each in enumerate(page, start=first + 1)
    ]
    cancels = [Button(f"✕ {n}", f"s:c:{each.id}:{first}") for n, each in enumerate(page, start=first + 1)]
    rows = [cancels[at : at + _BUTTONS_A_ROW] for at in range(0, len(cancels), _BUTTONS_A_ROW)]
    turns = [Button(words.earlier, f"s:m:{first - PAGE}")] if first else []
    turns += [Button(words.later, f"s:m:{first + PAGE}")] if first + PAGE < len(questions) else []
    text = "\n".join([words.waiting, *lines])
    return Outgoing((Run(text),), [*rows, turns] if turns else rows)


def day_of(moment: datetime) -> str:
    """The day where the program runs."""
    return moment.astimezone().date().isoformat()


def _shown(question: KeptQuestion) -> str:
    return shorten(" ".join(question.question.split()), _MAX_QUESTION_CHARS)
