"""What one model has to do: counted on its threads, read by whoever scrapes."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol, runtime_checkable

SIZES = (1, 2, 4, 8, 16, 32, 64)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


@dataclass(slots=True)
class Spread:
    """How often a number was at most this and that: a histogram."""

    bounds: Sequence[float]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, number: float) -> None:
        """Count a number."""
        self.counts[bisect_left(self.bounds, number)] += 1
        self.total += number


class ModelLoad:
    """Of one model: its batches and its queue, what failed and was dropped, and if it is well."""

    def __init__(self) -> None:
        self._counting = Lock()
        self.sizes = Spread(SIZES)
        self.seconds = Spread(SECONDS)
        self.waited = Spread(SECONDS)
        self.queued = 0
        self.failed = 0
        self.dropped = 0
        self.replaced = 0
        self.is_well = True

    def enter(self, items: int) -> None:
        """Items went into the queue."""
        with self._counting:
            self.queued += items

    def start(self, waited: float) -> None:
        """An item leaves the queue to be run, after so many seconds."""
        with self._counting:
            self.queued -= 1
            self.waited.add(waited)

    def drop(self, items: int = 1) -> None:
        """Items leave the queue that nobody waits for any more, or not in time."""
        with self._counting:
            self.queued -= items
            self.dropped += items

    def ran(self, items: int, seconds: float, *, failed: bool = False) -> None:
        """A batch has been run."""
        with self._counting:
            self.sizes.add(items)
            self.seconds.add(seconds)
            self.failed += failed

    def fall_ill(self) -> None:
        """Its net hangs or fails, and is to be replaced."""
        with self._counting:
            self.is_well = False

    def recover(self) -> None:
        """Its net was replaced, and runs."""
        with self._counting:
            self.is_well = True
            self.replaced += 1


@runtime_checkable
class Loads(Protocol):
    """Where models are, and what each has to do."""

    def loads(self) -> Mapping[str, ModelLoad]:
        """Give the load of each model that is open, by name."""
