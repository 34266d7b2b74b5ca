"""How long a request has waited for its turn at a model, as opposed to being worked on."""

import time
from threading import Lock


class Turn:
    """Counts what a request has in queues and what is running; safe to use from any thread.

    A request waits while something of it is queued and nothing of it runs.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._queued = 0
        self._running = 0
        self._waited = 0.0
        self._since = time.monotonic()

    def queue(self, items: int) -> None:
        """Items went into a queue."""
        self._change(items, 0)

    def start(self) -> None:
        """An item left its queue to be run."""
        self._change(-1, 1)

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
