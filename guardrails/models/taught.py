"""One more label for a text classifier, from examples, on the embeddings that it gives anyway."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guardrails.models.logistic import Column, Line, Matrix, auc, calibrated, fit, unseen
from guardrails.models.model import Scored, Scorer, Vector
from guardrails.models.net import score

LEAST_AUC = 0.8
"""Below it, a label is not told apart from its counter-examples well enough to be of use."""
_FOLDS = 5
_RIDGE = 0.1
_ORDINARY = Path(__file__).with_name("ordinary.txt")


class Taught:
    """Scores texts for one label, sentence by sentence, on the pass of another classifier."""

    def __init__(self, base: Scorer, label: str, line: Line) -> None:
        self.name = base.name
        self._base = base
        self._label = label
        self._line = line

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score every sentence of a text of any length."""
        windows = await self._base.classify(text)
        sentences = [sentence for window in windows for sentence in window.sentences]
        if not sentences:
            return ()
        chances = self._line.chances(_unit([sentence.embedding for sentence in sentences]))
        return tuple(
            Scored({self._label: score(chance)}, sentence.span)
            for sentence, chance in zip(sentences, chances, strict=True)
        )


def ordinary() -> list[str]:
    """Give sentences about everything and nothing, which are on no topic in particular."""
    return _ORDINARY.read_text("utf-8").splitlines()


def teach(
    base: Scorer,
    label: str,
    examples: Sequence[Vector],
    counter_examples: Sequence[Vector],
    others: Sequence[Vector],
) -> Taught:
    """Fit a label on its examples against the rest, and calibrate it by cross-validation.

    ``others`` are ordinary sentences; they keep the label off what no counter-example speaks of,
    but those that resemble the examples do not count. Both sides weigh the same, and of the rest
    so do counter-examples and others.

    Raises:
        ValueError: the cross-validated AUC against the counter-examples is under ``LEAST_AUC``.
    """
    ones, zeros, rest = map(_unit, (examples, counter_examples, others))
    groups = (ones, zeros, rest[~_resembling(rest, ones)])
    sizes = [len(group) for group in groups]
    rows, basis = _in_their_span(np.concatenate(groups))
    targets, weights = _balanced(sizes)
    values = unseen(rows, targets, weights, ridge=_RIDGE, folds=_FOLDS)
    told_apart = slice(sizes[0] + sizes[1])
    _must_stand_apart(label, auc(values[told_apart], targets[told_apart]), sizes)
    line = calibrated(fit(rows, targets, weights, ridge=_RIDGE), values, targets, weights)
    return Taught(base, label, replace(line, weights=basis @ line.weights))


def _in_their_span(rows: Matrix) -> tuple[Matrix, Matrix]:
    """Give the rows in as few columns as they need, and the way back for a line among them."""
    basis, _ = np.linalg.qr(rows.T)
    return rows @ basis, basis


def _balanced(sizes: Sequence[int]) -> tuple[Column, Column]:
    """Give each row its target and its weight, by the sizes of the three groups."""
    shares = sum(sizes) * np.array([0.5, 0.25, 0.25]) / np.maximum(sizes, 1)
    return np.repeat([1.0, 0.0, 0.0], sizes), np.repeat(shares, sizes)


def _must_stand_apart(label: str, area: float, sizes: Sequence[int]) -> None:
    if area < LEAST_AUC:
        raise ValueError(
            f"'{label}' is not told apart from its counter-examples: cross-validated AUC "
            f"{area:.2f} with {sizes[0]} examples and {sizes[1]} counter-examples, {LEAST_AUC} is "
            "needed, give more or clearer ones"
        )


def _resembling(others: Matrix, examples: Matrix) -> NDArray[np.bool_]:
    """Tell which of the others are as near to an example as examples are to each other."""
    among = examples @ examples.T
    np.fill_diagonal(among, -1.0)
    usual = np.median(among.max(axis=1))
    near: NDArray[np.bool_] = (others @ examples.T).max(axis=1) > usual
    return near


def _unit(vectors: Sequence[Vector]) -> Matrix:
    rows = np.array(vectors, np.float64)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return rows
