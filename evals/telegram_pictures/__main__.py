"""``python -m evals.telegram_pictures``: play the scenes, keep what was said, draw it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evals.telegram_pictures.drawing import draw
from evals.telegram_pictures.scenes import SCENES
from evals.telegram_pictures.stage import open_stage
from evals.telegram_pictures.transcript import Transcript, read_transcripts, write_transcripts

PICTURES = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures" / "telegram"
TRANSCRIPTS = "transcripts.json"


def play(models_dir: Path, folder: Path) -> list[Transcript]:
    """The scenes, played in a folder of their own."""
    with open_stage(folder, models_dir) as stage:
        played = list[Transcript]()
        for scene in SCENES:
            print(f"{scene.__name__} ...", file=sys.stderr)
            played += scene(stage)
        return played


def draw_all(transcripts: Sequence[Transcript], folder: Path) -> None:
    """One picture for each transcript; pictures of earlier scenes go."""
    drawn = {folder / f"{transcript.name}.svg": draw(transcript) for transcript in transcripts}
    for stale in set(folder.glob("*.svg")) - drawn.keys():
        stale.unlink()
    for path, picture in drawn.items():
        path.write_text(picture, encoding="utf-8")


def main() -> None:
    """Play and draw, or only draw."""
    parser = argparse.ArgumentParser(prog="python -m evals.telegram_pictures", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="draw what was recorded before")
    parser.add_argument("--models", type=Path, default=Path("data/models"), help="folder of the prepared models")
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    if not arguments.draw:
        with tempfile.TemporaryDirectory(prefix="yiju-pictures-") as folder:
            played = play(arguments.models.resolve(), Path(folder))
        (out / TRANSCRIPTS).write_text(write_transcripts(played), encoding="utf-8")
    draw_all(read_transcripts((out / TRANSCRIPTS).read_text(encoding="utf-8")), out)


if __name__ == "__main__":
    main()
