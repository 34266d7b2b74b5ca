"""Turns logits into probabilities, and false-positive rates into thresholds.

Platt scaling (Platt 1999), head by head, on development rows. It writes the scales and shifts into
the checkpoint's `config.json` and the thresholds into `thresholds.json` beside it.

``python -m text_guard.calibrate --data DIR --checkpoint DIR``
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from text_guard.development import Judged, judge
from text_guard.heads import HEADS

RATES = (0.001, 0.01, 0.05)
SMALLEST_SCALE = 0.2
SMALLEST_PRIOR = 0.1  # a rare kind is calibrated as if one text in ten were of it
Numbers = NDArray[np.float64]


def main() -> None:
    """Calibrate a checkpoint in place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    given = parser.parse_args()
    judged = judge(given.checkpoint, given.data)
    calibration = {head: platt(judged, head) for head in HEADS}
    file = given.checkpoint / "config.json"
    config = json.loads(file.read_text()) | {"calibration": calibration}
    file.write_text(json.dumps(config, indent=2))
    table = {head: thresholds(judged, head, calibration[head]) for head in HEADS}
    (given.checkpoint / "thresholds.json").write_text(json.dumps(table, indent=2))


def platt(judged: Judged, head: str) -> tuple[float, float]:
    """Fit the scale and the shift of a head; a share of raters counts as that share of a row."""
    rows = judged.known(head)
    place = HEADS.index(head)
    logits, labels = judged.logits[rows, place], judged.labels[rows, place]
    fit = LogisticRegression(C=1e4).fit(
        np.concatenate([logits, logits])[:, None],
        np.repeat([1, 0], len(labels)),
        sample_weight=np.concatenate([labels * lift(labels), 1 - labels]),
    )
    return max(float(fit.coef_[0, 0]), SMALLEST_SCALE), float(fit.intercept_[0])


def lift(labels: NDArray[np.float32]) -> float:
    """Tell how much positives must weigh to make up the smallest prior."""
    positive = labels.sum()
    least = SMALLEST_PRIOR / (1 - SMALLEST_PRIOR) * (len(labels) - positive)
    return float(max(least / positive, 1))


def thresholds(judged: Judged, head: str, calibration: tuple[float, float]) -> dict[str, object]:
    """Find the score that a given share of benign rows exceeds."""
    clean = judged.logits[judged.benign(head), HEADS.index(head)]
    scores = probabilities(clean, calibration)
    fpr = [[rate, float(np.quantile(scores, 1 - rate))] for rate in RATES]
    return {"fpr": fpr, "examples": len(scores)}


def probabilities(logits: NDArray[np.float32], calibration: tuple[float, float]) -> Numbers:
    """Apply a calibration."""
    scale, shift = calibration
    return 1 / (1 + np.exp(-(logits.astype(np.float64) * scale + shift)))


if __name__ == "__main__":
    main()
