"""How fast work is done while more of it waits, and how long it holds its places. Pure."""

from dataclasses import dataclass, field

MEMORY_SECONDS = 5.0
"""Of busy time, after which what was measured counts half."""
ENOUGH_SECONDS = 0.05
"""Of busy time; before that much was seen, nothing is foretold."""
SHORTEST_SECONDS = 0.05
"""Of waiting, that tells whether it was foretold well."""
LEARNT = 0.05
"""The weight of the last wait."""
MOST_BIAS = 5.0
MOST_SAMPLES = 50.0
"""Of held times, so that they follow what is held now."""


@dataclass(slots=True)
class Held:
    """The line through how long works held their places, by least squares.

    A large work takes longer than the mean of works, and less than its share of places says.
    """

    _works: float = 0.0
    _places: float = 0.0
    _squares: float = 0.0
    _seconds: float = 0.0
    _products: float = 0.0

    def add(self, places: int, seconds: float) -> None:
        """Note one; what was noted long ago counts less and less."""
        if self._works >= MOST_SAMPLES:
            self._works /= 2
            self._places /= 2
            self._squares /= 2
            self._seconds /= 2
            self._products /= 2
        self._works += 1
        self._places += places
        self._squares += places * places
        self._seconds += seconds
        self._products += places * seconds

    def foretold(self, places: int) -> float:
        """Give the seconds for which so many places will be held, as far as is known."""
        if not self._works:
            return 0.0
        mean, size = self._seconds / self._works, self._places / self._works
        spread = self._squares / self._works - size * size
        if spread <= 0:
            return mean * min(1.0, places / size)  # all were of one size: the less, of both ways
        slope = max(0.0, (self._products / self._works - size * mean) / spread)
        return max(0.0, mean + slope * (places - size))


@dataclass(slots=True)
class Bias:
    """By how much waiting takes longer than was foretold: others go before, or are slower."""

    factor: float = 1.0

    def note(self, foretold: float, waited: float) -> None:
        """Learn from one that had its turn; times too short to tell are left out."""
        if foretold >= SHORTEST_SECONDS:
            self.factor += LEARNT * (min(waited / foretold, MOST_BIAS) - self.factor)
            self.factor = max(1.0, self.factor)


@dataclass(slots=True)
class Pace:
    """Counts places that come free while somebody waits: idle time tells nothing of what could be.

    Times are in seconds, on any clock that does not go back.
    """

    _since: float | None = None
    _busy: float = 0.0
    _done: float = 0.0
    _held: Held = field(default_factory=Held)

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
        self._held.add(places, held)

    def rate(self, now: float) -> float | None:
        """Places that come free in a second, as far as is known."""
        busy = self._busy + (0.0 if self._since is None else now - self._since)
        return self._done / busy if busy >= ENOUGH_SECONDS and self._done else None

    def holding(self, places: int) -> float:
        """How long a work will hold its places, judging by others of its size."""
        return self._held.foretold(places)

    def _pass(self, now: float) -> None:
        if self._since is None:
            return
        passed = now - self._since
        kept: float = 0.5 ** (passed / MEMORY_SECONDS)
        self._busy = self._busy * kept + passed
        self._done *= kept
        self._since = now
