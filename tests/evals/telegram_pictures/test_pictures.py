"""The pictures of the docs are drawn from the recorded replies, and the bot still replies like that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evals.telegram_pictures.__main__ import PICTURES, TRANSCRIPTS, draw_all, play
from evals.telegram_pictures.drawing import draw
from evals.telegram_pictures.transcript import Bubble, Notice, Transcript, read_transcripts
from tests.telegram_server.markup import utf16_length

CURE = "the bot replies otherwise than docs/telegram.md shows: run make pictures, and look at them"


def recorded() -> list[Transcript]:
    return read_transcripts((PICTURES / TRANSCRIPTS).read_text(encoding="utf-8"))


def test_each_picture_is_drawn_from_what_was_recorded(tmp_path: Path) -> None:
    (tmp_path / "stale.svg").write_text("<svg/>", encoding="utf-8")
    draw_all(recorded(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in PICTURES.glob("*.svg")}
    for path in tmp_path.iterdir():
        assert (PICTURES / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), CURE


def test_the_walk_through_shows_every_picture(project_dir: Path) -> None:
    page = (project_dir / "docs" / "telegram.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[[^\]]+\]\(pictures/telegram/([\w-]+)\.svg\)", page))
    assert shown == {transcript.name for transcript in recorded()}


def test_what_was_recorded_are_whole_messages() -> None:
    bubbles = [event for each in recorded() for event in each.events if isinstance(event, Bubble)]
    assert any(bubble.by_bot for bubble in bubbles)
    for bubble in bubbles:
        assert bubble.text or bubble.file
        assert all(entity.offset + entity.length <= utf16_length(bubble.text) for entity in bubble.entities)
        assert all(bubble.buttons)


def test_pictures_are_light() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("*.svg")}
    assert {name: size for name, size in sizes.items() if size > 60_000} == {}


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_bot_still_replies_as_the_pictures_show(models_dir: Path, tmp_path: Path) -> None:
    played = play(models_dir, tmp_path / "stage")
    assert {each.name: each.structure() for each in played} == {each.name: each.structure() for each in recorded()}, (
        CURE
    )
    for transcript in played:
        assert draw(transcript).startswith("<svg")
        assert not [event for event in transcript.events if isinstance(event, Notice) and not event.text]
