"""Gathers what was judged, row by row: a few numbers a row, and none of its text."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from guardrails.core.view import Span
from guardrails.evaluation.judging import Judged
from guardrails.evaluation.metrics import Scores, Truth
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.rows import POSITIVE, Labelled
from guardrails.evaluation.spans import Places, compare


@dataclass(slots=True)
class Column:
    """The rows of one slice for which one label is known."""

    unjudged: int = 0
    """Rows that no rule could score; they are not among the others."""
    _scores: "array[float]" = field(default_factory=lambda: array("d"))
    _truth: bytearray = field(default_factory=bytearray)
    _fired: bytearray = field(default_factory=bytearray)

    def add(self, score: float | None, *, holds: bool, fired: bool) -> None:
        """Add one row."""
        if score is None:
            self.unjudged += 1
            return
        self._scores.append(score)
        self._truth.append(holds)
        self._fired.append(fired)

    @property
    def scores(self) -> Scores:
        """From 0 to 1."""
        return np.array(self._scores, np.float64)

    @property
    def truth(self) -> Truth:
        """Whether the label holds."""
        return np.frombuffer(bytes(self._truth), np.bool_)

    @property
    def fired(self) -> Truth:
        """Whether a rule acted on it."""
        return np.frombuffer(bytes(self._fired), np.bool_)


class Tally:
    """All that is gathered. ``types`` are the types of span that the data knows."""

    def __init__(self, naming: Naming, types: Sequence[str] = ()) -> None:
        self.rows = self.unjudged = self.failed = 0
        self.actions: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        self.milliseconds = array("d")
        self.columns: dict[tuple[str, str | None], Column] = {}
        self.places: dict[tuple[str, str | None], Places] = {}
        self._naming = naming
        self._types = {one: naming.categories(one) for one in types if naming.categories(one)}

    def add(self, judged: Judged) -> None:
        """Add one row, to all rows (the slice None) and to its own slices."""
        self.rows += 1
        self.unjudged += bool(judged.unjudged)
        self.failed += bool(judged.failed)
        self.actions[judged.action.word] += 1
        self.fired.update(judged.fired)
        self.milliseconds.append(judged.milliseconds)
        slices = (None, *judged.row.slices)
        for label, value in judged.row.labels.items():
            if categories := self._naming.categories(label):
                self._add_label(label, slices, judged, categories, holds=value >= POSITIVE)
        if judged.row.spans is not None:
            self._add_places(slices, judged, judged.row.spans)

    def _add_label(
        self,
        label: str,
        slices: Iterable[str | None],
        judged: Judged,
        categories: Sequence[str],
        *,
        holds: bool,
    ) -> None:
        score = highest(judged.scores, categories)
        fired = not judged.fired.isdisjoint(categories)
        for one in slices:
            self.columns.setdefault((label, one), Column()).add(score, holds=holds, fired=fired)

    def _add_places(
        self, slices: Iterable[str | None], judged: Judged, known: Iterable[Labelled]
    ) -> None:
        for kind, categories in self._types.items():
            found = {Span(one.start, one.end) for one in judged.spans if one.type in categories}
            marked = {Span(one.start, one.end) for one in known if one.type == kind}
            places = compare(found, marked)
            for one in slices:
                self.places[kind, one] = self.places.get((kind, one), Places()) + places


def highest(scores: Mapping[str, float | None], categories: Iterable[str]) -> float | None:
    """The highest score of some categories; None where none of them was judged."""
    judged = [score for one in categories if (score := scores[one]) is not None]
    return max(judged, default=None)
