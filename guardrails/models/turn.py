"""How long a request has waited for its turn at a model, as opposed to being worked on."""

import time
from collections.abc import Iterable
from threading import Lock


class Turn:
    """Counts what a request has in queues and what is running; safe to use from any thread.

    A request waits while something of it is queued and nothing of it runs. One that ``gives_way``
    has its turn when no other waits.
    """

    def __init__(self, *, gives_way: bool = False) -> None:
        self.gives_way = gives_way
        self._changing = Lock()
        self._queued = 0
        self._running = 0
        self._waited = 0.0
        self._together: dict[str, int] = {}
        self._since = time.monotonic()

    def queue(self, items: int) -> None:
        """Items went into a queue."""
        self._change(items, 0)

    def start(self) -> None:
        """An item left its queue to be run."""
        self._change(-1, 1)

    def together(self, model: str, items: int) -> None:
        """An item of it runs together with others: so many in all."""
        with self._changing:
            self._together[model] = max(items, self._together.get(model, 0))

    def batch(self, models: Iterable[str]) -> int:
        """Give the size of the largest batch in which one of these models ran an item of it."""
        return max((self._together.get(model, 0) for model in models), default=0)

    def drop(self) -> None:
        """An item left its queue and will not be run."""
        self._change(-1, 0)

    def end(self) -> None:
        """An item has been run."""
        self._change(0, -1)

    def waited(self) -> float:
        """Give the seconds that the request has waited up to now."""
        self._change(0, 0)
        return self._waited

    def _change(self, queued: int, running: int) -> None:
        with self._changing:
            now = time.monotonic()
            if self._queued and not self._running:
                self._waited += now - self._since
            self._since = now
            self._queued += queued
            self._running += running
