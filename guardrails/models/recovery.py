"""When a net counts as hung, and when one that is out of order is opened anew."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

HUNG = 20
"""So many times the usual time of a batch of its size."""
OPENING = 6
"""So many times the patience a net may take to be opened anew."""
FAILURES = 3
"""In a row, from which on a net is in doubt."""
HELD = 60.0
"""Seconds after which a net that was opened anew counts as well as any other."""
LONGEST_WAIT = 60.0
GIVEN_UP = 4
"""Threads that still hang in old nets; with so many, none is opened anew until one ends."""
_LEARNING = 0.1


@dataclass(frozen=True, slots=True)
class Care:
    """How a net is kept well.

    Args:
        renew: opens it anew, in place of the old one, and runs it once.
        probe: runs it once.
        patience: the seconds that a batch may take, however short such batches usually are.
        opening: the seconds that it took to open.
        running: the seconds that it took to run once, when it was new.
    """

    renew: Callable[[], None]
    probe: Callable[[], None]
    patience: float
    opening: float = 0.0
    running: float = 0.0

    @property
    def longest_opening(self) -> float:
        """The seconds after which a net that is opened anew counts as hung."""
        return max(OPENING * self.patience, HUNG * self.opening)


class Pace:
    """How long batches usually take for their size, and how long is too long."""

    def __init__(self) -> None:
        self._usual: float | None = None

    def learn(self, size: int, seconds: float) -> None:
        """Take note of a batch that ran."""
        new = seconds / max(1, size)
        old = new if self._usual is None else self._usual
        self._usual = old + _LEARNING * (new - old)

    def limit(self, size: int, care: Care) -> float:
        """Give the seconds after which a batch of this size counts as hung."""
        usual = care.running if self._usual is None else self._usual * size
        return max(care.patience, HUNG * usual)


class Recovery:
    """Whether a net is well; one that is not is opened anew, at once, then more and more rarely."""

    def __init__(self) -> None:
        self.is_well = True
        self._is_tried = False
        self._tries = 0
        self._wait = 0.0
        self._well_for = HELD

    def fall_ill(self) -> None:
        """It hangs, or fails."""
        if self.is_well and self._well_for >= HELD:
            self._tries = 0
        self.is_well = self._is_tried = False
        self._wait = min(LONGEST_WAIT, 2.0 ** (self._tries - 1)) if self._tries else 0.0

    def due(self, seconds: float) -> bool:
        """Tell whether to open it anew now, when so many seconds have passed; it then is tried."""
        if self.is_well:
            self._well_for = min(HELD, self._well_for + seconds)
            return False
        self._wait -= seconds
        if self._is_tried or self._wait > 0:
            return False
        self._is_tried = True
        self._tries += 1
        return True

    def recover(self) -> None:
        """It runs again."""
        self.is_well, self._is_tried, self._well_for = True, False, 0.0


def timed(run: Callable[[], T]) -> tuple[T, float]:
    """Give what something gives, and the seconds that it took."""
    started = time.monotonic()
    return run(), time.monotonic() - started
