"""Puts the trained reader together from its prepared folder. Loads onnxruntime and the tokenizer, never torch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from retrieval.reading.rule_reader import RuleReader
from retrieval.trained_reader.calibration import ReaderCalibration
from retrieval.trained_reader.pairs import PairEncoder
from retrieval.trained_reader.preparing import prepare_reader
from retrieval.trained_reader.reader import TrainedReader
from retrieval.trained_reader.session import ReaderSession

_log = logging.getLogger(__name__)


def open_trained_reader(
    models_dir: Path,
    rules: RuleReader,
    *,
    calibration: ReaderCalibration | None = None,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> TrainedReader:
    """The trained reader of the models folder, prepared first where that was never done.

    Raises: EmbeddingError: it is not there and cannot be prepared, or its files are damaged; CalibrationError.
    """
    table = calibration or ReaderCalibration.load()
    prepared = prepare_reader(models_dir, progress=progress or _log.info)
    session = ReaderSession(prepared.graph, threads)
    encoder = PairEncoder(prepared.tokenizer)
    # The first run allocates its memory: not in somebody's question.
    session.run(encoder.encode("预热", "", "预热。"))
    return TrainedReader(session, encoder, rules, calibration=table)
