"""From the scores of harmless text to thresholds that so much of it reaches, and no more. Pure."""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from guardrails.evaluation.intervals import Estimate, share, upper
from guardrails.evaluation.judging import Judged
from guardrails.evaluation.metrics import Scores, allowed
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.rows import POSITIVE, Row

RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""The false-positive rates of a table."""
FACTOR = 2.0
"""A rate is pinned down when the truth is at most this many times as great."""

_DECIMALS = range(4, 18)


@dataclass(frozen=True, slots=True)
class Line:
    """What it takes to keep to one false-positive rate.

    ``threshold`` is None where even a score of 1 is reached too often. So is then ``achieved``, the
    share of the examples that reach the threshold. ``needed`` is the number of examples that it
    takes to pin the rate down.
    """

    rate: float
    threshold: float | None
    false_positives: int
    achieved: Estimate | None
    needed: int


@dataclass(frozen=True, slots=True)
class Table:
    """The lines for one category, or for all categories of a rule taken together."""

    rule: str
    categories: tuple[str, ...]
    examples: int
    lines: tuple[Line, ...]

    def line(self, rate: float) -> Line | None:
        """The line of one rate; None where there are no examples."""
        return next((line for line in self.lines if line.rate == rate), None)

    @property
    def pinned(self) -> tuple[tuple[float, float], ...]:
        """Rate and threshold, for the rates that the examples pin down."""
        return tuple(
            (line.rate, line.threshold)
            for line in self.lines
            if line.threshold is not None and line.needed <= self.examples
        )


class Benign:
    """Gathers the scores of harmless rows.

    ``targets`` are categories by rule: each group of categories gets a table, from the highest
    score among them.
    """

    def __init__(self, targets: Iterable[tuple[str, tuple[str, ...]]], naming: Naming) -> None:
        self._scores = {target: array("d") for target in targets}
        self._naming = naming

    def add(self, judged: Judged) -> None:
        """Add one row to what it is known to be harmless for, and was judged by."""
        for (rule, categories), scores in self._scores.items():
            judgement = judged.by_rule.get(rule)
            if judgement and all(is_benign(judged.row, one, self._naming) for one in categories):
                scores.append(max(judgement[category] for category in categories))

    def tables(self, rates: Iterable[float]) -> tuple[Table, ...]:
        """Work out every table."""
        every = sorted({*rates})
        return tuple(
            tabulate(rule, categories, scores, every)
            for (rule, categories), scores in self._scores.items()
        )


def is_benign(row: Row, category: str, naming: Naming) -> bool:
    """Whether the row is known to be harmless as far as a category goes.

    It is when its labels for the category are all below one half, or when it has no labels at all:
    traffic that an operator knows to be good. Where it has only other labels, nobody knows; where a
    span of the category is marked, it is not.
    """
    if any(category in naming.categories(span.type) for span in row.spans or ()):
        return False
    values = [value for label, value in row.labels.items() if category in naming.categories(label)]
    return all(value < POSITIVE for value in values) and (bool(values) or not row.labels)


def tabulate(
    rule: str, categories: Sequence[str], benign: Iterable[float], rates: Iterable[float]
) -> Table:
    """Work out the table of one rule or category from the scores of harmless rows."""
    scores = np.sort(np.fromiter(benign, np.float64))[::-1]
    lines = tuple(_line(scores, rate) for rate in rates) if len(scores) else ()
    return Table(rule, tuple(categories), len(scores), lines)


def _line(scores: Scores, rate: float) -> Line:
    threshold = threshold_for(scores, rate)
    if threshold is None:
        return Line(rate, None, 0, None, needed(rate))
    hits = int((scores >= threshold).sum())
    return Line(rate, threshold, hits, share(hits, len(scores)), needed(rate))


def threshold_for(scores: Scores, rate: float) -> float | None:
    """Give the lowest threshold, to four decimals, that at most this share of the scores reaches.

    Args:
        scores: from the highest to the lowest.
        rate: from 0 to 1, exclusive.

    Returns:
        A threshold, more decimals where it takes more; None where too many scores are 1.
    """
    within = allowed(rate, len(scores))
    barred = float(scores[within])
    if barred >= 1.0:
        return None
    ceiling = float(scores[within - 1]) if within and scores[within - 1] > barred else 1.0
    for decimals in _DECIMALS:
        candidate = _next(barred, 10.0**decimals)
        if candidate <= ceiling:
            return candidate
    return math.nextafter(barred, 1.0)


def _next(score: float, scale: float) -> float:
    """The next number above with so many decimals; floating point may miss it by one."""
    steps = math.floor(score * scale)
    return next(one for k in count(steps) if (one := k / scale) > score)


def needed(rate: float) -> int:
    """How many harmless examples pin a rate down.

    So many that the true rate of the threshold is, with a confidence of 97.5 %, at most twice the
    rate that was asked for.
    """
    return next(
        examples
        for hits in count(1)
        if upper(hits, examples := math.ceil(hits / rate - 1e-9)) <= FACTOR * rate
    )
