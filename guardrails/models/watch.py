"""A thread that looks after models, again and again."""

import logging
import time
from threading import Event, Lock, Thread
from typing import Protocol

_log = logging.getLogger("guardrails.models")


class Watched(Protocol):
    """What is looked after."""

    def look(self, seconds: float) -> bool:
        """See how it is, when so many seconds have passed; tell whether to look again."""


class Watch:
    """Looks after what it is given, so many times a minute, until it is closed.

    Time in which the whole process stood still, as in a machine that was paused, counts little.
    """

    def __init__(self, every: float) -> None:
        self._every = every
        self._watched: list[Watched] = []
        self._changing = Lock()
        self._closed = Event()
        self._thread: Thread | None = None

    def add(self, watched: Watched) -> None:
        """Look after this one too."""
        with self._changing:
            self._watched.append(watched)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="model-watch", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        last = time.monotonic()
        while not self._closed.wait(self._every):
            now = time.monotonic()
            passed, last = min(now - last, 2 * self._every), now
            done = [one for one in tuple(self._watched) if not _look(one, passed)]
            with self._changing:
                self._watched = [one for one in self._watched if one not in done]


def _look(one: Watched, passed: float) -> bool:
    try:
        return one.look(passed)
    except Exception as error:  # noqa: BLE001  # the others are still to be looked after
        _log.error("cannot look after a model: %s", type(error).__name__)
        return True
