"""A thread that runs batches, which can be given up when one does not end."""

import math
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Generic, TypeVar

from guardrails.models.lines import Waiting

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Worker(Generic[ItemT, ResultT]):
    """One thread, the batch that it runs, and for how long it may.

    ``left`` is set when it has ended, or was given up: nothing more comes from it then.
    """

    def __init__(self, name: str, work: Callable[["Worker[ItemT, ResultT]"], None]) -> None:
        self.batch: Sequence[Waiting[ItemT, ResultT]] = ()
        self.is_given_up = False
        self.left = Event()
        self._age = 0.0
        self._limit = math.inf
        self._thread = Thread(target=self._live, args=(work,), name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether its thread has not ended, given up or not."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def begin(self, batch: Sequence[Waiting[ItemT, ResultT]], limit: float) -> None:
        """Run something from now on, for so many seconds at most."""
        self._age, self.batch, self._limit = 0.0, batch, limit

    def end(self) -> None:
        """Run nothing more."""
        self._limit, self.batch = math.inf, ()

    def hangs(self, seconds: float) -> bool:
        """Tell whether what it runs has taken too long, when so many seconds more have passed."""
        self._age += seconds
        return self._age > self._limit

    def give_up(self) -> None:
        """Expect nothing more of it."""
        self.is_given_up = True
        self.left.set()

    def _live(self, work: Callable[["Worker[ItemT, ResultT]"], None]) -> None:
        try:
            work(self)
        finally:
            self.left.set()
