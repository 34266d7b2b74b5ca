"""How fast work is done while more of it waits, and how long it holds its places. Pure."""

from dataclasses import dataclass

MEMORY_SECONDS = 5.0
"""Of busy time, after which what was measured counts half."""
ENOUGH_SECONDS = 0.05
"""Of busy time; before that much was seen, nothing is foretold."""
MOST_SAMPLES = 50.0
"""Of held times, so that they follow what is held now."""


@dataclass(slots=True)
class Pace:
    """Counts places that come free while somebody waits: idle time tells nothing of what could be.

    Times are in seconds, on any clock that does not go back.
    """

    _since: float | None = None
    _busy: float = 0.0
    _done: float = 0.0
    _works: float = 0.0
    _held: float = 0.0
    _places: float = 0.0

    def wait(self, now: float) -> None:
        """Somebody waits from now on."""
        if self._since is None:
            self._since = now

    def rest(self, now: float) -> None:
        """Nobody waits any more."""
        self._pass(now)
        self._since = None

    def done(self, places: int, held: float, now: float) -> None:
        """So many places come free, which were held for so long."""
        if self._since is not None:
            self._pass(now)
            self._done += places
        if self._works >= MOST_SAMPLES:
            self._works, self._held, self._places = (
                each / 2 for each in (self._works, self._held, self._places)
            )
        self._works += 1
        self._held += held
        self._places += places

    def rate(self, now: float) -> float | None:
        """Places that come free in a second, as far as is known."""
        busy = self._busy + (0.0 if self._since is None else now - self._since)
        return self._done / busy if busy >= ENOUGH_SECONDS and self._done else None

    def holding(self, places: int) -> float:
        """How long a work will hold its places, by the lower of two ways to tell."""
        if not self._works:
            return 0.0
        return min(self._held / self._works, self._held / self._places * places)

    def _pass(self, now: float) -> None:
        if self._since is None:
            return
        passed = now - self._since
        kept: float = 0.5 ** (passed / MEMORY_SECONDS)
        self._busy = self._busy * kept + passed
        self._done *= kept
        self._since = now
