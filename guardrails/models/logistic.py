"""Logistic regression on a few hundred rows, and how well it does on rows it has not seen. Pure."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]
Column: TypeAlias = NDArray[np.float64]

_STEPS = 50
_SETTLED = 1e-9
_MOST = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """P(1) of a row is ``sigmoid(row @ weights + bias)``."""

    weights: Column
    bias: float

    def values(self, rows: Matrix) -> Column:
        """Give the logit of each row."""
        values: Column = rows @ self.weights + self.bias
        return values

    def chances(self, rows: Matrix) -> Column:
        """Give P(1) of each row."""
        return sigmoid(self.values(rows))


def fit(rows: Matrix, targets: Column, weights: Column, *, ridge: float) -> Line:
    """Fit by Newton's method; ``ridge`` is the penalty on the squares of the line's weights.

    ``targets`` are shares of 1, ``weights`` say how much each row counts. See Hastie, Tibshirani
    and Friedman, "The Elements of Statistical Learning" (2009), 4.4.1.
    """
    wide = np.hstack([rows, np.ones((len(rows), 1))])
    penalty = np.full(wide.shape[1], ridge)
    penalty[-1] = 0.0  # the bias is free
    line = np.zeros(wide.shape[1])
    for _ in range(_STEPS):
        chances = sigmoid(wide @ line)
        slope = wide.T @ (weights * (chances - targets)) + penalty * line
        bend = (wide.T * (weights * chances * (1 - chances))) @ wide + np.diag(penalty + _SETTLED)
        step = np.linalg.solve(bend, slope)
        line -= step / max(1.0, float(np.abs(step).max()) / _MOST)
        if float(np.abs(step).max()) < _SETTLED:
            break
    return Line(line[:-1], float(line[-1]))


def unseen(rows: Matrix, targets: Column, weights: Column, *, ridge: float, folds: int) -> Column:
    """Give each row the logit of a line that was fitted without it and its whole fold."""
    values = np.zeros(len(rows))
    fold = _folds(targets, folds)
    for number in range(folds):
        out = fold == number
        line = fit(rows[~out], targets[~out], weights[~out], ridge=ridge)
        values[out] = line.values(rows[out])
    return values


def calibrated(line: Line, values: Column, targets: Column, weights: Column) -> Line:
    """Stretch and shift a line so that its chances are right on logits of unseen rows.

    See Platt, "Probabilistic Outputs for Support Vector Machines" (1999), whose targets stay off 0
    and 1 by as much as their number leaves in doubt.
    """
    ones = float(targets.sum())
    zeros = len(targets) - ones
    careful = np.where(targets > 0, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    bent = fit(values[:, None], careful, weights, ridge=0.0)
    scale = float(bent.weights[0])
    return replace(line, weights=line.weights * scale, bias=line.bias * scale + bent.bias)


def auc(values: Column, targets: Column) -> float:
    """Give the chance that a 1 has a greater value than a 0; ties count half."""
    ones, zeros = values[targets > 0], values[targets == 0]
    beats = np.sign(ones[:, None] - zeros[None, :])
    return float((beats.mean() + 1) / 2)


def sigmoid(values: Column) -> Column:
    """Turn logits into chances, however great."""
    chances: Column = 0.5 * (1 + np.tanh(values / 2))
    return chances


def _folds(targets: Column, folds: int) -> NDArray[np.intp]:
    """Deal the ones, then the zeros, to the folds in turn."""
    order = np.argsort(targets, kind="stable")
    fold = np.zeros(len(targets), np.intp)
    fold[order] = np.arange(len(targets)) % folds
    return fold
