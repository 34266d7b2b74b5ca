"""How well scores and decisions fit what is known: the field's usual figures. Pure."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.evaluation.intervals import ERROR, Estimate, Interval

Scores: TypeAlias = NDArray[np.float64]
Truth: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]

DRAWS = 2000
SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many positives and negatives reach each score that occurs, the highest score first."""

    thresholds: Scores
    true_positives: Counts
    false_positives: Counts

    @property
    def positives(self) -> int:
        """All that hold the label."""
        return int(self.true_positives[-1]) if len(self.true_positives) else 0

    @property
    def negatives(self) -> int:
        """All that do not."""
        return int(self.false_positives[-1]) if len(self.false_positives) else 0


def rank(scores: Scores, truth: Truth) -> Ranking:
    """Sort by score; what has the same score counts as one step."""
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order]
    last = np.flatnonzero(np.append(np.diff(scores) != 0, True)) if len(scores) else order
    positives = np.cumsum(truth, dtype=np.int64)[last]
    return Ranking(scores[last], positives, last + 1 - positives)


def average_precision(ranking: Ranking) -> float | None:
    """AUPRC: the mean of precision over the steps of recall, not interpolated.

    None without positives. The same as scikit-learn's ``average_precision_score``.
    """
    if not ranking.positives:
        return None
    hits = ranking.true_positives
    precision = hits / (hits + ranking.false_positives)
    return float((np.diff(hits, prepend=0) * precision).sum() / ranking.positives)


def roc_auc(ranking: Ranking) -> float | None:
    """P(a positive scores higher than a negative), a tie counting half.

    None unless there are both. The same as scikit-learn's ``roc_auc_score``.
    """
    if not ranking.positives or not ranking.negatives:
        return None
    hits = ranking.true_positives
    below = (hits + np.concatenate([[0], hits[:-1]])) / 2
    area = (np.diff(ranking.false_positives, prepend=0) * below).sum()
    return float(area / ranking.positives / ranking.negatives)


def allowed(rate: float, of: int) -> int:
    """How many false positives among so many negatives keep within a rate."""
    return math.floor(rate * of + 1e-9)


def recall_at(ranking: Ranking, rate: float) -> Estimate | None:
    """The best recall of any threshold whose false-positive rate is at most ``rate``.

    None unless there are positives and negatives. The interval has both doubts in it: where the
    threshold would lie in another sample of negatives (the rank of a bootstrap sample's order
    statistic is Beta-distributed, so it is drawn and no sample is), and how many positives of
    another sample would reach it (Jeffreys). The seed is fixed.
    """
    if not ranking.positives or not ranking.negatives:
        return None
    within = allowed(rate, ranking.negatives)
    value = int(_hits(ranking, np.array([within]))[0]) / ranking.positives
    random = np.random.default_rng(SEED)
    places = random.beta(within + 1, ranking.negatives - within, DRAWS) * ranking.negatives
    hits = _hits(ranking, places.astype(np.int64))
    recalls = random.beta(hits + 0.5, ranking.positives - hits + 0.5)
    low, high = np.quantile(recalls, [ERROR / 2, 1 - ERROR / 2])
    return Estimate(value, Interval(min(value, float(low)), max(value, float(high))))


def _hits(ranking: Ranking, within: Counts) -> Counts:
    """True positives at the lowest threshold with at most so many false ones."""
    steps = np.searchsorted(ranking.false_positives, within, side="right")
    return np.concatenate([[0], ranking.true_positives])[steps]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Decisions against the truth."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> float | None:
        """The share of what fired that was right; None where nothing fired."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """The share of positives that fired; None without positives."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two; None where neither has anything to count."""
        wrong = self.false_positives + self.false_negatives
        return _share(2 * self.true_positives, 2 * self.true_positives + wrong)


def confusion(fired: Truth, truth: Truth) -> Confusion:
    """Count."""
    both, fires, holds = int((fired & truth).sum()), int(fired.sum()), int(truth.sum())
    return Confusion(both, fires - both, holds - both, len(truth) - fires - holds + both)


def brier(scores: Scores, truth: Truth) -> float | None:
    """The mean squared distance of scores from the truth (Brier 1950); None of nothing."""
    return float(np.mean((scores - truth) ** 2)) if len(scores) else None


def harmonic(one: float | None, other: float | None) -> float | None:
    """The harmonic mean; None where a part is, 0 where both are."""
    if one is None or other is None:
        return None
    return 2 * one * other / (one + other) if one + other else 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
