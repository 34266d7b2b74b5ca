"""One transaction on the segments of the embedded store: files first, then the tables."""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import WorksError
from guardrails.works.stores import columns, tables
from guardrails.works.stores.connections import Connections
from guardrails.works.stores.parts import Parts, Shape, gathered, joined, shape_of, without
from guardrails.works.stores.segments import LONGEST, Label, Segment, opened, packed
from guardrails.works.work import Kind

FULL = 64 << 20
"""A larger segment is not merged any more, so that to drop a work from it takes no long time."""
FEW = 4
"""So many segments of like size become one."""
_SMALL = columns.SMALL
"""Segments up to so many bytes are of like size."""


class Change:
    """The segments as they will be when the transaction is done."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder, self._connection = folder, connection
        self._left = labels(connection)
        self._before = frozenset(self._left)
        self._open: dict[str, Segment] = {}

    def add(self, collection: str, kind: Kind, works: Sequence[tuple[int, Fingerprint]]) -> None:
        """Add numbered works of one kind."""
        by_shape: defaultdict[Shape, list[tuple[int, Fingerprint]]] = defaultdict(list)
        for number, fingerprint in works:
            by_shape[shape_of(fingerprint)].append((number, fingerprint))
        for shape, alike in sorted(by_shape.items()):
            self._write(collection, kind, gathered(shape, alike))
            self._merge(collection, kind, shape)

    def drop(self, collection: str, numbers: Collection[int]) -> None:
        """Write the segments that hold these works anew without them."""
        gone = frozenset(numbers)
        mine = [one for one in self._left.values() if one.collection == collection]
        for segment in self._segments(mine if gone else ()):
            if np.isin(segment.numbers, list(gone)).any():
                del self._left[segment.label.name]
                self._write(collection, segment.label.kind, without(segment.parts(), gone))

    @property
    def replaced(self) -> frozenset[str]:
        """Names of the files that are not needed any more once the transaction is done."""
        return self._before.difference(self._left)

    def note(self) -> None:
        """Write into the tables which segments there are now, and that they have changed."""
        gone = [(name,) for name in self.replaced]
        new = [tables.label_row(self._left[name]) for name in self._left.keys() - self._before]
        self._connection.executemany("DELETE FROM segments WHERE name = ?", gone)
        self._connection.executemany("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?)", new)
        self._connection.execute("UPDATE state SET generation = generation + 1")

    def _write(self, collection: str, kind: Kind, parts: Parts) -> None:
        if not len(parts.numbers):
            return
        if max(int(parts.spans.sum()), int(parts.rows.sum()), len(parts.mixed)) >= LONGEST:
            raise WorksError("works: too much for one transaction, add it in smaller batches")
        name = f"{secrets.token_hex(8)}.works"
        size = columns.write(self._folder / name, packed(parts))
        self._left[name] = Label(name, collection, kind, parts.shape, size)

    def _merge(self, collection: str, kind: Kind, shape: Shape) -> None:
        """Join segments of like size while there are too many, the smallest first."""
        while True:
            tiers: defaultdict[int, list[Label]] = defaultdict(list)
            for one in self._left.values():
                alike = (one.collection, one.kind, one.shape) == (collection, kind, shape)
                if alike and one.size <= FULL:
                    tiers[_tier(one.size)].append(one)
            crowded = [tier for tier in sorted(tiers) if len(tiers[tier]) >= FEW]
            if not crowded:
                return
            merged = self._segments(tiers[crowded[0]])
            self._write(collection, kind, joined([segment.parts() for segment in merged]))
            for segment in merged:
                del self._left[segment.label.name]

    def _segments(self, wanted: Iterable[Label]) -> list[Segment]:
        return list(opened(self._folder, wanted, self._open).values())


@contextmanager
def changing(folder: Path, connections: Connections) -> Iterator[tuple[sqlite3.Connection, Change]]:
    """Change works and segments in one transaction, then drop the files that are left over."""
    with connections.writing() as connection:
        tidy(folder, labels(connection))
        change = Change(folder, connection)
        yield connection, change
        change.note()
    for name in change.replaced:
        (folder / name).unlink(missing_ok=True)


def labels(connection: sqlite3.Connection) -> dict[str, Label]:
    """Tell which segments there are."""
    rows = connection.execute("SELECT * FROM segments").fetchall()
    return {row[0]: tables.label(row) for row in rows}


def tidy(folder: Path, wanted: Collection[str]) -> None:
    """Drop files that no table speaks of: replaced, or left by a writer that was killed."""
    for file in folder.iterdir():
        if file.name not in wanted:
            file.unlink(missing_ok=True)


def _tier(size: int) -> int:
    """0 for small segments, and one more for each time that they are four times as large."""
    return ((size - 1) // _SMALL).bit_length() + 1 >> 1
