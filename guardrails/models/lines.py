"""What waits for one model: lines of items of like length."""

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from guardrails.models.turn import Turn

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_LENGTHS = (1, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much runs together, and how much may wait.

    ``budget`` is the size of one batch: its longest item's length times their number. ``queue`` is
    the number of items that may wait. ``gather`` is the time in seconds that an item waits for
    company; with none, what gathered while the last batch ran is the next one.
    """

    budget: int
    queue: int = 1024
    gather: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting(Generic[ItemT, ResultT]):
    """An item, until when its result is wanted, and where it goes."""

    item: ItemT
    number: int
    until: float
    turn: Turn
    since: float = field(default_factory=time.monotonic)
    future: Future[ResultT] = field(default_factory=Future)

    def fail(self, error: Exception) -> None:
        """Tell whoever waits that its run came to nothing."""
        self.turn.end()
        self.future.set_exception(error)


Line: TypeAlias = deque[Waiting[ItemT, ResultT]]


class Lines(Generic[ItemT, ResultT]):
    """A line for each range of lengths, so that short and long are not padded to one another.

    The line whose head has waited longest is the first, so nothing starves; but for what gives way
    to all else, in lines of its own. It holds no lock.
    """

    def __init__(self, length: Callable[[ItemT], int], limits: Limits) -> None:
        self._length = length
        self._limits = limits
        self._lines: Mapping[tuple[bool, int], Line[ItemT, ResultT]] = {
            (gives_way, number): deque()
            for gives_way in (False, True)
            for number in range(len(_LENGTHS) + 1)
        }
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, waiting: Waiting[ItemT, ResultT]) -> None:
        """Put an item at the end of the line of its length."""
        length = bisect_left(_LENGTHS, self._length(waiting.item))
        self._lines[waiting.turn.gives_way, length].append(waiting)
        self._waiting += 1

    def first(self) -> Line[ItemT, ResultT] | None:
        """Give the line that is next."""
        filled = [line for line in self._lines.values() if line]
        return min(filled, key=lambda line: (line[0].turn.gives_way, line[0].number), default=None)

    def patience(self, line: Line[ItemT, ResultT]) -> float:
        """How long a line may still wait for company, in seconds."""
        if not self._limits.gather:
            return 0.0
        longest = max(self._length(waiting.item) for waiting in line)
        if longest * (len(line) + 1) > self._limits.budget:
            return 0.0
        return line[0].since + self._limits.gather - time.monotonic()

    def take(self, line: Line[ItemT, ResultT]) -> list[Waiting[ItemT, ResultT]]:
        """Take as much from its beginning as may run together."""
        batch = [line.popleft()]
        longest = self._length(batch[0].item)
        while line:
            longest = max(longest, self._length(line[0].item))
            if longest * (len(batch) + 1) > self._limits.budget:
                break
            batch.append(line.popleft())
        self._waiting -= len(batch)
        return batch

    def clear(self) -> list[Waiting[ItemT, ResultT]]:
        """Take all."""
        left = [waiting for line in self._lines.values() for waiting in line]
        for line in self._lines.values():
            line.clear()
        self._waiting = 0
        return left
