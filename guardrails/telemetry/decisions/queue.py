"""Where records wait between whoever decides and whoever writes: memory first, then the spool."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from guardrails.telemetry.decisions.counting import Counts
from guardrails.telemetry.decisions.keys import LogKey
from guardrails.telemetry.decisions.record import Body, Noted, Refused, body
from guardrails.telemetry.decisions.spool import Spool

MOST = 20_000
"""Records of the usual size in memory; more are lost, and counted."""
HIGH = 4_000
"""From here on they go to the spool."""
PIECE = 500
"""Records that are written together."""
PAUSE = 1.0
"""Seconds after which a spool without room is tried again."""
Item: TypeAlias = Noted | Refused


class Queue:
    """First in, first out: what is in memory is younger than what is in the spool.

    ``put`` never waits for a disk. A thread takes from memory into the spool when much waits
    there, so that a place that hangs holds up nothing.
    """

    def __init__(self, spool: Spool, key: LogKey | None, counts: Counts) -> None:
        self._spool, self._key, self._counts = spool, key, counts
        self._items: deque[Item] = deque()
        self._in_hand = 0
        counts.waiting.set_function(lambda: len(self._items) + self._in_hand)
        self._weight = 0
        self._lost = 0
        self._lock = threading.Condition()
        self._high = HIGH
        self._moving = False
        self._closed = False
        self._thread = threading.Thread(target=self._spill, name="decisions-spool", daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Take a record, or count it as lost."""
        with self._lock:
            if self._merged(item):
                return
            if self._weight + item.weight > MOST:
                self._lose(1)
                return
            self._items.append(item)
            self._weight += item.weight
            if len(self._items) == 1 or self._weight > self._high:
                self._lock.notify_all()

    def _merged(self, item: Item) -> bool:
        """Whether it is one more of the refusals that came last: a storm of them is one record."""
        last = self._items[-1] if self._items else None
        if not isinstance(last, Refused) or not isinstance(item, Refused):
            return False
        if last.status != item.status:
            return False
        self._items[-1] = replace(last, count=last.count + item.count)
        return True

    def wait(self, seconds: float) -> None:
        """Sleep until there is something to write, or so long."""
        with self._lock:
            if not self._items and not len(self._spool) and not self._closed:
                self._lock.wait(seconds)

    def wake(self) -> None:
        """End a wait now."""
        with self._lock:
            self._lock.notify_all()

    def __len__(self) -> int:
        return len(self._items) + len(self._spool)

    def take(self) -> tuple[list[Body], Path | None]:
        """Give the oldest records, and the file of the spool that they are in, if they are."""
        with self._lock:
            while self._moving:
                self._lock.wait()
            if not len(self._spool):
                items = self._pop(PIECE)
                self._in_hand = len(items)
                return self._bodies(items), None
        first = self._spool.first()
        return ([], None) if first is None else (first[1], first[0])

    def done(self, path: Path | None) -> None:
        """Let go of what was taken: it is written."""
        self._in_hand = 0
        if path is not None:
            self._spool.done(path)
            self._counts.spooled.set(self._spool.bytes)

    def lost(self) -> int:
        """Give how many were lost since this was asked last."""
        with self._lock:
            lost, self._lost = self._lost, 0
        return lost

    def leave(self, lost: int) -> None:
        """Take back what was to be told as lost: it was not told."""
        with self._lock:
            self._lost += lost

    def press(self, *, spill: bool) -> None:
        """Put all into the spool soon, since the place cannot be written; or no more."""
        with self._lock:
            self._high = 0 if spill else HIGH
            self._lock.notify_all()

    def lose(self, records: int) -> None:
        """Count records as lost."""
        with self._lock:
            self._lose(records)

    def close(self) -> None:
        """End the thread; what is still in memory goes to the spool."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._thread.join()
        self.keep([])

    def keep(self, bodies: Sequence[Body]) -> None:
        """At the end: put what is left into the spool, these records first."""
        self._in_hand = 0
        with self._lock:
            self._closed = True
            self._lock.notify_all()
            while self._moving:  # what is on its way into the spool is older than what is left
                self._lock.wait()
        if bodies and not self._spool.put(bodies, front=True):
            self.lose(len(bodies))
        while self._items:
            left = self._bodies(self._pop(PIECE))
            if not self._spool.put(left):
                self.lose(len(left))

    def _spill(self) -> None:
        while True:
            with self._lock:
                while self._weight <= self._high and not self._closed:
                    self._lock.wait()
                if not self._high:
                    self._lock.wait(PAUSE)  # so that a file holds more than one record
                if self._closed:
                    return
                items = self._pop(PIECE)
                self._moving = True
            self._to_spool(items)

    def _to_spool(self, items: Sequence[Item]) -> None:
        """Move records; when there is no room they stay in memory, as long as there is room."""
        fits = self._spool.put(self._bodies(items))
        with self._lock:
            self._moving = False
            self._counts.spooled.set(self._spool.bytes)
            self._lock.notify_all()
            if not fits:
                self._items.extendleft(reversed(items))
                self._weight += sum(item.weight for item in items)
                self._lock.wait(PAUSE)

    def _pop(self, most: int) -> list[Item]:
        items = [self._items.popleft() for _ in range(min(most, len(self._items)))]
        self._weight -= sum(item.weight for item in items)
        return items

    def _lose(self, records: int) -> None:
        self._lost += records
        self._counts.lost.inc(records)

    def _bodies(self, items: Sequence[Item]) -> list[Body]:
        return [body(item, self._key) for item in items]
