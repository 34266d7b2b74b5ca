"""Runs what many requests ask of one model together, in batches, on threads of its own."""

import asyncio
import os
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Generic, TypeVar

from guardrails.core.errors import ModelError, OverloadedError
from guardrails.models.sharing import deadline, turn
from guardrails.models.turn import Turn

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_BUCKETS = (1, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)


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
class _Waiting(Generic[ItemT, ResultT]):
    item: ItemT
    number: int
    until: float
    turn: Turn
    since: float = field(default_factory=time.monotonic)
    future: Future[ResultT] = field(default_factory=Future)


class Batcher(Generic[ItemT, ResultT]):
    """Gathers items into batches of like length, the longest waiting first.

    The first bucket is the one whose head has waited longest, so nothing starves. An item whose
    waiter has gone, or whose deadline has passed, is dropped before it runs. No lock is held while
    a batch runs, and an idle thread sleeps until there is work.

    ``run`` must give one result for each item, and the same one whatever the company. (So a net
    with dynamic int8 quantisation is no guest here: its activations share one scale a batch.)
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[ItemT]], Sequence[ResultT]],
        *,
        length: Callable[[ItemT], int],
        limits: Limits,
        workers: int = 1,
    ) -> None:
        self._name = name
        self._run = run
        self._length = length
        self._limits = limits
        self._buckets: Mapping[int, deque[_Waiting[ItemT, ResultT]]] = {
            number: deque() for number in range(len(_BUCKETS) + 1)
        }
        self._waiting = 0
        self._number = 0
        self._closed = False
        self._process = os.getpid()
        self._changed = Condition()
        self._threads = [
            Thread(target=self._work, name=f"model-{name}-{worker}", daemon=True)
            for worker in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    async def submit(self, items: Sequence[ItemT]) -> list[ResultT]:
        """Run the items, in whatever batches, and give their results in order.

        Raises:
            OverloadedError: the queue is full, or the request's deadline passed in it.
            ModelError: the batch failed, the model was closed, or opened in a parent process.
        """
        futures = self._enqueue(items)
        return await asyncio.gather(*map(asyncio.wrap_future, futures))

    @property
    def budget(self) -> int:
        """The size of one batch."""
        return self._limits.budget

    def close(self) -> None:
        """Fail what waits, let what runs end, and stop the threads."""
        with self._changed:
            self._closed = True
            left = [waiting for bucket in self._buckets.values() for waiting in bucket]
            for bucket in self._buckets.values():
                bucket.clear()
            self._waiting = 0
            self._changed.notify_all()
        for waiting in left:
            _fail(waiting, self._closed_error())
        for thread in self._threads:
            thread.join()

    def _enqueue(self, items: Sequence[ItemT]) -> list[Future[ResultT]]:
        if os.getpid() != self._process:
            raise ModelError(
                f"model '{self._name}': its threads did not survive a fork, open it in the child"
            )
        until, mine = deadline(), turn()
        with self._changed:
            if self._closed:
                raise self._closed_error()
            if self._waiting + len(items) > self._limits.queue:
                raise OverloadedError(f"model '{self._name}': its queue is full, try again later")
            new: list[_Waiting[ItemT, ResultT]] = [
                _Waiting(item, self._next_number(), until, mine) for item in items
            ]
            for waiting in new:
                self._buckets[bisect_left(_BUCKETS, self._length(waiting.item))].append(waiting)
            self._waiting += len(new)
            mine.queue(len(new))
            self._changed.notify(len(new))
        return [waiting.future for waiting in new]

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _work(self) -> None:
        while batch := self._next_batch():
            alive = [waiting for waiting in batch if self._claim(waiting)]
            if alive:
                self._run_batch(alive)

    def _next_batch(self) -> list[_Waiting[ItemT, ResultT]]:
        """Wait for work; an empty batch means that there will be none."""
        with self._changed:
            while not self._closed:
                if not (bucket := self._oldest()):
                    self._changed.wait()
                elif (patience := self._patience(bucket)) > 0:
                    self._changed.wait(patience)
                else:
                    return self._take(bucket)
        return []

    def _oldest(self) -> deque[_Waiting[ItemT, ResultT]] | None:
        filled = [bucket for bucket in self._buckets.values() if bucket]
        return min(filled, key=lambda bucket: bucket[0].number, default=None)

    def _patience(self, bucket: deque[_Waiting[ItemT, ResultT]]) -> float:
        """How long the bucket may still wait for company, in seconds."""
        if not self._limits.gather:
            return 0.0
        longest = max(self._length(waiting.item) for waiting in bucket)
        if longest * (len(bucket) + 1) > self._limits.budget:
            return 0.0
        return bucket[0].since + self._limits.gather - time.monotonic()

    def _take(self, bucket: deque[_Waiting[ItemT, ResultT]]) -> list[_Waiting[ItemT, ResultT]]:
        batch = [bucket.popleft()]
        longest = self._length(batch[0].item)
        while bucket:
            longest = max(longest, self._length(bucket[0].item))
            if longest * (len(batch) + 1) > self._limits.budget:
                break
            batch.append(bucket.popleft())
        self._waiting -= len(batch)
        return batch

    def _claim(self, waiting: _Waiting[ItemT, ResultT]) -> bool:
        """Whether someone still waits for it, in time."""
        if not waiting.future.set_running_or_notify_cancel():
            waiting.turn.drop()
            return False
        if time.monotonic() < waiting.until:
            waiting.turn.start()
            return True
        waiting.turn.drop()
        late = OverloadedError(f"model '{self._name}': the deadline passed in its queue")
        waiting.future.set_exception(late)
        return False

    def _run_batch(self, batch: Sequence[_Waiting[ItemT, ResultT]]) -> None:
        try:
            results = self._run([waiting.item for waiting in batch])
            answered = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001  # whatever went wrong belongs to this batch alone
            for waiting in batch:
                waiting.turn.end()
                waiting.future.set_exception(self._run_error(error))
            return
        for waiting, result in answered:
            waiting.turn.end()
            waiting.future.set_result(result)

    def _run_error(self, error: Exception) -> ModelError:
        return ModelError(f"model '{self._name}': a batch failed with {type(error).__name__}")

    def _closed_error(self) -> ModelError:
        return ModelError(f"model '{self._name}': it was closed")


def _fail(waiting: _Waiting[ItemT, ResultT], error: Exception) -> None:
    if waiting.future.set_running_or_notify_cancel():
        waiting.future.set_exception(error)
