"""How much work is done at a time, moved by how long it takes. Pure.

After the gradient controller of Envoy's adaptive concurrency filter and `Gradient2Limit` of
Netflix's concurrency-limits: the limit follows the best time over the present time, with room for
a queue of the limit's square root, smoothed. As in Envoy, the best time is measured anew now and
then, at few works at a time.
"""

from dataclasses import dataclass, field
from math import sqrt
from statistics import median

TOLERANCE = 1.5
"""By which work may be slower than at its best, before less of it is done at a time."""
SMOOTHING = 0.5
"""What one window moves the limit."""
LEARNING = 0.2
"""What one window moves the best time: few of them are better than all others by chance."""
STEEPEST = 0.5
"""What one window may take from the limit at most, before smoothing."""
WINDOW_SECONDS = 0.25
WINDOW_WORKS = 10
"""A window is as long as both."""
PROBE_WORKS = 5
PROBE_SECONDS = 30.0
"""Of windows in which places were short, after which the best time is measured anew."""


@dataclass(slots=True)
class Gradient:
    """The limit of one line, between ``floor`` and ``most`` places.

    A work is told by the seconds that each of its places was held for. Windows in which places were
    not short tell nothing of too many, and move nothing.
    """

    floor: int
    most: int
    _limit: float = field(init=False)
    _best: float | None = None
    _probing: bool = False
    _from: float = 0.0
    _short: bool = False
    _unprobed: float = 0.0
    _times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._limit = float(self.most)

    @property
    def limit(self) -> int:
        """Places that may be held at a time."""
        return self.floor if self._probing else round(self._limit)

    @property
    def moves(self) -> bool:
        """Whether there is anything between floor and most."""
        return self.floor < self.most

    def done(self, began: float, now: float, seconds: float, *, short: bool) -> None:
        """Take a work that left; ``short`` tells whether another waited for its places."""
        if not self.moves or began < self._from:
            return
        self._short = self._short or short
        self._times.append(seconds)
        if self._probing:
            if len(self._times) >= PROBE_WORKS:
                self._best = median(self._times)
                self._begin(now, probing=False)
        elif len(self._times) >= WINDOW_WORKS and now - self._from >= WINDOW_SECONDS:
            self._judge(now)

    def _judge(self, now: float) -> None:
        """End a window."""
        present = median(self._times)
        unknown = self._best is None and self._short
        at_floor = self.limit <= self.floor
        if at_floor or self._best is None:
            self._best = present
        elif present < self._best:
            self._best += LEARNING * (present - self._best)
        if unknown or not self._short:
            self._begin(now, probing=unknown)
            return
        self._unprobed += min(now - self._from, PROBE_SECONDS)
        gradient = max(STEEPEST, min(1.0, TOLERANCE * self._best / present)) if present else 1.0
        wanted = self._limit * gradient + sqrt(self._limit)
        moved = self._limit + SMOOTHING * (wanted - self._limit)
        self._limit = max(float(self.floor), min(float(self.most), moved))
        self._begin(now, probing=self._unprobed >= PROBE_SECONDS)

    def _begin(self, now: float, *, probing: bool = False) -> None:
        """Begin a window, with works that begin now: those under way belong to another limit."""
        if probing or self._probing:
            self._unprobed = 0.0
        self._probing = probing
        self._from = now
        self._short = False
        self._times.clear()
