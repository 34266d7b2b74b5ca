"""Measures a calibrated checkpoint on development rows: each head, over all and set by set.

``python -m text_guard.evaluate --data DIR --checkpoint DIR`` writes `metrics.json` beside it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from text_guard.calibrate import probabilities
from text_guard.data import read_set
from text_guard.development import Judged, judge
from text_guard.heads import HEADS
from text_guard.scoring import Scorer

THRESHOLD = 0.5
FEWEST = 5  # positives and negatives, below which a figure means nothing
BINS = 10
Numbers = NDArray[np.float64]
Figures = dict[str, float | int]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    given = parser.parse_args()
    judged = judge(given.checkpoint, given.data)
    config = json.loads((given.checkpoint / "config.json").read_text())
    metrics = {head: of_head(judged, head, config["calibration"][head]) for head in HEADS}
    marks = of_marks(given.checkpoint, given.data)
    written = json.dumps({"heads": metrics, "marks": marks}, indent=2)
    (given.checkpoint / "metrics.json").write_text(written)
    for head, figures in metrics.items():
        print(row(head, figures["all"]))
        for source, part in figures["sources"].items():
            print(row(f"  {source}", part))
    print("marks", marks)


def of_head(judged: Judged, head: str, calibration: tuple[float, float]) -> dict[str, object]:
    """Measure one head over all sources and on each."""
    place = HEADS.index(head)
    scores = probabilities(judged.logits[:, place], calibration)
    labels = judged.labels[:, place]
    sources = sorted(set(judged.sources[judged.known(head)]))
    known = judged.known(head)
    return {
        "all": of_rows(scores[known], labels[known])
        | {"error": error(scores[known], labels[known])},
        "benign": of_rows(scores[judged.benign(head)], labels[judged.benign(head)]),
        "sources": {
            source: of_rows(scores[rows], labels[rows])
            for source in sources
            for rows in [judged.known(head, (source,))]
        },
    }


def of_marks(checkpoint: Path, data: Path) -> Figures:
    """Measure the token head on the tokens of toxic posts."""
    rows = [example for example in read_set(data, "toxic_spans", "dev") if example.marks]
    logits, truth = Scorer.load(checkpoint).marks(rows)
    return of_rows(1 / (1 + np.exp(-logits)), truth)


def of_rows(scores: Numbers, labels: NDArray[np.float32]) -> Figures:
    """Count, rank and compare with the threshold."""
    bad = labels >= THRESHOLD
    flagged = scores >= THRESHOLD
    figures: Figures = {"rows": len(scores), "positive": int(bad.sum())}
    if bad.any():
        figures["recall"] = float(flagged[bad].mean())
    if (~bad).any():
        figures["false_positives"] = float(flagged[~bad].mean())
    if min(bad.sum(), (~bad).sum()) >= FEWEST:
        figures["auc"] = float(roc_auc_score(bad, scores))
        figures["ap"] = float(average_precision_score(bad, scores))
    return figures


def error(scores: Numbers, labels: NDArray[np.float32]) -> float:
    """Tell the expected calibration error over ten equal bins (Naeini et al. 2015)."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [
        abs(scores[bins == place].mean() - labels[bins == place].mean()) * (bins == place).mean()
        for place in set(bins)
    ]
    return float(sum(gaps))


def row(name: str, figures: Figures) -> str:
    """Lay out the figures of one line."""
    columns = ("auc", "ap", "recall", "false_positives", "error")
    numbers = (f"{figures[key]:8.3f}" if key in figures else " " * 8 for key in columns)
    return f"{name:28}{figures['positive']:6}/{figures['rows']:<6}{''.join(numbers)}"


if __name__ == "__main__":
    main()
