"""A part of an index that never changes: the fingerprints of some works, packed to be searched."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail, Places, Seeds
from guardrails.works.stores import columns
from guardrails.works.stores.columns import Columns
from guardrails.works.stores.parts import Counts, Parts, Shape
from guardrails.works.stores.postings import Found, Postings, find, pack, unpack
from guardrails.works.work import Kind

LONGEST = 1 << 32
"""Places in a segment are told in 32 bits."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a segment is called, and whose works of which kind and shape are in it."""

    name: str
    collection: str
    kind: Kind
    shape: Shape
    size: int
    """Of its file, in bytes."""


class Segment:
    """The works of one file, as columns that are mapped into memory."""

    def __init__(self, label: Label, kept: Columns) -> None:
        self.label = label
        self.numbers: Places = kept["numbers"]
        self.lowest, self.highest = int(self.numbers.min()), int(self.numbers.max())
        self.vectors, self.signs, self.hashes = kept["vectors"], kept["signs"], kept["hashes"]
        self._starts, self._rows, self._breaks = kept["starts"], kept["rows"], kept["breaks"]
        self._detail, self._lines = kept["detail"], kept["lines"]
        self._postings = Postings(kept["offsets"], kept["rest"], kept["places"])

    def find(self, mixed: Seeds, most: int) -> Found:
        """Find mixed seeds, see ``postings.find``; places count from the start of the segment."""
        return find(self._postings, mixed, most)

    def located(self, places: Places) -> tuple[Places, Places]:
        """Turn places in the segment into numbers of works and places in them."""
        owner = np.searchsorted(self._starts, places, side="right") - 1
        return self.numbers[owner], places - self._starts[owner]

    def row(self, number: int) -> int | None:
        """Where a work stands among those of the segment."""
        at = int(np.searchsorted(self.numbers, number, sorter=self._order))
        row = int(self._order[at]) if at < len(self._order) else 0
        return row if self.numbers[row] == number else None

    def detail(self, row: int, start: int, end: int | None) -> Detail:
        """Rows of the detail of a work."""
        mine: Detail = self._detail[self._rows[row] : self._rows[row + 1]]
        return mine[start:end]

    def lines(self, row: int) -> Places:
        """The first token of each line of a work."""
        mine: Places = self._lines[self._breaks[row] : self._breaks[row + 1]]
        return mine

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """Rows by number: merging has put them one behind the other as they came."""
        return np.argsort(self.numbers)

    def parts(self) -> Parts:
        """What it was packed from."""
        return Parts(
            self.label.shape,
            self.numbers,
            _counts(self._starts),
            _counts(self._rows),
            _counts(self._breaks),
            unpack(self._postings),
            self._postings.places,
            self._detail,
            self._lines,
            self.vectors,
            self.signs,
            self.hashes,
        )


def packed(parts: Parts) -> Columns:
    """Give the columns of a segment."""
    postings = pack(parts.mixed, parts.places)
    return {
        "numbers": parts.numbers,
        "starts": _starts(parts.spans),
        "rows": _starts(parts.rows),
        "breaks": _starts(parts.breaks),
        "offsets": postings.offsets,
        "rest": postings.rest,
        "places": postings.places,
        "detail": parts.detail,
        "lines": parts.lines,
        "vectors": parts.vectors,
        "signs": parts.signs,
        "hashes": parts.hashes,
    }


def opened(folder: Path, labels: Iterable[Label], known: dict[str, Segment]) -> dict[str, Segment]:
    """Open segments, those that are not open yet.

    Raises:
        FileNotFoundError: one has been replaced since its label was read.
    """
    return {
        label.name: known.get(label.name) or Segment(label, columns.read(folder / label.name))
        for label in labels
    }


def _starts(counts: NDArray[Any]) -> Places:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)


def _counts(starts: Places) -> Counts:
    return (starts[1:] - starts[:-1]).astype(np.int64)
