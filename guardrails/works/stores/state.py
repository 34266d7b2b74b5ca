"""Which segments there are now: looked up anew when any process has changed something."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from guardrails.works.fingerprint import Places
from guardrails.works.store import WorksError
from guardrails.works.stores import tables
from guardrails.works.stores.connections import Connections, Reading
from guardrails.works.stores.segments import Segment, opened
from guardrails.works.work import Kind

_TRIES = 20
"""Files may be replaced between the look at the tables and the look at them so many times."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All segments at one time; ``lowest`` and ``highest`` are the numbers in each."""

    generation: int
    segments: Mapping[str, Segment]
    by_kind: Mapping[tuple[str, Kind], Sequence[Segment]]
    ordered: Sequence[Segment]
    lowest: Places
    highest: Places

    def holding(self, number: int) -> tuple[Segment, int] | None:
        """Give the segment that a work is in, and its row there."""
        for at in np.flatnonzero((self.lowest <= number) & (self.highest >= number)).tolist():
            row = self.ordered[at].row(number)
            if row is not None:
                return self.ordered[at], row
        return None


class States:
    """Gives the state as it is now, to every thread."""

    def __init__(self, folder: Path, connections: Connections) -> None:
        self._folder, self._connections = folder, connections
        self._lock = threading.Lock()
        self._state = _state(-1, {})

    def now(self) -> State:
        """Give a state no older than this call; to look for changes takes microseconds."""
        reading = self._connections.reading()
        (version,) = reading.connection.execute("PRAGMA data_version").fetchone()
        if version != reading.seen:
            with self._lock:
                self._refresh(reading)
            reading.seen = version
        return self._state

    def _refresh(self, reading: Reading) -> None:
        read = reading.connection.execute
        if read("SELECT generation FROM state").fetchone()[0] == self._state.generation:
            return  # credits or consents alone
        for _ in range(_TRIES):
            rows = read("SELECT generation, segments.* FROM state LEFT JOIN segments").fetchall()
            generation = rows[0][0]
            labels = [tables.label(row[1:]) for row in rows if row[1] is not None]
            try:
                segments = opened(self._folder, labels, dict(self._state.segments))
            except FileNotFoundError as missing:
                gone = missing.filename
                continue
            self._state = _state(generation, segments)
            return
        raise WorksError(f"works: '{gone}' is missing, import its collection again")


def _state(generation: int, segments: Mapping[str, Segment]) -> State:
    by_kind: defaultdict[tuple[str, Kind], list[Segment]] = defaultdict(list)
    for segment in sorted(segments.values(), key=lambda one: -one.label.size):
        by_kind[segment.label.collection, segment.label.kind].append(segment)
    ordered = tuple(segments.values())
    lowest = np.array([segment.lowest for segment in ordered], np.uint32)
    highest = np.array([segment.highest for segment in ordered], np.uint32)
    return State(generation, segments, dict(by_kind), ordered, lowest, highest)
