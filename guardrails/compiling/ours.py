"""Reads a checkpoint of our own text guard."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from torch import Tensor, nn

from guardrails.compiling import reading
from guardrails.compiling.source import Said, Source
from guardrails.compiling.text_guard import ARCHITECTURE, WEIGHTS, TextGuard
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Activation, Calibration
from guardrails.models.model import Task
from guardrails.models.text_classifier import EMBEDDINGS, MARKS

THRESHOLDS = "thresholds.json"
"""Beside the weights: for each label, scores by the share of harmless texts that reach them."""
_MARKED = "toxicity"
_DIGITS = 10_000


class Exported(nn.Module):  # type: ignore[misc]  # torch is not in the default install
    """The text guard as it ships: its heads, its marks, and what they are read from."""

    def __init__(self, guard: TextGuard) -> None:
        super().__init__()
        self.guard = guard

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give logits [batch, heads], marks [batch, tokens], tokens [batch, tokens, width]."""
        encoded = self.guard.encoder(input_ids=input_ids, attention_mask=attention_mask)
        tokens = encoded.last_hidden_state
        logits, marks = self.guard.judge(tokens, attention_mask)
        return logits, marks, tokens


def open_checkpoint(folder: Path) -> Source:
    """Open a checkpoint.

    Raises:
        ModelError: it is none, or its parts do not fit one another.
    """
    guard, folded = _guard(folder), _guard(folder)
    folded.fold_calibration()
    return Source(
        kind=ARCHITECTURE,
        net=Exported(folded).eval(),
        outputs=("logits", MARKS, EMBEDDINGS),
        says=partial(_says, guard),
        task=Task.TEXT_CLASSIFICATION,
        labels=guard.labels,
        activation=Activation.SIGMOID,
        tokenizer=reading.tokenizer(folder),
        positions=int(guard.config.max_position_embeddings),
        digest=reading.digest([folder / WEIGHTS]),
        window=126,  # as trained: 128 with the markers
        overlap=32,
        marks=_MARKED if _MARKED in guard.labels else None,
        calibration=_calibration(folder),
        licence=reading.licence(folder, ARCHITECTURE),
        papers=reading.papers(folder),
    )


def _guard(folder: Path) -> TextGuard:
    try:
        return TextGuard.load(folder)
    except (OSError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"'{folder}' is no checkpoint of the text guard: {error}") from error


def _calibration(folder: Path) -> Mapping[str, Calibration]:
    file = folder / THRESHOLDS
    if not file.is_file():
        return {}
    try:
        tables = json.loads(file.read_bytes())
        return {label: _in_digits(table) for label, table in tables.items()}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise ModelError(f"'{file}': {error}") from error


def _in_digits(table: Mapping[str, Any]) -> Calibration:
    """Round scores up to as many digits as models give, so that no more texts reach them."""
    fpr = [(rate, math.ceil(score * _DIGITS) / _DIGITS) for rate, score in table["fpr"]]
    return Calibration.model_validate({**table, "fpr": fpr})


def _says(guard: TextGuard, ids: Sequence[int]) -> Said:
    """Ask the net as it was trained, and calibrate what it says afterwards."""
    logits, marks = reading.one_row(guard, ids)
    scores = {}
    for label, logit in zip(guard.config.heads, logits, strict=True):
        scale, shift = guard.config.calibration.get(label, (1.0, 0.0))
        scores[label] = reading.sigmoid(np.asarray(logit * scale + shift, np.float32))
    return Said(scores, reading.sigmoid(marks))
